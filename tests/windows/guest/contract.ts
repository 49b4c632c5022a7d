// The contract of all backends, over those that Windows has; bundled, and run by a Windows Deno.
import assert from "node:assert/strict";
import { openFile } from "../../../backends/file.ts";
import { openWincred } from "../../../backends/wincred.ts";
import { openCredentialManager } from "../../../backends/wincred_api.ts";
import { createTestContext } from "../../contract/context.ts";
import { testBackend } from "../../contract/suite.ts";

const variables: Record<string, string> = {
  ...Deno.env.toObject(),
  AWS_VAULT_FILE_PASSPHRASE: "correct horse",
};
const ctx = createTestContext(variables);

testBackend("wincred", {
  startsForKeys: 0,
  startsForGet: 0,
  items: 200,
  make() {
    return Promise.resolve({
      ctx,
      variables,
      open: () => openWincred(openCredentialManager(variables.SystemRoot!)),
      writer: ["wincred"],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

Deno.test("a credential tells when it was written", () => {
  const manager = openCredentialManager(variables.SystemRoot!);
  const target = "aws-vault:aws-vault:written";
  const beforeMs = Date.now();
  manager.write({ target, user: "", blob: new Uint8Array(1) });
  const [found] = manager.list(target);
  manager.remove(target);
  assert.ok(
    Math.abs(found!.writtenMs! - beforeMs) < 60_000,
    new Date(found!.writtenMs!).toISOString(),
  );
});

testBackend("file", {
  startsForKeys: 0,
  startsForGet: 0,
  items: 40,
  make() {
    const directory = Deno.makeTempDirSync();
    const passphrase = () => Promise.resolve("correct horse");
    return Promise.resolve({
      ctx,
      variables,
      open: () => openFile({ directory, passphrase }, ctx),
      writer: ["file", `fileDir=${directory}`],
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    });
  },
});
