import { AwsRefusal, VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { Run } from "./run.ts";
import type { MfaAnswer, MfaRequest } from "./steps.ts";

const MAX_TRIES = 3;

/**
 * Makes a request with the code its MFA device shows. A code that AWS refuses is asked for again
 * where a person typed it.
 */
export async function withMfaCode(
  mfa: MfaRequest | undefined,
  run: Run,
  request: (answer: MfaAnswer | undefined) => Promise<Credentials>,
): Promise<Credentials> {
  if (mfa === undefined) return await request(undefined);
  for (let tries = 1;; tries++) {
    try {
      return await request({ serial: mfa.serial, code: await run.mfa.code(mfa) });
    } catch (error) {
      if (!isRefusedCode(error) || !run.mfa.refuse(mfa) || tries === MAX_TRIES) throw error;
      run.ctx.tell("AWS did not take that MFA code; a code is good once. Wait for the next one.");
    }
  }
}

/**
 * STS tells a wrong code by its message alone: the code is AccessDenied as for any refusal. Of a
 * device that it does not know it says so; another code of that will do no better.
 */
export function isRefusedCode(error: unknown): error is VaultError {
  return error instanceof AwsRefusal && /MultiFactorAuthentication failed/.test(error.message) &&
    !/serial number is valid/.test(error.message);
}
