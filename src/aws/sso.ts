import { GetRoleCredentialsCommand, LogoutCommand } from "@aws-sdk/client-sso";
import { asArgument, AwsRefusal } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { SsoStep, SsoTarget } from "../credentials/steps.ts";
import { endByOwnClock, readCredentials } from "./answer.ts";
import { PORTAL_ADVICE, SsoPortal } from "./sso_portal.ts";
import type { CallContext } from "./time_limit.ts";

/**
 * The credentials of the step's role, for a sign-in's access token. Throws `AwsRefusal` with
 * status 401 where the portal does not take the token.
 */
export async function getRoleCredentials(
  step: SsoStep,
  accessToken: string,
  ctx: CallContext,
): Promise<Credentials> {
  const { accountId, roleName } = step;
  const portal = new SsoPortal(step, ctx);
  const command = new GetRoleCredentialsCommand({ accessToken, accountId, roleName });
  const call = `GetRoleCredentials of ${roleName} in account ${accountId}`;
  try {
    const answer = await portal.call(call, (options) => portal.client.send(command, options));
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = answer.roleCredentials ?? {};
    // In milliseconds, unlike everywhere else at AWS.
    const parts = { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: expiration };
    return endByOwnClock(
      readCredentials(parts, `${step.subject}: ${call}`, PORTAL_ADVICE),
      portal.wire,
      ctx,
    );
  } catch (error) {
    throw error instanceof AwsRefusal ? explain(error, step) : error;
  }
}

/** Ends a sign-in: none of its tokens is good any more. */
export async function logOut(
  target: SsoTarget,
  accessToken: string,
  ctx: CallContext,
): Promise<void> {
  const portal = new SsoPortal(target, ctx);
  const command = new LogoutCommand({ accessToken });
  await portal.call("Logout", (options) => portal.client.send(command, options));
}

/** The portal says no more than "No access" or "not found": what that means is added. */
function explain(error: AwsRefusal, step: SsoStep): AwsRefusal {
  if (error.httpStatus !== 403 && error.httpStatus !== 404) return error;
  return new AwsRefusal(error.awsCode, error.httpStatus, error.message, [
    `whoever signed in at ${step.startUrl} has no role ${step.roleName} in account ` +
    `${step.accountId}: check sso_account_id and sso_role_name, or have it assigned`,
    `signed in as the wrong person? \`aws-vault clear ${asArgument(step.profile)}\` ` +
    "and sign in again",
  ]);
}
