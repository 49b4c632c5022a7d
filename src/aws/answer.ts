import { VaultError } from "../errors.ts";
import type { Context, Credentials } from "../types.ts";
import type { Wire } from "./wire.ts";

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

/** Less is no sign of a wrong clock: an answer tells the second that it was made in. */
const MIN_SKEW_MS = 10_000;
/** So far off a clock may be for AWS, too. */
const MAX_SKEW_MS = 5 * 60_000;
/** The runs that were told, known by their `note`: one takes many answers, of a server above all. */
const told = new WeakSet<Context["note"]>();

/**
 * Credentials with their end by this machine's clock, where that is slow: by AWS' own they would be
 * kept, and used, for long after. By a fast one they keep AWS': set right, it would outlive them.
 *
 * @param wire of the answer they came in
 */
export function endByOwnClock<T extends Credentials & { readonly expiresAtMs: number }>(
  credentials: T,
  { answeredAtMs }: Wire,
  { clock, note }: Pick<Context, "clock" | "note">,
): T {
  const slowMs = answeredAtMs - clock.now();
  if (!(slowMs > MIN_SKEW_MS)) return credentials;
  if (slowMs > MAX_SKEW_MS && !told.has(note)) {
    note(
      `aws-vault: warning: this machine's clock is ${Math.round(slowMs / 60_000)} min behind ` +
        "AWS': compare `date -u` with the real time",
    );
    told.add(note);
  }
  return { ...credentials, expiresAtMs: credentials.expiresAtMs - slowMs };
}
