import type { Incoming } from "./http.ts";

export interface SigningScope {
  readonly dateStamp: string;
  readonly region: string;
  readonly service: string;
}

export interface SigningRequest {
  readonly request: Incoming;
  readonly scope: SigningScope;
  /** `20260131T235959Z`, as in the x-amz-date header. */
  readonly amzDate: string;
  /** Names in lower case, in the order the client gave them. */
  readonly signedHeaders: readonly string[];
  readonly secretAccessKey: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

function encodeUtf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function formatHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function hashSha256(bytes: Bytes): Promise<string> {
  return formatHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

async function computeHmac(secret: Bytes, text: string): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encodeUtf8(text)));
}

/** RFC 3986, which is stricter than encodeURIComponent. */
function encodeUri(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Every service but S3 signs the path encoded once more than it travels. */
function canonicalisePath(path: string): string {
  return path.split("/").map(encodeUri).join("/") || "/";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function canonicaliseQuery(query: string): string {
  // "=" sorts after "-" and ".", so names have to be compared before they are joined to values.
  const pairs = [...new URLSearchParams(query)]
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map((pair) => pair.join("=")).join("&");
}

async function canonicalise({ request, signedHeaders }: SigningRequest): Promise<string> {
  const headers = signedHeaders
    .map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`);
  return [
    request.method,
    canonicalisePath(request.path),
    canonicaliseQuery(request.query),
    headers.join(""),
    signedHeaders.join(";"),
    await hashSha256(request.body),
  ].join("\n");
}

export function formatScope({ dateStamp, region, service }: SigningScope): string {
  return `${dateStamp}/${region}/${service}/aws4_request`;
}

/** AWS Signature Version 4, in hexadecimal. */
export async function computeSignature(signing: SigningRequest): Promise<string> {
  const { scope, amzDate, secretAccessKey } = signing;
  const hash = await hashSha256(encodeUtf8(await canonicalise(signing)));
  const text = ["AWS4-HMAC-SHA256", amzDate, formatScope(scope), hash].join("\n");
  let key = encodeUtf8(`AWS4${secretAccessKey}`);
  for (const part of [scope.dateStamp, scope.region, scope.service, "aws4_request"]) {
    key = await computeHmac(key, part);
  }
  return formatHex(await computeHmac(key, text));
}

/** `20260131T235959Z` for a moment. */
export function formatAmzDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

export function parseAmzDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
