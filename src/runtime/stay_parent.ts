import type { ChildRequest, Env, Exit } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";
import { listen } from "./listen.ts";
import { signalSet } from "./signals.ts";
import { type Program, spawn, type Spawned } from "./spawn.ts";

/**
 * What a supervisor or another process sends us alone, and the child has to get from us. SIGALRM
 * comes from a time limit: `perl -e 'alarm 60; exec @ARGV'`.
 */
const FORWARDED: readonly Deno.Signal[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"];
/** What the terminal, by its keys or its size, sends to us and to the child at once. */
const FROM_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT", "SIGBREAK", "SIGWINCH"];

/**
 * Starts the program as our child and says how it ended. SIGTSTP and SIGCONT are left alone: the
 * terminal sends them to the whole process group, which the child shares.
 */
export async function stayParent(
  program: Program,
  request: ChildRequest,
  env: Env,
): Promise<Exit> {
  let child: Spawned | undefined;
  const stop = listen([...FORWARDED, ...FROM_TERMINAL], (name) => {
    if (!hasChildIt(name)) child?.kill(name);
  });
  void receiveBlocked("SIGUSR1", () => child?.kill("SIGUSR1"));
  try {
    child = spawn(program, request, env);
    request.onStart?.();
    return await child.ended;
  } finally {
    stop();
  }
}

/**
 * Whether the child has the signal already. A key, or a new size, reaches every process in the
 * foreground of our terminal, so that passing it on would be twice; in the background or without a
 * terminal it can only have been sent by another process, to us. (One sent by another process while
 * we are in the foreground looks the same as a key and stays with us.)
 */
function hasChildIt(name: Deno.Signal): boolean {
  if (!FROM_TERMINAL.includes(name)) return false;
  const libc = foreground ??= openForeground();
  if (libc === undefined) return true;
  const terminal = libc.open(toCString("/dev/tty"), 0);
  if (terminal < 0) return false;
  try {
    return libc.tcgetpgrp(terminal) === libc.getpgrp();
  } finally {
    libc.close(terminal);
  }
}

/** Opened once: a window that is drawn larger sends many signals. */
let foreground: ReturnType<typeof openForeground>;

function openForeground() {
  return openLibc({
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    tcgetpgrp: { parameters: ["i32"], result: "i32" },
    getpgrp: { parameters: [], result: "i32" },
  });
}

/**
 * Takes a signal that the launcher has blocked: SIGUSR1, on which `deno run` opens a debugger,
 * whatever listener there is. Waiting for it blocked lets no handler run. Does nothing where it is
 * not blocked.
 */
async function receiveBlocked(name: Deno.Signal, onSignal: () => void): Promise<void> {
  const libc = openLibc({
    pthread_sigmask: { parameters: ["i32", "usize", "buffer"], result: "i32" },
    sigwait: { parameters: ["buffer", "buffer"], result: "i32", nonblocking: true },
  });
  const set = signalSet(name);
  const mask = new BigUint64Array(16);
  if (libc === undefined || libc.pthread_sigmask(0, 0n, mask) !== 0) return;
  if ((mask[0]! & set[0]!) === 0n) return;
  const received = new BigUint64Array(1);
  while (await libc.sigwait(set, received) === 0) onSignal();
}
