import { AwsError } from "./aws_error.ts";
import { decodeBody, hasType, type Incoming } from "./http.ts";
import type { OidcClient } from "./sso_state.ts";
import type { World } from "./world.ts";

export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
export const CODE_GRANT = "authorization_code";
export const REFRESH_GRANT = "refresh_token";

/** `code` without its `Exception`, as `SlowDown`. All are 400 but an unknown client. */
export function oidcError(code: string, message: string): AwsError {
  return new AwsError(`${code}Exception`, code === "InvalidClient" ? 401 : 400, message);
}

/** A JSON body's fields, asked for by type; `params` is the same for the record. */
export interface OidcInput {
  readonly params: Readonly<Record<string, string>>;
  text(name: string): string | undefined;
  list(name: string): string[] | undefined;
}

function parseObject(request: Incoming): Record<string, unknown> {
  try {
    const isJson = hasType(request, "application/json");
    const value: unknown = JSON.parse(isJson && decodeBody(request) || "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Every operation has a required field, so what is no JSON is refused for lacking it.
    return {};
  }
}

export function readInput(request: Incoming): OidcInput {
  const fields = parseObject(request);
  const shown = Object.entries(fields)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(" ") : String(value)]);
  return {
    params: Object.fromEntries(shown),
    text(name) {
      const value = fields[name];
      return typeof value === "string" ? value : undefined;
    },
    list(name) {
      const value = fields[name];
      return Array.isArray(value) ? value.map(String) : undefined;
    },
  };
}

/** The registered client that asks; its registration ends one day. */
export function readClient(world: World, input: OidcInput): OidcClient {
  const client = world.sso.clients.get(input.text("clientId") ?? "");
  if (!client || client.secret !== input.text("clientSecret")) {
    throw oidcError("InvalidClient", "Invalid client credentials");
  }
  if (world.now() < client.expiresMs) return client;
  throw oidcError("InvalidClient", "Client registration has expired");
}

/** RFC 7636, section 4.2: the challenge that belongs to a verifier. */
export async function hashVerifier(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true });
}
