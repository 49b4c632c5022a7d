import { WRITABLE_ADVICE } from "../errors.ts";
import { exists } from "../files.ts";
import { parentOf } from "../paths.ts";
import type { Context } from "../types.ts";
import type { Finding } from "./finding.ts";

/** What of the keyring lies in a directory. */
export interface Holding {
  readonly keys: boolean;
  readonly sessions: boolean;
}

/** Ends with 1 where nothing may be written; else it tells of the file system. */
const LOOK = '[ -w "$1" ] || exit 1; LC_ALL=C df -Pk "$1" || :';

/** What is left to whoever is not root, of a file system that says how large it is. */
const FULL = /\s[1-9]\d*\s+\d+\s+(?:0|-\d+)\s+\d+%\s/;

/**
 * Whether the keyring's directory takes an item. Nothing is written to find out; what is not there
 * yet is made where its parent can be written to.
 */
export async function checkRoom(
  directory: string,
  holding: Holding,
  ctx: Context,
): Promise<Finding[]> {
  if (ctx.platform === "windows") return [];
  let place = directory;
  while (!exists(place) && parentOf(place) !== place) place = parentOf(place);
  const { code, stdout } = await ctx.processes.run({
    kind: "system",
    command: "/bin/sh",
    args: ["-c", LOOK, "sh", place],
    timeoutSeconds: 5,
  }).catch(() => ({ code: 0, stdout: new Uint8Array() })); // where no program may be started
  if (code !== 0) {
    return [{
      id: "keyring.read-only",
      severity: "warning",
      file: place,
      message: "nothing can be stored in the keyring's directory",
      effect: describeEffect(holding, {
        keys: "add, rotate and remove end with an error",
        sessions: "clear ends with an error",
      }),
      wayOut: WRITABLE_ADVICE,
    }];
  }
  if (!FULL.test(new TextDecoder().decode(stdout))) return [];
  return [{
    id: "keyring.full-disk",
    severity: "warning",
    file: place,
    message: "the disk that the keyring lies on is full",
    effect: describeEffect(holding, { keys: "add and rotate end with an error", sessions: "" }),
    wayOut: "make room on it: `df -h` and `du` tell where it went",
  }];
}

/** @param refused what comes of commands that change the keys, or the sessions, there */
function describeEffect(
  { keys, sessions }: Holding,
  refused: { readonly keys: string; readonly sessions: string },
): string {
  return [
    sessions && "sessions are not kept: every run asks AWS anew, and for its MFA code",
    sessions && refused.sessions,
    keys && refused.keys,
  ].filter(Boolean).join("; ");
}
