import { Inheritance } from "../config/inheritance.ts";
import { ACCOUNT_ID, CHAINED_ROLE_MAX_SECONDS, type Setting } from "../config/profile.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import { asArgument } from "../errors.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { ORIGINS, type Own, type Profiles, UNUSABLE } from "./profiles.ts";

/** Whether each profile has what its credentials take, and gets what it asks for. */
export function checkSources(view: ConfigView, profiles: Profiles): Finding[] {
  const inheritance = new Inheritance(view.file);
  const heirs = Map.groupBy(
    profiles.keys(),
    (name) => profiles.get(name)!.get("include_profile")?.value ?? "",
  );
  return [...profiles].flatMap(([name, own]) => {
    // Whoever needs them looks, no further than that: chains of includes may be long.
    const bearers = () => listBearers(name, heirs);
    return [
      ...checkTwo(name, own, view),
      ...checkLength(name, view, inheritance),
      ...checkAccount(name, view, inheritance),
      ...checkSso(name, view, { own, inheritance, bearers }),
      ...checkSession(own, view),
      ...checkRole(name, view, { own, inheritance, bearers }),
    ];
  });
}

/** Where a profile stands among others. */
interface Place {
  readonly own: Own;
  readonly inheritance: Inheritance;
  /** The profile itself, and whoever has its settings by includes. */
  bearers(): IteratorObject<string>;
}

/** A profile, whoever includes it, and whoever includes those. */
function* listBearers(name: string, heirs: ReadonlyMap<string, readonly string[]>) {
  const found = new Set([name]);
  for (const bearer of found) {
    yield bearer;
    for (const heir of heirs.get(bearer) ?? []) found.add(heir);
  }
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

function checkLength(name: string, view: ConfigView, inheritance: Inheritance): Finding[] {
  const duration = unlessFaulty(() => inheritance.find(name, "duration_seconds"));
  if (duration?.source.from !== "file" || !(Number(duration.value) > CHAINED_ROLE_MAX_SECONDS)) {
    return [];
  }
  if (!isChained(name, view, inheritance)) return [];
  return [{
    id: "config.chain-cut",
    severity: "warning",
    file: view.file.path,
    line: duration.source.line,
    message: `profile ${name} asks for ${duration.value} seconds of a role that is assumed with ` +
      "temporary credentials",
    effect: "AWS gives one hour at most (role chaining): here it is cut to that, the AWS CLI and " +
      "the SDKs are refused",
    wayOut: `write ${CHAINED_ROLE_MAX_SECONDS} or less, or assume the role from stored keys`,
  }];
}

/** Nothing is handed out where the settings themselves name another account. */
function checkAccount(name: string, { file }: ConfigView, inheritance: Inheritance): Finding[] {
  const find = (key: string) => unlessFaulty(() => inheritance.find(name, key));
  const expected = find("vault_expected_account");
  const isSso = find("source_profile") === undefined &&
    (find("sso_session") ?? find("sso_start_url")) !== undefined;
  const own = isSso ? find("sso_account_id") : find("role_arn") ?? find("login_session");
  const account = isSso ? own?.value : own?.value.split(":")[4];
  if (expected?.source.from !== "file" || !ACCOUNT_ID.test(expected.value)) return [];
  if (!account || account === expected.value) return [];
  return [{
    id: "config.expected-account",
    severity: "error",
    file: file.path,
    line: expected.source.line,
    message:
      `profile ${name} is to be of account ${expected.value}, and its settings name ${account}`,
    effect: "nothing is handed out for the profile",
    wayOut: "correct vault_expected_account, or the account that the profile names",
  }];
}

/**
 * A role takes something to assume it with, and a web identity a role to become. What others include
 * need be nobody by itself, where one of them has what is missing.
 */
function checkRole(
  name: string,
  view: ConfigView,
  place: Place,
): Finding[] {
  const { file } = view;
  const { own, inheritance, bearers } = place;
  const role = own.get("role_arn");
  const token = own.get("web_identity_token_file") ?? own.get("web_identity_token_process");
  if (role !== undefined && isWithoutOrigin(view, place)) {
    return [{
      id: "config.no-source",
      severity: "error",
      file: file.path,
      line: role.number,
      message: `profile ${name} has a role, and nothing to assume it with`,
      effect: UNUSABLE,
      wayOut: `give it a source_profile, or store keys with aws-vault add ${asArgument(name)}`,
    }];
  }
  const isRole = (bearer: string) => inheritance.find(bearer, "role_arn") !== undefined;
  if (token === undefined || !unlessFaulty(() => !bearers().some(isRole))) return [];
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

/** A source_profile that names its own profile names none. */
function findOrigin(name: string, key: string, inheritance: Inheritance): Setting | undefined {
  return key === "source_profile" ? inheritance.findSource(name) : inheritance.find(name, key);
}

/** Whether what its role is assumed with is temporary, by the config file alone. */
function isChained(name: string, { keys }: ConfigView, inheritance: Inheritance): boolean {
  const find = (profile: string, key: string) =>
    unlessFaulty(() => inheritance.find(profile, key))?.value;
  const has = (profile: string, keys: readonly string[]) =>
    keys.some((key) => find(profile, key) !== undefined);
  if (!has(name, ["role_arn"]) || keys?.includes(name)) return false;
  const passed = new Set([name]);
  for (const at of passed) {
    const source = unlessFaulty(() => inheritance.findSource(at))?.value;
    if (source === undefined) {
      if (has(at, AS_THEY_ARE)) return at !== name; // one's own role is not assumed with these
      return has(at, ["login_session"]) || OF_MACHINES.test(find(at, "credential_source") ?? "");
    }
    if (source !== name && has(source, ["role_arn"])) return true;
    if (keys?.includes(source)) return false;
    passed.add(source);
  }
  return false; // a loop, which is told by itself
}

const SSO_KEYS = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];
/** Credentials of a role already, which nothing else of the same profile is assumed with. */
const AS_THEY_ARE = [
  ...["sso_session", "sso_start_url", "web_identity_token_file", "web_identity_token_process"],
];
/** A machine's credentials are those of a role. */
const OF_MACHINES = /^(ec2instancemetadata|ecscontainer)$/i;

/** What others include need not say all, where one of them has what is missing. */
function checkSso(
  name: string,
  view: ConfigView,
  place: Place,
): Finding[] {
  const { file } = view;
  const { own, inheritance, bearers } = place;
  const begin = own.get("sso_session") ?? own.get("sso_start_url");
  if (begin === undefined) return checkNowhere(name, view, place);
  const session = own.get("sso_session");
  const shared = session && unlessFaulty(() => file.section("sso-session", session.value));
  if (session && shared === undefined) return []; // told as missing, or by its fault
  const wanted = SSO_KEYS.filter((key) => !shared?.get(key)?.value);
  const listMissing = (bearer: string) =>
    unlessFaulty(() => wanted.filter((key) => !inheritance.find(bearer, key))) ?? [];
  const missing = listMissing(name);
  // Without both it is a profile that only signs in.
  const signsInAlone = missing.includes("sso_account_id") && missing.includes("sso_role_name");
  const faults = signsInAlone ? missing.filter((key) => !/account|role/.test(key)) : missing;
  if (faults.length === 0 || bearers().some((one) => listMissing(one).length === 0)) return [];
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

/**
 * What is signed in for, and nowhere to sign in at: without another origin the profile is nobody.
 * Of a role that is told as it is, and `[default]` may be there for others to inherit from.
 */
function checkNowhere(name: string, view: ConfigView, place: Place): Finding[] {
  const begin = place.own.get("sso_account_id") ?? place.own.get("sso_role_name");
  if (begin === undefined || place.own.has("role_arn") || name === "default") return [];
  if (!isWithoutOrigin(view, place)) return [];
  return [{
    id: "config.sso-incomplete",
    severity: "error",
    file: view.file.path,
    line: begin.number,
    message: `profile ${name} has ${begin.key}, and no sso_session or sso_start_url to sign in at`,
    effect: UNUSABLE,
    wayOut: "add the sso_session it is of, or sso_start_url and sso_region",
  }];
}

/** Whether neither a profile nor whoever includes it has anything that credentials begin with. */
function isWithoutOrigin({ keys }: ConfigView, { inheritance, bearers }: Place): boolean {
  const has = (bearer: string) =>
    ORIGINS.some((key) => findOrigin(bearer, key, inheritance)) || keys?.includes(bearer);
  return keys !== undefined && unlessFaulty(() => !bearers().some(has)) === true;
}

/** What a profile says of its sign-in beside the section that it names. */
function checkSession(own: Own, { file }: ConfigView): Finding[] {
  const named = own.get("sso_session")?.value;
  const shared = named && unlessFaulty(() => file.section("sso-session", named));
  if (!shared) return [];
  return ["sso_start_url", "sso_region"].flatMap((key): Finding[] => {
    const entry = own.get(key);
    const value = shared.get(key)?.value;
    if (entry === undefined || !value || entry.value === value) return [];
    return [{
      id: "config.sso-conflict",
      severity: "warning",
      file: file.path,
      line: entry.number,
      message: `${key} is another than that of [sso-session ${named}]`,
      effect: "that of the section counts here; the AWS CLI refuses the profile",
      wayOut: "take it out of the profile",
    }];
  });
}
