import type { SecretBackend } from "../types.ts";
import { isSessionItem, parseSessionKey } from "./session_key.ts";

/**
 * Removes the kept sessions of some profiles; returns how many there were. `keys` are the names in
 * the keyring, where they are known.
 */
export async function removeSessions(
  backend: SecretBackend,
  profiles: readonly string[],
  keys?: readonly string[],
): Promise<number> {
  const wanted = new Set(profiles);
  return await removeKeys(backend, (key) => {
    const session = parseSessionKey(key);
    return session !== undefined && wanted.has(session.profile);
  }, keys);
}

/** The same of the role sessions that a sign-in to a start URL gave, and of all it is beneath. */
export async function removeSsoSessions(
  backend: SecretBackend,
  startUrl: string,
  profiles: readonly string[],
  keys?: readonly string[],
): Promise<number> {
  const signedIn = new Set(profiles);
  return await removeKeys(backend, (key) => {
    const session = parseSessionKey(key);
    if (session === undefined) return false;
    const isItsOwn = session.type === "sso.GetRoleCredentials" && session.serial === startUrl;
    return isItsOwn || signedIn.has(session.profile);
  }, keys);
}

/** Removes every session, SSO token and console sign-in, those of older versions too; returns how many. */
export async function removeAllSessions(backend: SecretBackend): Promise<number> {
  return await removeKeys(backend, isSessionItem);
}

async function removeKeys(
  backend: SecretBackend,
  matches: (key: string) => boolean,
  keys?: readonly string[],
): Promise<number> {
  let removed = 0;
  for (const key of keys ?? await backend.keys()) {
    if (matches(key) && await backend.remove(key)) removed++;
  }
  return removed;
}
