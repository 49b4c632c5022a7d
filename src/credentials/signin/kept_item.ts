import { BackendError, describeCause, VaultError } from "../../errors.ts";
import type { Context, SecretBackend } from "../../types.ts";

/**
 * What the keyring keeps of a sign-in; an item that cannot be read is as good as none, which
 * `--debug` tells.
 *
 * @param parse throws where the bytes are not what they ought to be
 * @param what the item, in messages
 */
export async function readItem<T>(
  key: string,
  parse: (data: Uint8Array) => T,
  what: string,
  backend: SecretBackend,
  ctx: Pick<Context, "debug">,
): Promise<T | undefined> {
  try {
    const item = await backend.get(key);
    return item && parse(item.data);
  } catch (error) {
    // A wrong passphrase, or nobody to ask for it, concerns more than this item.
    if (error instanceof VaultError && !(error instanceof BackendError)) throw error;
    ctx.debug(`${what} not used: ${describeCause(error)}`);
    return undefined;
  }
}

/** A field that has to be there: text that is not empty. */
export function requireText(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`it has no ${name}`);
}
