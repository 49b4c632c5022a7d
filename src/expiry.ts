import type { Credentials } from "./types.ts";

/** Absent for keys that do not expire. */
export function expirationOf({ expiresAtMs }: Credentials): string | undefined {
  return expiresAtMs === undefined ? undefined : formatExpiry(expiresAtMs);
}

/**
 * RFC 3339 in UTC with whole seconds, as AWS and the Go tool write expiries; botocore reads no other
 * form.
 */
export function formatExpiry(expiresAtMs: number): string {
  // Not by toISOString, the first of which takes 0.15 ms and 1.4 MiB of every start.
  const at = new Date(expiresAtMs);
  const day = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  const write = (part: number) => String(part).padStart(2, "0");
  return `${day.map(write).join("-")}T${time.map(write).join(":")}Z`;
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Milliseconds since the epoch of an RFC 3339 time; throws where the text is none. One without a
 * zone is UTC, as the AWS CLI takes it.
 */
export function parseExpiry(text: string): number {
  const [, zone] = TIME.exec(text) ?? [];
  const expiresAtMs = TIME.test(text) ? Date.parse(zone ? text : `${text}Z`) : NaN;
  if (Number.isNaN(expiresAtMs)) throw new Error("its expiry is no RFC 3339 time");
  return expiresAtMs;
}
