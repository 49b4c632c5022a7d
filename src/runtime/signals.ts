import type { Exit } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";
import { protectMemory } from "./memory.ts";

/** Signal numbers that Linux and macOS share. */
const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
};

const DARWIN_NUMBERS: Readonly<Record<string, number>> = {
  SIGBUS: 10,
  SIGSYS: 12,
  SIGSTOP: 17,
  SIGTSTP: 18,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGUSR1: 30,
  SIGUSR2: 31,
};

const LINUX_NUMBERS: Readonly<Record<string, number>> = {
  SIGBUS: 7,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGSYS: 31,
};

/** A signal's number on this platform. */
export function signalNumber(name: string): number | undefined {
  return NUMBERS[name] ?? (Deno.build.os === "darwin" ? DARWIN_NUMBERS : LINUX_NUMBERS)[name];
}

/** A signal's name on this platform; undefined for those that no program is known to end by. */
export function signalName(number: number): string | undefined {
  const own = Deno.build.os === "darwin" ? DARWIN_NUMBERS : LINUX_NUMBERS;
  return Object.entries({ ...NUMBERS, ...own }).find(([, value]) => value === number)?.[0];
}

export const SIG_DFL = 0n;
export const SIG_IGN = 1n;
/** Another number on macOS. */
export const SIG_UNBLOCK = Deno.build.os === "darwin" ? 2 : 1;

/** Signals that are left ignored where whoever started us asked for that: `nohup`, `trap "" INT`. */
const RESPECTED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGTSTP"],
  ...["SIGUSR2", "SIGALRM", "SIGWINCH"],
];

let ignored: ReadonlySet<string> | undefined;

/**
 * Which of those were ignored when we started. A listener, and Deno's own handling of a raw terminal,
 * would take that away from us and from the program we start: ask for this before either, and again
 * before a program takes our place.
 */
export function signalsIgnoredAtStart(): ReadonlySet<string> {
  ignored ??= new Set(readIgnored(RESPECTED));
  return ignored;
}

/** Which of these signals are ignored now; none where there is no C library. */
export function readIgnored(names: readonly string[]): string[] {
  const libc = openLibc({
    sigaction: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  });
  if (libc === undefined) return [];
  return names.filter((name) => {
    // `struct sigaction`, with room to spare; the handler stands first on both platforms.
    const action = new BigUint64Array(32);
    return libc.sigaction(signalNumber(name)!, 0n, action) === 0 && action[0] === SIG_IGN;
  });
}

/**
 * Has a signal taken by a function that does nothing, in place of whoever takes it now; programs that
 * are started inherit none. False where there is no C library to do so.
 */
export function takeHarmlessly(name: string): boolean {
  const libc = openLibc({
    signal: { parameters: ["i32", "usize"], result: "usize" },
    dlsym: { parameters: ["usize", "buffer"], result: "usize" },
  });
  const harmless = libc?.dlsym(0n, toCString("abs")) ?? 0n;
  if (libc === undefined || harmless === 0n) return false;
  libc.signal(signalNumber(name)!, harmless);
  return true;
}

/** Sends ourselves a signal, its default action in force; does nothing where there is no C library. */
function raise(name: string): void {
  const number = signalNumber(name);
  const libc = openLibc({
    signal: { parameters: ["i32", "usize"], result: "usize" },
    pthread_sigmask: { parameters: ["i32", "buffer", "usize"], result: "i32" },
    raise: { parameters: ["i32"], result: "i32" },
  });
  if (libc === undefined || number === undefined) return;
  libc.signal(number, SIG_DFL);
  // The launcher blocks SIGUSR1, and another thread may wait for it: it is sent to this one.
  libc.pthread_sigmask(SIG_UNBLOCK, signalSet(name), 0n);
  libc.raise(number);
}

/** A `sigset_t` of one signal: 128 bytes on Linux, the first four of them on macOS. */
export function signalSet(name: string): BigUint64Array<ArrayBuffer> {
  const set = new BigUint64Array(16);
  set[0] = 1n << BigInt(signalNumber(name)! - 1);
  return set;
}

/** Ends the process as told: with a code, or by the signal, so that shells and supervisors see it. */
export function end(exit: Exit): never {
  if ("code" in exit) Deno.exit(exit.code);
  protectMemory(); // ending by SIGQUIT or SIGSEGV as a child did must write no core file of ours
  raise(exit.signal);
  // Still here: the signal is blocked, or there is nothing to raise it with.
  Deno.exit(128 + (signalNumber(exit.signal) ?? 0));
}
