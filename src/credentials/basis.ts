import type { Credentials } from "../types.ts";
import { lastChangeOfKeysMs } from "./lock.ts";
import type { Run } from "./run.ts";
import { LOGIN_PREFIX, OIDC_PREFIX, sessionKeyPrefix } from "./session_key.ts";
import type { Step } from "./steps.ts";
import { readStoredKeys } from "./stored_keys.ts";

/** What a session is made of: the step beneath and what that gave, or the sign-in of its own. */
export interface Basis {
  readonly step: Step;
  readonly beneath?: Step;
  /** The credentials of the step beneath. */
  readonly source?: Credentials;
}

/** When stored keys had last been changed as they were read. */
const CHANGED_BEFORE_MS = new WeakMap<Credentials, number | undefined>();

/** Credentials whose own basis has changed meanwhile: nor is kept what is made of them. */
export const OUTDATED = new WeakSet<Credentials>();

/** A profile's stored keys, of which it can be told later whether they were changed meanwhile. */
export async function readBasis(
  profile: string,
  { backend, ctx }: Pick<Run, "backend" | "ctx">,
): Promise<Credentials | undefined> {
  const changedMs = await lastChangeOfKeysMs(profile, ctx);
  const keys = await readStoredKeys(backend, profile);
  if (keys !== undefined) CHANGED_BEFORE_MS.set(keys, changedMs);
  return keys;
}

/**
 * Whether what a session is made of has been replaced in the keyring since, or has gone: whoever did
 * that dropped the sessions that were there, and not one that was still being asked for. Keys are
 * read again only where somebody has begun to change them: some keyrings ask a person at each look.
 *
 * @param before the names in the keyring before it was asked for
 */
export async function hasChanged(
  basis: Basis,
  before: readonly string[],
  { backend, ctx }: Pick<Run, "backend" | "ctx">,
): Promise<boolean> {
  const { beneath, source } = basis;
  if (source !== undefined && OUTDATED.has(source)) return true;
  const isPart = partOf(basis);
  if (!before.some(isPart)) return false; // it is not kept here
  if (!(await backend.keys()).some(isPart)) return true;
  if (beneath?.kind !== "stored" || source === undefined) return false;
  const changedMs = await lastChangeOfKeysMs(beneath.profile, ctx);
  if (changedMs === CHANGED_BEFORE_MS.get(source)) return false;
  const stored = await readStoredKeys(backend, beneath.profile);
  return stored?.accessKeyId !== source.accessKeyId;
}

function partOf({ step, beneath }: Basis): (name: string) => boolean {
  if (step.kind === "sso") return (name) => name === OIDC_PREFIX + step.startUrl;
  if (step.kind === "login") return (name) => name === LOGIN_PREFIX + step.arn;
  if (beneath?.kind === "stored") return (name) => name === beneath.profile;
  if (beneath?.cache === undefined) return () => false;
  const prefix = sessionKeyPrefix(beneath.cache);
  return (name) => name.startsWith(prefix);
}
