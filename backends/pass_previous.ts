import { parentOf } from "../src/files.ts";

/**
 * gpg writes into an entry itself: killed there, or on a full disk, it leaves neither the old text nor
 * the new one. So while an entry is written, the one it replaces stands in a folder beside it. As long
 * as it does, it is what counts: who is killed while he writes has changed nothing.
 */
const FOLDER = ".aws-vault-previous/";

/** Where an entry, or its file, is while another is written in its place. */
export function previousOf(path: string): string {
  const at = path.lastIndexOf("/") + 1;
  return path.slice(0, at) + FOLDER + path.slice(at);
}

/** Where an entry is, or was before that. */
export function originalOf(entry: string): string {
  const at = entry.lastIndexOf("/") + 1;
  return entry.slice(0, at).replace(FOLDER, "") + entry.slice(at);
}

/** What is done with files of the store, by `sh`: it is no directory that we may write to ourselves. */
const SCRIPTS = {
  "set aside": 'mkdir -p -m 700 -- "$3" && mv -f -- "$1" "$2"',
  "put back": 'mv -f -- "$2" "$1" && { rmdir -- "$3" 2>/dev/null; :; }',
  "drop": 'rm -f -- "$2" && { rmdir -- "$3" 2>/dev/null; :; }',
} as const;

/** The arguments of `sh` that does one of these with an entry's file. */
export function scriptFor(what: keyof typeof SCRIPTS, path: string): string[] {
  const previous = previousOf(path);
  return ["-c", SCRIPTS[what], "sh", path, previous, parentOf(previous)];
}
