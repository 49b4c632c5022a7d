import { asWord } from "../errors.ts";
import { readPlainFile } from "../files.ts";
import { expandHome, homeOf, joinPath } from "../paths.ts";
import type { Env } from "../types.ts";
import { type PlainKeys, whyNotStored } from "./found_keys.ts";
import type { IniFile } from "./ini.ts";
import { findKeys } from "./key_source.ts";
import { KEYS, TOKENS } from "./plain_lines.ts";

/**
 * Keys that lie unencrypted where the AWS CLI looks for them, and we do not: the ways out for a
 * profile whose credentials are missing, or why these are none. No secret is shown.
 */
export function hintAtPlainKeys(profile: string, file: IniFile, env: Env): string[] {
  const path = credentialsPath(env);
  const section = file.section("profile", profile);
  const entry = section?.get(KEYS[0]);
  if (entry !== undefined) {
    const [id, secret, token] = [...KEYS, TOKENS[0]].map((key) => section?.get(key)?.value ?? "");
    const obstacle = whyNotStored(id!, secret!, token!);
    return hints(profile, `${file.path}, line ${entry.line}`, obstacle, file.path);
  }
  const found = path &&
    findIn(path).find((keys) => keys.profile === profile && keys.accessKeyId !== "");
  return found ? hints(profile, `${path}, line ${found.line}`, found.obstacle) : [];
}

function hints(profile: string, place: string, obstacle?: string, from?: string): string[] {
  const option = from === undefined ? "" : ` --from ${asWord(from)}`;
  const found = `${place} has keys for it in plain text, which are not used:`;
  if (obstacle !== undefined) return [`${found} ${obstacle}`];
  return [
    found,
    `take them over with: aws-vault import --profile ${asWord(profile)} --scrub${option}`,
  ];
}

/** A file that cannot be read has none to speak of. */
function findIn(path: string): PlainKeys[] {
  try {
    return findKeys(readPlainFile(path), path);
  } catch {
    return [];
  }
}

/** AWS_SHARED_CREDENTIALS_FILE, or `~/.aws/credentials`; `undefined` where no home is known. */
export function credentialsPath(env: Env): string | undefined {
  const named = env.get("AWS_SHARED_CREDENTIALS_FILE");
  const home = homeOf(env);
  if (named) return expandHome(named, home);
  return home && joinPath(home, ".aws", "credentials");
}
