import type { Env } from "../types.ts";
import type { IniFile } from "./ini.ts";

const KEY = "aws_access_key_id";

/**
 * Keys that lie unencrypted where the AWS CLI looks for them, and we do not: the ways out for a
 * profile whose credentials are missing. The secrets are not looked at.
 */
export function hintAtPlainKeys(profile: string, file: IniFile, env: Env): string[] {
  const place = findPlainKeys(profile, file, env);
  if (place === undefined) return [];
  return [
    `${place} has keys for it in plain text, which are not used:`,
    `store them with aws-vault add ${profile}, and take them out there`,
  ];
}

function findPlainKeys(profile: string, file: IniFile, env: Env): string | undefined {
  const entry = file.section("profile", profile)?.get(KEY);
  if (entry !== undefined) return `${file.path}, line ${entry.line}`;
  const home = env.get("HOME") ?? env.get("USERPROFILE");
  const path = env.get("AWS_SHARED_CREDENTIALS_FILE") ?? (home && `${home}/.aws/credentials`);
  const line = path && findSection(readText(path), profile);
  return line ? `${path}, line ${line}` : undefined;
}

/** The line, from 1, of the section that has keys for a profile, where sections are `[NAME]`. */
function findSection(text: string, profile: string): number | undefined {
  let section: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^[ \t]*\[(.*?)\]/.exec(line);
    if (header !== null) section = header[1]!.trim() === profile ? index + 1 : undefined;
    else if (section !== undefined && line.trimStart().startsWith(KEY)) return section;
  }
  return undefined;
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
