import assert from "node:assert/strict";
import { fromMarks, readMarks, toMarks } from "../../../src/config/bytes.ts";

const EVERY_BYTE = Uint8Array.from({ length: 20_000 }, (_, index) => index);

Deno.test("every byte is one character, and comes back", () => {
  assert.equal(toMarks(EVERY_BYTE).length, EVERY_BYTE.length);
  assert.deepEqual(fromMarks(toMarks(EVERY_BYTE)), EVERY_BYTE);
});

Deno.test("what the characters say is read where it is UTF-8, and is nothing where it is not", () => {
  assert.equal(readMarks(toMarks(new TextEncoder().encode("größer, 5 €"))), "größer, 5 €");
  assert.equal(readMarks("gr\xf6\xdfer"), undefined);
});
