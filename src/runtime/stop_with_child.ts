import { openLibc, toCString } from "./libc.ts";
import { isStopped } from "./peers.ts";
import { signalNumber, signalSet } from "./signals.ts";
import { stopByKey } from "./stop_by_key.ts";

/**
 * Stops us too where our child has stopped itself in the foreground of our terminal (`suspend` of a
 * shell, an editor that takes Ctrl-Z as a key), or no shell would take the terminal back. Once we go
 * on, so does the child, with the terminal if it had that. In the background, and without a terminal,
 * whoever has stopped the child lets it go on, and us alone.
 */
export function stopWithChild(childId: number): void {
  const libc = openJobControl();
  const terminal = libc?.open(toCString("/dev/tty"), O_CLOEXEC) ?? -1;
  if (libc === undefined || terminal < 0) return;
  try {
    const [ours, childs] = [libc.getpgrp(), libc.getpgid(childId)];
    const holder = libc.tcgetpgrp(terminal);
    // Ctrl-Z stops both, and by `fg` both go on: the news of it may come after that.
    if (![ours, childs].includes(holder) || !isStopped(childId)) return;
    giveTerminal(terminal, ours, libc);
    let stops = 0;
    do stopByKey(); // again where `bg` brings us back: the terminal is the shell's
     while (libc.tcgetpgrp(terminal) !== ours && ++stops < MOST_STOPS);
    if (stops < MOST_STOPS) giveTerminal(terminal, holder, libc);
    libc.kill(-childs, signalNumber("SIGCONT")!);
  } finally {
    libc.close(terminal);
  }
}

/** A kernel that does not stop us has nobody who could bring us back. */
const MOST_STOPS = 3;
const O_CLOEXEC = 0o2000000;

type JobControl = NonNullable<ReturnType<typeof openJobControl>>;

/** Linux alone tells who is stopped. */
function openJobControl() {
  if (Deno.build.os !== "linux") return undefined;
  return openLibc({
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    getpgrp: { parameters: [], result: "i32" },
    getpgid: { parameters: ["i32"], result: "i32" },
    tcgetpgrp: { parameters: ["i32"], result: "i32" },
    tcsetpgrp: { parameters: ["i32", "i32"], result: "i32" },
    pthread_sigmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    kill: { parameters: ["i32", "i32"], result: "i32" },
  });
}

const [SIG_BLOCK, SIG_SETMASK] = [0, 2];

/** From the background the terminal is given by those alone who block SIGTTOU. */
function giveTerminal(terminal: number, group: number, libc: JobControl): void {
  const before = new BigUint64Array(16);
  libc.pthread_sigmask(SIG_BLOCK, signalSet("SIGTTOU"), before);
  libc.tcsetpgrp(terminal, group);
  libc.pthread_sigmask(SIG_SETMASK, before, new BigUint64Array(16));
}
