import assert from "node:assert/strict";
import {
  findKept,
  formatSessionKey,
  isCredentialsKey,
  isOldSessionKey,
  parseSessionKey,
} from "../../../src/credentials/session_key.ts";
import { formatExpiry } from "../../../src/expiry.ts";

Deno.test("a session's name says its type, profile, serial and expiry, as the Go tool writes it", () => {
  const key = "sts.GetSessionToken,d29yaw,YXJuOm1mYQ,1795229414";
  assert.deepEqual(parseSessionKey(key), {
    key,
    type: "sts.GetSessionToken",
    profile: "work",
    serial: "arn:mfa",
    expiresAtMs: 1795229414_000,
  });
  const id = {
    type: "sts.GetSessionToken",
    profile: "work",
    serial: "arn:mfa",
    asked: [],
  } as const;
  assert.equal(formatSessionKey(id, 1795229414_999), key);
});

Deno.test("a serial may be empty, and names of any letters are encoded without padding", () => {
  const id = { type: "credential_process", profile: "zoë/>?", serial: "", asked: [] } as const;
  const key = formatSessionKey(id, 1000);
  assert.equal(key, "credential_process,em_Dqy8-Pw,,1");
  assert.equal(parseSessionKey(key)?.profile, "zoë/>?");
});

for (
  const key of [
    "session,work,,1700000000",
    "session,work,arn:mfa,17",
    "session:work:arn:mfa:1700000000",
    "session:work::x",
    "work session (1700000000)",
    "team a session (17)",
  ]
) {
  Deno.test(`\`${key}\` is a session of an older form: no credentials, and never used`, () => {
    assert.equal(isOldSessionKey(key), true);
    assert.equal(parseSessionKey(key), undefined);
    assert.equal(isCredentialsKey(key), false);
  });
}

for (
  const key of [
    "work",
    "a/b 100%",
    "a,b",
    "session",
    "a,b,c",
    "a,b,c,d",
    "session,work,,1",
    "a,t,dw,,1",
    "x session (y)",
  ]
) {
  Deno.test(`\`${key}\` is a profile's name`, () => {
    assert.equal(parseSessionKey(key), undefined);
    assert.equal(isOldSessionKey(key), false);
    assert.equal(isCredentialsKey(key), true);
  });
}

Deno.test("SSO tokens and the journal of a rotation are neither credentials nor sessions", () => {
  for (const key of ["oidc:https://x/start", "aws-vault.Rotation,d29yaw,,1795229414"]) {
    assert.equal(isCredentialsKey(key), false);
    assert.equal(parseSessionKey(key), undefined);
  }
});

Deno.test("parts that are no base64url of UTF-8 make no session's name", () => {
  for (const key of ["t,w=w,,1", "t,_w,,1", "t,w w,,1", "t,,,1", "t,d29yaw,,x", "t,d29yaw,,"]) {
    assert.equal(parseSessionKey(key), undefined, key);
  }
});

Deno.test("an expiry beyond what can be written is the last that can be", () => {
  const id = { type: "sts.GetSessionToken", profile: "work", serial: "", asked: [] } as const;
  for (const seconds of ["253402300800", "99999999999999999999"]) {
    const key = `sts.GetSessionToken,d29yaw,,${seconds}`;
    assert.equal(formatExpiry(parseSessionKey(key)!.expiresAtMs), "9999-12-31T23:59:59Z");
    assert.equal(formatExpiry(findKept(id, [key], 0)[0]!.expiresAtMs), "9999-12-31T23:59:59Z");
  }
});
