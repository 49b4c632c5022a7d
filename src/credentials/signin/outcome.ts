import { AwsRefusal, isPassingStatus, VaultError } from "../../errors.ts";

/** A fault that the next attempt may not meet: of the network, or on AWS's side. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AwsRefusal) return isPassingStatus(error.httpStatus ?? 500);
  return error instanceof VaultError && error.code === "network";
}

/** AWS has no client of that registration, or has it no more. */
export function isUnknownClient(error: unknown): error is AwsRefusal {
  return error instanceof AwsRefusal &&
    /^(InvalidClient|UnauthorizedClient)Exception$/.test(error.awsCode);
}

/** @param said what the browser has brought of it, if anything */
export function refusedInBrowser(subject: string, place: string, said?: string): VaultError {
  return new VaultError(
    "credentials",
    `${subject}: the sign-in was refused in the browser${said === undefined ? "" : `: ${said}`}`,
    [`at ${place}; run the command again to be asked again`],
  );
}

/** What a server sent, without anything that moves a terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
