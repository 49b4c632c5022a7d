import type { Env } from "../types.ts";
import { openLibc, toCString, toPointers } from "./libc.ts";
import { restoreOpenFilesLimit } from "./open_files.ts";
import {
  SIG_DFL,
  SIG_IGN,
  SIG_UNBLOCK,
  signalNumber,
  signalSet,
  signalsIgnoredAtStart,
} from "./signals.ts";
import type { Program } from "./spawn.ts";

/**
 * Puts a program into our place: the same process, with our streams and terminal, and what Deno
 * changed for itself put back. Returns only where that is not to be had.
 */
export function replaceProcess(program: Program, env: Env): void {
  const libc = openLibc({
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
  execute(program);
  libc.signal(signalNumber("SIGPIPE")!, SIG_IGN);
  raiseLimit();
}

/** `execvpe` is GNU's alone, and so is the environment's text. */
function execute({ path, argv, environment }: Program): void {
  const [file, list] = [toCString(path), toPointers(argv)!];
  if (environment === undefined) {
    openLibc({ execvp: { parameters: ["buffer", "buffer"], result: "i32" } })?.execvp(file, list);
  } else {
    openLibc({ execvpe: { parameters: ["buffer", "buffer", "buffer"], result: "i32" } })
      ?.execvpe(file, list, toPointers(environment)!);
  }
}
