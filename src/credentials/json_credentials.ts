import { VaultError } from "../errors.ts";
import type { Clock, Credentials } from "../types.ts";
import { parseExpiry } from "../expiry.ts";

/** Where a JSON answer with credentials came from, and how it names what. */
export interface JsonOrigin {
  /** The start of every error, such as "~/.aws/config, line 3, credential_process of [profile work] (mint)". */
  readonly name: string;
  /** `SessionToken` of a process, `Token` of the metadata services. */
  readonly tokenField: "SessionToken" | "Token";
  /** Fields that have to be there beside the two keys. */
  readonly required: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The object in a JSON answer. Throws `VaultError("process")` that never shows the answer. */
export function parseJsonObject(text: string, { name, required }: JsonOrigin): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const what = text.trim() === "" ? "nothing" : "something that is not JSON";
    const fields = [...required, "AccessKeyId"].join(", ");
    throw new VaultError("process", `${name} answered ${what}`, [
      `it has to be a JSON object with ${fields} and SecretAccessKey`,
    ]);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new VaultError("process", `${name} answered JSON that is not an object`);
}

/** Throws `VaultError("process")` naming the fields that are missing, or an expiry gone by. */
export function toCredentials(fields: Fields, origin: JsonOrigin, clock: Clock): Credentials {
  const missing = ["AccessKeyId", "SecretAccessKey", ...origin.required]
    .filter((name) => fields[name] === undefined || fields[name] === null || fields[name] === "");
  if (missing.length > 0) {
    throw new VaultError("process", `${origin.name} answered without ${missing.join(", ")}`);
  }
  return {
    accessKeyId: textOf(fields, "AccessKeyId", origin)!,
    secretAccessKey: textOf(fields, "SecretAccessKey", origin)!,
    sessionToken: textOf(fields, origin.tokenField, origin),
    expiresAtMs: expiryOf(textOf(fields, "Expiration", origin), origin.name, clock),
  };
}

/** Milliseconds since the epoch of a time still to come; `undefined` for keys that do not expire. */
export function expiryOf(
  text: string | undefined,
  name: string,
  clock: Clock,
): number | undefined {
  if (text === undefined) return undefined;
  const expiresAtMs = parse(text, name);
  if (expiresAtMs > clock.now()) return expiresAtMs;
  throw new VaultError("process", `${name} gave credentials that expired at ${text}`, [
    "have it make new ones; if the time is wrong, check this machine's clock",
  ]);
}

function parse(text: string, name: string): number {
  try {
    return parseExpiry(text);
  } catch {
    throw new VaultError("process", `${name}: its Expiration is no RFC 3339 time`, [
      "one is 2026-11-03T15:04:05Z",
    ]);
  }
}

function textOf(fields: Fields, name: string, origin: JsonOrigin): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") {
    throw new VaultError("process", `${origin.name} answered with ${name} that is no text`);
  }
  // A variable would end at a NUL, and a line of `export` at a line end.
  if (value.includes("\ufffd")) {
    throw new VaultError("process", `${origin.name} answered with ${name} that is not UTF-8`);
  }
  if (!/\p{Cc}/u.test(value)) return value;
  throw new VaultError(
    "process",
    `${origin.name} answered with a line end or another control character in ${name}`,
  );
}
