/** Where the launcher starts lines that need less than `main.ts` has. */
export const OTHER_ENTRIES: readonly string[] = ["quick.ts", "credential_process.ts"];

/** The backends, none of which knows another. */
export const BACKENDS: readonly string[] = [
  "file",
  "pass",
  "secret_service",
  "keychain",
  "helper",
  "wincred",
].map((name) => `backends/${name}.ts`);

/** The commands, none of which knows another. */
export const COMMANDS = "src/cli/commands/";

/** What a cached `exec --json` from a file keyring needs of those, and every start loads. */
const AT_THE_START = ["backends/file.ts", "src/cli/commands/exec.ts"];

/** What starts programs, asks on the terminal, and writes items: loaded when it is called. */
const WHEN_CALLED = [
  "src/runtime/children.ts",
  "src/runtime/start_again.ts",
  "src/runtime/start_as_root.ts",
  "src/runtime/processes.ts",
  "src/runtime/question.ts",
  "backends/file/seal.ts",
  "backends/file/writer.ts",
];

/**
 * Whether a module, by its path from the root or the name of its package, is one that a start must
 * not load: AWS's clients, servers, prompts, other backends, other commands, and `WHEN_CALLED`.
 */
export function staysOutOfStart(path: string): boolean {
  if (AT_THE_START.includes(path)) return false;
  return /@aws-sdk|@smithy|^src\/(aws|server|prompt)\//.test(path) || BACKENDS.includes(path) ||
    WHEN_CALLED.includes(path) || path.startsWith(COMMANDS);
}
