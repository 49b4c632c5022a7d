import type { Caller } from "./authenticate.ts";
import { accessDenied } from "./aws_error.ts";
import { checkMfa } from "./mfa.ts";
import type { Params } from "./params.ts";
import { findAccount, formatArn, formatUserId } from "./principals.ts";
import type { QueryAction } from "./query.ts";
import { checkPolicy, renderCredentials } from "./sts_parts.ts";
import { assumeRole } from "./sts_assume_role.ts";
import { assumeRoleWithWebIdentity } from "./sts_web_identity.ts";
import type { User, World } from "./world.ts";
import type { XmlObject } from "./xml.ts";

const DEFAULT_SECONDS = 43_200;

function requireUser(caller: Caller, action: string): User {
  if (caller.principal.kind === "user") return caller.principal.user;
  throw accessDenied(`Cannot call ${action} with session credentials`);
}

async function getSessionToken(world: World, caller: Caller, params: Params): Promise<XmlObject> {
  const user = requireUser(caller, "GetSessionToken");
  const durationSeconds = params.integer("DurationSeconds", DEFAULT_SECONDS);
  const hasMfa = await checkMfa(user, params, world.now());
  const issued = world.issueCredentials({ kind: "session", user, hasMfa }, durationSeconds);
  return { Credentials: renderCredentials(issued) };
}

function getFederationToken(world: World, caller: Caller, params: Params): XmlObject {
  const user = requireUser(caller, "GetFederationToken");
  const name = params.required("Name");
  const durationSeconds = params.integer("DurationSeconds", DEFAULT_SECONDS);
  checkPolicy(params);
  const principal = { kind: "federated", user, name } as const;
  const issued = world.issueCredentials(principal, durationSeconds);
  return {
    Credentials: renderCredentials(issued),
    FederatedUser: { FederatedUserId: formatUserId(principal), Arn: formatArn(principal) },
  };
}

function getCallerIdentity(_world: World, { principal }: Caller): XmlObject {
  return {
    Arn: formatArn(principal),
    UserId: formatUserId(principal),
    Account: findAccount(principal).accountId,
  };
}

export const STS_ACTIONS: ReadonlyMap<string, QueryAction> = new Map(Object.entries({
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
  GetFederationToken: getFederationToken,
  GetSessionToken: getSessionToken,
}));

type UnsignedAction = (world: World, params: Params) => XmlObject;

export const UNSIGNED_STS_ACTIONS: ReadonlyMap<string, UnsignedAction> = new Map([
  ["AssumeRoleWithWebIdentity", assumeRoleWithWebIdentity],
]);
