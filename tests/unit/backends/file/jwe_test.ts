import assert from "node:assert/strict";
import { open } from "../../../../backends/file/jwe.ts";
import { seal } from "../../../../backends/file/seal.ts";
import { isComplete, mayBecomeJwe } from "../../../../backends/file/kinds.ts";
import { MAX_ROUNDS, MIN_ROUNDS } from "../../../../backends/settings.ts";
import { BackendError } from "../../../../src/errors.ts";

function headerOf(jwe: string): Record<string, unknown> {
  const bytes = Uint8Array.fromBase64(jwe.split(".")[0]!, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

function withHeader(jwe: string, changes: Record<string, unknown>): string {
  const text = new TextEncoder().encode(JSON.stringify({ ...headerOf(jwe), ...changes }));
  const header = text.toBase64({ alphabet: "base64url", omitPadding: true });
  return [header, ...jwe.split(".").slice(1)].join(".");
}

/** Changes one character of a part, which is one bit or more of what it stands for. */
function tamper(jwe: string, part: number): string {
  const parts = jwe.split(".");
  const text = parts[part]!;
  parts[part] = (text[0] === "A" ? "B" : "A") + text.slice(1);
  return parts.join(".");
}

Deno.test("what is sealed is opened with its passphrase and with no other", async () => {
  for (const text of ["", "plain", "zoë 日本語 🔑", "x".repeat(100_000)]) {
    const jwe = await seal(text, "pass phrase ü", MIN_ROUNDS);
    assert.equal(await open(jwe, "pass phrase ü", "path"), text);
    assert.equal(await open(jwe, "pass phrase u", "path"), undefined);
  }
});

Deno.test("the header names the algorithms and rounds that the Go tool reads", async () => {
  const { p2s, ...header } = headerOf(await seal("text", "p", 9000));
  assert.deepEqual(header, { alg: "PBES2-HS256+A128KW", enc: "A256GCM", p2c: 9000 });
  assert.notEqual(p2s, headerOf(await seal("text", "p", 9000)).p2s);
});

Deno.test("no two items have a salt, a key or an initialization vector in common", async () => {
  const [first, second] = [await seal("text", "p", 8192), await seal("text", "p", 8192)];
  const others = second.split(".");
  for (const [index, part] of first.split(".").entries()) assert.notEqual(part, others[index]);
});

Deno.test("an item tampered with in any part is not opened", async () => {
  const jwe = await seal("text", "p", MIN_ROUNDS);
  for (const part of [1, 2, 3, 4]) {
    assert.equal(await open(tamper(jwe, part), "p", "path"), undefined, `part ${part}`);
  }
  assert.equal(await open(withHeader(jwe, { kid: "other" }), "p", "path"), undefined);
});

Deno.test("rounds up to the limit are computed, more are refused by name of the file", async () => {
  const jwe = await seal("text", "p", MIN_ROUNDS);
  // It was sealed with other rounds, so that it does not open: but it was tried.
  assert.equal(await open(withHeader(jwe, { p2c: MAX_ROUNDS }), "p", "path"), undefined);
  for (const p2c of [MAX_ROUNDS + 1, 2 ** 31 - 1, 0, -1, "many"]) {
    await assert.rejects(open(withHeader(jwe, { p2c }), "p", "the/path"), (error) => {
      assert.ok(error instanceof BackendError);
      assert.match(error.message, /^the\/path /);
      return true;
    });
  }
});

Deno.test("other algorithms, and what is no JWE, are damage and not a wrong passphrase", async () => {
  const jwe = await seal("text", "p", MIN_ROUNDS);
  for (
    const damaged of [
      withHeader(jwe, { alg: "dir" }),
      withHeader(jwe, { alg: "PBES2-HS512+A256KW" }),
      withHeader(jwe, { enc: "A128CBC-HS256" }),
      withHeader(jwe, { crit: ["exp"], exp: 1 }),
      withHeader(jwe, { p2s: "c2FsdA" }),
      withHeader(jwe, { p2s: undefined }),
      jwe.slice(0, 20),
      jwe.slice(0, jwe.lastIndexOf(".")),
      "eyJ",
      "",
    ]
  ) {
    await assert.rejects(open(damaged, "p", "path"), BackendError, damaged.slice(0, 60));
  }
});

Deno.test("an item is told from other files by how it begins, however little is there", async () => {
  assert.equal(mayBecomeJwe(await seal("text", "p", MIN_ROUNDS)), true);
  for (const text of ["", "e", "ey"]) assert.equal(mayBecomeJwe(text), true);
  for (const text of ["notes", "ez", '{"a":1}']) assert.equal(mayBecomeJwe(text), false);
});

Deno.test("an item is whole with its last byte, and not before", async () => {
  const jwe = await seal("text", "p", MIN_ROUNDS);
  assert.equal(isComplete(jwe), true);
  for (let end = 0; end < jwe.length; end++) assert.equal(isComplete(jwe.slice(0, end)), false);
});
