import assert from "node:assert/strict";
import {
  parseAccount,
  parseSessionName,
  parseStsEndpoints,
  parseSwitch,
} from "../../../src/config/values.ts";

Deno.test("a switch is on or off by four words each, in any letter case, and by no others", () => {
  for (const word of ["1", "true", "yes", "on", "Yes", "ON"]) {
    assert.equal(parseSwitch(word, "x"), true);
  }
  for (const word of ["0", "false", "no", "off", "No"]) assert.equal(parseSwitch(word, "x"), false);
  for (const word of ["11", "one", "y", "10", "on ", "offs", "noon"]) {
    assert.throws(() => parseSwitch(word, "x"), {
      message: `x: \`${word}\` is neither on nor off`,
    });
  }
});

Deno.test("an account is twelve digits and no more", () => {
  assert.equal(parseAccount("012345678901", "x"), "012345678901");
  for (const text of ["12345678901", "1234567890123", "a123456789012", "123456789012a"]) {
    assert.throws(() => parseAccount(text, "x"), {
      message: `x: \`${text}\` is no account of AWS`,
    });
  }
});

Deno.test("a session's name is one that AWS takes", () => {
  for (const text of ["jo", "jon+x=,.@_-1", "j".repeat(64)]) {
    assert.equal(parseSessionName(text, "x"), text);
  }
  for (const text of ["j", "j".repeat(65), "jon doe", "zoë", "a/b"]) {
    const message = `x: \`${text}\` is no name that AWS takes for a session`;
    assert.throws(() => parseSessionName(text, "x"), { message });
  }
});

Deno.test("STS' endpoints are regional or legacy, in any letter case", () => {
  assert.equal(parseStsEndpoints("Regional", "x"), "regional");
  assert.equal(parseStsEndpoints("legacy", "x"), "legacy");
  for (const text of ["regionally", "unlegacy", "global"]) {
    const message = `x: \`${text}\` is neither regional nor legacy`;
    assert.throws(() => parseStsEndpoints(text, "x"), { message });
  }
});
