import { joinPath, parentOf } from "./paths.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/**
 * Writes a file by way of a temporary one beside it: to the disk first, and only then under its
 * name, mode 0600 at any umask, or the mode and owner of `like`. A kill at any moment leaves the old
 * file or the new one, a power cut later the new one; a link at `path` is replaced, what it leads to
 * is not written.
 *
 * @param check looks once more, at the last moment; what it throws leaves the old file
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  temporary = temporaryFor(path),
  like?: Deno.FileInfo,
  check?: () => void,
): void {
  try {
    {
      using file = openOwn(temporary, { write: true, createNew: true });
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
    }
    if (like !== undefined) takeOver(temporary, like);
    check?.();
    onceFree(() => Deno.renameSync(temporary, path));
    syncDirectory(parentOf(path));
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch { /* it was never made */ }
    throw error;
  }
}

/** Else a power cut may undo what was renamed in it. */
function syncDirectory(path: string): void {
  try {
    using directory = Deno.openSync(path);
    directory.syncSync();
  } catch { /* Windows, and some network file systems */ }
}

/** Makes a directory that is this user's alone, and those above it, at any umask; one that is there stays. */
export function makeDirectory(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    makeParent(path);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
    keepRights(path, Deno.lstatSync(path), 0o700);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists) || !Deno.statSync(path).isDirectory) {
      throw error;
    }
  }
}

/** Of a directory that a setting names, the sandbox lets us make those above it with it alone. */
function makeParent(path: string): void {
  try {
    makeDirectory(parentOf(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/**
 * Opens a file that is this user's alone, at any umask, and makes it where it is not there. Throws a
 * plain error for a link: what it leads to is not written, nor made.
 */
export function openOwn(path: string, options: Deno.OpenOptions): Deno.FsFile {
  if (isLink(path)) throw new Error(IS_LINK);
  const file = Deno.openSync(path, { create: true, ...options, mode: 0o600 });
  keepRights(path, file.statSync(), 0o600);
  return file;
}

const IS_LINK = "it is a symbolic link, and nothing is written through it";

/** A umask may take rights of the owner too: the file would be lost to us. */
function keepRights(path: string, made: Deno.FileInfo, mode: number): void {
  if (!IS_WINDOWS && ((made.mode ?? mode) & mode) !== mode) Deno.chmodSync(path, mode);
}

/** How often, 20 ms apart, something is tried that Windows refuses while somebody has the file open. */
const TRIES = 100;

/** Renames or removes: on Windows, where others may have the file open, as soon as they are done. */
export function onceFree(change: () => void): void {
  for (let tries = 1;; tries++) {
    try {
      return change();
    } catch (error) {
      if (!IS_WINDOWS || !/\(os error (5|32)\)/.test(String(error))) throw error;
      if (tries === TRIES) throw new Error(IN_USE, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

const IN_USE = "another program has it open, or it is not yours to change";

function takeOver(path: string, { mode, uid, gid }: Deno.FileInfo): void {
  const made = Deno.lstatSync(path);
  if (uid !== null && gid !== null && (uid !== made.uid || gid !== made.gid)) {
    try {
      Deno.chownSync(path, uid, gid);
    } catch { /* root alone may give files away */ }
  }
  // A drive of Windows under WSL, or of a network, gives each file one mode, and refuses to change it.
  if (mode !== null && !IS_WINDOWS && mode !== made.mode) Deno.chmodSync(path, mode & 0o7777);
}

/** Sixteen random hexadecimal digits, for the name of a temporary file. */
export function randomSuffix(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

function temporaryFor(path: string): string {
  return `${path}.tmp-${randomSuffix()}`;
}

/**
 * Takes from others what a mode gives them, of a file or directory or what a link leads to: `kept`
 * where they have nothing (or the platform has no modes), `refused` where it is not ours to change.
 */
export function narrowMode(path: string, mode: number): "kept" | "narrowed" | "refused" {
  try {
    if (!isOpenToOthers(path)) return "kept";
    Deno.chmodSync(path, mode);
    return "narrowed";
  } catch {
    return "refused";
  }
}

/** Whether a mode gives others anything; Windows has no modes, and keeps users' directories apart. */
export function isOpenToOthers(path: string, to = 0o077): boolean {
  return !IS_WINDOWS && ((Deno.statSync(path).mode ?? 0) & to) !== 0;
}

/**
 * Why nothing can be appended to a file, as far as looking tells: what the platform refuses comes
 * out at its opening. A pipe's would be waited for without an end.
 */
export function whyNotAppended(path: string): string | undefined {
  try {
    const { isSymlink, isFifo, isDirectory } = Deno.lstatSync(path);
    if (isSymlink) return IS_LINK;
    if (isFifo) return "it is a pipe, and not a file";
    return isDirectory ? "it is a directory" : undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return undefined;
    return exists(parentOf(path)) ? undefined : `${parentOf(path)} is not there`;
  }
}

/**
 * The bytes of a file. What is none has perhaps no end, and a pipe that nobody writes to would be
 * waited for without one. Throws a plain error that says why it cannot be read.
 */
export function readPlainFile(path: string): Uint8Array<ArrayBuffer> {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (!isFile) throw new Error(`it is ${isDirectory ? "a directory" : "no plain file"}`);
  return Deno.readFileSync(path);
}

/** The files of a directory with such a name that nobody has written since; none where there is none. */
export function findStale(
  directory: string,
  hasName: (name: string) => boolean,
  sinceMs: number,
): string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ name, isFile }) => isFile && hasName(name))
      .map(({ name }) => joinPath(directory, name))
      .filter((path) => (Deno.lstatSync(path).mtime?.getTime() ?? Infinity) < sinceMs);
  } catch {
    return [];
  }
}

/** Nobody writes a temporary file for so long. */
const STALE_MS = 60_000;

/**
 * Takes away the temporary files that writers who were killed have left in a directory. What cannot
 * be removed stays.
 */
export function sweepTemporary(
  directory: string,
  hasName: (name: string) => boolean,
  nowMs: number,
): void {
  for (const path of findStale(directory, hasName, nowMs - STALE_MS)) {
    try {
      Deno.removeSync(path);
    } catch { /* another process swept it, or it is told where it is written to */ }
  }
}

/** The link that leads nowhere and is to blame that a path is not there, if there is one. */
export function findDanglingLink(path: string): string | undefined {
  for (let ancestor = path, last = ""; ancestor !== last; ancestor = parentOf(ancestor)) {
    last = ancestor;
    if (exists(ancestor)) return undefined;
    if (isLink(ancestor)) return ancestor;
  }
  return undefined;
}

/** Where looking is not permitted, the answer is yes: its use will tell what is wrong. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory);
  }
}

/** Whether a path is itself a link; one that cannot be looked at is none. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
