import type { Rules, TextRule } from "./params.ts";

function text(min: number, max: number, pattern?: RegExp): TextRule {
  return { min, max, pattern };
}

function required(rule: TextRule): TextRule {
  return { ...rule, isRequired: true };
}

const NAME = /^[\w+=,.@-]*$/;
const NUMBER = { isNumber: true } as const;
const ROLE_SECONDS = { min: 900, max: 43_200, ...NUMBER };
const SESSION_SECONDS = { min: 900, max: 129_600, ...NUMBER };
const POLICY = text(1, 2048, /^[\t\n\r\x20-\xff]+$/);
const ROLE = {
  RoleArn: required(text(20, 2048, /^[\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]+$/)),
  RoleSessionName: required(text(2, 64, NAME)),
  DurationSeconds: ROLE_SECONDS,
  Policy: POLICY,
};
const MFA = {
  SerialNumber: text(9, 256, /^[\w+=/:,.@-]*$/),
  TokenCode: text(6, 6, /^\d*$/),
};
const TAG_KEY = text(1, 128, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
const USER = { UserName: text(1, 128, NAME) };
const KEY = { ...USER, AccessKeyId: required(text(16, 128, /^\w+$/)) };
const SERIAL = { SerialNumber: required(text(9, 256, /^[\w+=/:,.@-]+$/)) };
const CODE = required(text(6, 6, /^\d+$/));
const DEVICE_OF_USER = {
  ...SERIAL,
  UserName: required(USER.UserName),
  AuthenticationCode1: CODE,
  AuthenticationCode2: CODE,
};

/** What each action takes, as AWS's models have it; what the stand-in would do nothing with is left out. */
export const PARAMETERS: Readonly<Record<string, Rules>> = {
  AssumeRole: {
    ...ROLE,
    ...MFA,
    ExternalId: text(2, 1224, /^[\w+=,.@:/-]*$/),
    SourceIdentity: text(2, 64, NAME),
    "Tags.member.Key": TAG_KEY,
    "Tags.member.Value": text(0, 256, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u),
    "TransitiveTagKeys.member": TAG_KEY,
  },
  AssumeRoleWithWebIdentity: { ...ROLE, WebIdentityToken: required(text(4, 20_000)) },
  GetCallerIdentity: {},
  GetFederationToken: {
    Name: required(text(2, 32, NAME)),
    DurationSeconds: SESSION_SECONDS,
    Policy: POLICY,
  },
  GetSessionToken: { ...MFA, DurationSeconds: SESSION_SECONDS },

  CreateAccessKey: USER,
  DeleteAccessKey: KEY,
  GetAccessKeyLastUsed: { AccessKeyId: KEY.AccessKeyId },
  GetUser: USER,
  ListAccessKeys: USER,
  UpdateAccessKey: { ...KEY, Status: required(text(0, 8, /^(Active|Inactive)$/)) },

  CreateVirtualMFADevice: {
    Path: text(1, 512, /^(\/|\/[\x21-\x7e]+\/)$/),
    VirtualMFADeviceName: required(text(1, 226, NAME)),
  },
  DeactivateMFADevice: { ...USER, ...SERIAL },
  DeleteVirtualMFADevice: SERIAL,
  EnableMFADevice: DEVICE_OF_USER,
  ListMFADevices: USER,
  ResyncMFADevice: DEVICE_OF_USER,
};
