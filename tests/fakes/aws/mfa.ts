import { accessDenied, AwsError } from "./aws_error.ts";
import type { Params } from "./params.ts";
import { computeCode, findStep } from "./totp.ts";
import type { User } from "./world.ts";

export interface MfaDevice {
  readonly serial: string;
  readonly secretBase32: string;
  enabledMs?: number;
  /** Steps whose code was taken already: AWS takes each code once. */
  readonly usedSteps: Set<number>;
}

/** Takes the code of this step or the one before it, once. */
async function takeCode(device: MfaDevice, code: string, nowMs: number): Promise<boolean> {
  const current = findStep(nowMs);
  for (const step of [current, current - 1]) {
    if (await computeCode(device.secretBase32, step) !== code) continue;
    if (device.usedSteps.has(step)) continue;
    device.usedSteps.add(step);
    return true;
  }
  return false;
}

/** Enabling and resyncing take two codes that follow each other. */
export async function takeConsecutiveCodes(
  device: MfaDevice,
  codes: readonly [string, string],
  nowMs: number,
): Promise<void> {
  const current = findStep(nowMs);
  for (const first of [current - 1, current - 2]) {
    if (await computeCode(device.secretBase32, first) !== codes[0]) continue;
    if (await computeCode(device.secretBase32, first + 1) !== codes[1]) continue;
    if (device.usedSteps.has(first + 1)) continue;
    device.usedSteps.add(first).add(first + 1);
    return;
  }
  const message = "Authentication code for device is not valid.";
  throw new AwsError("InvalidAuthenticationCode", 403, message);
}

/** Whether this STS call brought MFA. A wrong or used code is a refusal, not a "no". */
export async function checkMfa(
  user: User | undefined,
  params: Params,
  nowMs: number,
): Promise<boolean> {
  const serial = params.optional("SerialNumber");
  const code = params.optional("TokenCode");
  if (serial === undefined && code === undefined) return false;
  const failed = "MultiFactorAuthentication failed";
  if (serial === undefined || code === undefined) {
    throw accessDenied(`${failed}, must provide both MFA serial number and one time pass code.`);
  }
  const device = user?.mfaDevices.find((device) => device.serial === serial);
  if (!device) {
    throw accessDenied(
      `${failed}, unable to validate MFA code.  ` +
        "Please verify your MFA serial number is valid and associated with this user.",
    );
  }
  if (await takeCode(device, code, nowMs)) return true;
  throw accessDenied(`${failed} with invalid MFA one time pass code.`);
}
