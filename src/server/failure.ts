import { AwsRefusal, isPassingStatus, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";

/** How a failure is told to an SDK: never by what it was, which may name what is nobody's business. */
export interface Failure {
  /** 400: asking again does not help. 503: it may, and SDKs do. */
  readonly status: 400 | 503;
  readonly code: string;
  readonly message: string;
}

/** What AWS calls "not now": botocore's list, and what STS says while an identity provider is silent. */
const NOT_NOW =
  /^(Throttl|RequestThrottled|TooManyRequests|RequestLimitExceeded|LimitExceededException|SlowDown|PriorRequestNotComplete|IDPCommunicationError)/;

/**
 * Whether the same question may be answered a second later: a fault of the network or of AWS'
 * own, throttling, a program or file that failed. What AWS or a person has refused stands.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof AwsRefusal) {
    return isPassingStatus(error.httpStatus ?? 400) || NOT_NOW.test(error.awsCode);
  }
  return error instanceof VaultError &&
    ["network", "process", "backend", "file"].includes(error.code);
}

/** The answer to what the source threw. Anything but a VaultError is a bug: thrown on. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof VaultError)) throw error;
  const status = isPassing(error) ? 503 : 400;
  if (error instanceof AwsRefusal) {
    const code = /^[\w.:-]{1,128}$/.test(error.awsCode) ? error.awsCode : "AwsRefusal";
    return { status, code, message: `AWS refused the credentials; ${WHERE}` };
  }
  if (error.code === "network") {
    return { status, code: "NetworkFailure", message: `AWS could not be reached; ${WHERE}` };
  }
  return { status, code: "CredentialsUnavailable", message: `there are no credentials; ${WHERE}` };
}

const WHERE = "the standard error of aws-vault says why";

/** The same failure is told again after this. */
const SILENCE_MS = 5 * 60_000;

/** Tells the user what a server's callers are not told; SDKs repeat themselves, this does not. */
export function createTeller(ctx: Pick<Context, "clock" | "note">): (failure: unknown) => void {
  const toldAtMs = new Map<string, number>();
  return (failure) => {
    if (!(failure instanceof VaultError)) return; // a bug: --debug has it
    const what = failure instanceof AwsRefusal ? failure.awsCode : failure.message;
    const now = ctx.clock.now();
    if (Math.abs(now - (toldAtMs.get(what) ?? -Infinity)) < SILENCE_MS) return; // it may be set back
    toldAtMs.set(what, now);
    ctx.note(["aws-vault: no new credentials: " + failure.message, ...failure.hints].join("\n  "));
  };
}
