import type { IniFile } from "../config/ini.ts";
import { VaultError } from "../errors.ts";
import { isCredentialsKey } from "../credentials/session_key.ts";
import type { App } from "./app.ts";

/** The profile a command is for: the argument, AWS_PROFILE, or one picked on the terminal. */
export async function chooseProfile(argument: string | undefined, app: App): Promise<string> {
  const named = argument || app.ctx.env.get("AWS_PROFILE");
  if (named) return named;
  if (!app.ctx.terminal.available()) {
    throw new VaultError("usage", "no profile is given, and there is no terminal to pick one on", [
      "name one on the command line or set AWS_PROFILE",
    ]);
  }
  const { pickProfile } = await import("../prompt/picker.ts");
  return await pickProfile(app.config().names("profile"), app.ctx);
}

/** Refuses a name that is neither in the config file nor in the keyring, telling the nearest. */
export function checkProfile(profile: string, file: IniFile, keys: readonly string[]): void {
  if (file.has("profile", profile) || keys.includes(profile)) return;
  const known = new Set([...file.names("profile"), ...keys.filter(isCredentialsKey)]);
  const nearest = findNearest(profile, [...known]);
  throw new VaultError(
    "profile",
    `profile \`${profile}\` is neither in ${file.path} nor in the keyring`,
    nearest.length > 0
      ? [`did you mean ${nearest.join(" or ")}?`]
      : ["see the profiles there are with: aws-vault list"],
  );
}

/** Up to three names that a slip of the fingers away from `name`, the nearest first. */
function findNearest(name: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate, limit) }))
    .filter(({ candidate, distance }) => distance <= limit || candidate.startsWith(name))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions, changes and swaps of neighbours between two names, up to `limit` + 1. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, older[j - 2]! + 1);
      }
      row.push(best);
    }
    [older, above] = [above, row];
  }
  return above[b.length]!;
}
