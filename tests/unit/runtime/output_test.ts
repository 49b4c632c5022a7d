import assert from "node:assert/strict";
import { writeAll } from "../../../src/runtime/output.ts";

const text = new TextEncoder().encode("a long line of output");

Deno.test("everything is written, however little is taken at a time", () => {
  const taken: number[] = [];
  writeAll({
    writeSync(bytes) {
      taken.push(...bytes.subarray(0, 3));
      return Math.min(3, bytes.length);
    },
  }, text);
  assert.deepEqual(taken, [...text]);
});

Deno.test("a full pipe that does not block is tried again", () => {
  let refusals = 2;
  let written = 0;
  writeAll({
    writeSync(bytes) {
      if (refusals-- > 0) throw new Deno.errors.WouldBlock();
      return written += bytes.length;
    },
  }, text);
  assert.equal(written, text.length);
});

Deno.test("a closed pipe is told", () => {
  const closed = () => {
    throw new Deno.errors.BrokenPipe();
  };
  assert.throws(() => writeAll({ writeSync: closed }, text), Deno.errors.BrokenPipe);
});
