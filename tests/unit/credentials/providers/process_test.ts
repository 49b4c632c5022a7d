import assert from "node:assert/strict";
import { createProvider } from "../../../../src/credentials/providers/process.ts";
import { VaultError } from "../../../../src/errors.ts";
import type { ProcessResult } from "../../../../src/types.ts";
import { commandLine, createRun, printing } from "./fake_run.ts";

const WHOLE = {
  Version: 1,
  AccessKeyId: "ASIAMINT",
  SecretAccessKey: "mint/secret",
  SessionToken: "mint-token",
  Expiration: "2026-11-03T13:00:00Z",
};

function retrieve(answer: () => Partial<ProcessResult>) {
  const world = createRun({ answer });
  const command = commandLine("credential_process", "mint --role SEED");
  const step = { kind: "process", profile: "minted", command } as const;
  return { ...world, credentials: createProvider(step, world.run).retrieve() };
}

function retrieveJson(fields: object) {
  return retrieve(printing(JSON.stringify(fields)));
}

async function messageOf(credentials: Promise<unknown>): Promise<string> {
  const error = await credentials.then(() => assert.fail("it was taken"), (error) => error);
  assert.ok(error instanceof VaultError);
  assert.doesNotMatch([error.message, ...error.hints].join(), /mint\/secret|mint-token|SEED/);
  return error.message;
}

Deno.test("credential_process is run by the shell, as a command of the config file", async () => {
  const { credentials, started } = retrieveJson(WHOLE);
  assert.deepEqual(await credentials, {
    accessKeyId: "ASIAMINT",
    secretAccessKey: "mint/secret",
    sessionToken: "mint-token",
    expiresAtMs: Date.UTC(2026, 10, 3, 13),
  });
  const [{ kind, command, args }] = [started[0]!];
  assert.deepEqual([command, ...args], ["/bin/sh", "-c", "mint --role SEED"]);
  assert.equal(kind, "command");
});

Deno.test("credential_process may give keys that do not expire", async () => {
  const { Version, AccessKeyId, SecretAccessKey } = WHOLE;
  const { credentials } = retrieveJson({
    Version,
    AccessKeyId,
    SecretAccessKey,
    SessionToken: null,
    Expiration: "",
  });
  assert.deepEqual(await credentials, {
    accessKeyId: "ASIAMINT",
    secretAccessKey: "mint/secret",
    sessionToken: undefined,
    expiresAtMs: undefined,
  });
});

Deno.test("a credential_process that comes back to its profile by another is a loop, not a hang", async () => {
  const step = {
    kind: "process",
    profile: "a",
    command: commandLine("credential_process", "aws-vault exec b --json"),
  } as const;
  const answer = printing(JSON.stringify(WHOLE));
  const outer = createRun({ answer, env: { AWS_VAULT_UNDER_WAY: "b" } });
  await createProvider(step, outer.run).retrieve();
  const env = outer.started[0]!.extraEnvironment!;
  assert.throws(() => createProvider({ ...step, profile: "b" }, createRun({ env }).run), {
    message: "profile b: its credential_process asks aws-vault for the same profile, a loop",
    hints: ["store keys for it with: aws-vault add b", "or name another profile there"],
  });
});

Deno.test("a credential_process that fails is named with its exit code", async () => {
  const message = await messageOf(retrieve(() => ({ code: 3 })).credentials);
  assert.equal(
    message,
    "config, line 3, credential_process of profile x (mint) failed with exit code 3",
  );
});

Deno.test("a credential_process ended by a signal is named with it", async () => {
  const message = await messageOf(retrieve(() => ({ code: 137, signal: "SIGKILL" })).credentials);
  assert.equal(
    message,
    "config, line 3, credential_process of profile x (mint) was ended by SIGKILL",
  );
});

Deno.test("what a credential_process printed that is no JSON is never shown", async () => {
  const message = await messageOf(retrieve(printing("mint/secret mint-token")).credentials);
  assert.match(message, /credential_process of profile x \(mint\) answered .* not JSON/);
});

Deno.test("a credential_process that prints nothing is told so", async () => {
  await assert.rejects(retrieve(printing("\n")).credentials, {
    message: /answered nothing/,
    hints: ["it has to be a JSON object with Version, AccessKeyId and SecretAccessKey"],
  });
});

Deno.test("every field that credential_process leaves out is named", async () => {
  const message = await messageOf(retrieveJson({ SessionToken: "mint-token" }).credentials);
  assert.match(message, /answered without AccessKeyId, SecretAccessKey, Version$/);
  const empty = { Version: 1, AccessKeyId: null, SecretAccessKey: "" };
  const told = await messageOf(retrieveJson(empty).credentials);
  assert.match(told, /answered without AccessKeyId, SecretAccessKey$/);
});

Deno.test("a Version that is not 1 is refused", async () => {
  for (const Version of [2, "1"]) {
    const message = await messageOf(retrieveJson({ ...WHOLE, Version }).credentials);
    assert.match(message, /format other than Version 1/);
  }
});

Deno.test("credentials of a credential_process that have expired are refused", async () => {
  const Expiration = "2026-11-03T11:59:59Z";
  const message = await messageOf(retrieveJson({ ...WHOLE, Expiration }).credentials);
  assert.match(message, /gave credentials that expired at 2026-11-03T11:59:59Z/);
});

Deno.test("an Expiration that is no time is refused", async () => {
  const message = await messageOf(retrieveJson({ ...WHOLE, Expiration: "soon" }).credentials);
  assert.match(message, /Expiration is no RFC 3339 time/);
});

Deno.test("a field of credential_process that is no text is named", async () => {
  const message = await messageOf(retrieveJson({ ...WHOLE, AccessKeyId: 12 }).credentials);
  assert.match(message, /AccessKeyId that is no text/);
});

Deno.test("a field with a line end or a NUL in it is named: no variable could hold it", async () => {
  for (const [name, sign] of [["SecretAccessKey", "\n"], ["SessionToken", "\0"]] as const) {
    const { credentials } = retrieveJson({ ...WHOLE, [name]: `mint/secret${sign}more` });
    assert.match(
      await messageOf(credentials),
      new RegExp(`a line end or another control character in ${name}$`),
    );
  }
});

Deno.test("a field that is not UTF-8 is named", async () => {
  const { credentials } = retrieveJson({ ...WHOLE, AccessKeyId: "ASIA\ufffd" });
  assert.match(await messageOf(credentials), /answered with AccessKeyId that is not UTF-8$/);
});

Deno.test("JSON that is no object is refused", async () => {
  for (const text of ["[]", "null", '"mint/secret"']) {
    assert.match(await messageOf(retrieve(printing(text)).credentials), /not an object/);
  }
});
