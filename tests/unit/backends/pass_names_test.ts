import assert from "node:assert/strict";
import { decodeEntry, encodeKey } from "../../../backends/pass_names.ts";

Deno.test("ordinary keys are entries of the same name, folders and all", () => {
  for (
    const key of [
      "work",
      "team/prod",
      "with space",
      "100%",
      "ünïcødé",
      "a..b",
      ".hidden",
      "-rf",
      "x".repeat(251),
    ]
  ) {
    assert.equal(encodeKey(key), key);
    assert.equal(decodeEntry(key), key);
  }
});

Deno.test("an SSO token lies where the Go tool's cleaned path puts it", () => {
  const key = "oidc:https://d-123.awsapps.com/start";
  assert.equal(encodeKey(key), "oidc:https:/d-123.awsapps.com/start");
  assert.equal(decodeEntry("oidc:https:/d-123.awsapps.com/start"), key);
  assert.equal(encodeKey("oidc:http://127.0.0.1/start"), "oidc:http:/127.0.0.1/start");
  assert.equal(decodeEntry("oidc:http:/127.0.0.1/start"), "oidc:http://127.0.0.1/start");
});

Deno.test("keys that no clean path leads back to are kept under another name", () => {
  const hard = [
    ...["..", "../x", "a/../b", "./a", "a//b", "/a", "a/", ".git/x", "x".repeat(252)],
    ...["%aws-vault-key/d29yaw==", "oidc:https:/one-slash", "ü/".repeat(200) + "x".repeat(300)],
  ];
  const entries = new Set<string>();
  for (const key of hard) {
    const entry = encodeKey(key);
    assert.notEqual(entry, key);
    assert.equal(decodeEntry(entry), key);
    assert.ok(entry.split("/").every((part) => part !== "" && part.length <= 251));
    entries.add(entry);
  }
  assert.equal(entries.size, hard.length);
});

Deno.test("somebody else's entry under our prefix is listed as it is", () => {
  for (const entry of ["%aws-vault-key/not base64!", "%aws-vault-key/_v79"]) {
    assert.equal(decodeEntry(entry), entry); // the other one would be no UTF-8
  }
});
