import { Accepting, writeAll } from "../accept.ts";
import type { Context } from "../types.ts";
import { Connections } from "./connections.ts";
import {
  formatResponse,
  type HttpRequest,
  type HttpResponse,
  parseHead,
  refuse,
} from "./http_message.ts";
import { afterWaiting } from "./patience.ts";

const HEADER_LIMIT_BYTES = 16 * 1024;
/**
 * From accepting a connection to the end of its headers: who is silent is gone within five seconds,
 * and of a thousand who ask at once, on a machine with other work, all are heard.
 */
const HEADER_DEADLINE_MS = 3500;
/** For writing the answer: as long as it may take that a thousand others have theirs written. */
const WRITING_DEADLINE_MS = 3500;
/** For the client to hang up after it. */
const CLOSING_DEADLINE_MS = 1000;
/** What is read and thrown away of a request after its answer. */
const DRAIN_LIMIT_BYTES = 1024 * 1024;

/** Answers one request; what it throws is a bug, and answered with 500. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * A small HTTP/1.1 server on a listener, one request a connection. `Deno.serve` has no limit on
 * the time a client takes for its headers, so that idle connections would pile up; this one hangs
 * up on them.
 */
export class HttpServer {
  readonly #handle: HttpHandler;
  readonly #ctx: Pick<Context, "debug">;
  readonly #connections = new Connections();
  readonly #accepting: Accepting<Deno.Conn>;

  constructor(listener: Deno.Listener, handle: HttpHandler, ctx: Pick<Context, "debug">) {
    this.#handle = handle;
    this.#ctx = ctx;
    this.#accepting = new Accepting(
      listener,
      (connection) => void this.#serve(connection),
      () => this.#connections.haveRoom(),
    );
  }

  /** Stops listening and hangs up on everyone. */
  async close(): Promise<void> {
    const closed = this.#accepting.close();
    this.#connections.endAll();
    await closed;
  }

  /** Stops listening. Who has asked gets an answer yet, who has not is hung up on. */
  async finish(): Promise<void> {
    const closed = this.#accepting.close();
    await this.#connections.settle();
    await closed;
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const end = () => this.#connections.end(connection);
    this.#connections.add(connection);
    let callOff = afterWaiting(HEADER_DEADLINE_MS, end);
    try {
      const head = await readHead(connection);
      callOff();
      this.#connections.owe(connection);
      const { response, withBody } = await this.#answer(head);
      callOff = afterWaiting(WRITING_DEADLINE_MS, end);
      await writeAll(connection, formatResponse(response, withBody));
      await connection.closeWrite();
      callOff();
      callOff = afterWaiting(CLOSING_DEADLINE_MS, end);
      await drain(connection);
    } catch {
      // The client is gone, or was hung up on: there is nobody left to tell.
    } finally {
      callOff();
      end();
    }
  }

  async #answer(head: string | undefined): Promise<{ response: HttpResponse; withBody: boolean }> {
    if (head === undefined) {
      return { response: fault(431, "the request's headers are too long"), withBody: true };
    }
    const request = parseHead(head);
    if (request === undefined) {
      return { response: fault(400, "this is no HTTP/1.1 request"), withBody: true };
    }
    const response = await this.#handleSafely(request);
    this.#ctx.debug(`credential server: ${request.method} ${request.target} ${response.status}`);
    return { response, withBody: request.method !== "HEAD" };
  }

  async #handleSafely(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#handle(request);
    } catch (error) {
      const shown = error instanceof Error ? error.stack ?? error.message : String(error);
      this.#ctx.debug(`credential server: this is a bug, please report it: ${shown}`);
      return refuse(500, "InternalFailure", "a bug in aws-vault, see its --debug");
    }
  }
}

/** The answer to a request that is not as it should be. */
export function fault(status: number, message: string): HttpResponse {
  return refuse(status, FAULT_CODES[status] ?? "BadRequest", message);
}

const FAULT_CODES: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "AccessDenied",
  404: "NotFound",
  405: "MethodNotAllowed",
  421: "MisdirectedRequest",
};

/** @param allowed the methods that are answered, as `Allow` lists them (RFC 9110, section 15.5.6) */
export function methodNotAllowed(allowed: string): HttpResponse {
  return { ...fault(405, `only ${allowed} is answered`), headers: { Allow: allowed } };
}

/** The text up to the empty line; undefined when there is more of it than the limit. */
async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  let buffer = new Uint8Array(2048);
  let length = 0;
  while (length < HEADER_LIMIT_BYTES) {
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
    const read = await connection.read(buffer.subarray(length));
    if (read === null) throw new Deno.errors.UnexpectedEof();
    const end = findEmptyLine(buffer.subarray(0, length + read), Math.max(0, length - 3));
    if (end !== -1) return new TextDecoder("latin1").decode(buffer.subarray(0, end));
    length += read;
  }
  return undefined;
}

function findEmptyLine(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
}

const CR = 13;
const LF = 10;

/** Closing with unread bytes would reset the connection, and the client never see its answer. */
async function drain(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let drained = 0; drained < DRAIN_LIMIT_BYTES;) {
    const read = await connection.read(buffer);
    if (read === null) return;
    drained += read;
  }
}
