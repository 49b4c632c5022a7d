import { type BackendSettings, listKeys } from "../../../backends/mod.ts";
import { isReadAtOnce, loadConfig } from "../../config/load.ts";
import { isCredentialsKey } from "../../credentials/session_key.ts";
import type { World } from "../../types.ts";
import { listProfiles } from "../sections.ts";

/**
 * The names a word of that kind can be: `profiles`, `stored` (those with keys in the keyring),
 * `sessions` (sso-sessions), `targets` (these and all profiles). Names alone are read: nothing is unlocked, asked or requested, and
 * what cannot be read has none.
 */
export async function listNames(
  kind: string,
  settings: BackendSettings,
  world: World,
): Promise<string[]> {
  const sessions = kind === "sessions" || kind === "targets"
    ? readConfig("sso-session", world)
    : [];
  if (kind === "sessions") return sessions;
  const stored = await readStored(settings, world, kind === "stored");
  const names = kind === "stored" && stored !== undefined
    ? stored
    : [...sessions, ...readConfig("profile", world), ...stored ?? []];
  // deno-lint-ignore no-control-regex -- a name is a line of what we answer
  return [...new Set(names)].filter((name) => name !== "" && !/[\x00-\x1f\x7f]/.test(name));
}

/** `undefined` where the keyring cannot tell its names, or not at once and nobody needs it to. */
async function readStored(
  settings: BackendSettings,
  world: World,
  isNeeded: boolean,
): Promise<string[] | undefined> {
  try {
    const keys = await listKeys(settings, world, { programs: isNeeded });
    return keys?.filter(isCredentialsKey);
  } catch {
    return undefined;
  }
}

function readConfig(kind: "profile" | "sso-session", { env }: World): string[] {
  try {
    if (!isReadAtOnce(env)) return []; // a pipe would be empty for the command itself
    const file = loadConfig(env);
    return kind === "profile" ? listProfiles(file) : file.names(kind);
  } catch {
    return [];
  }
}
