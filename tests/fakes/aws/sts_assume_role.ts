import type { Caller } from "./authenticate.ts";
import { accessDenied, AwsError, validationError } from "./aws_error.ts";
import { checkMfa } from "./mfa.ts";
import type { Params } from "./params.ts";
import { formatArn, listTrustNames, type RolePrincipal } from "./principals.ts";
import {
  checkPolicy,
  checkRoleArn,
  checkRoleDuration,
  DEFAULT_ROLE_SECONDS,
  renderAssumedRole,
  renderCredentials,
} from "./sts_parts.ts";
import type { Role, World } from "./world.ts";
import type { XmlObject } from "./xml.ts";

const MAX_TAGS = 50;

interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}

function readTags(params: Params): Record<string, string> {
  const keys = params.members("Tags", ".Key");
  const values = params.members("Tags", ".Value");
  const isValid = keys.length === values.length && keys.length <= MAX_TAGS;
  if (!isValid) throw validationError("1 validation error detected: Value at 'tags' is invalid");
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length) {
    const message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    throw new AwsError("InvalidParameterValue", 400, message);
  }
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? ""]));
}

/** All that can be wrong with the request itself, before anybody's permission is asked. */
function readRequest(params: Params): RoleRequest {
  const request = {
    roleArn: params.required("RoleArn"),
    sessionName: params.required("RoleSessionName"),
    durationSeconds: params.integer("DurationSeconds", DEFAULT_ROLE_SECONDS),
    externalId: params.optional("ExternalId"),
    sourceIdentity: params.optional("SourceIdentity"),
    tags: readTags(params),
    transitiveTagKeys: params.members("TransitiveTagKeys"),
  };
  checkRoleArn(request.roleArn);
  checkPolicy(params);
  const missing = request.transitiveTagKeys.find((key) => !(key in request.tags));
  if (missing === undefined) return request;
  throw new AwsError(
    "InvalidParameterValue",
    400,
    `The transitive tag key ${missing} is not among the session tags.`,
  );
}

function deny(caller: Caller, action: string, roleArn: string): AwsError {
  const who = formatArn(caller.principal);
  return accessDenied(
    `User: ${who} is not authorized to perform: ${action} on resource: ${roleArn}`,
  );
}

function isTrusted(role: Role, caller: Caller, externalId: string | undefined, hasMfa: boolean) {
  if (caller.principal.kind === "federated") return false;
  if (role.requiresMfa && !hasMfa) return false;
  if (role.externalId !== undefined && role.externalId !== externalId) return false;
  const names = listTrustNames(caller.principal);
  return role.trusts.some((trusted) => names.includes(trusted));
}

function checkPermissions(role: Role, caller: Caller, request: RoleRequest): void {
  const inherited = caller.principal.kind === "role" ? caller.principal : undefined;
  const hasTags = Object.keys(request.tags).length > 0 || !!inherited?.transitiveTagKeys.length;
  if (hasTags && !role.allowsTags) throw deny(caller, "sts:TagSession", role.arn);
  const { sourceIdentity } = request;
  const isChanged = inherited?.sourceIdentity !== undefined && sourceIdentity !== undefined &&
    inherited.sourceIdentity !== sourceIdentity;
  const isGiven = (sourceIdentity ?? inherited?.sourceIdentity) !== undefined;
  if (isChanged || (isGiven && !role.allowsSourceIdentity)) {
    throw deny(caller, "sts:SetSourceIdentity", role.arn);
  }
  const conflict = inherited?.transitiveTagKeys.some((inheritedKey) =>
    Object.keys(request.tags).some((key) => key.toLowerCase() === inheritedKey.toLowerCase())
  );
  if (!conflict) return;
  const message = "One of the specified transitive tag keys can't be set because it conflicts " +
    "with a transitive tag key from the calling session.";
  throw new AwsError("InvalidParameterValue", 400, message);
}

function checkDuration(role: Role, caller: Caller, durationSeconds: number): void {
  if (caller.principal.kind === "role" && durationSeconds > 3600) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by " +
        "role chaining",
    );
  }
  checkRoleDuration(role, durationSeconds);
}

function describeSession(role: Role, caller: Caller, request: RoleRequest): RolePrincipal {
  const before = caller.principal.kind === "role" ? caller.principal : undefined;
  const inherited = (before?.transitiveTagKeys ?? [])
    .map((key): [string, string] => [key, before?.tags[key] ?? ""]);
  return {
    kind: "role",
    role,
    sessionName: request.sessionName,
    isChained: before !== undefined,
    tags: { ...Object.fromEntries(inherited), ...request.tags },
    transitiveTagKeys: [...inherited.map(([key]) => key), ...request.transitiveTagKeys],
    sourceIdentity: request.sourceIdentity ?? before?.sourceIdentity,
  };
}

export async function assumeRole(world: World, caller: Caller, params: Params): Promise<XmlObject> {
  const { principal } = caller;
  const request = readRequest(params);
  const owner = principal.kind === "user" || principal.kind === "session"
    ? principal.user
    : undefined;
  const broughtMfa = await checkMfa(owner, params, world.now());
  const hasMfa = broughtMfa || (principal.kind === "session" && principal.hasMfa);
  const role = world.findRole(request.roleArn);
  if (!role || !isTrusted(role, caller, request.externalId, hasMfa)) {
    throw deny(caller, "sts:AssumeRole", request.roleArn);
  }
  checkPermissions(role, caller, request);
  checkDuration(role, caller, request.durationSeconds);
  const session = describeSession(role, caller, request);
  return {
    Credentials: renderCredentials(world.issueCredentials(session, request.durationSeconds)),
    AssumedRoleUser: renderAssumedRole(session),
    SourceIdentity: session.sourceIdentity,
  };
}
