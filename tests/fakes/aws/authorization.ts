import { AwsError } from "./aws_error.ts";
import type { Incoming } from "./http.ts";
import type { SigningScope } from "./sigv4.ts";

export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: SigningScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
}

export function incomplete(message: string): AwsError {
  return new AwsError("IncompleteSignature", 400, message);
}

/** The header's `Name=value` fields, each of which the signature needs. */
function parseFields(header: string): { read(name: string): string } {
  const [algorithm, ...rest] = header.split(/\s+/);
  if (algorithm !== "AWS4-HMAC-SHA256") throw incomplete(`Unsupported algorithm: ${algorithm}`);
  const fields = new Map<string, string>();
  for (const field of rest.join("").split(",")) {
    const [name = "", value] = field.split("=", 2);
    if (value === undefined) {
      throw incomplete(`'${field}' not a valid key=value pair (missing equal-sign).`);
    }
    fields.set(name, value);
  }
  return {
    read(name) {
      const value = fields.get(name);
      if (value) return value;
      throw incomplete(`Authorization header requires '${name}' parameter.`);
    },
  };
}

function parseCredential(text: string): Pick<Authorization, "accessKeyId" | "scope"> {
  const parts = text.split("/");
  const [accessKeyId, dateStamp, region, service, terminator] = parts;
  if (parts.length !== 5 || !accessKeyId || !dateStamp || !region || !service) {
    throw incomplete("Credential must have exactly 5 slash-delimited elements.");
  }
  if (terminator !== "aws4_request") {
    throw incomplete("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  return { accessKeyId, scope: { dateStamp, region, service } };
}

/** Takes the Authorization header apart; what it claims is not yet checked. */
export function parseAuthorization(request: Incoming): Authorization {
  const header = request.headers["authorization"];
  if (!header) {
    const message = "Request is missing Authentication Token";
    throw new AwsError("MissingAuthenticationToken", 403, message);
  }
  const fields = parseFields(header);
  const credential = parseCredential(fields.read("Credential"));
  const signedHeaders = fields.read("SignedHeaders").split(";");
  const signature = fields.read("Signature");
  const amzDate = request.headers["x-amz-date"];
  if (amzDate) return { ...credential, signedHeaders, signature, amzDate };
  throw incomplete("Authorization header requires existence of a 'X-Amz-Date' header.");
}
