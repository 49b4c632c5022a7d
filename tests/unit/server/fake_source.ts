import type { CredentialOrigin } from "../../../src/server/source.ts";
import type { Clock, Credentials } from "../../../src/types.ts";

export const ROLE = "arn:aws:iam::222222222222:role/other";

/** A clock that stands still until it is moved; its sleeps end when it is moved past them. */
export class StillClock implements Clock {
  #nowMs: number;
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];

  constructor(nowMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(milliseconds: number): Promise<void> {
    const untilMs = this.#nowMs + milliseconds;
    return new Promise((wake) => this.#sleepers.push({ untilMs, wake }));
  }

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.#nowMs);
  }
}

/** Gives numbered credentials and counts what it was asked. */
export class FakeOrigin implements CredentialOrigin {
  readonly asked: string[] = [];
  /** Thrown instead of an answer. */
  failure: unknown;
  /** An answer waits for this. */
  gate: Promise<void> = Promise.resolve();
  lifeMs: number | undefined = 60 * 60_000;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  current(): Promise<Credentials> {
    return this.#answer("current");
  }

  assume(roleArn: string, base?: Credentials): Promise<Credentials> {
    return this.#answer(base === undefined ? roleArn : `${roleArn} by ${base.accessKeyId}`);
  }

  async #answer(what: string): Promise<Credentials> {
    this.asked.push(what);
    const number = this.asked.length;
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    return {
      accessKeyId: `ASIA${number}`,
      secretAccessKey: `secret/${number}`,
      sessionToken: `token${number}==`,
      expiresAtMs: this.lifeMs === undefined ? undefined : this.#clock.now() + this.lifeMs,
    };
  }
}
