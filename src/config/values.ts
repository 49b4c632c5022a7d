import { VaultError } from "../errors.ts";
import { ACCOUNT_ID, BOOLEAN, MFA_CODE, SESSION_NAME, STS_ENDPOINTS } from "./profile.ts";

/** The AWS CLI refuses what is neither of them, too. */
export function parseStsEndpoints(text: string, where: string): string {
  if (STS_ENDPOINTS.test(text)) return text.toLowerCase();
  throw new VaultError("config", `${where}: \`${text}\` is neither regional nor legacy`, [
    "write regional, or take it out: that is the default",
  ]);
}

/**
 * In any letter case. The AWS CLI takes all else for false, which would send requests elsewhere than
 * they are meant to go without a word; other SDKs refuse it.
 */
export function parseBoolean(text: string, where: string): boolean {
  if (BOOLEAN.test(text)) return text.toLowerCase() === "true";
  throw new VaultError("config", `${where}: \`${text}\` is neither true nor false`, [
    "write true, or take it out: false is the default",
  ]);
}

/** Six digits. Throws `VaultError("usage")` for all else. */
export function parseMfaToken(text: string, where: string): string {
  if (MFA_CODE.test(text)) return text;
  // Up to version 4 of the Go tool `-t` was for how long.
  const hints = /^\d+[hms]/.test(text)
    ? ["how long a session lasts is told by -d (--duration)"]
    : [];
  throw new VaultError("usage", `${where}: an MFA code is six digits`, hints);
}

/** Twelve digits. Throws `VaultError("config")` for all else. */
export function parseAccount(text: string, where: string): string {
  if (ACCOUNT_ID.test(text)) return text;
  throw new VaultError("config", `${where}: \`${text}\` is no account of AWS`, [
    "write its twelve digits, without hyphens",
  ]);
}

/** What a variable of this tool says that is on or off, in any letter case; throws for all else. */
export function parseSwitch(text: string, where: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new VaultError("config", `${where}: \`${text}\` is neither on nor off`, [
    "write 1, true, yes or on, or 0, false, no or off",
  ]);
}

/** A role session's name, or whose it is. */
export function parseSessionName(text: string, where: string): string {
  if (SESSION_NAME.test(text)) return text;
  throw new VaultError("config", `${where}: \`${text}\` is no name that AWS takes for a session`, [
    "write 2 to 64 letters, digits and +=,.@_-",
  ]);
}

/** `key=value, key=value`; a trailing comma is an error, as in the Go tool. */
export function parseTags(text: string, where: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const key = part.slice(0, Math.max(equals, 0)).trim();
    if (key === "") {
      throw new VaultError("config", `${where}: \`${text}\` are no session tags`, [
        "write key=value pairs with commas between them: team=core,env=dev",
      ]);
    }
    tags.set(key, part.slice(equals + 1).trim());
  }
  return tags;
}

/** `key, key`; a trailing comma is none of them. */
export function parseTagKeys(text: string): readonly string[] {
  return text.split(",").map((key) => key.trim()).filter((key) => key !== "");
}
