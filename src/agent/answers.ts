import type { AgentAnswer, AgentRequest } from "./protocol.ts";

/** What an answer was made from, beside the request. */
export interface Basis {
  /** How the files and directories were that it hangs on, by their paths. */
  readonly stamps: ReadonlyMap<string, string>;
  /** From then on another would come of the same. */
  readonly untilMs: number;
}

interface Known extends Basis {
  readonly answer: AgentAnswer;
}

/** So many are kept; more are no use of one person's. */
const MOST_KNOWN = 100;

/**
 * Answers that are given again: to the same command line with the same variables, for as long as a
 * run would read the same files as they were, and find the same session fresh. That spares a third
 * of an answer's time.
 */
export class Answers {
  readonly #known = new Map<string, Known>();

  find(request: AgentRequest, nowMs: number): AgentAnswer | undefined {
    const known = this.#known.get(nameOf(request));
    if (known === undefined || nowMs >= known.untilMs) return undefined;
    const isSame = [...known.stamps].every(([path, stamp]) => readStamp(path).text === stamp);
    return isSame ? known.answer : undefined;
  }

  keep(request: AgentRequest, answer: AgentAnswer, basis: Basis): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(nameOf(request), { answer, ...basis });
  }

  clear(): void {
    this.#known.clear();
  }
}

/** All that a run sees of a request, but who asks. */
function nameOf({ args, variables, isOutputTerminal }: AgentRequest): string {
  return JSON.stringify([isOutputTerminal, args, [...variables]]);
}

/** Two changes within it may leave the same time: a tick of the kernel's clock, and far more. */
const TICK_MS = 100;
/** The same where a file system keeps whole seconds; FAT keeps every other. */
const COARSE_TICK_MS = 3_000;

/** Notes how files are before a run reads them. */
export class Reading {
  readonly #stamps = new Map<string, string>();
  #isSettled = true;

  /** What was changed just now could change again without a sign of it. */
  note(path: string, nowMs: number): void {
    if (this.#stamps.has(path)) return;
    const { text, changedMs } = readStamp(path);
    const tickMs = changedMs % 1000 === 0 ? COARSE_TICK_MS : TICK_MS;
    if (nowMs - changedMs < tickMs) this.#isSettled = false;
    else this.#stamps.set(path, text);
  }

  /** What shows no change was read too. */
  noteUntold(): void {
    this.#isSettled = false;
  }

  /** Undefined where a change of what was read could go unseen. */
  stamps(): ReadonlyMap<string, string> | undefined {
    return this.#isSettled ? this.#stamps : undefined;
  }
}

interface Stamp {
  readonly text: string;
  readonly changedMs: number;
}

const NOTHING: Stamp = { text: "nothing", changedMs: -Infinity };
/** What may be another at any time, without a sign. */
const UNTOLD: Stamp = { text: "", changedMs: Infinity };

function readStamp(path: string): Stamp {
  try {
    const info = Deno.statSync(path);
    if (!info.isFile && !info.isDirectory || info.mtime === null) return UNTOLD;
    const { dev, ino, mode, uid, gid, size } = info;
    const changedMs = info.mtime.getTime();
    const times = [changedMs, info.ctime?.getTime()]; // the latter in seconds
    return { text: [dev, ino, mode, uid, gid, size, ...times].join(), changedMs };
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? NOTHING : UNTOLD;
  }
}
