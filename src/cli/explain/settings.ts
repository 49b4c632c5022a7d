import { Inheritance, readSetting } from "../../config/inheritance.ts";
import type { IniFile } from "../../config/ini.ts";
import { listChain, nameSection, type ProfileConfig, type Setting } from "../../config/profile.ts";
import { hidePassword } from "../../errors.ts";
import type { ExplainedSetting, Origin } from "./explanation.ts";

type SettingKey = {
  [Key in keyof ProfileConfig]-?: NonNullable<ProfileConfig[Key]> extends Setting<unknown> ? Key
    : never;
}[keyof ProfileConfig];

/** What users call each setting: the key of the config file, where there is one. */
const NAMES: Readonly<Record<SettingKey, string>> = {
  region: "region",
  roleArn: "role_arn",
  sourceProfileName: "source_profile",
  credentialSource: "credential_source",
  credentialProcess: "credential_process",
  mfaSerial: "mfa_serial",
  mfaToken: "mfa_token",
  mfaProcess: "mfa_process",
  roleSessionName: "role_session_name",
  externalId: "external_id",
  expectedAccount: "vault_expected_account",
  sessionTags: "session_tags",
  transitiveSessionTags: "transitive_session_tags",
  sourceIdentity: "source_identity",
  webIdentityTokenFile: "web_identity_token_file",
  webIdentityTokenProcess: "web_identity_token_process",
  loginSession: "login_session",
  ssoSession: "sso_session",
  ssoStartUrl: "sso_start_url",
  ssoRegion: "sso_region",
  ssoAccountId: "sso_account_id",
  ssoRoleName: "sso_role_name",
  ssoRegistrationScopes: "sso_registration_scopes",
  stsRegionalEndpoints: "sts_regional_endpoints",
  useFipsEndpoint: "use_fips_endpoint",
  useDualstackEndpoint: "use_dualstack_endpoint",
  ignoresEndpoints: "ignore_configured_endpoint_urls",
  roleDurationSeconds: "duration_seconds",
  sessionDurationSeconds: "session_token_ttl",
  chainedSessionDurationSeconds: "chained_session_token_ttl",
  federationDurationSeconds: "federation_token_ttl",
};

/** Each setting of the profiles of a chain, with where it came from. */
export function listSettings(chain: readonly ProfileConfig[], file: IniFile): ExplainedSetting[] {
  const inheritance = new Inheritance(file);
  return chain.flatMap((config) =>
    gather(config, file, inheritance).map(({ name, setting }) => ({
      profile: config.profile,
      name,
      value: show(name, setting.value),
      from: findOrigin(setting, name, config, inheritance),
    }))
  );
}

interface Named<T> {
  readonly name: string;
  readonly setting: T;
}

function gather(
  config: ProfileConfig,
  file: IniFile,
  inheritance: Inheritance,
): Named<Setting<unknown>>[] {
  const named: Named<Setting<unknown> | undefined>[] = (Object.keys(NAMES) as SettingKey[]).map((
    key,
  ) => ({
    name: NAMES[key],
    setting: config[key],
  }));
  const { general } = config.endpoints;
  const endpoints = Object.entries(config.endpoints)
    .filter(([service, setting]) => service === "general" || setting.source !== general?.source)
    .map(([service, setting]) => ({
      name: service === "general" ? "endpoint_url" : `endpoint_url_${service}`,
      setting,
    }));
  const services = { name: "services", setting: inheritance.find(config.profile, "services") };
  return [...findInclude(config.profile, file), ...named, services, ...endpoints]
    .filter((entry): entry is Named<Setting<unknown>> => entry.setting !== undefined);
}

/** It is no setting of the profile once it has been followed. */
function findInclude(profile: string, file: IniFile) {
  const section = file.section("profile", profile);
  return ["include_profile", "parent_profile"].map((name) => ({
    name,
    setting: readSetting(file, section, `[profile ${profile}]`, name),
  }));
}

function findOrigin(
  { source }: Setting<unknown>,
  name: string,
  config: ProfileConfig,
  inheritance: Inheritance,
): Origin {
  if (source.from === "default") return { kind: "default" };
  if (source.from !== "file") return { kind: source.from, name: source.name };
  const { path, line } = source;
  const section = nameSection(source);
  const inherited = name === "include_profile" || name === "parent_profile"
    ? []
    : findPath(source.section, config, inheritance);
  return { kind: "file", path, line, section, ...(inherited.length > 0 && { inherited }) };
}

/** By includes and `[default]`, or, of `mfa_process`, from the source profiles. */
function findPath(section: string, config: ProfileConfig, inheritance: Inheritance): string[] {
  const chain = listChain(config).map(({ profile }) => profile);
  for (const [index, profile] of chain.entries()) {
    const path = inheritance.listPath(profile, section);
    if (path !== undefined) return [...chain.slice(1, index + 1), ...path];
  }
  return []; // a section that is no profile's: what names it is a setting of its own
}

function show(name: string, value: unknown): string {
  if (name.endsWith("_process")) return "(a command)";
  if (name === "mfa_token") return "(given)";
  if (value instanceof Map) return [...value].map((pair) => pair.join("=")).join(",");
  if (Array.isArray(value)) return value.join(",");
  const text = String(value);
  return name.startsWith("endpoint_url") || name.endsWith("_url") ? hidePassword(text) : text;
}
