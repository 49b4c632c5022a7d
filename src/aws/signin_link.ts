import type { LoginTarget } from "../credentials/steps.ts";

/** The two clients of the AWS CLI, which every command line is to AWS. */
export type SigninClient =
  | "arn:aws:signin:::devtools/same-device"
  | "arn:aws:signin:::devtools/cross-device";

/** What a partition's addresses end in. */
interface Partition {
  /** What its regions begin with. */
  readonly prefix: string;
  readonly suffix: string;
  readonly dualStack: string;
  /** Of the ordinary address, where that is made otherwise: behind the region. */
  readonly console?: string;
}

/** The first whose prefix fits. */
const PARTITIONS: readonly Partition[] = [
  {
    prefix: "cn-",
    suffix: "amazonaws.com.cn",
    dualStack: "api.amazonwebservices.com.cn",
    console: "signin.amazonaws.cn",
  },
  {
    prefix: "us-gov-",
    suffix: "amazonaws.com",
    dualStack: "api.aws",
    console: "signin.amazonaws-us-gov.com",
  },
  { prefix: "eusc-", suffix: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" },
  { prefix: "us-isob-", suffix: "sc2s.sgov.gov", dualStack: "api.aws.scloud" },
  { prefix: "us-isof-", suffix: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" },
  { prefix: "us-iso-", suffix: "c2s.ic.gov", dualStack: "api.aws.ic.gov" },
  { prefix: "eu-isoe-", suffix: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" },
  { prefix: "", suffix: "amazonaws.com", dualStack: "api.aws", console: "signin.aws.amazon.com" },
];

/** The sign-in service's address without a path, by the rules of AWS's SDKs for its endpoints. */
export function signinBase(target: Omit<LoginTarget, "subject">): string {
  const { region, endpoint, fips, dualStack } = target;
  if (endpoint !== undefined) return trimEndpoint(endpoint);
  const partition = PARTITIONS.find(({ prefix }) => region.startsWith(prefix))!;
  const isOrdinary = fips === undefined && dualStack === undefined;
  if (isOrdinary && partition.console) return `https://${region}.${partition.console}`;
  if (partition.prefix === "us-gov-" && dualStack === undefined) {
    const place = region === "us-gov-west-1" ? "" : `${region}.`;
    return `https://${place}signin-fips.amazonaws-us-gov.com`;
  }
  const suffix = dualStack === undefined ? partition.suffix : partition.dualStack;
  return `https://signin${fips === undefined ? "" : "-fips"}.${region}.${suffix}`;
}

/** AWS_ENDPOINT_URL_SIGNIN is a base, and is taken for one too where it ends in a service's path. */
export function trimEndpoint(endpoint: string): string {
  return endpoint.replace(/\/+$/, "").replace(/\/(federation|v1)$/, "");
}

/** Where a browser on another machine shows what it was given. */
export function confirmationAddress(base: string): string {
  return `${base}/v1/sessions/confirmation`;
}

/** What the link that a browser is sent to asks for. */
export interface SigninRequest {
  readonly clientId: SigninClient;
  readonly redirectUri: string;
  readonly state: string;
  /** RFC 7636: base64url of the verifier's SHA-256. */
  readonly codeChallenge: string;
}

/** Where a browser is sent for a code; the parameters as the AWS CLI sends them. */
export function authorizeLink(base: string, request: SigninRequest): string {
  const parameters = Object.entries({
    response_type: "code",
    client_id: request.clientId,
    state: request.state,
    code_challenge_method: "SHA-256",
    scope: "openid",
    redirect_uri: request.redirectUri,
    code_challenge: request.codeChallenge,
  }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${base}/v1/authorize?${parameters.join("&")}`;
}
