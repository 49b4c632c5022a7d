import type { Env } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";
import { restoreOpenFilesLimit } from "./open_files.ts";
import { SIG_DFL, SIG_IGN, signalNumber, signalSet, signalsIgnoredAtStart } from "./signals.ts";

/**
 * Puts a program into our place: the same process, with our environment, streams and terminal, and
 * what Deno changed for itself put back. Returns only where that is not to be had.
 *
 * @param args all of argv, the program's name first, byte for byte
 */
export function replaceProcess(path: string, args: readonly Uint8Array[], env: Env): void {
  const libc = openLibc({
    // Declared as a number: Deno's pointer objects take the right to call anything anywhere.
    strdup: { parameters: ["buffer"], result: "usize" },
    execvp: { parameters: ["buffer", "buffer"], result: "i32" },
    signal: { parameters: ["i32", "usize"], result: "usize" },
    pthread_sigmask: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  });
  if (libc === undefined) return;
  const ignored = signalsIgnoredAtStart();
  const raiseLimit = restoreOpenFilesLimit(env);
  libc.signal(signalNumber("SIGPIPE")!, SIG_DFL); // ignored by Deno
  // The launcher blocks or ignores SIGUSR1, on which `deno run` would open a debugger.
  libc.signal(signalNumber("SIGUSR1")!, SIG_DFL);
  libc.pthread_sigmask(SIG_UNBLOCK, signalSet("SIGUSR1"), 0n);
  for (const name of ignored) libc.signal(signalNumber(name)!, SIG_IGN);
  const argv = new BigUint64Array([...args.map((arg) => libc.strdup(toCString(arg))), 0n]);
  libc.execvp(toCString(path), argv);
  libc.signal(signalNumber("SIGPIPE")!, SIG_IGN);
  raiseLimit();
}

const SIG_UNBLOCK = Deno.build.os === "darwin" ? 2 : 1;
