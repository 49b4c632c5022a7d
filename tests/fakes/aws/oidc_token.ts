import { json, type Reply } from "./http.ts";
import {
  CODE_GRANT,
  DEVICE_GRANT,
  hashVerifier,
  oidcError,
  type OidcInput,
  readClient,
  REFRESH_GRANT,
} from "./oidc_parts.ts";
import type { DeviceAuthorization, OidcClient, SsoInstance, SsoSession } from "./sso_state.ts";
import type { World } from "./world.ts";

export const ACCOUNT_SCOPE = "sso:account:access";
/** A client that waits the interval out may be seen a little early: clocks round. */
const POLL_TOLERANCE_MS = 50;
const SLOW_DOWN_SECONDS = 5;

function beginSession(world: World, client: OidcClient, instance: SsoInstance): Reply {
  const expiresMs = world.now() + instance.sessionSeconds * 1000;
  return issueTokens(world, { instance, client, expiresMs });
}

function issueTokens(world: World, session: SsoSession): Reply {
  const { client, instance } = session;
  const accessToken = world.ids.opaque("sso-access-token");
  const leftSeconds = Math.floor((session.expiresMs - world.now()) / 1000);
  const expiresIn = Math.min(instance.accessTokenSeconds, leftSeconds);
  const expiresMs = world.now() + expiresIn * 1000;
  world.sso.accessTokens.set(accessToken, { session, expiresMs });
  const isRefreshable = client.scopes.includes(ACCOUNT_SCOPE) &&
    client.grantTypes.includes(REFRESH_GRANT);
  const refreshToken = isRefreshable ? world.ids.opaque("sso-refresh-token") : undefined;
  if (refreshToken !== undefined) world.sso.refreshTokens.set(refreshToken, session);
  return json(200, { accessToken, tokenType: "Bearer", expiresIn, refreshToken });
}

/** RFC 8628: who polls too soon has to wait five seconds more, from then on. */
function checkPace(authorization: DeviceAuthorization, nowMs: number): void {
  const { lastPolledMs, intervalSeconds } = authorization;
  authorization.lastPolledMs = nowMs;
  if (lastPolledMs === undefined) return;
  if (nowMs - lastPolledMs >= intervalSeconds * 1000 - POLL_TOLERANCE_MS) return;
  authorization.intervalSeconds += SLOW_DOWN_SECONDS;
  throw oidcError("SlowDown", "Client is polling too quickly");
}

function redeemDeviceCode(world: World, client: OidcClient, input: OidcInput): Reply {
  const deviceCode = input.text("deviceCode");
  const authorization = world.sso.authorizations.find((one) => one.deviceCode === deviceCode);
  if (!authorization || authorization.client !== client || authorization.state === "used") {
    throw oidcError("InvalidGrant", "Invalid device code");
  }
  if (world.now() >= authorization.expiresMs) {
    throw oidcError("ExpiredToken", "Device code has expired");
  }
  if (authorization.state === "denied") throw oidcError("AccessDenied", "Access denied by user");
  checkPace(authorization, world.now());
  if (authorization.state === "pending") {
    throw oidcError("AuthorizationPending", "Authorization is still pending");
  }
  authorization.state = "used";
  return beginSession(world, client, authorization.instance);
}

/** RFC 7636, sections 4.1 and 4.6: the verifier has a length, and has to hash to the challenge that the browser brought. */
async function redeemCode(world: World, client: OidcClient, input: OidcInput): Promise<Reply> {
  const code = input.text("code") ?? "";
  const found = world.sso.codes.get(code);
  const verifier = input.text("codeVerifier");
  if (!verifier) throw oidcError("InvalidRequest", "Missing codeVerifier");
  if (!/^[\w.~-]{43,128}$/.test(verifier)) {
    throw oidcError("InvalidRequest", "codeVerifier is none");
  }
  // Whatever comes of it, a code is looked at once.
  world.sso.codes.delete(code);
  const isGood = found !== undefined && found.client === client &&
    world.now() < found.expiresMs && found.redirectUri === input.text("redirectUri") &&
    found.challenge === await hashVerifier(verifier);
  if (!isGood) throw oidcError("InvalidGrant", "Invalid authorization code");
  return beginSession(world, client, found.instance);
}

function redeemRefreshToken(world: World, client: OidcClient, input: OidcInput): Reply {
  const refreshToken = input.text("refreshToken") ?? "";
  const session = world.sso.refreshTokens.get(refreshToken);
  if (!session || session.client !== client || world.now() >= session.expiresMs) {
    throw oidcError("InvalidGrant", "Invalid refresh token");
  }
  world.sso.refreshTokens.delete(refreshToken);
  return issueTokens(world, session);
}

export function createToken(world: World, input: OidcInput): Reply | Promise<Reply> {
  const grantType = input.text("grantType");
  if (!grantType) throw oidcError("InvalidRequest", "Missing grantType");
  const redeem = {
    [DEVICE_GRANT]: redeemDeviceCode,
    [CODE_GRANT]: redeemCode,
    [REFRESH_GRANT]: redeemRefreshToken,
  }[grantType];
  if (!redeem) throw oidcError("UnsupportedGrantType", `Unsupported grant type: ${grantType}`);
  const client = readClient(world, input);
  if (!client.grantTypes.includes(grantType)) {
    throw oidcError("UnauthorizedClient", "Client is not registered for this grant type");
  }
  return redeem(world, client, input);
}
