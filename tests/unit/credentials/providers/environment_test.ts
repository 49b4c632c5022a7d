import assert from "node:assert/strict";
import { createProvider } from "../../../../src/credentials/providers/environment.ts";
import { createRun } from "./fake_run.ts";

function retrieve(env: Record<string, string>) {
  const { run } = createRun({ env });
  return createProvider({ kind: "environment", profile: "ci" }, run).retrieve();
}

Deno.test("credential_source Environment takes keys, token and expiry from the environment", async () => {
  assert.deepEqual(
    await retrieve({
      AWS_ACCESS_KEY_ID: "ASIAENV",
      AWS_SECRET_ACCESS_KEY: "env/secret",
      AWS_SESSION_TOKEN: "env-token",
      AWS_CREDENTIAL_EXPIRATION: "2026-11-03T13:00:00Z",
    }),
    {
      accessKeyId: "ASIAENV",
      secretAccessKey: "env/secret",
      sessionToken: "env-token",
      expiresAtMs: Date.UTC(2026, 10, 3, 13),
    },
  );
});

Deno.test("keys of the environment have no token and no expiry where those variables are empty", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "s" };
  const { sessionToken, expiresAtMs } = await retrieve({
    ...keys,
    AWS_SESSION_TOKEN: "",
    AWS_CREDENTIAL_EXPIRATION: "",
  });
  assert.deepEqual([sessionToken, expiresAtMs], [undefined, undefined]);
});

Deno.test("a variable that is missing or empty, or has a line end, is named", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "s" };
  for (const name of [...Object.keys(keys), "AWS_SESSION_TOKEN"]) {
    const broken = new RegExp(`, but ${name} has a line end or another control character in it$`);
    await assert.rejects(retrieve({ ...keys, [name]: "x\nexport X=y" }), broken);
  }
  await assert.rejects(retrieve({}), /credential_source is Environment, but AWS_ACCESS_KEY_ID/);
  await assert.rejects(
    retrieve({ AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "" }),
    /profile ci: .* AWS_SECRET_ACCESS_KEY is not set/,
  );
});

Deno.test("credentials of the environment that have expired are refused, by the variable's name", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "ASIAENV", AWS_SECRET_ACCESS_KEY: "s" };
  const expiring = (time: string) => retrieve({ ...keys, AWS_CREDENTIAL_EXPIRATION: time });
  const name = String.raw`profile ci: the environment \(AWS_CREDENTIAL_EXPIRATION\)`;
  await assert.rejects(
    expiring("2020-01-01T00:00:00Z"),
    new RegExp(`${name} gave credentials that expired at 2020`),
  );
  await assert.rejects(expiring("soon"), new RegExp(`${name}: its Expiration is no RFC 3339 time`));
});
