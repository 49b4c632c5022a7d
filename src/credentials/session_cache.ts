import { describeCause, WrongPassphraseError } from "../errors.ts";
import type { Context, Credentials, SecretBackend } from "../types.ts";
import {
  formatSessionKey,
  isOldSessionKey,
  parseSessionKey,
  sessionKeyPrefix,
} from "./session_key.ts";
import { formatExpiry, parseExpiry } from "../expiry.ts";
import type { CacheIdentity } from "./steps.ts";

/** The sessions kept in the keyring. A read never deletes; a write clears away what is expired. */
export class SessionCache {
  readonly #backend: SecretBackend;
  readonly #ctx: Pick<Context, "clock" | "debug" | "note">;
  readonly #minTtlMs: number;

  constructor(
    backend: SecretBackend,
    ctx: Pick<Context, "clock" | "debug" | "note">,
    minTtlSeconds: number,
  ) {
    this.#backend = backend;
    this.#ctx = ctx;
    this.#minTtlMs = minTtlSeconds * 1000;
  }

  /**
   * The kept session of a step that lasts long enough and was asked for alike; of several with one
   * name the latest expiry counts. One that cannot be read is as good as none; a wrong passphrase
   * is, for whoever gave it, no reason to go on.
   */
  async find(id: CacheIdentity, keys: readonly string[]): Promise<Credentials | undefined> {
    const key = this.#newest(id, keys);
    if (key === undefined) return undefined;
    try {
      const item = await this.#backend.get(key);
      if (item === undefined) return undefined;
      return await this.#accept(parseSession(item.data), id);
    } catch (error) {
      if (error instanceof WrongPassphraseError) throw error;
      this.#ctx.debug(`session ${id.type} of ${id.profile} not used: ${describeCause(error)}`);
      return undefined;
    }
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
        data: await formatSession(credentials, id),
        label: `aws-vault session for ${id.profile} (expires ${expiry})`,
        description: "aws-vault session",
      });
      await this.#purge(key, id);
    } catch (error) {
      this.#ctx.note(
        `aws-vault: warning: the session of ${id.profile} could not be kept: ${
          describeCause(error)
        }`,
      );
    }
  }

  #newest(id: CacheIdentity, keys: readonly string[]): string | undefined {
    const prefix = sessionKeyPrefix(id);
    let newest: string | undefined;
    let latestMs = this.#ctx.clock.now() + this.#minTtlMs;
    for (const key of keys) {
      if (!key.startsWith(prefix)) continue;
      const expiresAtMs = parseSessionKey(key)?.expiresAtMs ?? 0;
      if (expiresAtMs >= latestMs) [newest, latestMs] = [key, expiresAtMs];
    }
    return newest;
  }

  async #accept(session: StoredSession, id: CacheIdentity): Promise<Credentials | undefined> {
    const { fingerprint, ...credentials } = session;
    if ((credentials.expiresAtMs ?? 0) < this.#ctx.clock.now() + this.#minTtlMs) return undefined;
    // The Go tool marks its sessions with nothing: they are taken as it would take them.
    if (fingerprint === undefined) return credentials;
    for (const asked of id.asked) {
      if (await hash(asked) === fingerprint) return credentials;
    }
    this.#ctx.debug(`session ${id.type} of ${id.profile} was made for another request`);
    return undefined;
  }

  async #purge(kept: string, id: CacheIdentity): Promise<void> {
    const prefix = sessionKeyPrefix(id);
    const now = this.#ctx.clock.now();
    for (const key of await this.#backend.keys()) {
      if (key === kept) continue;
      const expired = (parseSessionKey(key)?.expiresAtMs ?? Infinity) <= now;
      if (expired || key.startsWith(prefix) || isOldSessionKey(key)) {
        await this.#backend.remove(key);
      }
    }
  }
}

type StoredSession = Credentials & { readonly fingerprint?: string };

async function formatSession(credentials: Credentials, id: CacheIdentity): Promise<Uint8Array> {
  const text = JSON.stringify({
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken ?? "",
    Expiration: formatExpiry(credentials.expiresAtMs!),
    Fingerprint: await hash(id.asked[0]!),
  });
  return new TextEncoder().encode(text);
}

function parseSession(data: Uint8Array): StoredSession {
  const fields = JSON.parse(new TextDecoder().decode(data));
  const text = (name: string): string => {
    if (typeof fields[name] === "string") return fields[name];
    throw new Error(`it has no ${name}`);
  };
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: text("SecretAccessKey"),
    sessionToken: text("SessionToken") || undefined,
    expiresAtMs: parseExpiry(text("Expiration")),
    fingerprint: typeof fields.Fingerprint === "string" ? fields.Fingerprint : undefined,
  };
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
