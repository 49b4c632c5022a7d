import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/types.ts";

interface Sleeper {
  readonly ms: number;
  readonly atMs: number;
  readonly wake: () => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether all are asleep that are to be before time goes on: who works on a disk takes time too. */
export type IsReady = () => boolean;

/** A clock that stands still until it is told to go on: no machine is too slow for its tests. */
export class ManualClock implements Clock {
  #nowMs = 1_800_000_000_000;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#nowMs;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { ms: milliseconds, atMs: this.#nowMs + milliseconds, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** How many sleep, of those that were to for no longer than this. */
  count(atMostMs = Infinity): number {
    return [...this.#sleepers].filter(({ ms }) => ms <= atMostMs).length;
  }

  /** Goes on by so much, from one sleeper to the next. */
  async advance(milliseconds: number, isReady: IsReady = () => true): Promise<void> {
    const untilMs = this.#nowMs + milliseconds;
    do await settle(isReady); while (this.#wakeNext(untilMs));
    this.#nowMs = untilMs;
  }

  /** Goes on, from one sleeper to the next, until the work has ended. */
  async runUntil<T>(work: Promise<T>, isReady: IsReady = () => true): Promise<T> {
    let isDone = false;
    const done = () => void (isDone = true);
    work.then(done, done);
    const limit = new Limit();
    for (const untilMs = this.#nowMs + DAY_MS; this.#nowMs < untilMs; limit.check()) {
      await settle(() => isDone || isReady());
      if (isDone) return await work;
      this.#wakeNext(untilMs);
    }
    throw new Error("it has not ended in a day");
  }

  #wakeNext(untilMs: number): boolean {
    const [next] = [...this.#sleepers].sort((a, b) => a.atMs - b.atMs);
    if (next === undefined || next.atMs > untilMs) return false;
    this.#sleepers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.wake();
    return true;
  }
}

/** Lets what was woken do what it can at once, and waits until all are ready. */
async function settle(isReady: IsReady): Promise<void> {
  const limit = new Limit();
  for (let turns = 0; turns < 3 || !isReady(); turns++) {
    limit.check();
    await setImmediate();
  }
}

/** A minute of ours, for work that no time of theirs brings to its end. */
class Limit {
  readonly #endMs = performance.now() + 60_000;

  check(): void {
    if (performance.now() > this.#endMs) throw new Error("nothing came of it in a minute");
  }
}
