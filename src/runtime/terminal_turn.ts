import { waitFor } from "../waiting.ts";
import { systemClock } from "./clock.ts";
import { openLibc, toCString } from "./libc.ts";
import { readProcFile } from "./proc_file.ts";
import { signalNumber } from "./signals.ts";

/** The right to ask on the terminal. */
export interface TerminalTurn {
  /** While we are stopped others may ask. */
  leave(): void;
  /** Goes on without it where somebody asks by now: who is back from being stopped does not wait. */
  retake(): void;
  /** Ends it. */
  [Symbol.dispose](): void;
}

/** Somebody who does not answer, or was stopped by another process, is waited for no longer. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Waits until none of our other processes asks on this terminal: of two at once, as in a pipe of two
 * `exec`, each would get some of the keys, and one put back the modes of the other. The lock is the
 * terminal's own (`flock`), and goes with its holder. Where no terminal is found by its name (not
 * Linux) nobody waits.
 *
 * @param isOver nobody is to be asked any more: `undefined` where that came first
 */
export async function takeTurn(isOver: () => boolean): Promise<TerminalTurn | undefined> {
  const libc = openLocking();
  const path = terminalPath();
  const file = path === undefined ? -1 : libc?.open(toCString(path), OPEN_FLAGS) ?? -1;
  if (libc === undefined || file < 0) return UNLOCKED;
  if (libc.flock(file, LOCK_UN) !== 0) { // a kernel without: it would be waited for in vain
    libc.close(file);
    return UNLOCKED;
  }
  const retake = () => {
    comeToForeground(file, libc);
    return libc.flock(file, LOCK_EX | LOCK_NB);
  };
  const turn = {
    leave: () => void libc.flock(file, LOCK_UN),
    retake: () => void retake(),
    [Symbol.dispose]: () => void libc.close(file),
  };
  let lastMs = performance.now();
  const look = () => {
    const nowMs = performance.now();
    const wasStopped = nowMs - lastMs > STOPPED_MS;
    lastMs = wasStopped ? Infinity : nowMs; // once: on a machine that is so slow it is always so
    return !wasStopped && retake() === 0 ? "ours" : isOver() ? "over" : undefined;
  };
  if (await waitFor(look, systemClock, PATIENCE_MS) !== "over") return turn;
  turn[Symbol.dispose]();
  return undefined;
}

/**
 * Longer between two looks, and we were stopped, most likely together with who asks: it goes on
 * asking, and is to have the lock by our next look.
 */
const STOPPED_MS = 200;

const UNLOCKED: TerminalTurn = { leave() {}, retake() {}, [Symbol.dispose]() {} };

/** Not to be made its controlling terminal, not waited for, and not for programs that we start. */
const OPEN_FLAGS = 0o400 | 0o4000 | 0o2000000;
const [LOCK_EX, LOCK_NB, LOCK_UN] = [2, 4, 8];

type Locking = NonNullable<ReturnType<typeof openLocking>>;

function openLocking() {
  if (Deno.build.os !== "linux") return undefined;
  return openLibc({
    open: { parameters: ["buffer", "i32"], result: "i32" },
    flock: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    tcgetpgrp: { parameters: ["i32"], result: "i32" },
    getpgrp: { parameters: [], result: "i32" },
    kill: { parameters: ["i32", "i32"], result: "i32" },
  });
}

/** A kernel that does not stop us has nobody who could bring us back. */
const MOST_STOPS = 3;
const OUR_GROUP = 0;

/**
 * In the background we are stopped here, and not with the lock in hand: as by reading there, with the
 * whole job, for a shell's `fg` wakes no job of which any process still runs.
 */
function comeToForeground(file: number, libc: Locking): void {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    const group = libc.tcgetpgrp(file);
    if (group < 0 || group === libc.getpgrp()) return;
    libc.kill(OUR_GROUP, signalNumber("SIGTTIN")!);
  }
}

/** Where the controlling terminal lies: /dev/tty is one file for all of them. */
function terminalPath(): string | undefined {
  // Behind the program's name, which may hold anything: state, parent, group, session, terminal.
  const stat = new TextDecoder().decode(readProcFile("/proc/self/stat", 4096));
  const device = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[4]);
  const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)];
  if (major === PTS) return `/dev/pts/${minor}`;
  return major === 4 && minor < 64 ? `/dev/tty${minor}` : undefined;
}

/** The major number of pseudo terminals: Linux' own documentation, admin-guide/devices. */
const PTS = 136;
