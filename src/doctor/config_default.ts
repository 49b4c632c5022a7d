import { Inheritance } from "../config/inheritance.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { ORIGINS, type Own, type Profiles } from "./profiles.ts";

/** What of `[default]` counts for others here alone, or makes them, or whoever names none, somebody. */
export function checkDefault({ file }: ConfigView, profiles: Profiles): Finding[] {
  const own = profiles.get("default");
  if (own === undefined) return [];
  const inheritance = new Inheritance(file);
  const findHeirs = (key: string) =>
    own.has(key) ? listHeirs(inheritance, profiles, key) : new Set<string>();
  return [
    ...checkRole(own, findHeirs("role_arn"), file.path),
    ...checkRest(own, findHeirs, file.path),
    ...checkCredentials(own, file.path),
  ];
}

function checkRole(own: Own, heirs: ReadonlySet<string>, path: string): Finding[] {
  if (heirs.size === 0) return [];
  return [{
    id: "config.default-role",
    severity: "warning",
    file: path,
    line: own.get("role_arn")!.number,
    message: `the role of [default] is inherited by ${listSome([...heirs])}`,
    effect: "they are that role, though their own sections do not say so; the AWS CLI inherits " +
      "nothing from [default]",
    wayOut: "move role_arn to a profile of its own, and include that where it is meant",
  }];
}

/** Settings of the AWS CLI's and SDKs' own that others inherit here alone. */
const SHARED = [
  ...["region", "mfa_serial", "role_session_name", "external_id", "duration_seconds", ...ORIGINS],
  ...["sso_region", "sso_account_id", "sso_role_name", "sso_registration_scopes"],
  ...["sts_regional_endpoints", "endpoint_url", "services", "ignore_configured_endpoint_urls"],
  ...["use_fips_endpoint", "use_dualstack_endpoint"],
];

function checkRest(
  own: Own,
  findHeirs: (key: string) => ReadonlySet<string>,
  path: string,
): Finding[] {
  const inherited = SHARED.map((key) => ({ key, heirs: findHeirs(key) }))
    .filter(({ heirs }) => heirs.size > 0);
  if (inherited.length === 0) return [];
  const keys = inherited.map(({ key }) => key);
  const heirs = new Set(inherited.flatMap(({ heirs }) => [...heirs]));
  return [{
    id: "config.default-inherited",
    severity: "note",
    file: path,
    line: Math.min(...keys.map((key) => own.get(key)!.number)),
    message: `${keys.join(", ")} of [default] ${keys.length > 1 ? "are" : "is"} inherited by ` +
      listSome([...heirs]),
    effect:
      "so it is here and in the Go tool; the AWS CLI and boto3 inherit nothing from [default]",
    wayOut: "write what they are to see of it into those profiles too",
  }];
}

function checkCredentials(own: Own, path: string): Finding[] {
  const origin = ["aws_access_key_id", "role_arn", ...ORIGINS].map((key) => own.get(key))
    .find((entry) => entry !== undefined);
  if (origin === undefined) return [];
  return [{
    id: "config.default-credentials",
    severity: "warning",
    file: path,
    line: origin.number,
    message: `[default] has credentials of its own (${origin.key})`,
    effect: "a program that is told of no profile is somebody all the same, and AWS SDKs take " +
      "them before those of exec --server",
    wayOut: "give the section a name, [profile NAME], and use it by that",
  }];
}

/** Who has a setting from [default], by way of includes too. */
function listHeirs(inheritance: Inheritance, profiles: Profiles, key: string): Set<string> {
  const heirs = [...profiles.keys()].filter((name) => {
    if (name === "default") return false;
    const found = unlessFaulty(() => inheritance.find(name, key));
    if (key === "source_profile" && found?.value === name) return false; // which counts for nothing
    const source = found?.source;
    return source?.from === "file" && source.section === "[profile default]";
  });
  return new Set(heirs);
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).join(", ");
  return names.length > MOST_SHOWN ? `${shown} and ${names.length - MOST_SHOWN} more` : shown;
}

const MOST_SHOWN = 3;
