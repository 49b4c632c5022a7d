import { incomplete, parseAuthorization } from "./authorization.ts";
import { AwsError, invalidClientTokenId } from "./aws_error.ts";
import type { Incoming } from "./http.ts";
import { findAccount, type Principal } from "./principals.ts";
import { computeSignature, formatAmzDate, parseAmzDate, type SigningScope } from "./sigv4.ts";
import type { AccessKey, World } from "./world.ts";

export interface Caller {
  readonly principal: Principal;
  readonly accessKeyId: string;
}

interface SigningKey {
  readonly principal: Principal;
  readonly secret: string;
  readonly longTerm?: AccessKey;
}

const SKEW_MS = 5 * 60_000;
/** IAM is one service a partition, signed for that partition's first region. */
const IAM_REGIONS: Record<string, string> = {
  "aws": "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-eusc": "eusc-de-east-1",
};

function mismatch(message: string): AwsError {
  return new AwsError("SignatureDoesNotMatch", 403, message);
}

function findLongTermKey(world: World, id: string): SigningKey | undefined {
  for (const user of world.users) {
    const key = user.accessKeys.find((key) => key.id === id);
    if (!key) continue;
    const isLate = key.refusalsLeft > 0;
    if (isLate) key.refusalsLeft--;
    if (isLate || key.status !== "Active") return undefined;
    return { principal: { kind: "user", user }, secret: key.secret, longTerm: key };
  }
  return undefined;
}

function findSigningKey(world: World, id: string, token: string | undefined): SigningKey {
  const temporary = world.temporaryCredentials.get(id);
  if (!temporary) {
    const found = token === undefined ? findLongTermKey(world, id) : undefined;
    if (!found) throw invalidClientTokenId();
    return found;
  }
  if (temporary.sessionToken !== token) throw invalidClientTokenId();
  if (world.now() >= temporary.expiresMs) {
    const message = "The security token included in the request is expired";
    throw new AwsError("ExpiredToken", 403, message);
  }
  return { principal: temporary.principal, secret: temporary.secretAccessKey };
}

function checkScope(scope: SigningScope, amzDate: string, service: string, region?: string): void {
  if (scope.service !== service) {
    throw mismatch(`Credential should be scoped to correct service: '${service}'.`);
  }
  const isRegion = /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(scope.region);
  if (!isRegion || (region !== undefined && scope.region !== region)) {
    throw mismatch(`Credential should be scoped to a valid region, not '${scope.region}'.`);
  }
  if (!amzDate.startsWith(`${scope.dateStamp}T`)) {
    throw mismatch(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
        `'${scope.dateStamp}' != '${amzDate.slice(0, 8)}', from '${amzDate}'.`,
    );
  }
}

/** STS and IAM say a wrong clock is a wrong signature; RequestExpired is other services' word. */
function checkClock(amzDate: string, nowMs: number): void {
  const signedMs = parseAmzDate(amzDate);
  if (signedMs === undefined) {
    throw incomplete(`Date must be in ISO-8601 'basic format': ${amzDate}`);
  }
  const now = formatAmzDate(nowMs);
  if (signedMs < nowMs - SKEW_MS) {
    const limit = formatAmzDate(nowMs - SKEW_MS);
    throw mismatch(`Signature expired: ${amzDate} is now earlier than ${limit} (${now} - 5 min.)`);
  }
  if (signedMs > nowMs + SKEW_MS) {
    const limit = formatAmzDate(nowMs + SKEW_MS);
    throw mismatch(
      `Signature not yet current: ${amzDate} is still later than ${limit} (${now} + 5 min.)`,
    );
  }
}

function checkSignedHeaders(request: Incoming, signedHeaders: readonly string[]): void {
  const amz = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"));
  for (const name of ["host", ...amz]) {
    if (signedHeaders.includes(name)) continue;
    throw mismatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

/** Who signed this request; anything less than a right signature is refused. */
export async function authenticate(
  world: World,
  request: Incoming,
  service: "sts" | "iam",
): Promise<Caller> {
  const authorization = parseAuthorization(request);
  const { accessKeyId, scope, amzDate, signedHeaders, signature } = authorization;
  const key = findSigningKey(world, accessKeyId, request.headers["x-amz-security-token"]);
  const { partition } = findAccount(key.principal);
  checkScope(scope, amzDate, service, service === "iam" ? IAM_REGIONS[partition] : undefined);
  checkClock(amzDate, world.now());
  checkSignedHeaders(request, signedHeaders);
  const signing = { request, scope, amzDate, signedHeaders, secretAccessKey: key.secret };
  if (signature !== await computeSignature(signing)) {
    throw mismatch(
      "The request signature we calculated does not match the signature you provided. Check your " +
        "AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  if (key.longTerm) key.longTerm.lastUsed = { atMs: world.now(), service, region: scope.region };
  return { principal: key.principal, accessKeyId };
}
