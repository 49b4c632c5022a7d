import { GetRoleCredentialsCommand, SSOClient } from "@aws-sdk/client-sso";
import { AwsRefusal, VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { SsoStep } from "../credentials/steps.ts";
import { callAws } from "./call.ts";
import { LOCAL_REQUESTS } from "./local_client.ts";
import type { CallContext } from "./time_limit.ts";
import { watch } from "./wire.ts";

/**
 * The credentials of the step's role, for a sign-in's access token. Throws `AwsRefusal` with
 * status 401 where the portal does not take the token.
 */
export async function getRoleCredentials(
  step: SsoStep,
  accessToken: string,
  ctx: CallContext,
): Promise<Credentials> {
  const client = new SSOClient({
    region: step.region,
    endpoint: step.portalEndpoint,
    requestHandler: LOCAL_REQUESTS,
  });
  const command = new GetRoleCredentialsCommand({
    accessToken,
    accountId: step.accountId,
    roleName: step.roleName,
  });
  const call = `GetRoleCredentials of ${step.roleName} in account ${step.accountId}`;
  const address = step.portalEndpoint ?? `IAM Identity Center in ${step.region}`;
  try {
    const info = { call, subject: step.subject, address, wire: watch(client) };
    const answer = await callAws(info, ctx, (options) => client.send(command, options));
    return toCredentials(answer.roleCredentials, call);
  } catch (error) {
    throw error instanceof AwsRefusal ? explain(error, step) : error;
  }
}

interface RoleCredentials {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** Milliseconds since the epoch, unlike everywhere else at AWS. */
  readonly expiration?: number;
}

function toCredentials(answer: RoleCredentials | undefined, call: string): Credentials {
  if (!answer?.accessKeyId || !answer.secretAccessKey || !answer.expiration) {
    throw new VaultError("aws", `${call}: the answer lacks fields that AWS always sends`, [
      "are sso_region and AWS_ENDPOINT_URL_SSO right?",
    ]);
  }
  return {
    accessKeyId: answer.accessKeyId,
    secretAccessKey: answer.secretAccessKey,
    sessionToken: answer.sessionToken,
    expiresAtMs: answer.expiration,
  };
}

/** The portal says no more than "No access" or "not found": what that means is added. */
function explain(error: AwsRefusal, step: SsoStep): AwsRefusal {
  if (error.httpStatus !== 403 && error.httpStatus !== 404) return error;
  return new AwsRefusal(error.awsCode, error.httpStatus, error.message, [
    `whoever signed in at ${step.startUrl} has no role ${step.roleName} in account ` +
    `${step.accountId}: check sso_account_id and sso_role_name, or have it assigned`,
    `signed in as the wrong person? \`aws-vault clear ${step.profile}\` and sign in again`,
  ]);
}
