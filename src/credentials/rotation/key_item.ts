import { describeCause, VaultError } from "../../errors.ts";
import type { Context, Credentials, SecretBackend } from "../../types.ts";
import { isSameKey, readStoredKeys, writeStoredKeys } from "../stored_keys.ts";

/** The keyring's item of a profile's keys, which is read back whenever it was written. */
export class KeyItem {
  readonly #backend: SecretBackend;
  readonly #profile: string;
  readonly #ctx: Pick<Context, "debug">;

  constructor(backend: SecretBackend, profile: string, ctx: Pick<Context, "debug">) {
    this.#backend = backend;
    this.#profile = profile;
    this.#ctx = ctx;
  }

  /** What cannot be read as keys is as good as none: the journal has better. */
  async read(): Promise<Credentials | undefined> {
    try {
      return await readStoredKeys(this.#backend, this.#profile);
    } catch (error) {
      if (error instanceof VaultError && error.code === "credentials") return undefined;
      throw error;
    }
  }

  /** Throws where it does not hold them then. */
  async write(keys: Credentials): Promise<void> {
    await writeStoredKeys(this.#backend, this.#profile, keys);
    if (await this.#holds(keys)) return;
    throw new Error("the keyring does not give back what was written to it");
  }

  /** Writes keys where it does not hold them; false where it does not take them. */
  async ensure(keys: Credentials): Promise<boolean> {
    try {
      if (!await this.#holds(keys)) await this.write(keys);
      return true;
    } catch (error) {
      this.#ctx.debug(`the old key cannot be put back: ${describeCause(error)}`);
      return false;
    }
  }

  async #holds(keys: Credentials): Promise<boolean> {
    return isSameKey(await this.read(), keys);
  }
}
