/**
 * Writes a file by way of a temporary one beside it: to the disk first, and only then under its
 * name, mode 0600 at any umask, or the mode and owner of `like`. A kill at any moment leaves the old
 * file or the new one; a link at `path` is replaced, what it leads to is not written.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  temporary = temporaryFor(path),
  like?: Deno.FileInfo,
): void {
  try {
    {
      using file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
    }
    if (like !== undefined) takeOver(temporary, like);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch { /* it was never made */ }
    throw error;
  }
}

function takeOver(path: string, { mode, uid, gid }: Deno.FileInfo): void {
  const made = Deno.lstatSync(path);
  if (uid !== null && gid !== null && (uid !== made.uid || gid !== made.gid)) {
    try {
      Deno.chownSync(path, uid, gid);
    } catch { /* root alone may give files away */ }
  }
  if (mode !== null) Deno.chmodSync(path, mode & 0o7777);
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
    if (((Deno.statSync(path).mode ?? 0) & 0o077) === 0) return "kept";
    Deno.chmodSync(path, mode);
    return "narrowed";
  } catch {
    return "refused";
  }
}

/** The link that leads nowhere and is to blame that a path is not there, if there is one. */
export function findDanglingLink(path: string): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const ancestor = path.slice(0, end);
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

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
