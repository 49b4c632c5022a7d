import { createRuntime } from "./runtime.ts";

/**
 * The world of a start: this process, and the agent's passphrase where there is one.
 *
 * @param isUnblocked as `createRuntime` takes it
 */
export function createWorld(isUnblocked = false) {
  const runtime = createRuntime(isUnblocked);
  const passphrases = {
    find: async (directory: string) => {
      runtime.protectMemory(); // as the question and the variable do
      return (await import("./agent/client.ts")).askPassphrase(directory, runtime);
    },
    keep() {},
    forget: async (directory: string) =>
      (await import("./agent/client.ts")).forgetPassphrase(directory, runtime),
    isLocked: async () => (await import("./agent/client.ts")).readStatus(runtime).locked === true,
  };
  return { ...runtime, passphrases };
}
