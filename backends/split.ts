import type { SecretBackend, SecretItem } from "../src/types.ts";

/** Whether an item is a session or a sign-in, by its name, and no keys. */
export type IsSession = (key: string) => boolean;

/**
 * A keyring whose keys are in one store and whose sessions are in another. Sessions that the first
 * still has (from before there was a second) serve and are listed and removed as well; new ones go
 * to the second.
 */
export class SplitBackend implements SecretBackend {
  readonly name: string;
  readonly stores: readonly string[];
  /** As far as either asks for a passphrase by us. */
  readonly unlock?: NonNullable<SecretBackend["unlock"]>;
  readonly #keys: SecretBackend;
  readonly #sessions: SecretBackend;
  readonly #isSession: IsSession;
  /** The sessions that the first store has, once its names were looked at. */
  #older: ReadonlySet<string> | undefined;

  constructor(keys: SecretBackend, sessions: SecretBackend, isSession: IsSession) {
    this.name = keys.name;
    this.stores = [keys.name, sessions.name];
    this.#keys = keys;
    this.#sessions = sessions;
    this.#isSession = isSession;
    if (keys.unlock === undefined && sessions.unlock === undefined) return;
    this.unlock = async (purpose) => {
      if (purpose !== "sessions") await keys.unlock?.(purpose);
      if (purpose !== "keys") await sessions.unlock?.(purpose);
    };
  }

  async keys(): Promise<string[]> {
    const [keys, sessions] = [await this.#keys.keys(), await this.#sessions.keys()];
    this.#older = new Set(keys.filter(this.#isSession));
    return joinNames(keys, sessions, this.#isSession);
  }

  async get(key: string): Promise<SecretItem | undefined> {
    if (!this.#isSession(key)) return await this.#keys.get(key);
    const item = await this.#sessions.get(key);
    return item ?? (await this.#hasOlder(key) ? await this.#keys.get(key) : undefined);
  }

  async set(item: SecretItem): Promise<void> {
    await (this.#isSession(item.key) ? this.#sessions : this.#keys).set(item);
  }

  async remove(key: string): Promise<boolean> {
    if (!this.#isSession(key)) return await this.#keys.remove(key);
    const isRemoved = await this.#sessions.remove(key);
    return await this.#hasOlder(key) && await this.#keys.remove(key) || isRemoved;
  }

  async checkWritable(purpose: "keys" | "sessions"): Promise<void> {
    await (purpose === "keys" ? this.#keys : this.#sessions).checkWritable?.(purpose);
  }

  /** A store that has none is not asked for each: that may start a program, or ask for a touch. */
  async #hasOlder(key: string): Promise<boolean> {
    this.#older ??= new Set((await this.#keys.keys()).filter(this.#isSession));
    return this.#older.has(key);
  }
}

/** All names of the first store, and of the second those of sessions; what else it has is not ours. */
export function joinNames(
  keys: readonly string[],
  sessions: readonly string[],
  isSession: IsSession,
): string[] {
  return [...new Set([...keys, ...sessions.filter(isSession)])];
}
