import { decodeName, encodeName, isTemporary } from "../../backends/mod.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import {
  isCacheTemporary,
  loginCacheDirectory,
  ssoCacheDirectory,
} from "../credentials/signin/cli_places.ts";
import { isSessionItem } from "../credentials/session_key.ts";
import { asArgument, asWord } from "../errors.ts";
import { findStale } from "../files.ts";
import { baseName, joinPath, parentOf } from "../paths.ts";
import type { Finding, MachineView } from "./finding.ts";
import { listFiles } from "./modes.ts";

/** Nobody writes a file for longer. */
const STALE_MS = 10 * 60_000;
/** The Go tool writes an item within this time. */
const BEING_WRITTEN_MS = 2_000;

/** Temporary files of runs that were killed, beside what they wrote. */
export function checkLeftovers({ ctx, file }: MachineView, keyring?: string): Finding[] {
  const sinceMs = ctx.clock.now() - STALE_MS;
  const edited = new Set([file.path, credentialsPath(ctx.env) ?? file.path]);
  return [
    ...[...edited].flatMap((path) =>
      findStale(
        parentOf(path),
        (name) => name.startsWith(`${baseName(path)}.aws-vault.tmp-`),
        sinceMs,
      )
    ),
    ...[ssoCacheDirectory(ctx.env), loginCacheDirectory(ctx.env)].flatMap((directory) =>
      directory === undefined ? [] : findStale(directory, isCacheTemporary, sinceMs)
    ),
    ...(keyring === undefined ? [] : findStale(keyring, isTemporary, sinceMs)),
  ].map((path) => ({
    id: "file.leftover",
    severity: "note" as const,
    file: path,
    message: "a run that was killed left this temporary file",
    effect: "none, but for the room it takes",
    wayOut: `rm ${asWord(path)}`,
    mend: { shown: `rm ${asWord(path)}`, apply: () => Deno.removeSync(path) },
  }));
}

/**
 * Whoever writes in place, as the Go tool does, and is killed there leaves an item without a byte. Of
 * other files that lie there empty nobody can tell whose they are.
 */
export function checkEmptyItems({ ctx, file }: MachineView, keyring?: string): Finding[] {
  if (keyring === undefined) return [];
  const now = ctx.clock.now();
  return file.readableNames("profile").flatMap((profile): Finding[] => {
    const path = joinPath(keyring, encodeName(profile));
    if (!isLeftEmpty(path, now)) return [];
    return [{
      id: "keyring.empty-item",
      severity: "error",
      file: path,
      message:
        `the keys of ${profile} have no byte: a run of the Go tool was killed as it wrote them`,
      effect: "they count as not stored",
      wayOut: `put the file back from a backup, or store them anew: aws-vault add ${
        asArgument(profile)
      }`,
    }];
  });
}

/** Items that are another's, as where root has stored them. */
export function checkUnreadable(keyring?: string): Finding[] {
  if (keyring === undefined) return [];
  const items = listFiles(keyring).filter((path) => !isTemporary(baseName(path)));
  return items.filter((path) => !mayRead(path)).map((path) => ({
    id: "keyring.unreadable",
    file: path,
    message: "this item of the keyring may not be read: permission denied",
    ...(isSessionItem(decodeName(baseName(path)) ?? "") ? OF_SESSION : OF_KEYS),
    wayOut:
      "see whose it and its directory are (root's, where sudo aws-vault has stored it), and " +
      `take it back: sudo chown "$USER" ${asWord(path)}; its mode is 0600, the directory's 0700`,
  }));
}

const OF_KEYS = {
  severity: "error",
  effect: "whoever needs what is in it ends with an error",
} as const;
const OF_SESSION = {
  severity: "warning",
  effect: "it is not used: whoever needs it asks AWS anew, and a person where that takes one",
} as const;

function mayRead(path: string): boolean {
  try {
    Deno.openSync(path).close();
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.PermissionDenied);
  }
}

function isLeftEmpty(path: string, nowMs: number): boolean {
  try {
    const { isFile, size, mtime } = Deno.lstatSync(path);
    return isFile && size === 0 && nowMs - (mtime?.getTime() ?? nowMs) > BEING_WRITTEN_MS;
  } catch {
    return false;
  }
}
