import type { Clock, Passphrases } from "../types.ts";
import { Answers } from "./answers.ts";

/** For how long passphrases are held: since somebody asked last, and in all. */
export interface Limits {
  readonly idleSeconds: number;
  readonly lifetimeSeconds: number;
}

/** The machine was asleep, or its clock was set, where it is off by more than this. */
const JUMP_MS = 10_000;

/**
 * What the agent holds, and for how long: until it is told to forget it, nobody has asked for a
 * while, its life is over, or the clock has jumped. It is looked at when somebody asks, and when
 * the next end is due; nothing looks in between.
 */
export class Held implements Passphrases {
  readonly #clock: Pick<Clock, "now">;
  /** Milliseconds that go on only while the machine is awake. */
  readonly #awakeMs: () => number;
  readonly #limits: Limits;
  readonly #sinceMs: number;
  readonly #sinceAwakeMs: number;
  readonly opened = new Map<string, string>();
  readonly answers = new Answers();
  #usedMs: number;
  #secret: { readonly directory: string; readonly passphrase: string } | undefined;
  #isForgotten = false;

  constructor(clock: Pick<Clock, "now">, awakeMs: () => number, limits: Limits) {
    this.#clock = clock;
    this.#awakeMs = awakeMs;
    this.#limits = limits;
    this.#sinceMs = clock.now();
    this.#usedMs = this.#sinceMs;
    this.#sinceAwakeMs = awakeMs();
  }

  keep(directory: string, passphrase: string): void {
    if (!this.#isForgotten) this.#secret = { directory: identify(directory), passphrase };
  }

  find(directory: string): Promise<string | undefined> {
    const isHere = !this.isLocked() && this.#secret?.directory === identify(directory);
    return Promise.resolve(isHere ? this.#secret!.passphrase : undefined);
  }

  /** Of another keyring's it holds none. */
  forget(directory: string): Promise<boolean> {
    const isHeld = this.#secret?.directory === identify(directory);
    if (isHeld) this.lock();
    return Promise.resolve(isHeld);
  }

  lock(): void {
    this.#secret = undefined;
    this.opened.clear();
    this.answers.clear();
    this.#isForgotten = true;
  }

  /** Whether it has forgotten everything, or is to do so now. */
  isLocked(): boolean {
    const jumpedMs = Math.abs(this.#passedMs() - this.#wakingMs());
    if (jumpedMs > JUMP_MS || this.msLeft() <= 0) this.lock();
    return this.#isForgotten;
  }

  /** Somebody has been answered. */
  touch(): void {
    this.#usedMs = this.#clock.now();
  }

  isOver(): boolean {
    return this.#lifeLeftMs() <= 0;
  }

  /** Milliseconds until the next end is due. */
  msLeft(): number {
    const idleMs = this.#usedMs + this.#limits.idleSeconds * 1000 - this.#clock.now();
    return this.#isForgotten ? this.#lifeLeftMs() : Math.min(this.#lifeLeftMs(), idleMs);
  }

  /** A clock that is set back lengthens no life. */
  #lifeLeftMs(): number {
    const livedMs = Math.max(this.#passedMs(), this.#wakingMs());
    return this.#limits.lifetimeSeconds * 1000 - livedMs;
  }

  /** How long it has lived by the clock. */
  #passedMs(): number {
    return this.#clock.now() - this.#sinceMs;
  }

  /** The same while the machine was awake. */
  #wakingMs(): number {
    return this.#awakeMs() - this.#sinceAwakeMs;
  }
}

/** One directory has many names. */
function identify(directory: string): string {
  try {
    return Deno.realPathSync(directory);
  } catch {
    return directory;
  }
}
