import { VaultError } from "../errors.ts";
import type { IniFile, SectionKind } from "./ini.ts";
import { matchHeader, REPLACED } from "./ini_text.ts";
import { formatHeader } from "./section_header.ts";

/** The items made for a longer one have names that no file system takes. */
const MAX_BYTES = 150;

/**
 * Refuses a name for a new profile that AWS' SDKs would refuse the whole config file for, or that
 * would not be found again.
 */
export function checkNewName(name: string): void {
  const reason = whyNot(name);
  if (reason === undefined) return;
  throw new VaultError("usage", `${JSON.stringify(name)} can be no profile's name: ${reason}`, [
    "choose another; letters, digits and ._-/@+: are taken by every program",
  ]);
}

/**
 * Whether a file has a profile of that name that can be told from others: of bytes that are not UTF-8
 * each is read as the same letter.
 */
export function hasNamed(file: IniFile, name: string): boolean {
  return file.has("profile", name) && !name.includes(REPLACED);
}

/** Whether a section that is written under a name is read under it: quotes around one are taken away. */
export function isFoundAgain(name: string, kind: SectionKind): boolean {
  return matchHeader(formatHeader(name, kind)).id === `${kind} ${name}`;
}

function whyNot(name: string): string | undefined {
  if (name.trim() === "") return "it is empty";
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_BYTES) return `it has ${bytes} bytes, and ${MAX_BYTES} are the most`;
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]/.test(name)) {
    return "it holds a line end or another control character";
  }
  if (name.includes(REPLACED)) return "it is not UTF-8"; // two such names would be one
  if (/[#;]/.test(name)) return "`#` and `;` begin a comment in the config file";
  if (name === "__proto__") return "AWS' SDK for JavaScript refuses a config file that has it";
  return isFoundAgain(name, "profile")
    ? undefined
    : "it would be read as another in the config file";
}
