import { VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";

/**
 * The error of an answer without what AWS always sends.
 *
 * @param hint names the settings that say who is asked
 */
export function incomplete(
  call: string,
  hint = "is AWS_ENDPOINT_URL or endpoint_url set to something that is not AWS?",
): VaultError {
  return new VaultError("aws", `${call}: the answer lacks fields that AWS always sends`, [hint]);
}

/**
 * Whether it is text that a variable can hold and a header can carry: one would end at a NUL, the
 * other at a line end. AWS' clients hand on what an answer has, a number or an empty text too.
 */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !/[\p{Cc}\ufffd]/u.test(value);
}

/** A time or a length, be it written as text; `undefined` for what is none, or is nothing. */
export function readTime(value: unknown): number | undefined {
  const amount = typeof value === "string" ? Number(value) : value;
  const isOne = typeof amount === "number" && Number.isFinite(amount) && amount > 0;
  return isOne ? amount : undefined;
}

/** The parts of a session's credentials, as an answer has them. */
interface Parts {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken: unknown;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: unknown;
}

/** A session's credentials of an answer that has all of them. */
export function readCredentials(
  { accessKeyId, secretAccessKey, sessionToken, expiresAtMs }: Parts,
  call: string,
  hint?: string,
): Credentials & { readonly expiresAtMs: number } {
  const endsAtMs = readTime(expiresAtMs);
  const isWhole = isText(accessKeyId) && isText(secretAccessKey) && isText(sessionToken) &&
    endsAtMs !== undefined;
  if (!isWhole) throw incomplete(call, hint);
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: endsAtMs };
}
