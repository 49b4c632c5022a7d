import { hash } from "../digest.ts";
import { formatExpiry, parseExpiry } from "../expiry.ts";
import type { Credentials } from "../types.ts";
import type { CacheIdentity } from "./steps.ts";

/** Sessions are renewed in their last quarter of an hour, as botocore would, or in their last third. */
const WINDOW_MS = 15 * 60_000;

/** Of one whose making is not known (the Go tool's) it is the quarter of an hour. */
export function renewalWindowMs(expiresAtMs: number, madeAtMs: number | undefined): number {
  return madeAtMs === undefined ? WINDOW_MS : Math.min(WINDOW_MS, (expiresAtMs - madeAtMs) / 3);
}

/** From when to when a session lasts, in milliseconds since the epoch. */
export interface Lifetime {
  readonly expiresAtMs: number;
  readonly madeAtMs?: number;
}

/** What an item of the keyring says of a session. */
export interface StoredSession extends Lifetime {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly fingerprint?: string;
  readonly kinship?: string;
  readonly arn?: string;
}

/** In the Go tool's form; the last four fields are ours, and it passes over them. */
export async function formatSession(
  credentials: Credentials,
  id: CacheIdentity,
  madeAtMs: number,
): Promise<Uint8Array> {
  const text = JSON.stringify({
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken ?? "",
    Expiration: formatExpiry(credentials.expiresAtMs!),
    Made: formatExpiry(madeAtMs),
    Fingerprint: await hash(id.asked[0]!),
    Kinship: id.kinship && await hash(id.kinship),
    Arn: credentials.arn,
  });
  return new TextEncoder().encode(text);
}

/** Throws where a field is missing or no session's. */
export function parseSession(data: Uint8Array): StoredSession {
  const fields = JSON.parse(new TextDecoder().decode(data));
  const optional = (name: string): string | undefined =>
    typeof fields[name] === "string" ? fields[name] : undefined;
  const text = (name: string): string => {
    const value = optional(name);
    if (value !== undefined) return value;
    throw new Error(`it has no ${name}`);
  };
  const made = optional("Made");
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: text("SecretAccessKey"),
    sessionToken: text("SessionToken") || undefined,
    expiresAtMs: parseExpiry(text("Expiration")),
    madeAtMs: made === undefined ? undefined : parseExpiry(made),
    fingerprint: optional("Fingerprint"),
    kinship: optional("Kinship"),
    arn: optional("Arn"),
  };
}
