import { asWord } from "../errors.ts";
import { expandHome, homeOf, joinPath, readPlainFile } from "../files.ts";
import type { Env } from "../types.ts";
import type { PlainKeys } from "./found_keys.ts";
import type { IniFile } from "./ini.ts";
import { findKeys } from "./key_source.ts";

const KEY = "aws_access_key_id";

/**
 * Keys that lie unencrypted where the AWS CLI looks for them, and we do not: the ways out for a
 * profile whose credentials are missing. The secrets are not looked at.
 */
export function hintAtPlainKeys(profile: string, file: IniFile, env: Env): string[] {
  const path = credentialsPath(env);
  const entry = file.section("profile", profile)?.get(KEY);
  if (entry !== undefined) return hints(profile, `${file.path}, line ${entry.line}`, file.path);
  const found = path &&
    findIn(path).find((keys) => keys.profile === profile && keys.accessKeyId !== "");
  return found ? hints(profile, `${path}, line ${found.line}`) : [];
}

function hints(profile: string, place: string, from?: string): string[] {
  const option = from === undefined ? "" : ` --from ${asWord(from)}`;
  return [
    `${place} has keys for it in plain text, which are not used:`,
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
