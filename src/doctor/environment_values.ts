import { parseDuration, parseLongDuration } from "../config/duration.ts";
import { parseEndpoint } from "../config/endpoint.ts";
import {
  parseBoolean,
  parseSessionName,
  parseStsEndpoints,
  parseSwitch,
  parseTags,
} from "../config/values.ts";
import { VaultError } from "../errors.ts";
import { whyNotAppended } from "../files.ts";
import { expandHome, homeOf } from "../paths.ts";
import { type Finding, joinHints, type MachineView } from "./finding.ts";

/** Variables whose values a run would refuse. */
export function checkVariables(view: MachineView): Finding[] {
  return [...READINGS.flatMap((reading) => checkValues(reading, view)), ...checkAuditLog(view)];
}

/** How a run reads some variables, and what comes of a value that it refuses. */
interface Reading {
  readonly id: string;
  readonly names: readonly string[];
  readonly effect: string;
  parse(value: string, name: string): unknown;
}

const DURATION = {
  id: "environment.duration",
  effect: "whatever asks for a session fails",
};
const BOOLEAN = {
  id: "environment.boolean",
  effect: "whatever needs it ends with an error",
};
const NO_CREDENTIALS = "every command that gets credentials ends with an error";

const READINGS: readonly Reading[] = [
  { ...DURATION, names: ["AWS_VAULT_DURATION"], parse: parseLongDuration },
  { ...DURATION, names: ["AWS_MIN_TTL"], parse: (value, name) => parseDuration(value, name, 0) },
  {
    ...DURATION,
    names: [
      ...["AWS_SESSION_TOKEN_TTL", "AWS_SESSION_TTL", "AWS_CHAINED_SESSION_TOKEN_TTL"],
      ...["AWS_ASSUME_ROLE_TTL", "AWS_FEDERATION_TOKEN_TTL"],
    ],
    parse: parseDuration,
  },
  {
    id: "environment.endpoint",
    names: ["", "_STS", "_IAM", "_SSO", "_SSO_OIDC", "_SIGNIN"]
      .map((service) => `AWS_ENDPOINT_URL${service}`),
    effect: NO_CREDENTIALS,
    parse: parseEndpoint,
  },
  {
    id: BOOLEAN.id,
    names: [
      ...["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
      ...["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_EC2_METADATA_DISABLED"],
      "AWS_EC2_METADATA_V1_DISABLED",
    ],
    effect: `${BOOLEAN.effect}; the AWS CLI takes it for false without a word`,
    parse: parseBoolean,
  },
  {
    ...BOOLEAN,
    names: [
      ...["AWS_VAULT_STDOUT", "AWS_VAULT_SSO_DEVICE_CODE", "AWS_VAULT_PROFILE_ENV"],
      ...["AWS_VAULT_AUTO_LOGOUT", "AWS_VAULT_DISABLE_HELP_MESSAGE"],
    ],
    parse: parseSwitch,
  },
  {
    id: "environment.sts-endpoints",
    names: ["AWS_STS_REGIONAL_ENDPOINTS"],
    effect: NO_CREDENTIALS,
    parse: parseStsEndpoints,
  },
  {
    id: "environment.session-tags",
    names: ["AWS_SESSION_TAGS"],
    effect: NO_CREDENTIALS,
    parse: parseTags,
  },
  {
    id: "environment.session-name",
    names: ["AWS_ROLE_SESSION_NAME", "AWS_SOURCE_IDENTITY"],
    effect: "a profile with a role, when it is named on the command line, ends with an error",
    parse: parseSessionName,
  },
];

/** Those of them that are set and cannot be parsed. */
function checkValues(
  { id, names, effect, parse }: Reading,
  { ctx: { env } }: MachineView,
): Finding[] {
  return names.flatMap((name): Finding[] => {
    const value = env.get(name);
    const fault = value ? findFault(() => parse(value, name)) : undefined;
    if (fault === undefined) return [];
    const wayOut = `${joinHints(fault.hints)}; or unset ${name}`;
    return [{ id, severity: "error", message: fault.message, effect, wayOut }];
  });
}

/** Without its line nothing is handed out. */
function checkAuditLog({ ctx: { env } }: MachineView): Finding[] {
  const name = "AWS_VAULT_AUDIT_LOG";
  const value = env.get(name);
  if (!value) return [];
  const path = expandHome(value, homeOf(env));
  const obstacle = whyNotAppended(path);
  return obstacle === undefined ? [] : [{
    id: "environment.audit-log",
    severity: "error",
    message: `${name} names ${path}, which cannot be written: ${obstacle}`,
    effect: "no credentials are handed out",
    wayOut: `name a file in a directory that is there and yours, or unset ${name}`,
  }];
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
