import { describeLoop, Inheritance } from "../config/inheritance.ts";
import type { IniFile, SectionKind } from "../config/ini.ts";
import { hintAtNearest } from "../config/nearest.ts";
import { VaultError } from "../errors.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { type EntryLine, settingsOf } from "./lines.ts";

/** AWS's cap on a role that is assumed with temporary credentials. */
const CHAINED_SECONDS = 3600;

/** Settings that say where a profile's credentials come from. */
const ORIGINS = [
  ...["source_profile", "credential_source", "credential_process", "sso_session", "sso_start_url"],
  ...["web_identity_token_file", "web_identity_token_process", "login_session"],
];

/** What profiles say of each other: names that lead nowhere, loops, roles nobody asked for. */
export function checkProfiles(view: ConfigView): Finding[] {
  const profiles = readProfiles(view);
  return [
    ...checkNames(view, profiles),
    ...checkLoops(view, profiles, "include_profile"),
    ...checkLoops(view, profiles, "source_profile"),
    ...checkDefault(view, profiles),
    ...[...profiles].flatMap(([name, own]) => checkOne(name, own, view, profiles)),
  ];
}

/** A profile's own settings, by key; the last one counts. */
type Own = ReadonlyMap<string, EntryLine>;
type Profiles = ReadonlyMap<string, Own>;

function readProfiles({ lines }: ConfigView): Profiles {
  const profiles = new Map<string, Map<string, EntryLine>>();
  for (const line of lines) {
    if (line.kind !== "header" || !line.id?.startsWith("profile ") || line.isFaulty) continue;
    const name = line.id.slice("profile ".length);
    if (!profiles.has(name)) profiles.set(name, new Map());
  }
  for (const entry of settingsOf(lines)) {
    const { id } = entry.section!;
    const own = id!.startsWith("profile ") && profiles.get(id!.slice("profile ".length));
    if (own && entry.value !== "") {
      own.set(entry.key === "parent_profile" ? "include_profile" : entry.key, entry);
    }
  }
  return profiles;
}

function checkNames({ file, lines, keys }: ConfigView, profiles: Profiles): Finding[] {
  const names = [...profiles.keys()];
  const sections = (kind: SectionKind) => file.readableNames(kind);
  return settingsOf(lines).flatMap((entry): Finding[] => {
    const target = TARGETS[entry.key];
    if (target === undefined || !entry.section!.id!.startsWith("profile ")) return [];
    if (entry.value === "") return [];
    const known = target.kind === "profile"
      ? entry.key === "source_profile" ? [...names, ...keys, "default"] : [...names, "default"]
      : sections(target.kind);
    if (known.includes(entry.value)) return [];
    return [{
      id: target.id,
      severity: "error",
      file: file.path,
      line: entry.number,
      message: `${entry.key} names \`${entry.value}\`, which is nowhere`,
      effect: target.effect,
      wayOut: [...hintAtNearest(entry.value, known), `write the name of a ${target.what}`].join(
        " else ",
      ),
    }];
  });
}

interface Target {
  readonly id: string;
  readonly kind: SectionKind;
  readonly what: string;
  readonly effect: string;
}

const UNUSABLE = "the profile cannot be used";
const INCLUDE = {
  id: "config.missing-include",
  kind: "profile",
  what: "profile",
  effect: UNUSABLE,
} as const;
const TARGETS: Readonly<Record<string, Target>> = {
  source_profile: {
    id: "config.missing-source",
    kind: "profile",
    what: "profile, or store keys under this one with aws-vault add",
    effect: UNUSABLE,
  },
  include_profile: INCLUDE,
  parent_profile: INCLUDE,
  sso_session: {
    id: "config.missing-sso-session",
    kind: "sso-session",
    what: "section [sso-session NAME]",
    effect: "nobody can sign in for the profile",
  },
  services: {
    id: "config.missing-services",
    kind: "services",
    what: "section [services NAME]",
    effect: "requests go to AWS's own addresses instead",
  },
};

/** Each line of a loop is named: any of them can be the one that is wrong. */
function checkLoops(
  { file, keys }: ConfigView,
  profiles: Profiles,
  key: "include_profile" | "source_profile",
): Finding[] {
  const next = (name: string): EntryLine | undefined => {
    const entry = profiles.get(name)?.get(key);
    if (key === "include_profile") return entry;
    // One that names itself names none; stored keys are where a chain begins.
    return entry?.value === name || keys.includes(name) ? undefined : entry;
  };
  const findings: Finding[] = [];
  for (const name of profiles.keys()) {
    const path: string[] = [];
    let at: string | undefined = name;
    while (at !== undefined && !path.includes(at)) {
      path.push(at);
      at = next(at)?.value;
    }
    if (at !== name) continue;
    findings.push({
      id: "config.loop",
      severity: "error",
      file: file.path,
      line: next(name)!.number,
      message: `${key} is a loop: ${describeLoop(path, name)}`,
      effect: "none of these profiles can be used",
      wayOut: `take one of these ${key} settings out, or name another profile in it`,
    });
  }
  return findings;
}

function checkDefault({ file }: ConfigView, profiles: Profiles): Finding[] {
  const own = profiles.get("default");
  if (own === undefined) return [];
  const findings: Finding[] = [];
  const role = own.get("role_arn");
  const heirs = role === undefined ? [] : findHeirs(file, profiles, "role_arn");
  if (heirs.length > 0) {
    findings.push({
      id: "config.default-role",
      severity: "warning",
      file: file.path,
      line: role!.number,
      message: `the role of [default] is inherited by ${listSome(heirs)}`,
      effect: "they are that role, though their own sections do not say so; the AWS CLI inherits " +
        "nothing from [default]",
      wayOut: "move role_arn to a profile of its own, and include that where it is meant",
    });
  }
  const origin = ["aws_access_key_id", "role_arn", ...ORIGINS].map((key) => own.get(key))
    .find((entry) => entry !== undefined);
  if (origin !== undefined) {
    findings.push({
      id: "config.default-credentials",
      severity: "warning",
      file: file.path,
      line: origin.number,
      message: `[default] has credentials of its own (${origin.key})`,
      effect: "a program that is told of no profile is somebody all the same, and AWS SDKs take " +
        "them before those of exec --server",
      wayOut: "give the section a name, [profile NAME], and use it by that",
    });
  }
  return findings;
}

/** Who has a setting from [default], by way of includes too. */
function findHeirs(file: IniFile, profiles: Profiles, key: string): string[] {
  const inheritance = new Inheritance(file);
  return [...profiles.keys()].filter((name) => {
    try {
      const source = name === "default" ? undefined : inheritance.find(name, key)?.source;
      return source?.from === "file" && source.section === "[profile default]";
    } catch (error) {
      if (error instanceof VaultError) return false; // told by another check
      throw error;
    }
  });
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).join(", ");
  return names.length > MOST_SHOWN ? `${shown} and ${names.length - MOST_SHOWN} more` : shown;
}

const MOST_SHOWN = 3;

function checkOne(
  name: string,
  own: Own,
  view: ConfigView,
  profiles: Profiles,
): Finding[] {
  const { file } = view;
  const findings: Finding[] = [];
  const [source, other] = [own.get("source_profile"), own.get("credential_source")];
  if (source !== undefined && other !== undefined) {
    findings.push({
      id: "config.two-sources",
      severity: "warning",
      file: file.path,
      line: Math.max(source.number, other.number),
      message: `profile ${name} has a source_profile and a credential_source`,
      effect: "here the source_profile counts; the AWS CLI and the SDKs refuse the profile",
      wayOut: "take one of them out",
    });
  }
  const duration = own.get("duration_seconds");
  if (duration && Number(duration.value) > CHAINED_SECONDS && isChained(name, view, profiles)) {
    findings.push({
      id: "config.chain-cut",
      severity: "warning",
      file: file.path,
      line: duration.number,
      message: `profile ${name} asks for ${duration.value} seconds of a role that is assumed ` +
        "with temporary credentials",
      effect: "AWS gives one hour at most (role chaining): here it is cut to that, the AWS CLI " +
        "and the SDKs are refused",
      wayOut: `write ${CHAINED_SECONDS} or less, or assume the role from stored keys`,
    });
  }
  return [...findings, ...checkSso(name, own, view), ...checkRole(name, own, view)];
}

/** A role takes something to assume it with, and a web identity a role to become. */
function checkRole(name: string, own: Own, { file, keys }: ConfigView): Finding[] {
  const inheritance = new Inheritance(file);
  const has = (key: string) => inheritance.find(name, key) !== undefined;
  const role = own.get("role_arn");
  const token = own.get("web_identity_token_file") ?? own.get("web_identity_token_process");
  try {
    if (role !== undefined && !keys.includes(name) && !ORIGINS.some(has)) {
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
    if (token === undefined || has("role_arn")) return [];
  } catch (error) {
    if (error instanceof VaultError) return []; // told by another check
    throw error;
  }
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
  const passed = new Set([name]);
  try {
    for (let at = inheritance.findSource(name)?.value; at !== undefined && !passed.has(at);) {
      passed.add(at);
      if (["role_arn", ...TEMPORARY].some((key) => inheritance.find(at!, key))) {
        return !keys.includes(at) || inheritance.find(at, "role_arn") !== undefined;
      }
      if (keys.includes(at)) return false;
      at = inheritance.findSource(at)?.value;
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error; // told by another check
  }
  return false;
}

const TEMPORARY = ["sso_session", "sso_start_url", "login_session", "web_identity_token_file"];

function checkSso(name: string, own: Own, { file }: ConfigView): Finding[] {
  const begin = own.get("sso_session") ?? own.get("sso_start_url");
  if (begin === undefined) return [];
  const inheritance = new Inheritance(file);
  const session = own.get("sso_session");
  if (session && !file.has("sso-session", session.value)) return []; // told as missing
  const missing: string[] = [];
  try {
    const shared = session && file.section("sso-session", session.value);
    for (const key of ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"]) {
      if (!shared?.get(key)?.value && !inheritance.find(name, key)) missing.push(key);
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return [];
  }
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
