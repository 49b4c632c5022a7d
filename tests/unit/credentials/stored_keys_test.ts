import assert from "node:assert/strict";
import { readStoredKeys, writeStoredKeys } from "../../../src/credentials/stored_keys.ts";
import { VaultError } from "../../../src/errors.ts";
import { MemoryBackend } from "./providers/fake_run.ts";

const KEYS = { accessKeyId: "AKIA", secretAccessKey: "s/+=" };

Deno.test("keys are stored in the Go tool's form, and read back", async () => {
  const backend = new MemoryBackend();
  await writeStoredKeys(backend, "work", KEYS);
  assert.deepEqual(backend.readJson("work"), {
    AccessKeyID: "AKIA",
    SecretAccessKey: "s/+=",
    SessionToken: "",
    Source: "",
    CanExpire: false,
    Expires: "0001-01-01T00:00:00Z",
  });
  assert.equal(backend.items.get("work")?.label, "aws-vault (work)");
  assert.deepEqual(await readStoredKeys(backend, "work"), KEYS);
});

Deno.test("fields that are not known are passed over, only the two keys are needed", async () => {
  const backend = new MemoryBackend();
  backend.writeJson("work", {
    AccessKeyID: "AKIA",
    SecretAccessKey: "s/+=",
    AccountID: "1",
    x: {},
  });
  assert.deepEqual(await readStoredKeys(backend, "work"), KEYS);
});

Deno.test("no item is no keys", async () => {
  assert.equal(await readStoredKeys(new MemoryBackend(), "work"), undefined);
});

for (
  const text of [
    "",
    "no JSON",
    "null",
    "[]",
    '"a secret"',
    '{"AccessKeyID":"AKIA"}',
    '{"AccessKeyID":"AKIA","SecretAccessKey":1}',
    '{"AccessKeyID":"AKIA","SecretAccessKey":""}',
    '{"AccessKeyID":"","SecretAccessKey":"a secret"}',
    '{"AccessKeyId":"AKIA","SecretAccessKey":"a secret"}',
  ]
) {
  Deno.test(`an item of ${text || "nothing"} is an error that names the profile and shows no part of it`, async () => {
    const backend = new MemoryBackend();
    backend.items.set("work", { key: "work", data: new TextEncoder().encode(text) });
    await assert.rejects(readStoredKeys(backend, "work"), (error) => {
      assert.ok(error instanceof VaultError);
      assert.match(error.message, /profile work are no access keys$/);
      assert.ok(!/secret|AKIA/.test(error.message + error.hints.join()));
      return true;
    });
  });
}
