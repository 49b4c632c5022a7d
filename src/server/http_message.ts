import { expirationOf } from "../expiry.ts";
import type { Credentials } from "../types.ts";

/** A request without its body: nothing a credential server answers has one. */
export interface HttpRequest {
  readonly method: string;
  /** The request target as it was sent: neither decoded nor normalised. */
  readonly target: string;
  /** By lower-case name; a header sent twice has its values joined by `, `, so that it equals neither. */
  readonly headers: ReadonlyMap<string, string>;
}

/** An answer; its length and what ends the connection are added. */
export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, value: unknown): HttpResponse {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

/** Credentials under the names that AWS' own services give them, the expiry in RFC 3339. */
export function credentialFields(credentials: Credentials) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken ?? "",
    Expiration: expirationOf(credentials),
  };
}

/** Where SDKs look for the reason of a refusal: some under `Message`, some under `message`. */
export function refuse(status: number, code: string, message: string, more = {}): HttpResponse {
  return json(status, { Code: code, Message: message, message, ...more });
}

export function text(status: number, body: string): HttpResponse {
  return { status, contentType: "text/plain", body };
}

const REQUEST_LINE = /^([A-Z]+) (\/[!-~]*) HTTP\/1\.[01]$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** Reads a request line and headers, without the empty line after them; undefined for what is none. */
export function parseHead(head: string): HttpRequest | undefined {
  const [requestLine, ...lines] = head.split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(requestLine!) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return { method, target, headers };
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/**
 * The bytes of an answer. Each is the last on its connection: an SDK asks once in many minutes, so
 * that a connection kept open would only be one more to guard.
 */
export function formatResponse(response: HttpResponse, withBody: boolean): Uint8Array {
  const body = new TextEncoder().encode(response.body);
  const headers = {
    "Content-Type": response.contentType,
    "Content-Length": String(body.length),
    "Cache-Control": "no-store",
    "Connection": "close",
    ...response.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = REASONS[response.status] ?? "";
  const head = new TextEncoder()
    .encode(`HTTP/1.1 ${response.status} ${reason}\r\n${lines.join("")}\r\n`);
  if (!withBody) return head;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
