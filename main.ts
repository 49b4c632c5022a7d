import { run } from "./src/cli/mod.ts";
import { createRuntime } from "./src/runtime.ts";

const runtime = createRuntime();
const passphrases = {
  find: async (directory: string) =>
    (await import("./src/agent/client.ts")).askPassphrase(directory, runtime),
  keep() {},
  forget: async (directory: string) =>
    (await import("./src/agent/client.ts")).forgetPassphrase(directory, runtime),
};
run(runtime.args, { ...runtime, passphrases }).then(runtime.finish);
