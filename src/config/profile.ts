import type { VaultError } from "../errors.ts";
import { trimFips } from "./region.ts";

/** Where a value came from, for errors and for `explain`. */
export type Source =
  | { readonly from: "flag" | "environment"; readonly name: string }
  | {
    readonly from: "file";
    readonly path: string;
    readonly line: number;
    readonly section: string;
    readonly key: string;
  }
  | { readonly from: "default" };

/** A value with its origin. */
export interface Setting<T = string> {
  readonly value: T;
  readonly source: Source;
}

/** How some values look; who reads them refuses others, and `doctor` tells of them before. */
export const ACCOUNT_ID = /^\d{12}$/;
export const MFA_CODE = /^\d{6}$/;
/** Of whoever can sign in to the console. */
export const SIGN_IN_ARN = /^arn:[\w-]+:(iam|sts)::\d{12}:[\x21-\x7e]+$/;
export const BOOLEAN = /^(true|false)$/i;
/** STS: RoleSessionName and SourceIdentity of AssumeRole. */
export const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
export const STS_ENDPOINTS = /^(regional|legacy)$/i;

/** AWS's cap on a role assumed from session or role credentials ("role chaining"). */
export const CHAINED_ROLE_MAX_SECONDS = 3600;

/** An AWS service that may have an endpoint of its own; `general` is AWS_ENDPOINT_URL. */
export type EndpointName = "general" | "sts" | "iam" | "sso" | "sso_oidc" | "signin";

/** All that is known of a profile once flags, environment and file are put together. */
export interface ProfileConfig {
  readonly profile: string;
  /** Whether the config file has a section of that name. */
  readonly inFile: boolean;
  readonly region?: Setting;
  readonly mfaSerial?: Setting;
  readonly mfaToken?: Setting;
  readonly mfaProcess?: Setting;
  /** `vault_expected_account`: twelve digits. */
  readonly expectedAccount?: Setting;
  readonly roleArn?: Setting;
  readonly roleSessionName?: Setting;
  readonly externalId?: Setting;
  readonly sessionTags?: Setting<ReadonlyMap<string, string>>;
  readonly transitiveSessionTags?: Setting<readonly string[]>;
  readonly sourceIdentity?: Setting;
  readonly credentialSource?: Setting;
  readonly credentialProcess?: Setting;
  readonly webIdentityTokenFile?: Setting;
  readonly webIdentityTokenProcess?: Setting;
  readonly ssoSession?: Setting;
  /** What is wrong with it, where there is no such section. */
  readonly ssoSessionFault?: VaultError;
  readonly ssoStartUrl?: Setting;
  readonly ssoRegion?: Setting;
  readonly ssoAccountId?: Setting;
  readonly ssoRoleName?: Setting;
  readonly ssoRegistrationScopes?: Setting;
  /** `login_session`: the ARN of a console sign-in. */
  readonly loginSession?: Setting;
  readonly stsRegionalEndpoints?: Setting;
  readonly useFipsEndpoint?: Setting<boolean>;
  readonly useDualstackEndpoint?: Setting<boolean>;
  /** `ignore_configured_endpoint_urls`: where it is `true` there are no `endpoints`. */
  readonly ignoresEndpoints?: Setting<boolean>;
  readonly endpoints: Readonly<Partial<Record<EndpointName, Setting>>>;
  readonly roleDurationSeconds: Setting<number>;
  readonly sessionDurationSeconds: Setting<number>;
  readonly chainedSessionDurationSeconds: Setting<number>;
  readonly federationDurationSeconds: Setting<number>;
  readonly sourceProfile?: ProfileConfig;
  /** The `source_profile` setting, where it names another profile. */
  readonly sourceProfileName?: Setting;
}

/** A profile and its source profiles, from itself to where the chain begins. */
export function listChain(config: ProfileConfig): ProfileConfig[] {
  const chain: ProfileConfig[] = [];
  for (let link: ProfileConfig | undefined = config; link; link = link.sourceProfile) {
    chain.push(link);
  }
  return chain;
}

/** The part of it that says where to sign in; an `[sso-session]` alone has one too. */
export type SsoConfig = Pick<
  ProfileConfig,
  | "ssoSession"
  | "ssoSessionFault"
  | "ssoStartUrl"
  | "ssoRegion"
  | "ssoRegistrationScopes"
  | "useFipsEndpoint"
  | "useDualstackEndpoint"
  | "endpoints"
>;

/**
 * What settings ask of AWS's own addresses, by what messages call the settings (`AWS_USE_FIPS_ENDPOINT`
 * and the like). It says nothing of an endpoint that is given.
 */
export interface EndpointVariant {
  readonly fips?: string;
  readonly dualStack?: string;
}

/**
 * Which of AWS's own addresses a profile, or a sign-in without one, wants.
 *
 * @param region that is asked, whose name may say so too
 */
export function endpointVariant(
  config: Pick<ProfileConfig, "useFipsEndpoint" | "useDualstackEndpoint">,
  region: Setting | undefined,
): EndpointVariant {
  const isByRegion = region !== undefined && trimFips(region.value) !== region.value;
  return {
    fips: whoAsks(config.useFipsEndpoint) ??
      (isByRegion ? describeSource(region.source) : undefined),
    dualStack: whoAsks(config.useDualstackEndpoint),
  };
}

function whoAsks(setting: Setting<boolean> | undefined): string | undefined {
  return setting?.value ? describeSource(setting.source) : undefined;
}

/** What the command line says; it stands before environment and file, for every profile of a chain. */
export interface ConfigFlags {
  readonly region?: string;
  readonly mfaToken?: string;
  /** Of every session and role. */
  readonly duration?: string;
  /** The command has `--duration`, which AWS_VAULT_DURATION stands for. */
  readonly hasDuration?: boolean;
  readonly sessionTtl?: string;
  readonly assumeRoleTtl?: string;
  readonly federationTokenTtl?: string;
}

/** `/home/jon/.aws/config, line 12, region of [profile dev]`, `AWS_REGION`: for an error. */
export function describeSource(source: Source): string {
  switch (source.from) {
    case "flag":
    case "environment":
      return source.name;
    case "file":
      return `${source.path}, line ${source.line}, ${source.key} of ${nameSection(source)}`;
    case "default":
      return "the default";
  }
}

/** A section as it is written most often. */
export function nameSection({ section }: { readonly section: string }): string {
  return section === "[profile default]" ? "[default]" : section;
}
