import { parseDuration, parseLongDuration } from "../config/duration.ts";
import { parseEndpoint } from "../config/endpoint.ts";
import { parseBoolean, parseSessionName, parseSwitch, parseTags } from "../config/values.ts";
import { VaultError } from "../errors.ts";
import { expandHome, homeOf, whyNotAppended } from "../files.ts";
import type { Env } from "../types.ts";
import { type Finding, joinHints, type MachineView, type Severity } from "./finding.ts";

/** Variables whose values a run would refuse. */
export function checkVariables(view: MachineView): Finding[] {
  return [
    ...checkDurations(view),
    ...checkAddresses(view),
    ...checkBooleans(view),
    ...checkTags(view),
    ...checkNames(view),
    ...checkAuditLog(view),
  ];
}

export function finding(
  id: string,
  severity: Severity,
  message: string,
  effect: string,
  wayOut: string,
): Finding {
  return { id, severity, message, effect, wayOut };
}

const DURATIONS = [
  ...["AWS_VAULT_DURATION", "AWS_MIN_TTL", "AWS_SESSION_TOKEN_TTL", "AWS_SESSION_TTL"],
  ...["AWS_CHAINED_SESSION_TOKEN_TTL", "AWS_ASSUME_ROLE_TTL", "AWS_FEDERATION_TOKEN_TTL"],
];

function checkDurations({ ctx: { env } }: MachineView): Finding[] {
  return DURATIONS.flatMap((name) => {
    const value = env.get(name);
    const fault = value ? findFault(() => parseVariable(value, name)) : undefined;
    if (fault === undefined) return [];
    const [wayOut = "unset it"] = fault.hints;
    const effect = "whatever asks for a session fails";
    return [finding("environment.duration", "error", fault.message, effect, wayOut)];
  });
}

function parseVariable(value: string, name: string): number {
  if (name === "AWS_VAULT_DURATION") return parseLongDuration(value, name);
  return parseDuration(value, name, name === "AWS_MIN_TTL" ? 0 : 1);
}

const NO_CREDENTIALS = "every command that gets credentials ends with an error";

function checkAddresses({ ctx: { env } }: MachineView): Finding[] {
  const names = ["", "_STS", "_IAM", "_SSO", "_SSO_OIDC", "_SIGNIN"]
    .map((service) => `AWS_ENDPOINT_URL${service}`);
  return checkEach(names, parseEndpoint, env, "environment.endpoint", NO_CREDENTIALS);
}

const BOOLEANS = [
  ...["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
  ...["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_EC2_METADATA_DISABLED"],
  "AWS_EC2_METADATA_V1_DISABLED",
];
const SWITCHES = [
  ...["AWS_VAULT_STDOUT", "AWS_VAULT_SSO_DEVICE_CODE", "AWS_VAULT_PROFILE_ENV"],
  ...["AWS_VAULT_AUTO_LOGOUT", "AWS_VAULT_DISABLE_HELP_MESSAGE"],
];

function checkBooleans({ ctx: { env } }: MachineView): Finding[] {
  const id = "environment.boolean";
  const effect = "whatever needs it ends with an error";
  const ofAws = `${effect}; the AWS CLI takes it for false without a word`;
  return [
    ...checkEach(BOOLEANS, parseBoolean, env, id, ofAws),
    ...checkEach(SWITCHES, parseSwitch, env, id, effect),
  ];
}

/** Those that are set and cannot be parsed. */
function checkEach(
  names: readonly string[],
  parse: (value: string, name: string) => unknown,
  env: Env,
  id: string,
  effect: string,
): Finding[] {
  return names.flatMap((name) => {
    const value = env.get(name);
    const fault = value ? findFault(() => parse(value, name)) : undefined;
    if (fault === undefined) return [];
    const wayOut = `${joinHints(fault.hints)}; or unset ${name}`;
    return [finding(id, "error", fault.message, effect, wayOut)];
  });
}

function checkTags({ ctx: { env } }: MachineView): Finding[] {
  const value = env.get("AWS_SESSION_TAGS");
  const fault = value ? findFault(() => parseTags(value, "AWS_SESSION_TAGS")) : undefined;
  return fault === undefined ? [] : [finding(
    "environment.session-tags",
    "error",
    fault.message,
    NO_CREDENTIALS,
    joinHints(fault.hints),
  )];
}

function checkNames({ ctx: { env } }: MachineView): Finding[] {
  const names = ["AWS_ROLE_SESSION_NAME", "AWS_SOURCE_IDENTITY"];
  const effect = "a profile with a role, when it is named on the command line, ends with an error";
  return checkEach(names, parseSessionName, env, "environment.session-name", effect);
}

/** Without its line nothing is handed out. */
function checkAuditLog({ ctx: { env } }: MachineView): Finding[] {
  const name = "AWS_VAULT_AUDIT_LOG";
  const value = env.get(name);
  if (!value) return [];
  const path = expandHome(value, homeOf(env));
  const obstacle = whyNotAppended(path);
  return obstacle === undefined ? [] : [finding(
    "environment.audit-log",
    "error",
    `${name} names ${path}, which cannot be written: ${obstacle}`,
    "no credentials are handed out",
    `name a file in a directory that is there and yours, or unset ${name}`,
  )];
}

function findFault(work: () => unknown): VaultError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}
