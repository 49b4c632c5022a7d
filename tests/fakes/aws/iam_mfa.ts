import type { Caller } from "./authenticate.ts";
import { AwsError } from "./aws_error.ts";
import { findTargetUser } from "./iam_access.ts";
import { type MfaDevice, takeConsecutiveCodes } from "./mfa.ts";
import type { Params } from "./params.ts";
import { findAccount } from "./principals.ts";
import type { User, World } from "./world.ts";
import { formatTime, type XmlObject } from "./xml.ts";

const MAX_MFA_DEVICES = 8;

function readCodes(params: Params): readonly [string, string] {
  return [params.required("AuthenticationCode1"), params.required("AuthenticationCode2")];
}

function unknownDevice(serial: string): AwsError {
  const message = `VirtualMFADevice with serial number ${serial} doesn't exist.`;
  return new AwsError("NoSuchEntity", 404, message);
}

function findEnabledDevice(user: User, serial: string): MfaDevice {
  const device = user.mfaDevices.find((device) => device.serial === serial);
  if (device) return device;
  throw unknownDevice(serial);
}

function createVirtualMfaDevice(world: World, { principal }: Caller, params: Params): XmlObject {
  const { accountId, partition } = findAccount(principal);
  const name = params.required("VirtualMFADeviceName");
  const serial = `arn:${partition}:iam::${accountId}:mfa${params.optional("Path") ?? "/"}${name}`;
  const all = [...world.unassignedMfaDevices, ...world.users.flatMap((user) => user.mfaDevices)];
  if (all.some((device) => device.serial === serial)) {
    const message = "MFADevice entity at the same path and name already exists.";
    throw new AwsError("EntityAlreadyExists", 409, message);
  }
  const secretBase32 = world.ids.mfaSecret();
  world.unassignedMfaDevices.push({ serial, secretBase32, usedSteps: new Set() });
  return { VirtualMFADevice: { SerialNumber: serial, Base32StringSeed: btoa(secretBase32) } };
}

async function enableMfaDevice(world: World, caller: Caller, params: Params): Promise<undefined> {
  const user = findTargetUser(world, caller, params);
  const serial = params.required("SerialNumber");
  const device = world.unassignedMfaDevices.find((device) => device.serial === serial);
  if (!device) throw unknownDevice(serial);
  if (user.mfaDevices.length >= MAX_MFA_DEVICES) {
    const message = `Cannot exceed quota for MFADevicesPerUser: ${MAX_MFA_DEVICES}`;
    throw new AwsError("LimitExceeded", 409, message);
  }
  await takeConsecutiveCodes(device, readCodes(params), world.now());
  world.unassignedMfaDevices.splice(world.unassignedMfaDevices.indexOf(device), 1);
  device.enabledMs = world.now();
  user.mfaDevices.push(device);
}

async function resyncMfaDevice(world: World, caller: Caller, params: Params): Promise<undefined> {
  const device = findEnabledDevice(
    findTargetUser(world, caller, params),
    params.required("SerialNumber"),
  );
  await takeConsecutiveCodes(device, readCodes(params), world.now());
}

function deactivateMfaDevice(world: World, caller: Caller, params: Params): undefined {
  const user = findTargetUser(world, caller, params);
  const device = findEnabledDevice(user, params.required("SerialNumber"));
  user.mfaDevices.splice(user.mfaDevices.indexOf(device), 1);
  world.unassignedMfaDevices.push(device);
}

function deleteVirtualMfaDevice(world: World, _caller: Caller, params: Params): undefined {
  const serial = params.required("SerialNumber");
  const index = world.unassignedMfaDevices.findIndex((device) => device.serial === serial);
  if (index >= 0) {
    world.unassignedMfaDevices.splice(index, 1);
    return;
  }
  const isEnabled = world.users.some((user) =>
    user.mfaDevices.some((device) => device.serial === serial)
  );
  if (!isEnabled) throw unknownDevice(serial);
  const message = "MFA VirtualDevice in use. Must deactivate first.";
  throw new AwsError("DeleteConflict", 409, message);
}

function listMfaDevices(world: World, caller: Caller, params: Params): XmlObject {
  const user = findTargetUser(world, caller, params);
  const devices = user.mfaDevices.map((device) => ({
    UserName: user.name,
    SerialNumber: device.serial,
    EnableDate: formatTime(device.enabledMs ?? user.createdMs),
  }));
  return { MFADevices: devices, IsTruncated: false };
}

export const IAM_MFA_ACTIONS = {
  CreateVirtualMFADevice: createVirtualMfaDevice,
  DeactivateMFADevice: deactivateMfaDevice,
  DeleteVirtualMFADevice: deleteVirtualMfaDevice,
  EnableMFADevice: enableMfaDevice,
  ListMFADevices: listMfaDevices,
  ResyncMFADevice: resyncMfaDevice,
};
