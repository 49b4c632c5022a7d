import { hash } from "../digest.ts";
import { BackendError, describeCause, WrongPassphraseError } from "../errors.ts";
import type { Context, Credentials, SecretBackend } from "../types.ts";
import {
  findKept,
  formatSessionKey,
  isOldSessionKey,
  parseSessionKey,
  sessionKeyPrefix,
} from "./session_key.ts";
import { formatExpiry } from "../expiry.ts";
import {
  formatSession,
  type Lifetime,
  parseSession,
  renewalWindowMs,
  type StoredSession,
} from "./kept_session.ts";
import type { CacheIdentity } from "./steps.ts";

/** Whether a session is used as long as it has its least time to live, or renewed before that. */
export type Use = "for its minimum" | "to renew it early";

/** A session that was kept, and has time left. */
export interface Kept extends Lifetime {
  readonly credentials: Credentials;
  readonly isFresh: boolean;
}

/** So far off are the clocks of machines that share a keyring. */
const MAX_SKEW_MS = 5 * 60_000;

const FRESH_UNTIL_MS = new WeakMap<Credentials, number>();

/** Until when credentials that were kept are handed out as they are; undefined of all others. */
export function freshUntilMs(credentials: Credentials): number | undefined {
  return FRESH_UNTIL_MS.get(credentials);
}

/** The sessions kept in the keyring. A read never deletes; a write clears away what is expired. */
export class SessionCache {
  readonly #backend: SecretBackend;
  readonly #ctx: Pick<Context, "clock" | "debug" | "note">;
  readonly #minTtlMs: number;
  readonly #unread = new Set<string>();
  /** What AWS has refused, by their ids. */
  readonly #dropped = new Set<string>();

  constructor(
    backend: SecretBackend,
    ctx: Pick<Context, "clock" | "debug" | "note">,
    minTtlSeconds: number,
  ) {
    this.#backend = backend;
    this.#ctx = ctx;
    this.#minTtlMs = Math.max(minTtlSeconds * 1000, 1); // what has ended is none
  }

  /**
   * The kept session of a step, if it is fresh.
   *
   * @param sinceMs one that was made since then is: no other would last longer
   */
  async find(
    id: CacheIdentity,
    keys: readonly string[],
    use?: Use,
    sinceMs?: number,
  ): Promise<Credentials | undefined> {
    const leastMs = this.#minTtlMs;
    const isNew = (session: Lifetime) =>
      sinceMs !== undefined && (session.madeAtMs ?? 0) >= sinceMs && !this.#isToCome(session);
    const kept = await this.#search(
      id,
      keys,
      sinceMs === undefined ? leastMs : 1,
      (session) => isNew(session) || this.#isFresh(session, leastMs, use),
    );
    if (kept !== undefined) this.#tellUse(kept, id, use);
    return kept?.credentials;
  }

  /** The same, be it fresh or not: it still serves where no other can be had. */
  async findValid(id: CacheIdentity, keys: readonly string[], use: Use): Promise<Kept | undefined> {
    const kept = await this.#search(id, keys, 1, () => true);
    if (kept === undefined) return undefined;
    const isFresh = this.#isFresh(kept, this.#minTtlMs, use);
    if (isFresh) this.#tellUse(kept, id, use);
    return { ...kept, isFresh };
  }

  #tellUse(kept: Omit<Kept, "isFresh">, id: CacheIdentity, use?: Use): void {
    const until = formatExpiry(kept.expiresAtMs);
    FRESH_UNTIL_MS.set(kept.credentials, kept.expiresAtMs - leastLeftMs(kept, this.#minTtlMs, use));
    this.#ctx.debug(`session ${id.type} of ${id.profile} is kept until ${until}, and used`);
  }

  /**
   * Of several sessions with one name the latest expiry counts that was asked for alike. One that
   * cannot be read is as good as none; a wrong passphrase is, for whoever gave it, no reason to go
   * on.
   */
  async #search(
    id: CacheIdentity,
    keys: readonly string[],
    leastMs: number,
    serves: (session: Lifetime) => boolean,
  ): Promise<Omit<Kept, "isFresh"> | undefined> {
    for (const { key } of findKept(id, keys, this.#ctx.clock.now() + leastMs)) {
      const session = await this.#read(key, id);
      if (session === undefined || this.#dropped.has(session.accessKeyId)) continue;
      if (!await this.#isAskedFor(session, id)) continue;
      const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs, madeAtMs, arn } = session;
      const unnamed = { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
      const credentials = arn === undefined ? unnamed : { ...unnamed, arn };
      const kept = { credentials, expiresAtMs, madeAtMs };
      if (serves(kept)) return kept;
    }
    return undefined;
  }

  async #read(key: string, id: CacheIdentity): Promise<StoredSession | undefined> {
    try {
      const item = await this.#backend.get(key);
      return item && parseSession(item.data);
    } catch (error) {
      if (error instanceof WrongPassphraseError) throw error;
      this.#tellUnread(key, id, error);
      return undefined;
    }
  }

  /** A fault of the keyring's own is told, once: a new session may take a person. */
  #tellUnread(key: string, { type, profile }: CacheIdentity, error: unknown): void {
    if (!(error instanceof BackendError)) {
      this.#ctx.debug(`session ${type} of ${profile} not used: ${describeCause(error)}`);
    } else if (!this.#unread.has(key)) {
      this.#unread.add(key);
      this.#warn(`a kept session of ${profile} is not used`, error);
    }
  }

  #isFresh(session: Lifetime, leastMs: number, use?: Use): boolean {
    return !this.#isToCome(session) &&
      session.expiresAtMs >= this.#ctx.clock.now() + leastLeftMs(session, leastMs, use);
  }

  /** The clock was set since it was made: for how long it lasts yet, nobody knows. */
  #isToCome({ madeAtMs = 0 }: Lifetime): boolean {
    return madeAtMs > this.#ctx.clock.now() + MAX_SKEW_MS;
  }

  /** Keeps a session in place of those of the same name, and drops all that are expired. */
  async keep(id: CacheIdentity, credentials: Credentials): Promise<void> {
    const { expiresAtMs } = credentials;
    if (expiresAtMs === undefined) return;
    const key = formatSessionKey(id, expiresAtMs);
    const expiry = formatExpiry(expiresAtMs);
    try {
      await this.#backend.set({
        key,
        data: await formatSession(credentials, id, this.#ctx.clock.now()),
        label: `aws-vault session for ${id.profile} (expires ${expiry})`,
        description: "aws-vault session",
      });
    } catch (error) {
      return this.#warn(`the session of ${id.profile} could not be kept`, error);
    }
    try {
      await this.#purge(key, id);
    } catch (error) {
      this.#warn("older sessions are still kept", error);
    }
  }

  /** Takes a kept session for none from now on: AWS says that it has ended. */
  async drop(id: CacheIdentity, { accessKeyId, expiresAtMs }: Credentials): Promise<void> {
    this.#ctx.debug(`session ${id.type} of ${id.profile} has ended by AWS' clock`);
    this.#dropped.add(accessKeyId);
    try {
      await this.#backend.remove(formatSessionKey(id, expiresAtMs!));
    } catch (error) {
      this.#warn("a session that has ended is still kept", error);
    }
  }

  #warn(what: string, error: unknown): void {
    this.#ctx.note(`aws-vault: warning: ${what}: ${describeCause(error)}`);
  }

  async #isAskedFor(session: StoredSession, id: CacheIdentity): Promise<boolean> {
    // The Go tool marks its sessions with nothing: they are taken as it would take them.
    if (session.fingerprint === undefined) return true;
    if (id.takesAnyLength && session.kinship === await hash(id.kinship!)) return true;
    for (const asked of id.asked) {
      if (await hash(asked) === session.fingerprint) return true;
    }
    this.#ctx.debug(`session ${id.type} of ${id.profile} was made for another request`);
    return false;
  }

  /** What cannot be removed keeps nothing else from it; throws the first fault. */
  async #purge(kept: string, id: CacheIdentity): Promise<void> {
    const prefix = sessionKeyPrefix(id);
    const now = this.#ctx.clock.now();
    const faults: unknown[] = [];
    for (const key of await this.#backend.keys()) {
      if (key === kept) continue;
      const expired = (parseSessionKey(key)?.expiresAtMs ?? Infinity) <= now;
      const isReplaced = () => key.startsWith(prefix) && this.#isReplaced(key, kept, id);
      if (!expired && !isOldSessionKey(key) && !await isReplaced()) continue;
      await this.#backend.remove(key).catch((error) => faults.push(error));
    }
    if (faults.length > 0) throw faults[0];
  }

  /** A session of another length may have cost an MFA code that this one did not: it stays. */
  async #isReplaced(key: string, kept: string, id: CacheIdentity): Promise<boolean> {
    if (id.kinship === undefined) return true;
    const session = await this.#read(key, id);
    if (session === undefined) return true;
    if (session.fingerprint !== undefined) return session.fingerprint === await hash(id.asked[0]!);
    return session.expiresAtMs <= parseSessionKey(kept)!.expiresAtMs;
  }
}

/** How long a session has to last to be used. */
function leastLeftMs({ expiresAtMs, madeAtMs }: Lifetime, leastMs: number, use?: Use): number {
  const windowMs = use === "to renew it early" ? renewalWindowMs(expiresAtMs, madeAtMs) : 0;
  return Math.max(leastMs, windowMs);
}
