import { VaultError } from "../errors.ts";
import { isLink, openOwn } from "../files.ts";
import type { Clock } from "../types.ts";
import { tryLock, waitFor } from "../waiting.ts";

/** What a holder does takes milliseconds: one that takes longer stands still. */
const PATIENCE_MS = 10_000;

/**
 * Runs `work` while nobody else of us changes the file at `path`. The lock is a file beside it: one
 * file has one, whatever it is called and whoever's home is set. It goes when the work is done, and
 * counts for nothing when its holder has died: on a file system without locks, after ten seconds.
 *
 * Throws `VaultError("file")` where it cannot be had.
 */
export async function withFileLock<T>(path: string, clock: Clock, work: () => T): Promise<T> {
  const name = `${path}.aws-vault.lock`;
  const before = stampOf(name);
  const taken = await waitFor(() => tryLockFile(name), clock, PATIENCE_MS) ??
    takeFromDead(name, before);
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

/**
 * `undefined` where another holds it, or it went while we took it. On a file system without locks
 * (some of the network's) whoever has made the file holds it.
 */
function tryLockFile(name: string): Deno.FsFile | undefined {
  refuseLink(name);
  const made = unless(
    Deno.errors.AlreadyExists,
    () => openOwn(name, { write: true, createNew: true }),
  );
  const file = made ?? unless(Deno.errors.NotFound, () => Deno.openSync(name, { write: true }));
  if (file === undefined) return undefined;
  if ((tryLock(file) ?? made !== undefined) && isThere(name, file)) return file;
  file.close();
  return undefined;
}

function unless<T>(fault: new () => Error, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof fault) return undefined;
    throw error;
  }
}

/** Where nothing else tells that a holder has died: the file was the same for all that time. */
function takeFromDead(name: string, before: string | undefined): Deno.FsFile | undefined {
  if (before === undefined || stampOf(name) !== before) return undefined;
  {
    using file = Deno.openSync(name, { write: true });
    if (tryLock(file) !== undefined) return undefined;
  }
  removeIfThere(name);
  return tryLockFile(name);
}

function stampOf(name: string): string | undefined {
  try {
    const { ino, mtime } = Deno.lstatSync(name);
    return `${ino} ${mtime?.getTime()}`;
  } catch {
    return undefined;
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
  if (!isLink(name)) return;
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
