import { asArgument, BackendError, VaultError } from "../errors.ts";
import type { SecretBackend, SecretItem } from "../types.ts";
import { type LockContext, withKeysOf } from "./lock.ts";
import { journalKey } from "./rotation/journal.ts";
import { isCredentialsKey } from "./session_key.ts";

export interface MigrateOptions {
  /** This profile's keys alone. */
  readonly profile?: string;
  /** Tell what would be done: nothing is read, unlocked or written but the names. */
  readonly dryRun?: boolean;
  /** Replace what the target has under the same name. */
  readonly overwrite?: boolean;
  /** Remove from the source what the target was seen to hold. */
  readonly deleteSource?: boolean;
}

/**
 * What became of a profile's keys: `copied` and `overwritten` were read back and compared;
 * `equal` were at the target already; `different` are there and were left alone; `unreadable` could
 * not be read, or are being rotated. In a dry run `present` are those the target has, whatever they hold.
 */
export interface Outcome {
  readonly key: string;
  readonly state: "copied" | "overwritten" | "equal" | "different" | "unreadable" | "present";
  readonly isDeleted: boolean;
  /** Why it is unreadable. */
  readonly reason?: string;
}

/**
 * Copies long-term keys, not sessions, from one keyring to another, one after the other: written,
 * read back, compared, and only then, if wished, removed from the source. A run that was cut off
 * can be run again: what is already there and equal counts as done.
 *
 * Throws the backends' own errors; no item is ever in neither keyring.
 */
export async function* migrate(
  from: SecretBackend,
  to: SecretBackend,
  options: MigrateOptions,
  ctx: LockContext,
): AsyncGenerator<Outcome> {
  const names = await from.keys();
  const keys = names.filter(isCredentialsKey)
    .filter((key) => options.profile === undefined || key === options.profile);
  const present = new Set(await to.keys());
  for (const key of keys) {
    if (options.dryRun) {
      yield names.includes(journalKey(key))
        ? beingRotated(key, from)
        : { key, state: present.has(key) ? "present" : "copied", isDeleted: false };
      continue;
    }
    const outcome = await withKeysOf(key, ctx, () => migrateOne(key, from, to, options))
      .catch((error) => describeBusy(key, error));
    if (outcome !== undefined) yield outcome;
  }
}

/** `undefined` for one that has gone. Nobody rotates its keys meanwhile. */
async function migrateOne(
  key: string,
  from: SecretBackend,
  to: SecretBackend,
  options: MigrateOptions,
): Promise<Outcome | undefined> {
  if ((await from.keys()).includes(journalKey(key))) return beingRotated(key, from);
  const item = await readItem(from, key);
  if (item === undefined) return undefined;
  if (item instanceof BackendError) return unreadable(key, item.message);
  const state = await copyItem(item, to, options.overwrite ?? false);
  if (options.deleteSource !== true || state === "different") {
    return { key, state, isDeleted: false };
  }
  const now = await from.get(key);
  if (now !== undefined && !holds(now, item)) {
    return unreadable(key, `other keys were stored in ${from.name} meanwhile; they are left there`);
  }
  await removeFromSource(item, from, to);
  return { key, state, isDeleted: true };
}

function beingRotated(key: string, { name }: SecretBackend): Outcome {
  const line = `aws-vault --backend=${name} rotate ${asArgument(key)}`;
  return unreadable(key, `its rotation is unfinished; finish it with: ${line}`);
}

function unreadable(key: string, reason: string): Outcome {
  return { key, state: "unreadable", isDeleted: false, reason };
}

/** Another process at work on one profile's keys stops no other's. */
function describeBusy(key: string, error: unknown): Outcome {
  if (error instanceof VaultError && error.code === "process") {
    return unreadable(key, error.message);
  }
  throw error;
}

/** One unreadable item, such as another program's entry in a store of `pass`, stops no other. */
async function readItem(
  from: SecretBackend,
  key: string,
): Promise<SecretItem | BackendError | undefined> {
  try {
    return await from.get(key);
  } catch (error) {
    if (error instanceof BackendError) return error;
    throw error;
  }
}

async function copyItem(
  item: SecretItem,
  to: SecretBackend,
  overwrite: boolean,
): Promise<"copied" | "overwritten" | "equal" | "different"> {
  const existing = await to.get(item.key);
  if (holds(existing, item)) return "equal";
  if (existing !== undefined && !overwrite) return "different";
  await to.set(item);
  if (holds(await to.get(item.key), item)) return existing === undefined ? "copied" : "overwritten";
  throw new BackendError(
    to.name,
    `the ${to.name} keyring does not give back the keys of ${item.key}`,
    ["what was read back differs from what was written; nothing was removed from the source"],
  );
}

/** Two names can stand for one store: what the target lost by the removal is put back. */
async function removeFromSource(
  item: SecretItem,
  from: SecretBackend,
  to: SecretBackend,
): Promise<void> {
  await from.remove(item.key);
  if (holds(await to.get(item.key), item)) return;
  await from.set(item);
  throw new BackendError(
    from.name,
    `${from.name} and ${to.name} are one store: removing ${item.key} from one removed it from both`,
    ["it was put back; migrate to another store, or leave out --delete-source"],
  );
}

function holds(item: SecretItem | undefined, { data }: SecretItem): boolean {
  return item?.data.toHex() === data.toHex();
}
