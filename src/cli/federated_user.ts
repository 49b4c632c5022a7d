import type { ProfileConfig } from "../config/profile.ts";
import { stsTarget } from "../credentials/targets.ts";
import { AwsRefusal, VaultError } from "../errors.ts";
import type { Context, Credentials } from "../types.ts";

const ALLOW_ALL = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** Credentials the console takes: a role's as they are, a user's made into a federated user's. */
export async function federate(
  config: ProfileConfig,
  credentials: Credentials,
  ctx: Context,
): Promise<Credentials> {
  const { StsCalls } = await import("../aws/sts.ts");
  const sts = new StsCalls(stsTarget(config), config.profile, ctx, credentials);
  const arn = await sts.getCallerArn();
  if (/^arn:[^:]*:sts::\d*:(assumed-role|federated-user)\//.test(arn)) return credentials;
  ctx.debug(`profile ${config.profile}: creating a federated session for ${arn}`);
  const request = {
    name: federatedName(arn),
    durationSeconds: config.federationDurationSeconds.value,
    policy: ALLOW_ALL,
  };
  try {
    return await sts.getFederationToken(request);
  } catch (error) {
    if (credentials.sessionToken === undefined || !(error instanceof AwsRefusal)) throw error;
    throw explainRefusedSession(config, arn, error);
  }
}

/** AWS takes GetFederationToken from long-term keys alone, and its words do not say so. */
function explainRefusedSession(config: ProfileConfig, arn: string, cause: AwsRefusal): VaultError {
  const wayOut = config.loginSession === undefined
    ? "sign in with a role, or with the user's long-term keys"
    : "the browser that signed in for this profile has the console open already";
  return new VaultError(
    "credentials",
    `profile ${config.profile}: the console takes no session credentials of a user (${arn})`,
    [wayOut, cause.message],
    cause,
  );
}

/** The user's name as GetFederationToken takes one: 2 to 32 of the characters that IAM's names have. */
function federatedName(arn: string): string {
  return arn.split(/[:/]/).at(-1)!.slice(0, 32).padEnd(2, "-");
}
