import type { Caller } from "./authenticate.ts";
import { AwsError } from "./aws_error.ts";
import { findTargetUser } from "./iam_access.ts";
import { IAM_MFA_ACTIONS } from "./iam_mfa.ts";
import type { Params } from "./params.ts";
import { findAccount } from "./principals.ts";
import type { QueryAction } from "./query.ts";
import type { AccessKey, User, World } from "./world.ts";
import { formatTime, type XmlObject } from "./xml.ts";

const MAX_ACCESS_KEYS = 2;

function findKey(user: User, params: Params): AccessKey {
  const id = params.required("AccessKeyId");
  const key = user.accessKeys.find((key) => key.id === id);
  if (key) return key;
  throw unknownKey(id);
}

function unknownKey(id: string): AwsError {
  return new AwsError("NoSuchEntity", 404, `The Access Key with id ${id} cannot be found.`);
}

function getUser(world: World, caller: Caller, params: Params): XmlObject {
  const user = findTargetUser(world, caller, params);
  return {
    User: {
      Path: user.path,
      UserName: user.name,
      UserId: user.id,
      Arn: user.arn,
      CreateDate: formatTime(user.createdMs),
    },
  };
}

/** A key as IAM makes one; one of the world's first keys is known at once, a later one may not be. */
export function makeAccessKey(world: World, isLate: boolean): AccessKey {
  return {
    id: world.ids.accessKeyId("AKIA"),
    secret: world.ids.secretAccessKey(),
    status: "Active",
    createdMs: world.now(),
    refusalsLeft: isLate ? world.newKeyRefusals : 0,
  };
}

function renderKey(user: User, key: AccessKey): XmlObject {
  return {
    UserName: user.name,
    AccessKeyId: key.id,
    Status: key.status,
    CreateDate: formatTime(key.createdMs),
  };
}

function createAccessKey(world: World, caller: Caller, params: Params): XmlObject {
  const user = findTargetUser(world, caller, params);
  if (user.accessKeys.length >= MAX_ACCESS_KEYS) {
    const message = `Cannot exceed quota for AccessKeysPerUser: ${MAX_ACCESS_KEYS}`;
    throw new AwsError("LimitExceeded", 409, message);
  }
  const key = makeAccessKey(world, true);
  user.accessKeys.push(key);
  return { AccessKey: { ...renderKey(user, key), SecretAccessKey: key.secret } };
}

function listAccessKeys(world: World, caller: Caller, params: Params): XmlObject {
  const user = findTargetUser(world, caller, params);
  const keys = user.accessKeys.map((key) => renderKey(user, key));
  return { UserName: user.name, AccessKeyMetadata: keys, IsTruncated: false };
}

function updateAccessKey(world: World, caller: Caller, params: Params): undefined {
  const key = findKey(findTargetUser(world, caller, params), params);
  key.status = params.required("Status") === "Active" ? "Active" : "Inactive";
}

function deleteAccessKey(world: World, caller: Caller, params: Params): undefined {
  const user = findTargetUser(world, caller, params);
  const key = findKey(user, params);
  user.accessKeys.splice(user.accessKeys.indexOf(key), 1);
}

function getAccessKeyLastUsed(world: World, { principal }: Caller, params: Params): XmlObject {
  const { accountId } = findAccount(principal);
  const id = params.required("AccessKeyId");
  const users = world.users.filter((user) => user.accountId === accountId);
  const user = users.find((user) => user.accessKeys.some((key) => key.id === id));
  if (!user) throw unknownKey(id);
  const key = findKey(user, params);
  return {
    UserName: user.name,
    AccessKeyLastUsed: {
      LastUsedDate: key.lastUsed && formatTime(key.lastUsed.atMs),
      ServiceName: key.lastUsed?.service ?? "N/A",
      Region: key.lastUsed?.region ?? "N/A",
    },
  };
}

export const IAM_ACTIONS: ReadonlyMap<string, QueryAction> = new Map(Object.entries({
  CreateAccessKey: createAccessKey,
  DeleteAccessKey: deleteAccessKey,
  GetAccessKeyLastUsed: getAccessKeyLastUsed,
  GetUser: getUser,
  ListAccessKeys: listAccessKeys,
  UpdateAccessKey: updateAccessKey,
  ...IAM_MFA_ACTIONS,
}));
