import type { Incoming, Operation } from "./http.ts";

export interface RecordedCall {
  readonly service: Operation["service"];
  readonly action: string;
  /** Without Action and Version; secrets are `***`. */
  readonly params: Readonly<Record<string, string>>;
  /** What the Authorization header claims, right or wrong. */
  readonly signer?: string;
  readonly region?: string;
  /** Whether a session token or an SSO bearer token came along. */
  readonly hasToken: boolean;
  readonly atMs: number;
  /** Set when the call is answered: absent for one that was dropped. */
  status?: number;
  errorCode?: string;
}

const SCOPE = /Credential=([^/]+)\/\d{8}\/([^/]+)\//;
const SECRET_PARAMS = new Set([
  "WebIdentityToken",
  "Session",
  "SigninToken",
  "clientSecret",
  "code",
  "codeVerifier",
  "deviceCode",
  "refreshToken",
]);

export function describeCall(
  operation: Operation,
  { headers }: Incoming,
  atMs: number,
): RecordedCall {
  const params = Object.entries(operation.params)
    .filter(([name]) => name !== "Action" && name !== "Version")
    .map(([name, value]) => [name, SECRET_PARAMS.has(name) ? "***" : value]);
  const [, signer, region] = SCOPE.exec(headers["authorization"] ?? "") ?? [];
  const { service, action } = operation;
  const token = headers["x-amz-security-token"] ?? headers["x-amz-sso_bearer_token"];
  return {
    service,
    action,
    params: Object.fromEntries(params),
    signer,
    region,
    hasToken: token !== undefined,
    atMs,
  };
}
