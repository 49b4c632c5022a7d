import type { Client, ClientRequest, OidcCalls } from "../../aws/oidc.ts";
import type { SignInRun } from "../run.ts";
import type { SsoTarget } from "../steps.ts";
import type { SsoRegistration, SsoToken } from "./token.ts";

/** What every client of IAM Identity Center may do; only one that names it gets refresh tokens. */
const DEFAULT_SCOPE = "sso:account:access";
/** A registration has to outlast the sign-in that is made with it. */
const MARGIN_SECONDS = 15 * 60;

/** The scopes to register with. */
export function scopesOf(target: SsoTarget): readonly string[] {
  return target.scopes.length > 0 ? target.scopes : [DEFAULT_SCOPE];
}

/** Our registration of an earlier sign-in, where it serves for another one by the same grant. */
export function keptRegistration(
  old: SsoToken | undefined,
  grant: string,
  target: SsoTarget,
  run: SignInRun,
): SsoRegistration | undefined {
  const kept = old?.registration;
  const serves = isUsable(kept, target, run, MARGIN_SECONDS) && kept.grants.includes(grant) &&
    scopesOf(target).every((scope) => kept.scopes.includes(scope));
  return serves ? kept : undefined;
}

/** Makes us known anew for these grants, with the scopes of the target. */
export async function register(
  request: Omit<ClientRequest, "scopes">,
  target: SsoTarget,
  oidc: OidcCalls,
): Promise<SsoRegistration> {
  const scopes = scopesOf(target);
  const client: Client & { expiresAtMs: number } = await oidc.registerClient({
    ...request,
    scopes,
  });
  return { ...client, region: target.region, scopes, grants: request.grants };
}

/** Whether AWS knows it, in the region that is asked, for so long yet. */
export function isUsable(
  registration: SsoRegistration | undefined,
  target: SsoTarget,
  run: SignInRun,
  marginSeconds: number,
): registration is SsoRegistration {
  return registration !== undefined && registration.region === target.region &&
    registration.expiresAtMs > run.ctx.clock.now() + marginSeconds * 1000;
}

/** What a person is told a sign-in is for; who named the start URL itself knows. */
export function titleOf({ startUrl, subject }: SsoTarget): string {
  return `Sign in to ${startUrl}${subject === startUrl ? "" : ` for ${subject}`}`;
}
