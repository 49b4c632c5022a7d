import assert from "node:assert/strict";
import {
  cutData,
  decodeValue,
  encodeValue,
  parseHead,
  splitData,
} from "../../../backends/value.ts";

Deno.test("JSON of printable ASCII is kept as it is, for the Go tool to read", () => {
  const json = '{"AccessKeyID":"AKIA","SecretAccessKey":"a/b+c=\\""}';
  assert.equal(encodeValue(encode(json)), json);
});

Deno.test("what is not JSON of printable ASCII becomes printable, and comes back", () => {
  for (const text of ["", "plain", '{"a":"ü"}', '{"a":\n1}', "\0\xff", "base64:eA==", "parts:x"]) {
    const value = encodeValue(encode(text));
    assert.match(value, /^[\x20-\x7e]+$/);
    assert.deepEqual(decodeValue(value), encode(text));
  }
});

Deno.test("an item of just the limit stays whole, one more is split and joins again", () => {
  const short = '{"a":"u"}';
  assert.deepEqual(splitData(encode(short), 9), { head: short, parts: [] });
  const data = encode('{"a":"uu"}');
  const { head, parts } = splitData(data, 9);
  assert.ok(parts.length > 1 && parts.every(({ value }) => value.length <= 9));
  assert.deepEqual(parseHead(head)?.names, parts.map(({ name }) => name));
  assert.deepEqual(decodeValue(parts.map(({ value }) => value).join("")), data);
});

Deno.test("two cuttings of one item share no part, so that neither removes the other's", () => {
  const data = encode("abc");
  const parts = [cutData(data, 4), cutData(data, 4)].flatMap((cutting) => cutting.parts);
  assert.equal(new Set(parts.map(({ name }) => name)).size, parts.length);
});

Deno.test("a whole text is no head of parts", () => {
  for (
    const text of ["", "{}", "base64:eA==", "parts:", "parts:xyz:3", "parts:0123456789abcdef:"]
  ) {
    assert.equal(parseHead(text), undefined);
  }
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
