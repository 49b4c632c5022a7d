import { VaultError } from "../errors.ts";
import { openOwn } from "../files.ts";
import type { Clock } from "../types.ts";
import { waitFor } from "../waiting.ts";

/** What a holder does takes milliseconds: one that takes longer stands still. */
const PATIENCE_MS = 10_000;

/**
 * Runs `work` while nobody else of us changes the file at `path`. The lock is a file beside it: one
 * file has one, whatever it is called and whoever's home is set. It goes when the work is done, and
 * counts for nothing when its holder has died.
 *
 * Throws `VaultError("file")` where it cannot be had.
 */
export async function withFileLock<T>(path: string, clock: Clock, work: () => T): Promise<T> {
  const name = `${path}.aws-vault.lock`;
  const taken = await waitFor(() => tryLock(name), clock, PATIENCE_MS);
  if (taken === undefined) throw heldTooLong(path, name);
  return runHolding(taken, name, work);
}

function runHolding<T>(lock: Deno.FsFile, name: string, work: () => T): T {
  try {
    return work();
  } finally {
    // While we hold it: whoever has opened it finds it gone, and begins anew.
    removeIfThere(name);
    lock.close();
  }
}

/** `undefined` where another holds it, or it went while we took it. */
function tryLock(name: string): Deno.FsFile | undefined {
  refuseLink(name);
  const file = openOwn(name, { write: true });
  if (isTaken(file) && isThere(name, file)) return file;
  file.close();
  return undefined;
}

/** A file system without locks is no reason not to work. */
function isTaken(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    return true;
  }
}

function isThere(name: string, file: Deno.FsFile): boolean {
  try {
    return Deno.lstatSync(name).ino === file.statSync().ino;
  } catch {
    return false;
  }
}

/** What a link leads to is not written, nor made. */
function refuseLink(name: string): void {
  try {
    if (!Deno.lstatSync(name).isSymlink) return;
  } catch {
    return;
  }
  throw new VaultError("file", `${name} is a symbolic link, and nothing is written through it`, [
    "remove it",
  ]);
}

function heldTooLong(path: string, name: string): VaultError {
  return new VaultError("file", `another aws-vault has been changing ${path} for too long`, [
    `if none is running, remove ${name}`,
  ]);
}

/** Removes a file; one that is not there, or cannot be removed, is left. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* it is not there, or in nobody's way */ }
}
