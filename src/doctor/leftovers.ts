import { isTemporary } from "../../backends/mod.ts";
import { credentialsPath } from "../config/plain_keys.ts";
import { baseName, joinPath, parentOf } from "../files.ts";
import type { Finding, MachineView } from "./finding.ts";

/** Nobody writes a file for longer. */
const STALE_MS = 10 * 60_000;

/** Temporary files of runs that were killed, beside what they wrote. */
export function checkLeftovers({ ctx, file }: MachineView, keyring?: string): Finding[] {
  const now = ctx.clock.now();
  const edited = new Set([file.path, credentialsPath(ctx.env) ?? file.path]);
  return [
    ...[...edited].flatMap((path) =>
      findStale(parentOf(path), (name) => name.startsWith(`${baseName(path)}.aws-vault.tmp-`), now)
    ),
    ...(keyring === undefined ? [] : findStale(keyring, isTemporary, now)),
  ].map((path) => ({
    id: "file.leftover",
    severity: "note" as const,
    file: path,
    message: "a run that was killed left this temporary file",
    effect: "none, but for the room it takes",
    wayOut: `rm ${path}`,
    mend: { shown: `rm ${path}`, apply: () => Deno.removeSync(path) },
  }));
}

function findStale(
  directory: string,
  isOurs: (name: string) => boolean,
  nowMs: number,
): string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ name, isFile }) => isFile && isOurs(name))
      .map(({ name }) => joinPath(directory, name))
      .filter((path) => nowMs - (Deno.lstatSync(path).mtime?.getTime() ?? nowMs) > STALE_MS);
  } catch {
    return [];
  }
}
