import { AwsError, validationError } from "./aws_error.ts";
import type { Params } from "./params.ts";
import { formatArn, formatUserId, type RolePrincipal } from "./principals.ts";
import type { Role, TemporaryCredentials } from "./world.ts";
import { formatTime, type XmlObject } from "./xml.ts";

export const DEFAULT_ROLE_SECONDS = 3600;

export function renderCredentials(credentials: TemporaryCredentials): XmlObject {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: formatTime(credentials.expiresMs),
  };
}

export function renderAssumedRole(principal: RolePrincipal): XmlObject {
  return { AssumedRoleId: formatUserId(principal), Arn: formatArn(principal) };
}

/** The stand-in keeps no permissions: a policy has only to be one. */
export function checkPolicy(params: Params): void {
  const policy = params.optional("Policy");
  if (policy === undefined) return;
  try {
    JSON.parse(policy);
  } catch {
    throw new AwsError("MalformedPolicyDocument", 400, "This policy contains invalid Json");
  }
}

export function checkRoleArn(arn: string): void {
  if (/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) return;
  throw validationError(`${arn} is invalid`);
}

export function checkRoleDuration(role: Role, durationSeconds: number): void {
  if (durationSeconds <= role.maxSessionDurationSeconds) return;
  throw validationError(
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
}
