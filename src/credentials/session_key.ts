import { consistsOf, DIGITS } from "../characters.ts";
import { LAST_SECOND } from "../expiry.ts";
import type { CacheIdentity, SessionType } from "./steps.ts";

/** What the name of a kept session says. */
export interface SessionKey {
  /** The name itself. */
  readonly key: string;
  readonly type: string;
  readonly profile: string;
  /** The MFA serial, or an SSO start URL. */
  readonly serial: string;
  readonly expiresAtMs: number;
}

/** What the tokens of IAM Identity Center are kept under, by their start URL. */
export const OIDC_PREFIX = "oidc:";
/** Of console sign-ins: to the Go tool these are SSO tokens too, and no keys. */
export const LOGIN_PREFIX = "oidc:login:";

/**
 * What the journal of an unfinished `rotate` is kept under (rotation/journal.ts): named as a
 * session, so that the Go tool takes it for nobody's keys, and none to us.
 */
export const ROTATION_PREFIX = "aws-vault.Rotation,";

/** Whose keys a journal is about; `undefined` for what is none. */
export function rotatedProfile(key: string): string | undefined {
  if (!key.startsWith(ROTATION_PREFIX)) return undefined;
  return decodePart(key.split(",")[2] ?? "");
}

/** Names that older versions of the Go tool gave; they are only ever deleted. */
const OLD = [
  /^session,[^,]+,[^,]*,\d{2,}$/,
  /^session:[^ ]+:[^ ]*:[^:]+$/,
  /^.+? session \(\d+\)$/,
];

/** `undefined` for a name that is no session's. */
export function parseSessionKey(key: string): SessionKey | undefined {
  if (key.startsWith(ROTATION_PREFIX)) return undefined;
  const [type, ofProfile, ofSerial, expiry, ...rest] = key.split(",");
  if (!type || !ofProfile || !consistsOf(DIGITS, expiry ?? "") || rest.length > 0) return undefined;
  const [profile, serial] = [decodePart(ofProfile), decodePart(ofSerial!)];
  if (profile === undefined || serial === undefined || isOldSessionKey(key)) return undefined;
  return { key, type, profile, serial, expiresAtMs: readExpiry(expiry!) };
}

/** Whether a name is one that versions before 6 of the Go tool gave to sessions. */
export function isOldSessionKey(key: string): boolean {
  if (!key.includes("session")) return false;
  return OLD.some((pattern) => pattern.test(key));
}

/** Everything that is neither a session, an SSO token nor a journal is a profile's long-term keys. */
export function isCredentialsKey(key: string): boolean {
  return !key.startsWith(OIDC_PREFIX) && !key.startsWith(ROTATION_PREFIX) &&
    !isOldSessionKey(key) && parseSessionKey(key) === undefined;
}

/** What may lie in a backend for sessions: they, and sign-ins; no keys, not even a journal's. */
export function isSessionItem(key: string): boolean {
  return !isCredentialsKey(key) && !key.startsWith(ROTATION_PREFIX);
}

/** The part of a session's name that a lookup compares: all but the expiry. */
export function sessionKeyPrefix(id: { type: SessionType; profile: string; serial: string }) {
  return `${id.type},${encodePart(id.profile)},${encodePart(id.serial)},`;
}

/**
 * The kept sessions of a step that last until then, the latest expiry first, by their names: what
 * they were asked for stands inside.
 */
export function findKept(
  id: CacheIdentity,
  keys: readonly string[],
  untilMs: number,
): { readonly key: string; readonly expiresAtMs: number }[] {
  const prefix = sessionKeyPrefix(id);
  return keys.filter((key) => key.startsWith(prefix))
    .map((key) => ({ key, expiresAtMs: readExpiry(key.slice(prefix.length)) }))
    .filter(({ expiresAtMs }) => expiresAtMs >= untilMs)
    .sort((a, b) => b.expiresAtMs - a.expiresAtMs);
}

/** The last part of a session's name, in milliseconds; 0 where it is none. */
function readExpiry(seconds: string): number {
  return consistsOf(DIGITS, seconds) ? Math.min(Number(seconds), LAST_SECOND) * 1000 : 0;
}

/** A session's name, the Go tool's too (SPEC §1); it ends in the expiry, in seconds since the epoch. */
export function formatSessionKey(id: CacheIdentity, expiresAtMs: number): string {
  return sessionKeyPrefix(id) + Math.min(Math.floor(expiresAtMs / 1000), LAST_SECOND);
}

/** A part of such a name: base64url of its UTF-8, without padding, so that no comma is in it. */
export function encodePart(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

function decodePart(text: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
