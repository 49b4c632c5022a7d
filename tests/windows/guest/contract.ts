// The contract of all backends, over those that Windows has; bundled, and run by a Windows Deno.
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
