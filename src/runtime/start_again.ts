import { VaultError } from "../errors.ts";
import type { Env, Successor } from "../types.ts";
import { cannotStart, lineReader } from "./companion.ts";
import type { InheritedEnvironment } from "./inherited_environment.ts";
import { openLibc } from "./libc.ts";
import { writeAll } from "./output.ts";
import { spawnAnywhere } from "./spawn_anywhere.ts";

/** The program that finds Deno, its permissions and our bundle, as `agent` has it told us. */
const LAUNCHER = "AWS_VAULT_LAUNCHER";

/** This very command line once more, with more words at its end, on our own terminal. */
export function startAgain(
  words: readonly string[],
  env: Env,
  inherited: InheritedEnvironment,
): Successor {
  const program = Deno.build.standalone ? Deno.execPath() : env.get(LAUNCHER);
  if (program === undefined) {
    throw new VaultError("process", "the program that was started here cannot be found again", [
      "start it in the foreground: aws-vault agent start --foreground",
    ]);
  }
  const passphrase = env.get("AWS_VAULT_FILE_PASSPHRASE"); // no longer in our own environment
  const putBack = inherited.lend();
  try {
    // Nothing of our caller's streams is to stay open in a process that goes on: no pipe that is
    // waited for, no lock of a script's. A terminal it gives back itself.
    keepDescriptors();
    const isTerminal = Deno.stderr.isTerminal();
    const child = spawnAnywhere(program, {
      args: [...Deno.args, ...words],
      stdin: "null",
      stdout: "piped",
      stderr: isTerminal ? "inherit" : "piped",
      env: passphrase === undefined ? {} : { AWS_VAULT_FILE_PASSPHRASE: passphrase },
    });
    const relayed = isTerminal ? Promise.resolve() : relay(child.stderr);
    const exit = child.status.then(({ code, signal }) => signal === null ? { code } : { signal });
    return { readLine: lineReader(child.stdout), ended: relayed.then(() => exit) };
  } catch (error) {
    throw cannotStart(program, error);
  } finally {
    putBack();
  }
}

/** FIOCLEX, which takes no argument: C functions that may take more are called otherwise on macOS. */
const CLOSE_ON_EXEC = Deno.build.os === "darwin" ? 0x20006601n : 0x5451n;
const MOST_DESCRIPTORS = 1024;

/** Programs started from now on get their three streams, and nothing else that we were given. */
function keepDescriptors(): void {
  const libc = openLibc({ ioctl: { parameters: ["i32", "usize"], result: "i32" } });
  for (let at = 3; at < MOST_DESCRIPTORS; at++) libc?.ioctl(at, CLOSE_ON_EXEC);
}

async function relay(errors: ReadableStream<Uint8Array>): Promise<void> {
  for await (const bytes of errors) {
    try {
      writeAll(Deno.stderr, bytes);
    } catch { /* closed, as for `note` */ }
  }
}
