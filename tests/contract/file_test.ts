import { openFile } from "../../backends/file.ts";
import { createTestContext } from "./context.ts";
import { testBackend } from "./suite.ts";

testBackend("file", {
  startsForKeys: 0,
  startsForGet: 0,
  items: 200,
  make() {
    const directory = Deno.makeTempDirSync({ prefix: "vault-file-" });
    const variables = { AWS_VAULT_FILE_PASSPHRASE: "correct horse", PATH: "/usr/bin:/bin" };
    const ctx = createTestContext(variables);
    const options = { directory, passphrase: () => Promise.resolve("correct horse") };
    return Promise.resolve({
      ctx,
      variables,
      open: () => openFile(options, ctx),
      writer: ["file", `fileDir=${directory}`],
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    });
  },
});
