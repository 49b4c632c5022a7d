import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import { parseEndpoint } from "./endpoint.ts";
import { parseLongDuration, parseSeconds } from "./duration.ts";
import { describeLoop, Inheritance } from "./inheritance.ts";
import type { IniFile } from "./ini.ts";
import { Lookup, mapSetting, type Scope } from "./lookup.ts";
import { hintAtNearest } from "./nearest.ts";
import {
  type ConfigFlags,
  describeSource,
  type EndpointName,
  type ProfileConfig,
  type Setting,
  type SsoConfig,
} from "./profile.ts";
import { parseRegion } from "./region.ts";
import {
  parseAccount,
  parseBoolean,
  parseMfaToken,
  parseSessionName,
  parseStsEndpoints,
  parseTagKeys,
  parseTags,
} from "./values.ts";

const HOUR = 3600;

/**
 * Puts flags, environment and the file's sections together: first found wins, in the order flags,
 * environment, the profile, its include_profile and that one's, `[default]`. Pure.
 */
export function resolveProfile(
  name: string,
  file: IniFile,
  env: Env,
  flags: ConfigFlags,
): ProfileConfig {
  const hintsFor = (other: string) => hintAtNearest(other, file.readableNames("profile"));
  const scope: Scope = { profiles: new Inheritance(file, hintsFor), env, flags, target: name };
  let config: ProfileConfig | undefined;
  for (const link of listChain(name, scope.profiles).reverse()) {
    config = resolveLink(link, config, scope);
  }
  return config!;
}

/** What the file says of an `[sso-session]`, for whoever signs in without a profile. */
export function resolveSsoSession(session: string, file: IniFile, env: Env): SsoConfig {
  // Endpoints come from the environment, and from [default] as for every profile.
  const lookup = new Lookup("default", {
    profiles: new Inheritance(file),
    env,
    flags: {},
    target: "",
  });
  return {
    ssoSession: { value: session, source: { from: "default" } },
    ssoStartUrl: lookup.session(session, "sso_start_url"),
    ssoRegion: mapSetting(lookup.session(session, "sso_region"), parseRegion),
    ssoRegistrationScopes: lookup.session(session, "sso_registration_scopes"),
    ...variantSettings(lookup),
    endpoints: resolveEndpoints(lookup),
  };
}

/** A profile's name, its source profile's and so on, in a loop: no chain is too long. */
function listChain(name: string, profiles: Inheritance): string[] {
  const chain = new Set([name]);
  for (let last = name;;) {
    const source = profiles.findSource(last);
    if (source === undefined) return [...chain];
    if (chain.has(source.value)) throw sourceLoop([...chain], source);
    chain.add(source.value);
    last = source.value;
  }
}

function sourceLoop(chain: readonly string[], { value: again, source }: Setting): VaultError {
  return new VaultError(
    "config",
    `profile ${again}: source_profile is a loop: ${describeLoop(chain, again)}`,
    ["remove one of these source_profile settings", `the loop closes at ${describeSource(source)}`],
  );
}

function resolveLink(name: string, source: ProfileConfig | undefined, scope: Scope): ProfileConfig {
  const lookup = new Lookup(name, scope);
  return {
    profile: name,
    inFile: scope.profiles.file.has("profile", name),
    ...identitySettings(lookup, name === scope.target),
    ...sourceSettings(lookup),
    ...durationSettings(lookup),
    mfaProcess: lookup.file("mfa_process") ?? source?.mfaProcess,
    ...variantSettings(lookup),
    ignoresEndpoints: lookup.ignoresEndpoints(),
    endpoints: resolveEndpoints(lookup),
    sourceProfile: source,
    sourceProfileName: scope.profiles.findSource(name),
  };
}

function identitySettings(lookup: Lookup, isTarget: boolean) {
  const forTarget = (variable: string, key: string) =>
    (isTarget ? lookup.env(variable) : undefined) ?? lookup.file(key);
  const roleArn = forTarget("AWS_ROLE_ARN", "role_arn");
  const forName = (variable: string, key: string) => {
    const name = forTarget(variable, key);
    return roleArn === undefined ? name : mapSetting(name, parseSessionName);
  };
  return {
    region: mapSetting(
      lookup.flag("region", "--region") ?? lookup.env("AWS_REGION") ??
        lookup.env("AWS_DEFAULT_REGION") ?? lookup.file("region"),
      parseRegion,
    ),
    stsRegionalEndpoints: mapSetting(
      lookup.env("AWS_STS_REGIONAL_ENDPOINTS") ?? lookup.file("sts_regional_endpoints"),
      parseStsEndpoints,
    ),
    mfaSerial: lookup.env("AWS_MFA_SERIAL") ?? lookup.file("mfa_serial"),
    mfaToken: mapSetting(lookup.flag("mfaToken", "--mfa-token"), parseMfaToken),
    roleArn,
    roleSessionName: forName("AWS_ROLE_SESSION_NAME", "role_session_name"),
    externalId: lookup.file("external_id"),
    expectedAccount: mapSetting(lookup.file("vault_expected_account"), parseAccount),
    sessionTags: mapSetting(forTarget("AWS_SESSION_TAGS", "session_tags"), parseTags),
    transitiveSessionTags: mapSetting(
      forTarget("AWS_TRANSITIVE_TAGS", "transitive_session_tags"),
      parseTagKeys,
    ),
    sourceIdentity: forName("AWS_SOURCE_IDENTITY", "source_identity"),
  };
}

function sourceSettings(lookup: Lookup) {
  return {
    credentialSource: lookup.file("credential_source"),
    credentialProcess: lookup.file("credential_process"),
    webIdentityTokenFile: lookup.file("web_identity_token_file"),
    webIdentityTokenProcess: lookup.file("web_identity_token_process"),
    loginSession: lookup.file("login_session"),
    ssoSession: lookup.file("sso_session"),
    ssoSessionFault: lookup.findMissing("sso_session", "sso-session"),
    ssoStartUrl: lookup.sso("sso_start_url"),
    ssoRegion: mapSetting(lookup.sso("sso_region"), parseRegion),
    ssoAccountId: lookup.sso("sso_account_id"),
    ssoRoleName: lookup.sso("sso_role_name"),
    ssoRegistrationScopes: lookup.sso("sso_registration_scopes"),
  };
}

function durationSettings(lookup: Lookup) {
  const duration = lookup.seconds(lookup.duration(), parseLongDuration);
  const sessionTtl = lookup.flag("sessionTtl", "--session-ttl");
  return {
    roleDurationSeconds: duration ?? lookup.seconds(
      lookup.flag("assumeRoleTtl", "--assume-role-ttl") ?? lookup.env("AWS_ASSUME_ROLE_TTL"),
    ) ?? lookup.seconds(lookup.file("duration_seconds"), parseSeconds) ?? byDefault(HOUR),
    sessionDurationSeconds: duration ?? lookup.seconds(
      sessionTtl ?? lookup.env("AWS_SESSION_TOKEN_TTL") ?? lookup.env("AWS_SESSION_TTL"),
    ) ?? byDefault(HOUR),
    chainedSessionDurationSeconds: duration ?? lookup.seconds(
      sessionTtl ?? lookup.env("AWS_CHAINED_SESSION_TOKEN_TTL"),
    ) ?? byDefault(8 * HOUR),
    federationDurationSeconds: duration ?? lookup.seconds(
      lookup.flag("federationTokenTtl", "--federation-token-ttl") ??
        lookup.env("AWS_FEDERATION_TOKEN_TTL"),
    ) ?? byDefault(HOUR),
  };
}

/** A source profile that says neither is asked for as the profile whose credentials are wanted. */
function variantSettings(lookup: Lookup) {
  const forRun = (variable: string, key: string) =>
    mapSetting(
      lookup.env(variable) ?? lookup.file(key) ?? lookup.ofTarget(key),
      parseBoolean,
    );
  return {
    useFipsEndpoint: forRun("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
    useDualstackEndpoint: forRun("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
  };
}

/**
 * AWS's order: a service's own variable, AWS_ENDPOINT_URL, the service in the `services` section,
 * the profile's endpoint_url.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
function resolveEndpoints(lookup: Lookup): Partial<Record<EndpointName, Setting>> {
  if (lookup.ignoresEndpoints()?.value) return {};
  const everywhere = lookup.env("AWS_ENDPOINT_URL");
  const fault = everywhere ? undefined : lookup.findMissing("services", "services");
  if (fault !== undefined) throw fault; // as the AWS CLI refuses it
  const general = everywhere ?? lookup.file("endpoint_url");
  const endpoints: Partial<Record<EndpointName, Setting>> = {};
  if (general !== undefined) endpoints.general = mapSetting(general, parseEndpoint);
  for (const service of ["sts", "iam", "sso", "sso_oidc"] as const) {
    const own = lookup.env(`AWS_ENDPOINT_URL_${service.toUpperCase()}`) ?? everywhere ??
      lookup.service(service) ?? general;
    if (own !== undefined) endpoints[service] = mapSetting(own, parseEndpoint);
  }
  const signin = lookup.env("AWS_ENDPOINT_URL_SIGNIN") ?? lookup.service("signin");
  if (signin !== undefined) endpoints.signin = mapSetting(signin, parseEndpoint);
  return endpoints;
}

function byDefault<T>(value: T): Setting<T> {
  return { value, source: { from: "default" } };
}
