import type { EndpointVariant, Setting, Source } from "../config/profile.ts";
import { asArgument } from "../errors.ts";

export type { EndpointVariant };

/** A code of an MFA device that a request carries. */
export interface MfaRequest {
  readonly serial: string;
  /** The code given by `--mfa-token`. */
  readonly token?: string;
  /** `mfa_process`. */
  readonly process?: Setting;
}

/** The serial and code a request to STS carries. */
export interface MfaAnswer {
  readonly serial: string;
  readonly code: string;
}

/** What a request to STS is sent to and signed for. */
export interface StsTarget extends EndpointVariant {
  readonly region: string;
  readonly endpoint?: string;
  /** Ask the global endpoint, as `sts_regional_endpoints = legacy` wants for the old regions. */
  readonly legacy: boolean;
}

/** The first part of a kept session's name: the Go tool's (SPEC §1), and that of a console sign-in. */
export type SessionType =
  | "sts.GetSessionToken"
  | "sts.AssumeRole"
  | "sts.AssumeRoleWithWebIdentity"
  | "sso.GetRoleCredentials"
  | "signin.CreateOAuth2Token"
  | "credential_process";

/** Under which name a step's session is kept, and what it was asked for. */
export interface CacheIdentity {
  readonly type: SessionType;
  readonly profile: string;
  /** The MFA serial, or the start URL of an SSO session. */
  readonly serial: string;
  /**
   * What was asked for, as text that is hashed to the session's fingerprint. The first is what a
   * new session is marked with; a cached one may carry any.
   */
  readonly asked: readonly string[];
  /**
   * What was asked for but for the length, where sessions of several lengths lie side by side: of a
   * session that may have cost an MFA code.
   */
  readonly kinship?: string;
  /** One of any length will do. */
  readonly takesAnyLength?: boolean;
}

interface StepBase {
  readonly profile: string;
  /** Absent where a session of this step is never kept. */
  readonly cache?: CacheIdentity;
}

/** Long-term keys of the keyring. */
export interface StoredStep extends StepBase {
  readonly kind: "stored";
}

/** GetSessionToken, signed with the keys beneath. */
export interface SessionTokenStep extends StepBase {
  readonly kind: "session_token";
  readonly target: StsTarget;
  readonly durationSeconds: number;
  /** What asks for that length. */
  readonly lengthFrom: Source;
  readonly mfa?: MfaRequest;
}

/** AssumeRole, signed with the credentials beneath. */
export interface AssumeRoleStep extends StepBase {
  readonly kind: "assume_role";
  readonly target: StsTarget;
  readonly roleArn: string;
  /** Absent: the time in nanoseconds when the request is made. */
  readonly roleSessionName?: string;
  readonly durationSeconds: number;
  readonly lengthFrom: Source;
  readonly externalId?: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly mfa?: MfaRequest;
}

/** AssumeRoleWithWebIdentity, which nothing signs: the token of a file or a command vouches. */
export interface WebIdentityStep extends StepBase {
  readonly kind: "web_identity";
  readonly target: StsTarget;
  readonly roleArn: string;
  readonly roleSessionName?: string;
  readonly durationSeconds: number;
  readonly lengthFrom: Source;
  readonly tokenFile?: string;
  readonly tokenProcess?: Setting;
}

/** An IAM Identity Center, and whom a person signs in to it for. */
export interface SsoTarget extends EndpointVariant {
  /** In messages: `profile dev`, `sso-session corp`. */
  readonly subject: string;
  readonly startUrl: string;
  readonly region: string;
  readonly scopes: readonly string[];
  readonly portalEndpoint?: string;
  readonly oidcEndpoint?: string;
  /** The `[sso-session]` name, under which the AWS CLI keeps its token. */
  readonly session?: string;
}

/** A role of an account, for a person's sign-in to IAM Identity Center. */
export interface SsoStep extends StepBase, SsoTarget {
  readonly kind: "sso";
  readonly accountId: string;
  readonly roleName: string;
}

/** The console's sign-in for command lines, and whom a person signs in for. */
export interface LoginTarget extends EndpointVariant {
  /** In messages: `profile dev`. */
  readonly subject: string;
  /** Whom it gives the credentials of; absent where anybody may sign in. */
  readonly arn?: string;
  readonly region: string;
  /** The base of its addresses, in place of the region's own. */
  readonly endpoint?: string;
}

/** What the credentials of the environment are called, which are no profile's. */
export const ENVIRONMENT = "(environment)";

/** What signs in anew for the profile of a target, as it is typed. */
export function signinCommand(
  { subject }: Pick<LoginTarget, "subject">,
  ...flags: string[]
): string {
  return ["aws-vault signin", ...flags, asArgument(subject.replace(/^profile /, ""))].join(" ");
}

/** `login_session` */
export interface LoginStep extends StepBase, LoginTarget {
  readonly kind: "login";
  readonly arn: string;
}

/** What a command of the config file prints. */
export interface ProcessStep extends StepBase {
  readonly kind: "process";
  /** `credential_process`. */
  readonly command: Setting;
}

/** `credential_source`. */
export interface EnvironmentStep extends StepBase {
  readonly kind: "environment";
}
export interface InstanceMetadataStep extends StepBase {
  readonly kind: "instance_metadata";
}
export interface ContainerStep extends StepBase {
  readonly kind: "container";
}

/** What a plan is made of: each makes credentials, of those beneath it where it needs any. */
export type Step =
  | StoredStep
  | SessionTokenStep
  | AssumeRoleStep
  | WebIdentityStep
  | SsoStep
  | LoginStep
  | ProcessStep
  | EnvironmentStep
  | InstanceMetadataStep
  | ContainerStep;

/** The steps from where credentials begin to those the profile stands for, in order. */
export interface Plan {
  readonly profile: string;
  readonly steps: readonly Step[];
  /** Whether, and why, something was left out: for `--debug` and `explain`. */
  readonly remarks: readonly string[];
  /** Whose the credentials have to be, where the profile says so. */
  readonly account?: AccountRule;
}

/** `vault_expected_account`, and where it is asked whose credentials are. */
export interface AccountRule {
  readonly profile: string;
  /** Twelve digits. */
  readonly expected: Setting;
  readonly target: StsTarget;
}
