import { describeCause, WrongPassphraseError } from "../errors.ts";
import type { Context, Credentials, SecretBackend } from "../types.ts";
import type { MfaCodes } from "./mfa_codes.ts";
import type { MfaAnswer } from "./steps.ts";

/** Which way a person signs in in a browser. */
export interface SignInWay {
  readonly ctx: Context;
  /** `--stdout`: print a sign-in link and open no browser. */
  readonly useStdout: boolean;
  /** `--use-device-code`: sign in by a code, though there is a browser here. */
  readonly useDeviceCode: boolean;
}

/** What a sign-in in a browser works with. */
export interface SignInRun extends SignInWay {
  readonly backend: SecretBackend;
  /** Nobody is asked anything: what is kept still serves. */
  readonly isUnattended?: boolean;
}

/** What one run of a plan works with: the world, the keyring and the codes given so far. */
export interface Run extends SignInRun {
  /** `waitedMs`: how long others were waited for, which counts as time a request to AWS took. */
  readonly ctx: Context & { readonly waitedMs?: number };
  /** The keyring's names as read once for this run; steps that need newer ones ask the backend. */
  keys(): Promise<readonly string[]>;
  readonly mfa: MfaCodes;
}

/** Turns the credentials of the step beneath, where there is one, into those of its own step. */
export interface CredentialProvider {
  /** Asks a person what the request will take, before a lock is held that others wait for. */
  prepare?(): Promise<void>;
  /**
   * Throws `PersonNeeded` where a person has to be asked (once more): by `prepare`.
   *
   * @param mfa the code that goes with the request, where the step wants one
   */
  retrieve(source?: Credentials, mfa?: MfaAnswer): Promise<Credentials>;
  /** Whether another sign-in is kept by now than the one that `retrieve` has asked with. */
  isOutdated?(): Promise<boolean>;
}

/** No error that a user sees: the request cannot be made before `prepare` has been called again. */
export class PersonNeeded extends Error {}

/**
 * Has the keyring ask for its passphrase now, before a lock is held that others wait for. Where it
 * cannot be asked for, whoever writes to the keyring tells of it.
 */
export async function unlockKeyring({ backend, ctx }: SignInRun): Promise<void> {
  try {
    await backend.unlock?.("sessions");
  } catch (error) {
    if (error instanceof WrongPassphraseError) throw error;
    ctx.debug(`the keyring stays locked: ${describeCause(error)}`);
  }
}
