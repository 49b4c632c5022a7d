/** A refusal in AWS's words; each protocol writes it in its own form (XML, JSON, HTML). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

export function accessDenied(message: string): AwsError {
  return new AwsError("AccessDenied", 403, message);
}

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", 400, message);
}

/** What AWS says of keys and tokens it doesn't know, or won't take here. */
export function invalidClientTokenId(): AwsError {
  const message = "The security token included in the request is invalid.";
  return new AwsError("InvalidClientTokenId", 403, message);
}
