import { shortHash } from "../digest.ts";
import { describeCause, type ErrorCode, UnreachableError, VaultError } from "../errors.ts";
import { makeDirectory, narrowMode } from "../files.ts";
import { homeOf, joinPath, parentOf } from "../paths.ts";
import { loadRest } from "../rest.ts";
import type { Context, Env } from "../types.ts";
import { Holder, LockFile } from "./lock_file.ts";

export type LockContext = Pick<Context, "clock" | "env" | "note" | "debug">;

/** How long another one is waited for, and what then. */
export interface Patience {
  readonly seconds: number;
  /** When the time is over: an error that names the holder, or the work without the lock. */
  readonly thereafter: "fail" | "go on";
  /** The same for a holder that stands still (Ctrl-Z, SIGSTOP), found out after five seconds. */
  readonly ifStopped: "fail" | "go on";
}

/** For work that must not be done twice at once, and in which a person may be asked something. */
const UNLESS_FREE: Patience = { seconds: 8, thereafter: "fail", ifStopped: "fail" };

/** Where nobody is asked, as what is kept still serves meanwhile. */
export const UNATTENDED: Patience = { seconds: 8, thereafter: "fail", ifStopped: "fail" };

/** What became of waiting. */
export interface Waited {
  readonly ms: number;
  /** Who was waited for in vain, such as `process 123`, where the work is done without the lock. */
  readonly inVainFor?: string;
  /** How the last one who had the lock has failed, if it left word of that: see `Lock`. */
  readonly failure?: Failure;
  /** For work that keeps nothing for others to find: who waits for it waits for no other then. */
  keepNothing(): void;
}

/** As much of an error as the next one is told. */
export type Failure = Pick<VaultError, "code" | "message">;

/** What such a work leaves, where another leaves how it has failed. */
const NOTHING_KEPT = "nothing kept";

const NOTICE_MS = 3_000;
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 100;

/** A lock to be had. */
export interface Lock {
  readonly name: string;
  /** What the holder is about, in a few words, for whoever waits longer than a moment. */
  readonly doing: string;
  /** Absent: another holder is waited for eight seconds, and then it is an error. */
  readonly patience?: Patience;
  /** Of which failures the next one is told; absent: that nobody was reached in all the time. */
  readonly leavesWord?: (error: unknown) => error is VaultError;
}

const hasReachedNobody = (error: unknown): error is VaultError => error instanceof UnreachableError;

/**
 * Runs `work` while nobody else runs work of the same name, in this process or another: they wait,
 * and then find what the first one kept. The lock of a process that has died is free. Where no lock
 * file can be made (a read-only home) the work is done without.
 *
 * Ask a person before, not within: nobody waits longer than `patience` says.
 *
 * Lock files lie beside the keyring, not in it: the Go tool lists whatever lies in there.
 */
export async function withLock<T>(
  { name, doing, patience = UNLESS_FREE, leavesWord = hasReachedNobody }: Lock,
  ctx: LockContext,
  work: (waited: Waited) => Promise<T>,
): Promise<T> {
  const file = await openLockFile(name, ctx);
  if (file === undefined) return await work({ ms: 0, keepNothing() {} });
  let isOurs = false;
  try {
    const waited = await new Wait(file, doing, ctx).take(patience);
    isOurs = waited.inVainFor === undefined;
    return await work(waited);
  } catch (error) {
    if (isOurs && leavesWord(error)) file.leave(`${error.code} ${error.message}`);
    throw error;
  } finally {
    file.close();
  }
}

/** For keys that somebody has typed, or takes out of a file: a rotation goes on for half a minute. */
export const UNTIL_ROTATED: Patience = { ...UNLESS_FREE, seconds: 60 };

/**
 * The same for what changes a profile's stored keys: of two at once, one would take away what the
 * other has just stored.
 */
export async function withKeysOf<T>(
  profile: string,
  ctx: LockContext,
  work: () => Promise<T>,
  patience?: Patience,
): Promise<T> {
  const lock = { name: nameOfKeys(profile), doing: `changing the keys of ${profile}`, patience };
  return await withLock(lock, ctx, work);
}

/**
 * When a lock was last taken, in milliseconds since the epoch: what is the same later tells that
 * nobody has begun such work meanwhile. `NaN` where one is at it, `undefined` where nobody ever was,
 * or there are no locks.
 */
export async function lastHeldMs(
  name: string,
  { env }: Pick<LockContext, "env">,
): Promise<number | undefined> {
  const path = await placeOf(name, env);
  try {
    return path === undefined ? undefined : LockFile.lastHeldMs(path);
  } catch {
    return undefined;
  }
}

/** The same for a profile's stored keys: when they were last being changed by an aws-vault. */
export async function lastChangeOfKeysMs(
  profile: string,
  ctx: Pick<LockContext, "env">,
): Promise<number | undefined> {
  return await lastHeldMs(nameOfKeys(profile), ctx);
}

const nameOfKeys = (profile: string): string => `rotate ${profile}`;

async function openLockFile(name: string, ctx: LockContext): Promise<LockFile | undefined> {
  const path = await placeOf(name, ctx.env);
  if (path === undefined) return undefined;
  const directory = parentOf(path);
  try {
    makeDirectory(directory);
    for (const own of [parentOf(directory), directory]) narrowMode(own, 0o700);
    return LockFile.open(path, ctx.clock);
  } catch (error) {
    ctx.debug(`working without a lock: ${directory}: ${describeCause(error)}`);
    return undefined;
  }
}

/** A file whose name is of fixed length and tells nothing of profiles; none without a home. */
async function placeOf(name: string, env: Env): Promise<string | undefined> {
  const home = homeOf(env);
  return home && joinPath(home, ".awsvault", "locks", `${await shortHash(name)}.lock`);
}

function parseFailure(word: string | undefined): Failure | undefined {
  const [, code, message] = /^(\w+) (.+)$/s.exec(word ?? "") ?? [];
  return message === undefined ? undefined : { code: code as ErrorCode, message };
}

/** One wait for one lock. */
class Wait {
  readonly #file: LockFile;
  readonly #doing: string;
  readonly #ctx: LockContext;
  readonly #holder = new Holder();
  #isTold = false;

  constructor(file: LockFile, doing: string, ctx: LockContext) {
    this.#file = file;
    this.#doing = doing;
    this.#ctx = ctx;
  }

  /**
   * Looks again and again: a lock that blocks could not be left. What counts is the time slept
   * between looks: after a night's sleep of the machine the holder has had no time either.
   */
  async take(patience: Patience): Promise<Waited> {
    let ms = 0;
    let pauseMs = FIRST_LOOK_MS;
    while (!await this.#isFree()) {
      this.#holder.look(this.#file.readRecord(), pauseMs);
      if (this.#holder.isStill || ms >= patience.seconds * 1000) return this.#giveUp(patience, ms);
      if (ms >= NOTICE_MS) await this.#tell();
      await this.#ctx.clock.sleep(pauseMs);
      ms += pauseMs;
      pauseMs = Math.min(pauseMs * 1.5, LAST_LOOK_MS);
    }
    return { ...this.#inherit(ms > 0), ms };
  }

  /** Who has waited for one that kept nothing gives the lock back: another wait would be as vain. */
  #inherit(hasWaited: boolean): Omit<Waited, "ms"> {
    const file = this.#file;
    const keepNothing = () => file.leave(NOTHING_KEPT);
    if (file.inheritance !== NOTHING_KEPT) {
      return { failure: parseFailure(file.inheritance), keepNothing };
    }
    if (hasWaited) {
      keepNothing(); // for those who wait beside us
      file.close();
    }
    return { keepNothing };
  }

  /** A file system without locks is no reason not to work. */
  async #isFree(): Promise<boolean> {
    try {
      return await this.#file.take();
    } catch (error) {
      this.#ctx.debug(`working without a lock: ${describeCause(error)}`);
      return true;
    }
  }

  /** Waiting without a word would look like a hang. */
  async #tell(): Promise<void> {
    if (this.#isTold) return;
    this.#isTold = true;
    await loadRest();
    this.#ctx.note(`Waiting for another aws-vault (${this.#holder.name}) that is ${this.#doing}`);
  }

  #giveUp({ thereafter, ifStopped }: Patience, ms: number): Waited {
    const { name, isStill, processId } = this.#holder;
    const what = isStill ? "stands still" : `has not ended in ${Math.round(ms / 1000)} s`;
    if ((isStill ? ifStopped : thereafter) === "go on") {
      this.#ctx.debug(`going on without a lock: ${name}, which is ${this.#doing}, ${what}`);
      return { ms, inVainFor: name, keepNothing() {} };
    }
    throw new VaultError(
      "process",
      `another aws-vault, ${name}, is ${this.#doing}, and ${what}`,
      processId === undefined ? [] : [
        isStill
          ? `let it go on with \`fg\` where it was started, or with: kill -CONT ${processId}`
          : "try again when it is done",
        `or end it with: kill ${processId}`,
      ],
    );
  }
}
