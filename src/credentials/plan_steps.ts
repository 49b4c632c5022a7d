import {
  describeSource,
  type ProfileConfig,
  type Setting,
  SIGN_IN_ARN,
} from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import {
  type AssumeRoleStep,
  type CacheIdentity,
  type LoginStep,
  type MfaRequest,
  type ProcessStep,
  type SessionTokenStep,
  signinCommand,
  type SsoStep,
  type WebIdentityStep,
} from "./steps.ts";
import { loginPlace, requireSso, ssoTarget, stsTarget } from "./targets.ts";

/**
 * GetSessionToken on a profile's stored keys.
 *
 * @param chained a role is assumed with what it gives: it lasts as long as such sessions are to
 */
export function sessionTokenStep(config: ProfileConfig, chained: boolean): SessionTokenStep {
  const { sessionDurationSeconds: alone, chainedSessionDurationSeconds: shared } = config;
  const lengths = chained ? [shared, alone] : [alone, shared];
  const target = stsTarget(config);
  const mfa = mfaRequest(config);
  // One session serves the profile itself and every role that chains from it, so one made for
  // either length, as both are set now, is what was asked for.
  const { endpoint } = target;
  const asked = lengths.map(({ value }) => ({ durationSeconds: value, endpoint }));
  const id = identity("sts.GetSessionToken", config.profile, mfa?.serial ?? "", asked);
  return {
    kind: "session_token",
    profile: config.profile,
    target,
    durationSeconds: lengths[0]!.value,
    lengthFrom: lengths[0]!.source,
    mfa,
    // Beneath a role any kept session serves: a new one may cost an MFA code.
    cache: { ...id, kinship: JSON.stringify({ endpoint }), takesAnyLength: chained },
  };
}

/** AssumeRole on whatever the step beneath gives. */
export function assumeRoleStep(
  config: ProfileConfig,
  roleArn: string,
  durationSeconds: number,
  mfa: MfaRequest | undefined,
): AssumeRoleStep {
  return {
    kind: "assume_role",
    profile: config.profile,
    target: stsTarget(config),
    roleArn,
    roleSessionName: config.roleSessionName?.value,
    durationSeconds,
    lengthFrom: config.roleDurationSeconds.source,
    externalId: config.externalId?.value,
    tags: config.sessionTags?.value ?? new Map(),
    transitiveTagKeys: config.transitiveSessionTags?.value ?? [],
    sourceIdentity: config.sourceIdentity?.value,
    mfa,
  };
}

/**
 * What a role's session is asked for with, apart from what lies beneath.
 *
 * @param vouchedSerial the MFA device that vouches for the session beneath: a role session made
 *   when nothing did may do less
 */
export function roleRequest(step: AssumeRoleStep, vouchedSerial: string | undefined): object {
  return {
    roleArn: step.roleArn,
    roleSessionName: step.roleSessionName,
    durationSeconds: step.durationSeconds,
    externalId: step.externalId,
    tags: [...step.tags].sort(),
    transitiveTagKeys: [...step.transitiveTagKeys].sort(),
    sourceIdentity: step.sourceIdentity,
    endpoint: step.target.endpoint,
    vouchedSerial,
  };
}

/**
 * @param beneath what was asked for beneath; put together when a session is looked at, as in a long
 *   chain each step has all of those before it
 */
export function roleIdentity(
  step: AssumeRoleStep,
  request: object,
  beneath: () => string,
): CacheIdentity {
  return {
    type: "sts.AssumeRole",
    profile: step.profile,
    serial: step.mfa?.serial ?? "",
    get asked() {
      return [JSON.stringify({ ...request, beneath: beneath() })];
    },
  };
}

/** AssumeRoleWithWebIdentity. Throws `VaultError("config")` where there is no role to assume. */
export function webIdentityStep(config: ProfileConfig): WebIdentityStep {
  if (config.roleArn === undefined) {
    throw new VaultError(
      "config",
      `profile ${config.profile}: a web identity token needs a role_arn to go with it`,
    );
  }
  const target = stsTarget(config);
  const step = {
    roleArn: config.roleArn.value,
    roleSessionName: config.roleSessionName?.value,
    durationSeconds: config.roleDurationSeconds.value,
    tokenFile: config.webIdentityTokenFile?.value,
    tokenProcess: config.webIdentityTokenProcess,
  };
  const asked = [{ ...step, tokenProcess: step.tokenProcess?.value, endpoint: target.endpoint }];
  const cache = identity("sts.AssumeRoleWithWebIdentity", config.profile, "", asked);
  const { source: lengthFrom } = config.roleDurationSeconds;
  return { kind: "web_identity", profile: config.profile, target, ...step, lengthFrom, cache };
}

/** A role of IAM Identity Center. Throws `VaultError("config")` for a setting that is missing. */
export function ssoStep(config: ProfileConfig): SsoStep {
  const subject = `profile ${config.profile}`;
  const target = ssoTarget(config, subject);
  const accountId = requireSso(config.ssoAccountId, "sso_account_id", subject, config);
  const roleName = requireSso(config.ssoRoleName, "sso_role_name", subject, config);
  const { portalEndpoint } = target;
  return {
    kind: "sso",
    profile: config.profile,
    ...target,
    accountId,
    roleName,
    cache: identity("sso.GetRoleCredentials", config.profile, target.startUrl, [
      { accountId, roleName, portalEndpoint },
    ]),
  };
}

/** @param arn of whoever signs in: what `login_session` says, or will */
export function loginStep(config: ProfileConfig, arn: string): LoginStep {
  const target = {
    subject: `profile ${config.profile}`,
    arn,
    ...loginPlace(config),
  };
  const { endpoint } = target;
  // The ARN of a role's session would make names that no file system takes.
  const asked = [{ arn, endpoint }];
  return {
    kind: "login",
    profile: config.profile,
    ...target,
    cache: identity("signin.CreateOAuth2Token", config.profile, "", asked),
  };
}

/** The `login_session`; refused before anybody signs in, where nobody could be that. */
export function loginArn({ value, source }: Setting, profile: string): string {
  if (SIGN_IN_ARN.test(value)) return value;
  throw new VaultError("config", `${describeSource(source)}: \`${value}\` is no ARN of anybody`, [
    "one is arn:aws:iam::111111111111:user/jon; with a browser it is written by: " +
    signinCommand({ subject: `profile ${profile}` }),
  ]);
}

/** What a `credential_process` prints. */
export function processStep(profile: string, command: Setting): ProcessStep {
  const cache = identity("credential_process", profile, "", [{ command: command.value }]);
  return { kind: "process", profile, command, cache };
}

/** What a session is kept under, with the requests it serves as the text of their JSON. */
function identity(
  type: CacheIdentity["type"],
  profile: string,
  serial: string,
  asked: readonly object[],
): CacheIdentity {
  return { type, profile, serial, asked: asked.map((request) => JSON.stringify(request)) };
}

/** The code that a request for a profile carries; `undefined` where it has no `mfa_serial`. */
export function mfaRequest(config: ProfileConfig): MfaRequest | undefined {
  if (config.mfaSerial === undefined) return undefined;
  return {
    serial: config.mfaSerial.value,
    token: config.mfaToken?.value,
    process: config.mfaProcess,
  };
}
