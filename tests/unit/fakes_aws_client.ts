/** A small client for the tests of the AWS stand-in; the real clients are in their own tests. */
import type { FakeAws, User } from "../fakes/aws/mod.ts";
import { computeSignature, formatAmzDate, formatScope } from "../fakes/aws/sigv4.ts";

export const START_MS = Date.UTC(2026, 0, 31, 12, 0, 0);

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Signing {
  readonly region?: string;
  readonly service?: string;
  readonly timeMs?: number;
  readonly signedHeaders?: readonly string[];
  readonly dateStamp?: string;
}

export interface QueryAnswer {
  readonly status: number;
  readonly text: string;
  /** The error's code, "" when there is none. */
  readonly code: string;
  readonly message: string;
  /** The text of the first element of that name. */
  field(name: string): string;
}

/** A clock that stands still until told. */
export function makeClock(): { now: () => number; advance(ms: number): void } {
  let timeMs = START_MS;
  return { now: () => timeMs, advance: (ms) => void (timeMs += ms) };
}

export function keysOf(user: User, index = 0): Keys {
  const key = user.accessKeys[index];
  if (!key) throw new Error(`${user.name} has no key ${index}`);
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

export function keysIn(answer: QueryAnswer): Keys {
  return {
    accessKeyId: answer.field("AccessKeyId"),
    secretAccessKey: answer.field("SecretAccessKey"),
    sessionToken: answer.field("SessionToken"),
  };
}

async function sign(aws: FakeAws, keys: Keys, service: string, body: string, signing: Signing) {
  const amzDate = formatAmzDate(signing.timeMs ?? aws.world.now());
  const headers: Record<string, string> = { "x-amz-date": amzDate };
  if (keys.sessionToken !== undefined) headers["x-amz-security-token"] = keys.sessionToken;
  const signedHeaders = signing.signedHeaders ?? ["host", ...Object.keys(headers)];
  const scope = {
    dateStamp: signing.dateStamp ?? amzDate.slice(0, 8),
    region: signing.region ?? "us-east-1",
    service: signing.service ?? service,
  };
  const request = {
    method: "POST",
    path: "/",
    query: "",
    headers: { ...headers, host: new URL(aws.url).host },
    body: new TextEncoder().encode(body),
  };
  const { secretAccessKey } = keys;
  const parts = { request, scope, amzDate, signedHeaders, secretAccessKey };
  headers["authorization"] = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${
    formatScope(scope)
  }, SignedHeaders=${signedHeaders.join(";")}, Signature=${await computeSignature(parts)}`;
  return headers;
}

async function readAnswer(response: Response): Promise<QueryAnswer> {
  const text = await response.text();
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";
  return { status: response.status, text, code: field("Code"), message: field("Message"), field };
}

/** One call of STS or IAM, signed unless `keys` is undefined. */
export async function call(
  aws: FakeAws,
  keys: Keys | undefined,
  action: string,
  params: Record<string, string> = {},
  signing: Signing = {},
): Promise<QueryAnswer> {
  const isIam = /AccessKey|GetUser|MFADevice/.test(action);
  const Version = isIam ? "2010-05-08" : "2011-06-15";
  const body = new URLSearchParams({ Action: action, Version, ...params });
  const text = body.toString();
  const headers = keys ? await sign(aws, keys, isIam ? "iam" : "sts", text, signing) : {};
  return await readAnswer(await fetch(aws.url, { method: "POST", headers, body }));
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function readJson(response: Response): Promise<JsonAnswer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** One call of the OIDC service. */
export async function post(aws: FakeAws, path: string, body: unknown): Promise<JsonAnswer> {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  return readJson(await fetch(aws.url + path, request));
}

/** One call of the SSO portal. */
export async function get(aws: FakeAws, path: string, token: unknown): Promise<JsonAnswer> {
  const headers = { "x-amz-sso_bearer_token": String(token) };
  return readJson(await fetch(aws.url + path, { headers }));
}
