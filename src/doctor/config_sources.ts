import { Inheritance } from "../config/inheritance.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { ORIGINS, type Own, type Profiles, unlessFaulty, UNUSABLE } from "./profiles.ts";

/** AWS's cap on a role that is assumed with temporary credentials. */
const CHAINED_SECONDS = 3600;

/** Whether each profile has what its credentials take, and gets what it asks for. */
export function checkSources(view: ConfigView, profiles: Profiles): Finding[] {
  return [...profiles].flatMap(([name, own]) => [
    ...checkTwo(name, own, view),
    ...checkLength(name, own, view, profiles),
    ...checkSso(name, own, view),
    ...checkRole(name, own, view),
  ]);
}

function checkTwo(name: string, own: Own, { file }: ConfigView): Finding[] {
  const [source, other] = [own.get("source_profile"), own.get("credential_source")];
  if (source === undefined || other === undefined) return [];
  return [{
    id: "config.two-sources",
    severity: "warning",
    file: file.path,
    line: Math.max(source.number, other.number),
    message: `profile ${name} has a source_profile and a credential_source`,
    effect: "here the source_profile counts; the AWS CLI and the SDKs refuse the profile",
    wayOut: "take one of them out",
  }];
}

function checkLength(name: string, own: Own, view: ConfigView, profiles: Profiles): Finding[] {
  const duration = own.get("duration_seconds");
  if (!duration || !(Number(duration.value) > CHAINED_SECONDS)) return [];
  if (!isChained(name, view, profiles)) return [];
  return [{
    id: "config.chain-cut",
    severity: "warning",
    file: view.file.path,
    line: duration.number,
    message: `profile ${name} asks for ${duration.value} seconds of a role that is assumed with ` +
      "temporary credentials",
    effect: "AWS gives one hour at most (role chaining): here it is cut to that, the AWS CLI and " +
      "the SDKs are refused",
    wayOut: `write ${CHAINED_SECONDS} or less, or assume the role from stored keys`,
  }];
}

/** A role takes something to assume it with, and a web identity a role to become. */
function checkRole(name: string, own: Own, { file, keys }: ConfigView): Finding[] {
  const inheritance = new Inheritance(file);
  const has = (key: string) => inheritance.find(name, key) !== undefined;
  const role = own.get("role_arn");
  const token = own.get("web_identity_token_file") ?? own.get("web_identity_token_process");
  const isWithout = role !== undefined && !keys.includes(name) &&
    unlessFaulty(() => !ORIGINS.some(has));
  if (isWithout) {
    return [{
      id: "config.no-source",
      severity: "error",
      file: file.path,
      line: role.number,
      message: `profile ${name} has a role, and nothing to assume it with`,
      effect: UNUSABLE,
      wayOut: `give it a source_profile, or store keys with aws-vault add ${name}`,
    }];
  }
  if (token === undefined || !unlessFaulty(() => !has("role_arn"))) return [];
  return [{
    id: "config.no-role",
    severity: "error",
    file: file.path,
    line: token.number,
    message: `profile ${name} has a web identity token, and no role_arn to go with it`,
    effect: UNUSABLE,
    wayOut: "add the role_arn that trusts whoever made the token",
  }];
}

/** Whether what its role is assumed with is temporary, by the config file alone. */
function isChained(name: string, { file, keys }: ConfigView, profiles: Profiles): boolean {
  if (!profiles.get(name)!.has("role_arn") || keys.includes(name)) return false;
  const inheritance = new Inheritance(file);
  const has = (profile: string, key: string) =>
    unlessFaulty(() => inheritance.find(profile, key)) !== undefined;
  const next = (profile: string) => unlessFaulty(() => inheritance.findSource(profile))?.value;
  const passed = new Set([name]);
  for (let at = next(name); at !== undefined && !passed.has(at); at = next(at)) {
    passed.add(at);
    if (has(at, "role_arn")) return true;
    if (keys.includes(at)) return false;
    if (TEMPORARY.some((key) => has(at!, key))) return true;
  }
  return false;
}

const SSO_KEYS = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];
const TEMPORARY = ["sso_session", "sso_start_url", "login_session", "web_identity_token_file"];

function checkSso(name: string, own: Own, { file }: ConfigView): Finding[] {
  const begin = own.get("sso_session") ?? own.get("sso_start_url");
  if (begin === undefined) return [];
  const inheritance = new Inheritance(file);
  const session = own.get("sso_session");
  if (session && !file.has("sso-session", session.value)) return []; // told as missing
  const shared = session && unlessFaulty(() => file.section("sso-session", session.value));
  const missing =
    unlessFaulty(() =>
      SSO_KEYS.filter((key) => !shared?.get(key)?.value && !inheritance.find(name, key))
    ) ?? [];
  // Without both it is a profile that only signs in.
  const signsInAlone = missing.includes("sso_account_id") && missing.includes("sso_role_name");
  const faults = signsInAlone ? missing.filter((key) => !/account|role/.test(key)) : missing;
  if (faults.length === 0) return [];
  return [{
    id: "config.sso-incomplete",
    severity: "error",
    file: file.path,
    line: begin.number,
    message: `profile ${name} signs in to IAM Identity Center, and ${faults.join(" and ")} ${
      faults.length === 1 ? "is" : "are"
    } missing`,
    effect: UNUSABLE,
    wayOut: "an SSO profile needs sso_start_url, sso_region, sso_account_id and sso_role_name",
  }];
}
