import assert from "node:assert/strict";
import { decodeName, encodeAmong, encodeName } from "../../../../backends/file/names.ts";

Deno.test("on Windows a name that it forbids is encoded, and read back as it was", () => {
  const names: [key: string, name: string][] = [
    ["work", "work"],
    ["ünï 日本", "ünï 日本"],
    ["oidc:https://d-1.awsapps.com/start", "oidc%3Ahttps%3A%2F%2Fd-1.awsapps.com%2Fstart"],
    ['a\\b*c?"<d>|', "a%5Cb%2Ac%3F%22%3Cd%3E%7C"],
    ["two\nlines", "two%0Alines"],
    ["dot.", "dot%2E"],
    ["..", "%2E%2E"],
    ["blank ", "blank%20"],
    ["NUL", "%4E%55%4C"],
    ["com1.txt", "%63%6F%6D%31.txt"],
    ["nul .txt", "%6E%75%6C .txt"],
    ["LPT\u00b2", "%4C%50%54%C2%B2"],
    ["conin$", "%63%6F%6E%69%6E%24"],
    ["console", "console"],
    ["com10", "com10"],
  ];
  for (const [key, name] of names) {
    assert.equal(encodeName(key, true), name);
    assert.equal(decodeName(name), key);
  }
  assert.equal(encodeName("oidc:x", false), "oidc:x");
});

Deno.test("where case is no difference, a second key of the same letters gets a name of its own", () => {
  assert.equal(encodeAmong("work", ["other"]), "work");
  assert.equal(encodeAmong("oidc:x", []), "oidc%3Ax");
  assert.equal(encodeAmong("work", ["Work"]), "%77%6F%72%6B");
  assert.equal(encodeAmong("work", ["Work", "%77%6F%72%6B"]), "%77%6F%72%6B");
  assert.equal(encodeAmong("work", ["%77%6F%72%6B"]), "%77%6F%72%6B");
  assert.equal(encodeAmong("Work", ["Work", "%77%6F%72%6B"]), "Work");
});
