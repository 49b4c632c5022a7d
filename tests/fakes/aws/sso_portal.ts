import { AwsError } from "./aws_error.ts";
import { type Incoming, json, listUnknown, type Operation, type Reply } from "./http.ts";
import { ACCOUNT_SCOPE } from "./oidc_token.ts";
import type { SsoAccount, SsoInstance, SsoSession } from "./sso_state.ts";
import type { Role, World } from "./world.ts";

const DEFAULT_PAGE_SIZE = 20;

function refuse(error: AwsError): Reply {
  return json(error.status, { message: error.message }, { "x-amzn-errortype": error.code });
}

function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequestException", 400, message);
}

function noAccess(): AwsError {
  return new AwsError("ForbiddenException", 403, "No access");
}

function readSession(world: World, request: Incoming): SsoSession {
  const token = world.sso.accessTokens.get(request.headers["x-amz-sso_bearer_token"] ?? "");
  if (!token || world.now() >= token.expiresMs) {
    throw new AwsError("UnauthorizedException", 401, "Session token not found or invalid");
  }
  const { scopes } = token.session.client;
  // A client registered with no scope at all is of the old kind, and may.
  if (scopes.length > 0 && !scopes.includes(ACCOUNT_SCOPE)) throw noAccess();
  return token.session;
}

function readParam(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value) return value;
  throw invalidRequest(`Missing required request parameter: ${name}`);
}

function findAccount(instance: SsoInstance, query: URLSearchParams): SsoAccount {
  const id = readParam(query, "account_id");
  const account = instance.accounts.find((account) => account.id === id);
  if (account) return account;
  throw noAccess();
}

/** The reserved role behind a permission set, as it stands in role trust policies. */
export function formatSsoRoleArn(accountId: string, roleName: string): string {
  const name = `AWSReservedSSO_${roleName}_0123456789abcdef`;
  return `arn:aws:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/${name}`;
}

function findSsoRole(world: World, account: SsoAccount, roleName: string): Role {
  const isAssigned = account.roles.includes(roleName);
  const role = isAssigned ? world.findRole(formatSsoRoleArn(account.id, roleName)) : undefined;
  if (role) return role;
  throw noAccess();
}

function getRoleCredentials(world: World, session: SsoSession, query: URLSearchParams): Reply {
  const roleName = readParam(query, "role_name");
  const account = findAccount(session.instance, query);
  const issued = world.issueCredentials({
    kind: "role",
    role: findSsoRole(world, account, roleName),
    sessionName: session.instance.userName,
    isChained: false,
    tags: {},
    transitiveTagKeys: [],
  }, session.instance.roleSeconds);
  const { accessKeyId, secretAccessKey, sessionToken, expiresMs: expiration } = issued;
  const roleCredentials = { accessKeyId, secretAccessKey, sessionToken, expiration };
  return json(200, { roleCredentials });
}

/** One page of a list, and where the next begins. */
function cutPage<T>(items: readonly T[], query: URLSearchParams): { page: T[]; next?: string } {
  const size = Number(query.get("max_result") ?? DEFAULT_PAGE_SIZE);
  const start = Number(query.get("next_token")?.replace(/^page-/, "") ?? 0);
  if (!(size >= 1 && size <= 100) || !(start >= 0)) throw invalidRequest("Invalid page");
  const end = start + size;
  return { page: items.slice(start, end), next: end < items.length ? `page-${end}` : undefined };
}

function listAccounts(_world: World, session: SsoSession, query: URLSearchParams): Reply {
  const { page, next } = cutPage(session.instance.accounts, query);
  const accountList = page
    .map(({ id, name, email }) => ({ accountId: id, accountName: name, emailAddress: email }));
  return json(200, { accountList, nextToken: next });
}

function listAccountRoles(_world: World, session: SsoSession, query: URLSearchParams): Reply {
  const account = findAccount(session.instance, query);
  const { page, next } = cutPage(account.roles, query);
  const roleList = page.map((roleName) => ({ accountId: account.id, roleName }));
  return json(200, { roleList, nextToken: next });
}

function logOut(world: World, session: SsoSession): Reply {
  world.sso.endSession(session);
  return json(200, {});
}

interface PortalAction {
  readonly action: string;
  readonly names: readonly string[];
  run(world: World, session: SsoSession, query: URLSearchParams): Reply;
}

const PAGE = ["max_result", "next_token"];
const ACTIONS: Readonly<Record<string, PortalAction>> = {
  "GET /federation/credentials": {
    action: "GetRoleCredentials",
    names: ["account_id", "role_name"],
    run: getRoleCredentials,
  },
  "GET /assignment/accounts": { action: "ListAccounts", names: PAGE, run: listAccounts },
  "GET /assignment/roles": {
    action: "ListAccountRoles",
    names: ["account_id", ...PAGE],
    run: listAccountRoles,
  },
  "POST /logout": { action: "Logout", names: [], run: logOut },
};

/** IAM Identity Center's portal: JSON, with a bearer token in a header of its own. */
export function findPortalOperation(world: World, request: Incoming): Operation | undefined {
  const found = ACTIONS[`${request.method} ${request.path}`];
  if (!found) return undefined;
  const query = new URLSearchParams(request.query);
  const params = Object.fromEntries(query);
  return {
    service: "sso",
    action: found.action,
    params,
    run() {
      const unknown = listUnknown(params, found.names);
      if (unknown.length > 0) throw invalidRequest(`Unknown request parameters: ${unknown}`);
      return found.run(world, readSession(world, request), query);
    },
    refuse,
  };
}
