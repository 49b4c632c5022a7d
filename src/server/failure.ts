import { AwsRefusal, type ErrorCode, VaultError } from "../errors.ts";

/** How a failure is told to an SDK. */
export interface Failure {
  /** 4xx: asking again does not help. 5xx: it may, and SDKs do. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const WORTH_ANOTHER_TRY: readonly ErrorCode[] = ["process", "backend", "file"];

/** What the source threw, with AWS's own code where AWS refused. Anything but a VaultError is a bug: thrown on. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof VaultError)) throw error;
  const message = [error.message, ...error.hints].join("; ");
  if (error instanceof AwsRefusal) {
    const status = error.httpStatus ?? 400;
    return { status: status >= 500 ? 502 : 400, code: error.awsCode, message };
  }
  if (error.code === "network") return { status: 502, code: "NetworkFailure", message };
  if (WORTH_ANOTHER_TRY.includes(error.code)) {
    return { status: 500, code: "CredentialsUnavailable", message };
  }
  return { status: 400, code: "CredentialsUnavailable", message };
}
