import type { NewToken, OidcCalls } from "../../aws/oidc.ts";
import { AwsRefusal } from "../../errors.ts";
import { loadRest } from "../../rest.ts";
import type { SignInRun, SignInWay } from "../run.ts";
import type { SsoTarget } from "../steps.ts";
import { signInByCode } from "./browser_code.ts";
import { signInByDeviceCode } from "./device_code.ts";
import { hasBrowserHere } from "./here.ts";
import { isPassing, isUnknownClient } from "./outcome.ts";
import { isUsable } from "./registration.ts";
import type { SsoRegistration, SsoToken } from "./token.ts";

/**
 * A new token by the refresh token of an old one, without asking anybody; `undefined` where that
 * cannot be, or AWS refuses: the sign-in has ended. Where it does not know our registration any
 * more, that is told: a browser must not be sent there with it, for it would never come back.
 */
export async function refreshToken(
  old: SsoToken,
  target: SsoTarget,
  run: SignInRun,
): Promise<SsoToken | "unknown client" | undefined> {
  const { registration } = old;
  if (old.refreshToken === undefined || !isUsable(registration, target, run, 0)) return undefined;
  const oidc = await createCalls(target, run);
  try {
    const answer = await oidc.refresh(registration, old.refreshToken);
    // RFC 6749, section 6: where no new refresh token comes, the old one stays good.
    const refreshToken = answer.refreshToken ?? old.refreshToken;
    return { ...toToken({ ...answer, refreshToken }, registration, run), signIn: old.signIn };
  } catch (error) {
    if (!(error instanceof AwsRefusal) || isPassing(error)) throw error;
    run.ctx.debug(`SSO token of ${target.startUrl} cannot be refreshed: ${error.message}`);
    return isUnknownClient(error) ? "unknown client" : undefined;
  }
}

/**
 * A new token by a person in a browser, on this machine or, by a code, on any. `old` is the token
 * it replaces: its registration is used again while it serves.
 */
export async function signIn(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
): Promise<SsoToken> {
  const oidc = await createCalls(target, run);
  await loadRest();
  const byCode = beginsByCode(target, run) ? await signInByCode(old, target, run, oidc) : undefined;
  const { answer, registration } = byCode ?? await signInByDeviceCode(old, target, run, oidc);
  return { ...toToken(answer, registration, run), signIn: crypto.randomUUID() };
}

/** Whether an authorization code is tried first; a device code is the other way. */
export function beginsByCode(target: SsoTarget, way: SignInWay): boolean {
  return target.session !== undefined && !way.useStdout && !way.useDeviceCode &&
    hasBrowserHere(way.ctx);
}

async function createCalls(target: SsoTarget, run: SignInRun): Promise<OidcCalls> {
  const { OidcCalls } = await import("../../aws/oidc.ts");
  return new OidcCalls(target, run.ctx);
}

function toToken(answer: NewToken, registration: SsoRegistration, run: SignInRun): SsoToken {
  return {
    accessToken: answer.accessToken,
    expiresAtMs: run.ctx.clock.now() + answer.expiresInSeconds * 1000,
    refreshToken: answer.refreshToken,
    registration,
  };
}
