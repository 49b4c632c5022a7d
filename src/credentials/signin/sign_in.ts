import { AwsRefusal, VaultError } from "../../errors.ts";
import type { DeviceAuthorization, NewToken, OidcCalls, PollAnswer } from "../../aws/oidc.ts";
import type { SignInRun } from "../run.ts";
import type { SsoRegistration, SsoToken } from "./token.ts";
import type { SsoTarget } from "../steps.ts";

/** What every client of IAM Identity Center may do, whether it names it or not. */
const DEFAULT_SCOPE = "sso:account:access";
/** A registration has to outlast the sign-in that is made with it. */
const REGISTRATION_MARGIN_SECONDS = 15 * 60;
/** RFC 8628, section 3.5: by how much `slow_down`, or no answer at all, lengthens the interval. */
const SLOW_DOWN_SECONDS = 5;
const MAX_UNANSWERED_POLLS = 3;

/**
 * A new token by the refresh token of an old one, without asking anybody; `undefined` where that
 * cannot be, or AWS refuses: the sign-in has ended.
 */
export async function refreshToken(
  old: SsoToken,
  target: SsoTarget,
  run: SignInRun,
): Promise<SsoToken | undefined> {
  const { registration } = old;
  if (old.refreshToken === undefined || !isUsable(registration, target, run, 0)) return undefined;
  const oidc = await createCalls(target, run);
  try {
    const answer = await oidc.refresh(registration, old.refreshToken);
    // RFC 6749, section 6: where no new refresh token comes, the old one stays good.
    const refreshToken = answer.refreshToken ?? old.refreshToken;
    return toToken({ ...answer, refreshToken }, registration, run);
  } catch (error) {
    if (!isFinal(error)) throw error;
    run.ctx.debug(`SSO token of ${target.startUrl} cannot be refreshed: ${error.message}`);
    return undefined;
  }
}

/**
 * A new token by a person's confirmation in a browser (RFC 8628). `old` is the token it replaces:
 * its registration is used again until it expires.
 */
export async function signIn(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
): Promise<SsoToken> {
  const oidc = await createCalls(target, run);
  const { registration, authorization } = await authorize(old, target, run, oidc);
  await show(authorization, target, run);
  const token = await waitForToken(registration, authorization, target, run, oidc);
  return toToken(token, registration, run);
}

async function createCalls(target: SsoTarget, run: SignInRun): Promise<OidcCalls> {
  const { OidcCalls } = await import("../../aws/oidc.ts");
  return new OidcCalls(target, run.ctx);
}

async function authorize(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<{ registration: SsoRegistration; authorization: DeviceAuthorization }> {
  const scopes = scopesToName(old, target);
  const kept = old?.registration;
  if (
    isUsable(kept, target, run, REGISTRATION_MARGIN_SECONDS) &&
    scopes.every((scope) => kept.scopes.includes(scope))
  ) {
    try {
      return { registration: kept, authorization: await oidc.startDeviceAuthorization(kept) };
    } catch (error) {
      if (!isUnknownClient(error)) throw error;
      run.ctx.debug(`the kept client registration is not taken any more: ${error.message}`);
    }
  }
  const client = await oidc.registerClient(scopes);
  const registration = { ...client, region: target.region, scopes };
  return { registration, authorization: await oidc.startDeviceAuthorization(registration) };
}

/**
 * The scopes to register with. The Go tool names none, which allows as much as the default scope
 * does; but AWS refreshes only the tokens of clients that named their scopes. So the default is
 * named as soon as a sign-in without has brought no refresh token, any other scope always.
 */
function scopesToName(old: SsoToken | undefined, target: SsoTarget): readonly string[] {
  const scopes = target.scopes.length > 0 ? target.scopes : [DEFAULT_SCOPE];
  const hasOthers = scopes.some((scope) => scope !== DEFAULT_SCOPE);
  const wasNamed = (old?.registration?.scopes.length ?? 0) > 0;
  const wasUnrefreshable = old !== undefined && old.refreshToken === undefined;
  return hasOthers || wasNamed || wasUnrefreshable ? scopes : [];
}

function isUsable(
  registration: SsoRegistration | undefined,
  target: SsoTarget,
  run: SignInRun,
  marginSeconds: number,
): registration is SsoRegistration {
  return registration !== undefined && registration.region === target.region &&
    registration.expiresAtMs > run.ctx.clock.now() + marginSeconds * 1000;
}

/** The code is shown whether or not a browser opens: it is what a user can tell a phisher's by. */
async function show(
  authorization: DeviceAuthorization,
  target: SsoTarget,
  run: SignInRun,
): Promise<void> {
  const { url, userCode } = authorization;
  run.ctx.note(`Sign in to ${target.startUrl} for ${target.subject} (Ctrl-C gives up):`);
  run.ctx.note(`confirm the code ${printable(userCode)} at ${printable(url)}`);
  if (run.useStdout) return;
  const { openBrowser } = await import("../../prompt/browser.ts");
  await openBrowser(url, run.ctx);
}

async function waitForToken(
  registration: SsoRegistration,
  authorization: DeviceAuthorization,
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<NewToken> {
  const { clock } = run.ctx;
  const endsAtMs = clock.now() + authorization.expiresInSeconds * 1000;
  let intervalSeconds = authorization.intervalSeconds;
  let unanswered = 0;
  while (clock.now() < endsAtMs) {
    const answer = await pollOnce(registration, authorization, oidc, unanswered, run);
    if (typeof answer === "object") return answer;
    if (answer === "access_denied") throw refused(target);
    if (answer === "expired_token") break;
    unanswered = answer === "no answer" ? unanswered + 1 : 0;
    if (answer !== "authorization_pending") intervalSeconds += SLOW_DOWN_SECONDS;
    await clock.sleep(intervalSeconds * 1000);
  }
  throw new VaultError(
    "credentials",
    `${target.subject}: the sign-in code expired before it was confirmed`,
    ["run the command again and confirm the code it prints in a browser"],
  );
}

/** While a person looks for a browser the network may fail now and then: that ends nothing yet. */
async function pollOnce(
  registration: SsoRegistration,
  authorization: DeviceAuthorization,
  oidc: OidcCalls,
  unanswered: number,
  run: SignInRun,
): Promise<NewToken | PollAnswer | "no answer"> {
  try {
    return await oidc.poll(registration, authorization.deviceCode);
  } catch (error) {
    const isNetwork = error instanceof VaultError && error.code === "network";
    if (!isNetwork || unanswered + 1 >= MAX_UNANSWERED_POLLS) throw error;
    run.ctx.debug(error.message);
    return "no answer";
  }
}

function refused(target: SsoTarget): VaultError {
  return new VaultError(
    "credentials",
    `${target.subject}: the sign-in was refused in the browser`,
    [`at ${target.startUrl}; run the command again to be asked again`],
  );
}

function toToken(answer: NewToken, registration: SsoRegistration, run: SignInRun): SsoToken {
  return {
    accessToken: answer.accessToken,
    expiresAtMs: run.ctx.clock.now() + answer.expiresInSeconds * 1000,
    refreshToken: answer.refreshToken,
    registration,
  };
}

/** A refusal that asking again would not change, unlike a fault on AWS's side. */
function isFinal(error: unknown): error is AwsRefusal {
  return error instanceof AwsRefusal && (error.httpStatus ?? 500) < 500 && error.httpStatus !== 429;
}

function isUnknownClient(error: unknown): error is AwsRefusal {
  return error instanceof AwsRefusal &&
    /^(InvalidClient|UnauthorizedClient)Exception$/.test(error.awsCode);
}

/** What a server sent, without anything that moves a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?");
}
