import type { IncomingMessage } from "node:http";
import type { AwsError } from "./aws_error.ts";

export interface Incoming {
  readonly method: string;
  /** As on the wire: still percent-encoded, for the signature covers it so. */
  readonly path: string;
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One call of one service, found but not yet run. */
export interface Operation {
  readonly service: "sts" | "iam" | "oidc" | "sso" | "signin" | "none";
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  run(): Reply | Promise<Reply>;
  refuse(error: AwsError): Reply;
}

const MAX_BODY_BYTES = 1 << 20;

async function readBody(message: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("a body of more than a megabyte");
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

export async function readIncoming(message: IncomingMessage): Promise<Incoming> {
  const [path = "/", query = ""] = (message.url ?? "/").split("?", 2);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  const method = message.method ?? "GET";
  return { method, path, query, headers, body: await readBody(message) };
}

export function decodeBody(incoming: Incoming): string {
  return new TextDecoder().decode(incoming.body);
}

export function hasType({ headers }: Incoming, type: string): boolean {
  return (headers["content-type"] ?? "").split(";")[0]!.trim() === type;
}

/** The query, and with a POST the form in its body too, where it says that it is one. */
export function readForm(incoming: Incoming): URLSearchParams {
  const isForm = incoming.method === "POST" &&
    hasType(incoming, "application/x-www-form-urlencoded");
  const body = isForm ? decodeBody(incoming) : "";
  return new URLSearchParams(`${incoming.query}&${body}`);
}

/** The names that an operation has not: passed over, a misspelt one would be noticed by nobody. */
export function listUnknown(params: Operation["params"], names: readonly string[]): string[] {
  return Object.keys(params).filter((name) => !names.includes(name));
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  const type = { "content-type": "application/json" };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value) };
}

export function html(status: number, body: string): Reply {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return { status, headers, body: `<!doctype html><html lang="en"><body>${body}</body></html>` };
}
