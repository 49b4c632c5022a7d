import type { IniFile } from "../config/ini.ts";
import {
  isCredentialsKey,
  isOldSessionKey,
  LOGIN_PREFIX,
  OIDC_PREFIX,
  parseSessionKey,
  type SessionKey,
} from "../credentials/session_key.ts";
import { listProfiles, readSection } from "./sections.ts";

/** What there is, and what is kept of it: names alone are read, no item is opened. */
export interface Inventory {
  readonly profiles: readonly string[];
  readonly credentials: readonly string[];
  readonly sessions: readonly SessionKey[];
  /** Start URLs of the SSO tokens. */
  readonly tokens: readonly string[];
  /** ARNs of the console sign-ins. */
  readonly logins: readonly string[];
  /** Names that versions before 6 of the Go tool gave to sessions. */
  readonly oldSessions: readonly string[];
}

/** @param keys all names in the keyring */
export function takeInventory(file: IniFile, keys: readonly string[]): Inventory {
  return {
    profiles: listProfiles(file),
    credentials: keys.filter(isCredentialsKey),
    sessions: keys.map(parseSessionKey).filter((session) => session !== undefined),
    tokens: listTokens(keys),
    logins: listBehind(LOGIN_PREFIX, keys),
    oldSessions: keys.filter(isOldSessionKey),
  };
}

/** Start URLs of the SSO tokens among all names in the keyring. */
export function listTokens(keys: readonly string[]): string[] {
  return listBehind(OIDC_PREFIX, keys.filter((key) => !key.startsWith(LOGIN_PREFIX)));
}

function listBehind(prefix: string, keys: readonly string[]): string[] {
  return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/** The start URL a profile signs in at, by its section or the one that names. */
export function findStartUrl(profile: string, file: IniFile): string | undefined {
  const section = readSection(file, "profile", profile);
  const session = section?.get("sso_session")?.value;
  const shared = session && readSection(file, "sso-session", session)?.get("sso_start_url");
  return (shared || section?.get("sso_start_url"))?.value;
}

/** The ARN a profile signs in to the console as. */
export function findLoginSession(profile: string, file: IniFile): string | undefined {
  return readSection(file, "profile", profile)?.get("login_session")?.value || undefined;
}
