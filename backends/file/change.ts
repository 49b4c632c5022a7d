import { hash } from "../../src/digest.ts";
import { BackendError } from "../../src/errors.ts";
import type { Change, Changed } from "./change_record.ts";
import type { KeyringDirectory } from "./directory.ts";
import { open } from "./jwe.ts";
import { seal } from "./seal.ts";
import { KeyringWriter } from "./writer.ts";

export interface PassphraseChange {
  readonly old: string;
  readonly chosen: string;
  /** PBKDF2 rounds of the items as they are written. */
  readonly p2c: number;
}

/** How many items are worked on at once. */
const AT_ONCE = 16;

/**
 * Encrypts every item of a keyring anew, or none; returns how many. The moment of change is when the
 * record of it is there, whole: until then the old passphrase opens all, from then on the chosen one
 * does. Whatever stops us after it, `finishChange` does the rest and needs no passphrase.
 *
 * Throws `BackendError` for an item that the old passphrase does not open: nothing is changed then.
 */
export async function changeItems(
  directory: KeyringDirectory,
  change: PassphraseChange,
): Promise<number> {
  const sealed = new Map<string, Sealed>();
  // The most of the work before the lock is held: others wait for that no longer than a moment.
  await sealAll(directory, change, sealed);
  const writer = new KeyringWriter(directory);
  using _lock = await writer.lock();
  await sealAll(directory, change, sealed);
  const items: Record<string, Changed> = {};
  for (const [name, { from, to }] of sealed) items[name] = { from: await hash(from), to };
  writer.writeChange(items);
  await finish(directory, items);
  return sealed.size;
}

/**
 * Does what is left of a change that was decided; false where there is none, or whoever decided on it
 * does it all.
 */
export async function finishChange(directory: KeyringDirectory): Promise<boolean> {
  if (directory.readChange() === undefined) return false;
  using _lock = await new KeyringWriter(directory).lock();
  return await finishHolding(directory);
}

/** The same, for whoever holds the keyring's lock. */
export async function finishHolding(directory: KeyringDirectory): Promise<boolean> {
  const change = directory.readChange();
  if (change !== undefined) await finish(directory, change);
  return change !== undefined;
}

/** An item that was written or removed since it was decided on stays as it is now. */
async function finish(directory: KeyringDirectory, items: Change): Promise<void> {
  const writer = new KeyringWriter(directory);
  try {
    for (const [name, { from, to }] of Object.entries(items)) {
      const now = directory.readNow(name);
      if (now !== undefined && await hash(now) === from) writer.replace(name, to);
    }
    writer.removeChange();
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new BackendError(
      "file",
      `the new passphrase of ${directory.path} counts, but the change is not done: ${error.message}`,
      [
        "nothing is lost, and the new passphrase opens all: mend that, and run this again:",
        "aws-vault change-passphrase does the rest, and takes no passphrase for it",
      ],
    );
  }
}

/** An item as it is, and as it is to be. */
interface Sealed {
  readonly from: string;
  readonly to: string;
}

/** Seals what has not been, or has changed since. */
async function sealAll(
  directory: KeyringDirectory,
  change: PassphraseChange,
  sealed: Map<string, Sealed>,
): Promise<void> {
  const names = await directory.itemNames();
  for (const name of [...sealed.keys()]) if (!names.includes(name)) sealed.delete(name);
  for (let from = 0; from < names.length; from += AT_ONCE) {
    await Promise.all(
      names.slice(from, from + AT_ONCE).map(async (name) => {
        const jwe = await directory.read(name);
        if (jwe === undefined) sealed.delete(name);
        else if (sealed.get(name)?.from !== jwe) {
          const text = await open(jwe, change.old, directory.pathOf(name));
          if (text === undefined) throw otherPassphrase(directory.pathOf(name));
          sealed.set(name, { from: jwe, to: await seal(text, change.chosen, change.p2c) });
        }
      }),
    );
  }
}

function otherPassphrase(path: string): BackendError {
  return new BackendError("file", `${path} does not open with the passphrase that opens others`, [
    "nothing was changed: it was stored with another passphrase (or another run is changing that " +
    "of all), or is damaged; move it elsewhere, or store it anew, and run this again",
  ]);
}
