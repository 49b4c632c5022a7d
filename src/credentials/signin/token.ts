import { describeCause } from "../../errors.ts";
import type { Context, SecretBackend } from "../../types.ts";
import { formatExpiry, parseExpiry } from "../../expiry.ts";
import { OIDC_PREFIX } from "../session_key.ts";
import { readItem, requireText } from "./kept_item.ts";

/** Our registration as a client of IAM Identity Center, needed to refresh a token. */
export interface SsoRegistration {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly expiresAtMs: number;
  /** Where it was made; no other region knows it. */
  readonly region: string;
  /** The scopes it named; empty where it named none. */
  readonly scopes: readonly string[];
  /** The OAuth grants it may use. */
  readonly grants: readonly string[];
}

/** What a person's sign-in to a start URL brought. */
export interface SsoToken {
  readonly accessToken: string;
  readonly expiresAtMs: number;
  readonly refreshToken?: string;
  /** Absent in tokens of the Go tool. */
  readonly registration?: SsoRegistration;
  /** Which sign-in it goes back to, however often it was refreshed; of older versions absent. */
  readonly signIn?: string;
}

/** The kept token of a start URL, expired or not; one that cannot be read is as good as none. */
export async function readSsoToken(
  startUrl: string,
  backend: SecretBackend,
  ctx: Pick<Context, "debug" | "note">,
): Promise<SsoToken | undefined> {
  const item = {
    key: OIDC_PREFIX + startUrl,
    name: `SSO token of ${startUrl}`,
    parse: parseToken,
  };
  return await readItem(item, backend, ctx);
}

/** Keeps a token for all profiles of its start URL. Failing to is told and does not fail the run. */
export async function keepSsoToken(
  startUrl: string,
  token: SsoToken,
  backend: SecretBackend,
  ctx: Pick<Context, "clock" | "note">,
): Promise<void> {
  const expiry = formatExpiry(token.expiresAtMs);
  try {
    await backend.set({
      key: OIDC_PREFIX + startUrl,
      data: formatToken(token, ctx.clock.now()),
      label: `aws-vault oidc token for ${startUrl} (expires ${expiry})`,
      description: "aws-vault oidc token",
    });
  } catch (error) {
    const cause = describeCause(error);
    ctx.note(`aws-vault: warning: the sign-in to ${startUrl} could not be kept: ${cause}`);
  }
}

/** False where none is kept. */
export async function dropSsoToken(startUrl: string, backend: SecretBackend): Promise<boolean> {
  return await backend.remove(OIDC_PREFIX + startUrl);
}

/** `Token` and `Expiration` as the Go tool writes them; it passes over `Registration`. */
function formatToken(token: SsoToken, nowMs: number): Uint8Array<ArrayBuffer> {
  const { registration } = token;
  const text = JSON.stringify({
    Token: {
      AccessToken: token.accessToken,
      ExpiresIn: Math.max(0, Math.floor((token.expiresAtMs - nowMs) / 1000)),
      IdToken: null,
      RefreshToken: token.refreshToken ?? null,
      TokenType: "Bearer",
      ResultMetadata: {},
    },
    Expiration: formatExpiry(token.expiresAtMs),
    Registration: registration && {
      ClientId: registration.clientId,
      ClientSecret: registration.clientSecret,
      Expiration: formatExpiry(registration.expiresAtMs),
      Region: registration.region,
      Scopes: registration.scopes,
      Grants: registration.grants,
      SignIn: token.signIn,
    },
  });
  return new TextEncoder().encode(text);
}

function parseToken(data: Uint8Array): SsoToken {
  const { Token, Expiration, Registration } = JSON.parse(new TextDecoder().decode(data));
  const refreshToken = Token?.RefreshToken;
  return {
    accessToken: requireText(Token?.AccessToken, "AccessToken"),
    expiresAtMs: parseExpiry(requireText(Expiration, "Expiration")),
    refreshToken: typeof refreshToken === "string" && refreshToken ? refreshToken : undefined,
    registration: Registration ? parseRegistration(Registration) : undefined,
    signIn: typeof Registration?.SignIn === "string" ? Registration.SignIn : undefined,
  };
}

function parseRegistration(fields: Record<string, unknown>): SsoRegistration {
  const { ClientId, ClientSecret, Expiration, Region, Scopes, Grants } = fields;
  return {
    clientId: requireText(ClientId, "ClientId"),
    clientSecret: requireText(ClientSecret, "ClientSecret"),
    expiresAtMs: parseExpiry(requireText(Expiration, "Registration.Expiration")),
    region: requireText(Region, "Region"),
    scopes: Array.isArray(Scopes) ? Scopes.map(String) : [],
    grants: Array.isArray(Grants) ? Grants.map(String) : [],
  };
}
