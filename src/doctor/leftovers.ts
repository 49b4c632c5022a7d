import type { Finding, MachineView } from "./finding.ts";

/** Nobody writes a file for longer. */
const STALE_MS = 10 * 60_000;

/** Temporary files of runs that were killed, beside what they wrote. */
export function checkLeftovers({ ctx, file }: MachineView, keyring?: string): Finding[] {
  const slash = file.path.lastIndexOf("/");
  const directory = slash < 0 ? "." : file.path.slice(0, slash) || "/";
  const prefix = `${file.path.slice(slash + 1)}.aws-vault.tmp-`;
  const now = ctx.clock.now();
  return [
    ...findStale(directory, prefix, now),
    ...(keyring === undefined ? [] : findStale(keyring, ".tmp-", now)),
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

function findStale(directory: string, prefix: string, nowMs: number): string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ name, isFile }) => isFile && name.startsWith(prefix))
      .map(({ name }) => `${directory}/${name}`)
      .filter((path) => nowMs - (Deno.lstatSync(path).mtime?.getTime() ?? nowMs) > STALE_MS);
  } catch {
    return [];
  }
}
