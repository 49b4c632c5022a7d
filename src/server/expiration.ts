import type { Credentials } from "../types.ts";

/** UTC in whole seconds: botocore reads no other form. A source that renews always gives an expiry. */
export function expirationOf(credentials: Credentials): string | undefined {
  return credentials.expiresAtMs === undefined ? undefined : formatSeconds(credentials.expiresAtMs);
}

export function formatSeconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}
