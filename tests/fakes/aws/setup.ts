import type { ConsoleLogin } from "./console_state.ts";
import { makeAccessKey } from "./iam.ts";
import type { SsoAccount, SsoInstance } from "./sso_state.ts";
import { formatSsoRoleArn } from "./sso_portal.ts";
import type { Role, User, WebIdentity, World } from "./world.ts";

export interface UserOptions {
  readonly name: string;
  readonly accountId?: string;
  readonly partition?: string;
  readonly path?: string;
  /** One key with made-up values unless told; a second fills AWS's quota. */
  readonly accessKeys?: readonly { readonly id?: string; readonly secret?: string }[];
  /** MFA devices already enabled; none unless told. */
  readonly mfa?: readonly { readonly serial?: string; readonly secretBase32?: string }[];
  readonly iamNeedsMfa?: boolean;
}

export interface RoleOptions {
  readonly arn: string;
  readonly trusts: readonly string[];
  readonly requiresMfa?: boolean;
  readonly externalId?: string;
  /** One hour unless told, as with a role made in AWS. */
  readonly maxSessionDurationSeconds?: number;
  readonly allowsTags?: boolean;
  readonly allowsSourceIdentity?: boolean;
}

export type SsoOptions = Partial<Omit<SsoInstance, "accounts">> & {
  readonly startUrl: string;
  readonly accounts: readonly SsoAccount[];
};

export type ConsoleOptions = Partial<Omit<ConsoleLogin, "principal">> & {
  /** Whom a browser is signed in to the console as: a user that is there already, or a role. */
  readonly user?: string;
  readonly roleArn?: string;
};

/** A world in JSON, for `main.ts --world`. */
export interface WorldOptions {
  readonly users?: readonly UserOptions[];
  readonly roles?: readonly RoleOptions[];
  readonly sso?: readonly SsoOptions[];
  readonly console?: readonly ConsoleOptions[];
  readonly webIdentities?: readonly WebIdentity[];
}

const DEFAULT_ACCOUNT_ID = "111111111111";

function addMfaDevices(world: World, user: User, devices: NonNullable<UserOptions["mfa"]>): void {
  for (const [index, { serial, secretBase32 }] of devices.entries()) {
    const suffix = index === 0 ? "" : `-${index + 1}`;
    user.mfaDevices.push({
      serial: serial ?? `arn:${user.partition}:iam::${user.accountId}:mfa/${user.name}${suffix}`,
      secretBase32: secretBase32 ?? world.ids.mfaSecret(),
      enabledMs: user.createdMs,
      usedSteps: new Set(),
    });
  }
}

export function addUser(world: World, options: UserOptions): User {
  const { name, accountId = DEFAULT_ACCOUNT_ID, partition = "aws", path = "/" } = options;
  const user: User = {
    name,
    accountId,
    partition,
    path,
    arn: `arn:${partition}:iam::${accountId}:user${path}${name}`,
    id: world.ids.uniqueId("AIDA"),
    createdMs: world.now(),
    accessKeys: [],
    mfaDevices: [],
    iamNeedsMfa: options.iamNeedsMfa ?? false,
  };
  for (const { id, secret } of options.accessKeys ?? [{}]) {
    const key = makeAccessKey(world, false);
    user.accessKeys.push({ ...key, id: id ?? key.id, secret: secret ?? key.secret });
  }
  addMfaDevices(world, user, options.mfa ?? []);
  world.users.push(user);
  return user;
}

export function addRole(world: World, options: RoleOptions): Role {
  const parts = /^arn:([\w-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(options.arn);
  const [, partition, accountId, name] = parts ?? [];
  if (!partition || !accountId || !name) throw new Error(`not a role's ARN: ${options.arn}`);
  const role: Role = {
    name,
    accountId,
    partition,
    arn: options.arn,
    id: world.ids.uniqueId("AROA"),
    trusts: [...options.trusts],
    requiresMfa: options.requiresMfa ?? false,
    externalId: options.externalId,
    maxSessionDurationSeconds: options.maxSessionDurationSeconds ?? 3600,
    allowsTags: options.allowsTags ?? false,
    allowsSourceIdentity: options.allowsSourceIdentity ?? false,
  };
  world.roles.push(role);
  return role;
}

/** An Identity Center and, in each account, the reserved roles of its assignments. */
export function addSsoInstance(world: World, options: SsoOptions): SsoInstance {
  const instance: SsoInstance = {
    userName: "jon",
    intervalSeconds: 1,
    deviceCodeSeconds: 600,
    accessTokenSeconds: 8 * 3600,
    sessionSeconds: 7 * 24 * 3600,
    roleSeconds: 3600,
    approvesAtOnce: false,
    ...options,
  };
  for (const account of instance.accounts) {
    for (const roleName of account.roles) {
      const arn = formatSsoRoleArn(account.id, roleName);
      if (world.findRole(arn)) continue;
      addRole(world, { arn, trusts: [], maxSessionDurationSeconds: 43_200 });
    }
  }
  world.sso.instances.push(instance);
  return instance;
}

/** A session of the console in somebody's browser, in place of the one before. */
export function addConsoleLogin(world: World, options: ConsoleOptions): ConsoleLogin {
  const { user, roleArn, ...rest } = options;
  const login: ConsoleLogin = {
    principal: roleArn === undefined
      ? { kind: "session", user: world.findUser(DEFAULT_ACCOUNT_ID, user ?? "jon"), hasMfa: true }
      : consoleRole(world, roleArn),
    credentialSeconds: 900,
    sessionSeconds: 12 * 3600,
    graceSeconds: 60,
    approvesAtOnce: false,
    ...rest,
  };
  world.console.logins.push(login);
  return login;
}

function consoleRole(world: World, arn: string): ConsoleLogin["principal"] {
  const role = world.findRole(arn) ?? addRole(world, { arn, trusts: [] });
  const plain = { isChained: false, tags: {}, transitiveTagKeys: [] };
  return { kind: "role", role, sessionName: "jon@example.com", ...plain };
}

export function fillWorld(world: World, options: WorldOptions): void {
  for (const user of options.users ?? []) addUser(world, user);
  for (const role of options.roles ?? []) addRole(world, role);
  for (const instance of options.sso ?? []) addSsoInstance(world, instance);
  for (const login of options.console ?? []) addConsoleLogin(world, login);
  world.webIdentities.push(...options.webIdentities ?? []);
}
