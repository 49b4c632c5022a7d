import { parseSeconds } from "../config/duration.ts";
import {
  ACCOUNT_ID,
  BOOLEAN,
  SESSION_NAME,
  SIGN_IN_ARN,
  STS_ENDPOINTS,
} from "../config/profile.ts";
import { isAddress, showFaulty } from "../config/endpoint.ts";
import { isAwsRegion, isStsRegion, parseRegion } from "../config/region.ts";
import { parseTags } from "../config/values.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import { VaultError } from "../errors.ts";
import type { ConfigView, Finding, Severity } from "./finding.ts";
import { type EntryLine, nestedOf, settingsOf } from "./lines.ts";

/** Values that a run would refuse, or AWS. */
export function checkValues(view: ConfigView): Finding[] {
  return [...settingsOf(view.lines), ...listServices(view)].flatMap((entry) => {
    const check = CHECKS.get(entry.key);
    const fault = entry.value === "" || check === undefined ? undefined : check(entry.value, entry);
    if (fault === undefined) return [];
    return [{
      id: fault.id,
      severity: fault.severity ?? "error",
      file: view.file.path,
      line: entry.number,
      message: `${entry.key}: ${fault.what}`,
      effect: fault.effect ?? "whatever needs it ends with an error",
      wayOut: fault.wayOut,
    }];
  });
}

/** The addresses of a services section are nested below each service. */
function listServices({ lines }: ConfigView): EntryLine[] {
  return nestedOf(lines).filter(({ key, section }) =>
    key === "endpoint_url" && section.id.startsWith("services ")
  );
}

interface Fault {
  readonly id: string;
  readonly severity?: Severity;
  readonly what: string;
  readonly effect?: string;
  readonly wayOut: string;
}

type Check = (value: string, entry: EntryLine) => Fault | undefined;

const SESSION_NAME_FAULT = [
  "is no name that AWS takes for a session",
  "write 2 to 64 letters, digits and +=,.@_-",
] as const;

/** A map, for any word may be a setting's name: an object has a `constructor` of its own. */
const CHECKS: ReadonlyMap<string, Check> = new Map(Object.entries<Check>({
  region: (value) => checkRegion(value, isStsRegion),
  sso_region: (value) => checkRegion(value, isAwsRegion),
  duration_seconds: checkDuration,
  role_arn: checkShape(
    /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/,
    "config.role-arn",
    "is no role's ARN",
    "write arn:aws:iam::ACCOUNT:role/NAME, with the account's twelve digits",
  ),
  mfa_serial: checkShape(
    /^(arn:aws[\w-]*:iam::\d{12}:(mfa|sms-mfa|u2f)\/\S+|[\w-]{9,256})$/,
    "config.mfa-serial",
    "is no MFA device",
    "write arn:aws:iam::ACCOUNT:mfa/NAME, or the number on a hardware token",
  ),
  sso_account_id: checkShape(
    ACCOUNT_ID,
    "config.account-id",
    "is no account's number",
    "write its twelve digits, leading zeros too",
  ),
  role_session_name: checkShape(SESSION_NAME, "config.session-name", ...SESSION_NAME_FAULT),
  source_identity: checkShape(SESSION_NAME, "config.session-name", ...SESSION_NAME_FAULT),
  external_id: checkShape(
    /^[\w+=,.@:/-]{2,1224}$/,
    "config.external-id",
    "is no external id that AWS takes",
    "write 2 to 1224 letters, digits and +=,.@:/_-",
  ),
  web_identity_token_file: checkShape(
    /^[^~]/,
    "config.token-file",
    "begins with ~, which stands for nothing here",
    "write the whole path",
  ),
  sso_start_url: checkUrl,
  endpoint_url: checkUrl,
  credential_source: checkShape(
    /^(environment|ec2instancemetadata|ecscontainer)$/i,
    "config.credential-source",
    "is none of the three sources",
    "write Environment, Ec2InstanceMetadata or EcsContainer",
  ),
  sts_regional_endpoints: checkShape(
    STS_ENDPOINTS,
    "config.sts-endpoints",
    "is neither regional nor legacy",
    "write regional, or take the line out: that is the default",
  ),
  use_fips_endpoint: checkBoolean,
  use_dualstack_endpoint: checkBoolean,
  ignore_configured_endpoint_urls: checkBoolean,
  vault_expected_account: checkShape(
    ACCOUNT_ID,
    "config.account-id",
    "is no account's number",
    "write its twelve digits, without hyphens",
  ),
  login_session: checkShape(
    SIGN_IN_ARN,
    "config.login-session",
    "is no ARN of anybody",
    "write one such as arn:aws:iam::111111111111:user/jon; aws-vault signin PROFILE does",
  ),
  session_tags: checkShape(
    { test: (value) => unlessFaulty(() => parseTags(value, "session_tags")) !== undefined },
    "config.session-tags",
    "are no key=value pairs with commas between them",
    "write team=core,env=dev, and no comma at the end",
  ),
}));

function checkShape(shape: Pick<RegExp, "test">, id: string, what: string, wayOut: string): Check {
  return (value) => shape.test(value) ? undefined : { id, what: `\`${value}\` ${what}`, wayOut };
}

function checkBoolean(value: string): Fault | undefined {
  if (BOOLEAN.test(value)) return undefined;
  return {
    id: "config.boolean",
    what: `\`${value}\` is neither true nor false`,
    effect: "whatever needs it ends with an error; the AWS CLI takes it for false without a word",
    wayOut: "write true, or take the line out: false is the default",
  };
}

function checkRegion(value: string, isKnown: typeof isAwsRegion): Fault | undefined {
  const id = "config.region";
  const wayOut = "write one such as eu-central-1 or us-east-1";
  try {
    parseRegion(value, "region");
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { id, what: `\`${value}\` is no region's name`, wayOut };
  }
  if (isKnown(value)) return undefined;
  const effect = "AWS has no address there: requests end with an error, but for an endpoint_url";
  return { id, severity: "warning", what: `\`${value}\` is none of AWS' regions`, effect, wayOut };
}

const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;

function checkDuration(value: string): Fault | undefined {
  const id = "config.duration";
  const wayOut = `write whole seconds from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}, no unit`;
  try {
    const seconds = parseSeconds(value, "duration_seconds");
    if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) return undefined;
    return { id, what: `AWS gives no role for ${seconds} seconds`, wayOut };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { id, what: `\`${value}\` is no number of seconds`, wayOut };
  }
}

function checkUrl(value: string): Fault | undefined {
  if (isAddress(value)) return undefined;
  return {
    id: "config.url",
    what: `\`${showFaulty(value)}\` is no address`,
    wayOut:
      "write a whole one, which begins with https://, or http:// on this machine, and has no blank",
  };
}
