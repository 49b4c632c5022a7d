import { openLibc } from "./libc.ts";
import { SIG_UNBLOCK, signalSet, takeHarmlessly } from "./signals.ts";

const SIG_BLOCK = Deno.build.os === "darwin" ? 1 : 0;
const BLOCKED = "SIGUSR1";

/**
 * Starts a program with the signals blocked that our caller has blocked: it inherits ours, and the
 * launcher blocks SIGUSR1, on which `deno run` opens a debugger.
 *
 * For the moment of the start that signal is taken by a function that does nothing, one that was
 * sent long before too: never by Deno's. Where there is no C library to do so the mask stays ours.
 */
export function withCallersMask<T>(start: () => T): T {
  const giveBack = unblock();
  try {
    return start();
  } finally {
    giveBack?.();
  }
}

function unblock(): (() => void) | undefined {
  if (Deno.build.standalone || Deno.build.os === "windows") return undefined; // no launcher
  const libc = openLibc({
    pthread_sigmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  });
  if (libc === undefined) return undefined;
  const set = signalSet(BLOCKED);
  const [none, mask] = [new BigUint64Array(16), new BigUint64Array(16)];
  libc.pthread_sigmask(SIG_BLOCK, none, mask);
  if ((mask[0]! & set[0]!) === 0n || !takeHarmlessly(BLOCKED)) return undefined;
  libc.pthread_sigmask(SIG_UNBLOCK, set, mask);
  return () => void libc.pthread_sigmask(SIG_BLOCK, set, mask);
}
