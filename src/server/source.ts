import { explainGone } from "../errors.ts";
import type { Clock, Credentials } from "../types.ts";
import { isPassing } from "./failure.ts";

/** Where a server's credentials come from; every call may ask AWS, the keyring or the user. */
export interface CredentialOrigin {
  current(): Promise<Credentials>;
  /** Assumes a role on `base`, which is what `current` gave. */
  assume(roleArn: string, base: Credentials): Promise<Credentials>;
}

/** What a server asks for each request; throws VaultError. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  assume(roleArn: string): Promise<Credentials>;
}

/**
 * Credentials are renewed when less than this is left: botocore asks for new ones from 15 minutes
 * before the expiry on (and insists from 10), the other SDKs from 5 minutes or less before it.
 */
const REFRESH_WINDOW_MS = 15 * 60_000;
/** A session this short is renewed in the last third of its life, whatever the window. */
const WINDOW_SHARE = 1 / 3;
/** How long a caller waits for a renewal while what is held still serves; SDKs hang up after 1 s. */
const PATIENCE_MS = 500;
/** After a failed renewal what is held serves this long before the next try. */
const RENEWAL_PAUSE_MS = 30_000;
/**
 * A refusal that stands counts this long: SDKs repeat 3 times in 3 s, which shall not be 3 prompts
 * for a code. One that may pass is not held: their second try shall find it gone.
 */
const FAILURE_HOLD_MS = 5_000;
/** Keys that do not expire are looked up again after this, in case they were rotated. */
const STATIC_LIFE_MS = 60 * 60_000;
const MAX_ROLES = 100;

/**
 * Holds what the origin gives and renews it ahead of the SDKs: by one request however many ask.
 * Every answer has an expiry, which SDKs insist on.
 *
 * @param tell is given each failure, those too that the caller does not see because what is held
 * still serves
 */
export function refreshing(
  origin: CredentialOrigin,
  clock: Clock,
  tell: (failure: unknown) => void = () => {},
): CredentialSource {
  const base = new Renewed(() => origin.current(), clock, tell);
  const roles = new Map<string, Renewed>();
  return {
    current: () => base.get(),
    async assume(roleArn) {
      const assume = async () => await origin.assume(roleArn, await base.get());
      const role = roles.get(roleArn) ?? new Renewed(assume, clock, tell);
      // A Map keeps the order of insertion: the first is the one not asked for the longest.
      roles.delete(roleArn);
      roles.set(roleArn, role);
      if (roles.size > MAX_ROLES) roles.delete(roles.keys().next().value!);
      return await role.get();
    },
  };
}

type ServedCredentials = Credentials & { readonly expiresAtMs: number };

class Renewed {
  readonly #ask: () => Promise<Credentials>;
  readonly #clock: Clock;
  readonly #tell: (failure: unknown) => void;
  #held: ServedCredentials | undefined;
  #dueAtMs = 0;
  /** When that was decided: a clock that is before it was set back, and no measure of what is left. */
  #decidedAtMs = 0;
  #renewal: Promise<ServedCredentials> | undefined;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;

  constructor(
    ask: () => Promise<Credentials>,
    clock: Clock,
    tell: (failure: unknown) => void,
  ) {
    this.#ask = ask;
    this.#clock = clock;
    this.#tell = tell;
  }

  async get(): Promise<Credentials> {
    const held = this.#usable();
    if (held !== undefined && !this.#isDue()) return held;
    this.#renewal ??= this.#renew().finally(() => this.#renewal = undefined);
    if (held === undefined) return await this.#renewal;
    const renewal = this.#renewal;
    const patience = this.#clock.sleep(PATIENCE_MS).then(() => this.#usable() ?? renewal);
    return await Promise.race([renewal, patience]);
  }

  #isDue(): boolean {
    const now = this.#clock.now();
    return now >= this.#dueAtMs || now < this.#decidedAtMs;
  }

  #decide(dueAtMs: number): void {
    this.#dueAtMs = dueAtMs;
    this.#decidedAtMs = this.#clock.now();
  }

  #usable(): ServedCredentials | undefined {
    const usable = this.#held !== undefined && this.#clock.now() < this.#held.expiresAtMs;
    return usable ? this.#held : undefined;
  }

  async #renew(): Promise<ServedCredentials> {
    if (this.#failure !== undefined && this.#isFresh(this.#failure.atMs)) throw this.#failure.error;
    try {
      this.#hold(await this.#ask());
      return this.#held!;
    } catch (thrown) {
      const error = explainGone(thrown);
      this.#tell(error);
      const held = this.#usable();
      if (held === undefined) throw this.#remember(error);
      this.#decide(this.#clock.now() + RENEWAL_PAUSE_MS);
      return held;
    }
  }

  #hold(credentials: Credentials): void {
    const now = this.#clock.now();
    const expiresAtMs = credentials.expiresAtMs ?? now + STATIC_LIFE_MS;
    this.#held = { ...credentials, expiresAtMs };
    this.#decide(
      expiresAtMs - Math.min(REFRESH_WINDOW_MS, (expiresAtMs - now) * WINDOW_SHARE),
    );
    this.#failure = undefined;
  }

  #remember(error: unknown): unknown {
    if (!isPassing(error)) this.#failure = { error, atMs: this.#clock.now() };
    return error;
  }

  /** A clock that is set back leaves no failure to count for as long as that. */
  #isFresh(atMs: number): boolean {
    return Math.abs(this.#clock.now() - atMs) < FAILURE_HOLD_MS;
  }
}
