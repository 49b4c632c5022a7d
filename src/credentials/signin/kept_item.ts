import { BackendError, describeCause, VaultError } from "../../errors.ts";
import type { Context, SecretBackend } from "../../types.ts";

/** What the keyring keeps of a sign-in. */
interface KeptItem<T> {
  readonly key: string;
  /** In messages. */
  readonly name: string;
  /** Throws where the bytes are not what they ought to be. */
  parse(data: Uint8Array): T;
}

/** What the user was told of: whoever signs in looks several times. */
const told = new WeakMap<SecretBackend, Set<string>>();

/**
 * Reads such an item; one that cannot be read is as good as none. A fault of the keyring's own is
 * told, once: it costs a person a sign-in.
 */
export async function readItem<T>(
  { key, name, parse }: KeptItem<T>,
  backend: SecretBackend,
  ctx: Pick<Context, "debug" | "note">,
): Promise<T | undefined> {
  try {
    const item = await backend.get(key);
    return item && parse(item.data);
  } catch (error) {
    // A wrong passphrase, or nobody to ask for it, concerns more than this item.
    if (error instanceof VaultError && !(error instanceof BackendError)) throw error;
    const fault = `${name} is not used: ${describeCause(error)}`;
    if (!(error instanceof BackendError)) ctx.debug(fault);
    else if (isFirst(key, backend)) ctx.note(`aws-vault: warning: the kept ${fault}`);
    return undefined;
  }
}

function isFirst(key: string, backend: SecretBackend): boolean {
  const keys = told.get(backend) ?? new Set();
  const isNew = !keys.has(key);
  told.set(backend, keys.add(key));
  return isNew;
}

/** Whether an item is not there any more; one that cannot be read just now may well be. */
export async function isRemoved(key: string, backend: SecretBackend): Promise<boolean> {
  try {
    return await backend.get(key) === undefined;
  } catch {
    return false;
  }
}

/** A field that has to be there: text that is not empty. */
export function requireText(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`it has no ${name}`);
}
