import { expirationOf } from "../expiry.ts";
import type { Credentials } from "../types.ts";

/**
 * The JSON of the AWS CLI's `credential_process`.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
export function formatProcessJson(credentials: Credentials): string {
  const fields = {
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: expirationOf(credentials),
  };
  return JSON.stringify(fields, null, 2) + "\n";
}

/** The variables a program finds its credentials in. */
export function credentialVariables(credentials: Credentials): Record<string, string> {
  const variables: Record<string, string> = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  if (credentials.sessionToken) variables.AWS_SESSION_TOKEN = credentials.sessionToken;
  const expiry = expirationOf(credentials);
  if (expiry !== undefined) variables.AWS_CREDENTIAL_EXPIRATION = expiry;
  return variables;
}

/** The region, under both names that SDKs read. */
export function regionVariables(region: string | undefined): Record<string, string> {
  return region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}
