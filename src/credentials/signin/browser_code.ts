import type { OidcCalls } from "../../aws/oidc.ts";
import { asWord, AwsRefusal } from "../../errors.ts";
import type { CallbackServer } from "../../server/callback.ts";
import type { SignInRun } from "../run.ts";
import type { SsoTarget } from "../steps.ts";
import { listenForBrowser, sendToBrowser, waitForCode } from "./browser_answer.ts";
import type { SignedIn } from "./device_code.ts";
import { isPassing } from "./outcome.ts";
import { challengeOf, randomText } from "./pkce.ts";
import { keptRegistration, register, scopesOf, titleOf } from "./registration.ts";
import type { SsoRegistration, SsoToken } from "./token.ts";

const CODE_GRANT = "authorization_code";
/** RFC 8252, section 7.3: the port of a loopback address is not part of what is registered. */
const REGISTERED_URI = "http://127.0.0.1/oauth/callback";

/**
 * An authorization code with PKCE (RFC 7636), brought by a browser on this machine: one click, and
 * nothing to compare. `undefined` where it cannot begin: AWS registers no such client, or there is
 * no port to listen on.
 */
export async function signInByCode(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<SignedIn | undefined> {
  const state = randomText(32);
  const server = await listenForBrowser(state, run.ctx.debug);
  if (server === undefined) return undefined;
  try {
    const registration = keptRegistration(old, CODE_GRANT, target, run) ??
      await registerForCode(target, run, oidc);
    if (registration === undefined) return undefined;
    const { redirectUri } = server;
    const codeVerifier = randomText(48);
    const codeChallenge = await challengeOf(codeVerifier);
    const scopes = scopesOf(target);
    const link = oidc.authorizeUrl(registration, { redirectUri, state, scopes, codeChallenge });
    const code = await bringCode(link, server, target, run);
    const answer = await oidc.redeem(registration, { code, codeVerifier, redirectUri });
    return { answer, registration };
  } finally {
    await server.close();
  }
}

/** `undefined` where AWS refuses it. */
async function registerForCode(
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<SsoRegistration | undefined> {
  const { findIssuer } = await import("../../aws/issuer.ts");
  const issuerUrl = await findIssuer(target.startUrl, run.ctx);
  const grants = [CODE_GRANT, "refresh_token"];
  try {
    return await register({ grants, redirectUris: [REGISTERED_URI], issuerUrl }, target, oidc);
  } catch (error) {
    if (!(error instanceof AwsRefusal) || isPassing(error)) throw error;
    run.ctx.debug(`signing in by device code instead: ${error.message}`);
    return undefined;
  }
}

async function bringCode(
  link: string,
  server: CallbackServer,
  target: SsoTarget,
  run: SignInRun,
): Promise<string> {
  const { subject, startUrl } = target;
  await sendToBrowser(link, titleOf(target), run);
  const ifStuck = [
    "where the browser shows an error, sign in by a code instead: --use-device-code",
    `or be registered anew at the next try: aws-vault sso logout ${asWord(startUrl)}`,
  ];
  return await waitForCode(server, { subject, place: startUrl, ifStuck }, run.ctx);
}
