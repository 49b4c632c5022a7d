import { exists } from "../src/files.ts";
import { parentOf } from "../src/paths.ts";

/**
 * gpg writes into an entry itself: killed there, or on a full disk, it leaves neither the old text nor
 * the new one. So while an entry is written, a copy of what it replaces lies in a folder beside it, or
 * an empty file where there was nothing. As long as it does, it is what counts: who is killed while he
 * writes has changed nothing. Other programs find the entry itself until gpg writes.
 */
const FOLDER = ".aws-vault-previous/";

/** Where an entry, or its file, is while another is written in its place. */
export function previousOf(path: string): string {
  const at = path.lastIndexOf("/") + 1;
  return path.slice(0, at) + FOLDER + path.slice(at);
}

/** Where an entry that stands aside was; `undefined` for one that does not. */
export function originalOf(entry: string): string | undefined {
  const at = entry.lastIndexOf("/") + 1;
  const folder = entry.slice(0, at);
  return folder.endsWith(FOLDER) ? folder.slice(0, -FOLDER.length) + entry.slice(at) : undefined;
}

/** What is done with files of the store, by `sh`: it is no directory that we may write to ourselves. */
const SCRIPTS = {
  "set aside": 'mkdir -p -m 700 -- "$3" && { if [ -s "$1" ]; then cp -p -- "$1" "$2.new"; ' +
    'else : >"$2.new"; fi && mv -f -- "$2.new" "$2"; } || ' +
    '{ rm -f -- "$2.new"; rmdir -- "$3" 2>/dev/null; exit 1; }',
  "put back": 'if [ -s "$2" ]; then mv -f -- "$2" "$1"; ' +
    'elif [ -e "$2" ]; then rm -f -- "$1" "$2"; fi && ' +
    'rm -f -- "$2.new" && { rmdir -- "$3" 2>/dev/null; :; }',
  "drop": 'rm -f -- "$2" "$2.new" && { rmdir -- "$3" 2>/dev/null; :; }',
} as const;

/** The arguments of `sh` that does one of these with an entry's file. */
export function scriptFor(what: keyof typeof SCRIPTS, path: string): string[] {
  const previous = previousOf(path);
  return ["-c", SCRIPTS[what], "sh", path, previous, parentOf(previous)];
}

/** Whether anything stands aside beside an entry's file, or a writer that was killed left its copy. */
export function hasFolder(path: string): boolean {
  return exists(parentOf(previousOf(path)));
}

/** Whether a folder's name is that of those that stand aside. */
export function isFolder(name: string): boolean {
  return `${name}/` === FOLDER;
}

/** Whether what stands aside says that there was nothing; one that has just gone does not. */
export function isEmpty(path: string): boolean {
  try {
    return Deno.statSync(path).size === 0;
  } catch {
    return false;
  }
}
