import type { LoginTarget } from "../credentials/steps.ts";
import { trimEndpoint } from "./signin.ts";

/** The two clients of the AWS CLI, which every command line is to AWS. */
export type SigninClient =
  | "arn:aws:signin:::devtools/same-device"
  | "arn:aws:signin:::devtools/cross-device";

/** The suffixes of partitions, by what their regions begin with, whose addresses are made alike. */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ["eusc-", "amazonaws.eu"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
];

/** The sign-in service's address without a path, by the rules of AWS's SDKs for its endpoints. */
export function signinBase({ region, endpoint }: Pick<LoginTarget, "region" | "endpoint">): string {
  if (endpoint !== undefined) return trimEndpoint(endpoint);
  if (region.startsWith("cn-")) return `https://${region}.signin.amazonaws.cn`;
  if (region.startsWith("us-gov-")) return `https://${region}.signin.amazonaws-us-gov.com`;
  const [, suffix] = SUFFIXES.find(([prefix]) => region.startsWith(prefix)) ?? [];
  if (suffix !== undefined) return `https://signin.${region}.${suffix}`;
  return `https://${region}.signin.aws.amazon.com`;
}

/** Where a browser on another machine shows what it was given. */
export function confirmationAddress(base: string): string {
  return `${base}/v1/sessions/confirmation`;
}

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
