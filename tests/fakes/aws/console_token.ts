import { AwsError } from "./aws_error.ts";
import type { ConsoleSession } from "./console_state.ts";
import { verifyProof } from "./dpop.ts";
import { type Incoming, json, listUnknown, type Operation, type Reply } from "./http.ts";
import { hashVerifier, type OidcInput, readInput } from "./oidc_parts.ts";
import { formatArn } from "./principals.ts";
import type { World } from "./world.ts";

/** By HTTP status, as the service's model has them. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  400: "ValidationException",
  401: "AccessDeniedException",
  403: "AccessDeniedException",
  429: "TooManyRequestsError",
};

function invalid(message: string): AwsError {
  return new AwsError("INVALID_REQUEST", 400, message);
}

function required(input: OidcInput, name: string): string {
  const value = input.text(name);
  if (value) return value;
  throw invalid(`${name} is missing`);
}

function checkFields(input: OidcInput, names: readonly string[]): void {
  const unknown = listUnknown(input.params, names);
  if (unknown.length > 0) throw invalid(`unknown fields: ${unknown.join(", ")}`);
}

async function redeemCode(world: World, input: OidcInput, thumbprint: string): Promise<Reply> {
  checkFields(input, ["clientId", "grantType", "code", "codeVerifier", "redirectUri"]);
  const code = required(input, "code");
  const verifier = required(input, "codeVerifier");
  const redirectUri = required(input, "redirectUri");
  if (!/^[\w.~-]{43,128}$/.test(verifier)) throw invalid("codeVerifier is none");
  const found = world.console.codes.get(code);
  // Whatever comes of it, a code is looked at once.
  world.console.codes.delete(code);
  if (found !== undefined && world.now() >= found.expiresMs) {
    throw new AwsError("AUTHCODE_EXPIRED", 401, "The authorization code has expired");
  }
  const isGood = found !== undefined && found.clientId === input.text("clientId") &&
    found.redirectUri === redirectUri && found.challenge === await hashVerifier(verifier);
  if (!isGood) throw invalid("The authorization code is not valid");
  const { login, clientId } = found;
  const expiresMs = world.now() + login.sessionSeconds * 1000;
  return issue(world, { login, clientId, thumbprint, expiresMs }, true);
}

function refresh(world: World, input: OidcInput, thumbprint: string): Reply {
  checkFields(input, ["clientId", "grantType", "refreshToken"]);
  const token = world.console.refreshTokens.get(required(input, "refreshToken"));
  if (token === undefined) throw invalid("The refresh token is not valid");
  const { session, goodUntilMs = Infinity } = token;
  if (session.clientId !== input.text("clientId")) throw invalid("It is another client's");
  if (session.thumbprint !== thumbprint) throw invalid("The refresh token is bound to another key");
  if (world.now() >= Math.min(session.expiresMs, goodUntilMs)) {
    throw new AwsError("TOKEN_EXPIRED", 401, "The refresh token has expired");
  }
  const { refusal, graceSeconds } = session.login;
  if (refusal !== undefined) throw new AwsError(refusal, 403, "You may not go on");
  token.goodUntilMs ??= world.now() + graceSeconds * 1000;
  return issue(world, session, false);
}

function issue(world: World, session: ConsoleSession, isFirst: boolean): Reply {
  const { principal, credentialSeconds } = session.login;
  const { accessKeyId, secretAccessKey, sessionToken } = world.issueCredentials(
    principal,
    credentialSeconds,
  );
  const refreshToken = world.ids.opaque("signin-refresh-token");
  world.console.refreshTokens.set(refreshToken, { session });
  return json(200, {
    accessToken: { accessKeyId, secretAccessKey, sessionToken },
    tokenType: "aws_sigv4",
    expiresIn: credentialSeconds,
    refreshToken,
    idToken: isFirst ? idToken(formatArn(principal), session, world) : undefined,
  });
}

/** Nobody but AWS could verify its signature: clients read it as it is. */
function idToken(sub: string, { clientId, expiresMs }: ConsoleSession, world: World): string {
  const claims = {
    iss: "signin",
    sub,
    aud: clientId,
    iat: world.now() / 1000,
    exp: expiresMs / 1000,
  };
  const encode = (text: string) =>
    new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
  const parts = [JSON.stringify({ typ: "JWT", alg: "ES384" }), JSON.stringify(claims), "unsigned"];
  return parts.map(encode).join(".");
}

async function createToken(
  world: World,
  request: Incoming,
  input: OidcInput,
  url: string,
): Promise<Reply> {
  if (!/^arn:aws:signin:::devtools\/(same|cross)-device$/.test(required(input, "clientId"))) {
    throw invalid("clientId is none of ours");
  }
  const { usedProofs } = world.console;
  const check = { url: url + request.path, nowMs: world.now(), usedProofs };
  const thumbprint = await verifyProof(request, check).catch((error) => {
    throw invalid(`DPoP: ${error.message}`);
  });
  const grantType = required(input, "grantType");
  if (grantType === "authorization_code") return await redeemCode(world, input, thumbprint);
  if (grantType === "refresh_token") return refresh(world, input, thumbprint);
  throw invalid(`grantType is ${grantType}`);
}

/** CreateOAuth2Token of the sign-in service, which is not signed: the proof stands for the client. */
export function findConsoleToken(
  world: World,
  request: Incoming,
  url: string,
): Operation | undefined {
  if (request.path !== "/v1/token" || request.method !== "POST") return undefined;
  const input = readInput(request);
  return {
    service: "signin",
    action: "CreateOAuth2Token",
    params: input.params,
    run: () => createToken(world, request, input, url),
    refuse: ({ code, status, message }) =>
      json(status, { error: code, message }, {
        "x-amzn-errortype": EXCEPTIONS[status] ?? "InternalServerException",
        "x-amzn-requestid": world.ids.requestId(),
      }),
  };
}
