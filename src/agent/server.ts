import { Accepting, hangUp, writeAll } from "../accept.ts";
import { parentOf } from "../paths.ts";
import { PLAIN_WORD } from "../quoting.ts";
import { showControls } from "../runtime/plain_text.ts";
import type { Context, Exit, World } from "../types.ts";
import type { Status } from "./client.ts";
import type { Held } from "./held.ts";
import { isPrivate, removeProcessId, writeProcessId } from "./place.ts";
import {
  type AgentAnswer,
  type AgentRequest,
  formatAnswer,
  MAX_REQUEST_BYTES,
  parseRequest,
} from "./protocol.ts";
import { findAdded, findRefusal, split } from "./refusals.ts";
import { RemoteWorld } from "./world.ts";

/** While anything is under way it is looked at so often. */
const BEAT_MS = 1_000;
/** A caller that has not said by then what it wants is not waited for. */
const MOST_BEATS = 2;
/** When nobody has asked for so long, what the answers took is given back. */
const REST_BEATS = 3;

/** What an agent answers by. */
export interface AgentOptions {
  /** Where its socket is made, in a directory that is ours alone. */
  readonly path: string;
  readonly ctx: Context;
  readonly held: Held;
  /** What this program says that it is. */
  readonly build: string;
  /** Runs one command line, as a start of the program does. */
  readonly run: (args: readonly string[], world: World) => Promise<Exit>;
  /** Asks a person before anything is handed out; absent where nobody wants that. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** Answers callers at a socket: by a run for each, or as the same request was answered before. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #since: string;
  readonly #accepting: Accepting<Deno.UnixConn>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  /** Who is being read or answered; a timer each would cost more than many an answer. */
  readonly #callers = new Map<Deno.UnixConn, { beats: number; isAsked: boolean }>();
  #isBeating = false;
  #quietBeats = 0;
  #answered = 0;
  #passedOn = 0;

  /** Listens from now on. Throws where the socket cannot be made. */
  constructor(options: AgentOptions) {
    this.#options = options;
    this.#since = new Date(options.ctx.clock.now()).toISOString();
    writeProcessId(options.path, Deno.pid);
    const listener = Deno.listen({ transport: "unix", path: options.path });
    Deno.chmodSync(options.path, 0o600);
    this.#accepting = new Accepting(listener, (connection) => void this.#serve(connection));
    void this.#beat();
  }

  /** Until it is told to stop. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  stop(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#options.held.lock();
    removeProcessId(this.#options.path);
    void this.#accepting.close(); // which takes the socket away
    this.#ended.resolve();
  }

  /** Whatever a caller does, it is its own affair. */
  async #serve(connection: Deno.UnixConn): Promise<void> {
    const caller = { beats: 0, isAsked: false };
    this.#callers.set(connection, caller);
    void this.#beat();
    try {
      const asked = await readRequest(connection);
      if (asked === undefined) return;
      if (asked.isHttp) await writeAll(connection, HTTP_HEADER);
      caller.isAsked = true;
      const text = formatAnswer(await this.#answer(asked.request));
      this.#callers.delete(connection);
      await writeAll(connection, new TextEncoder().encode(text));
      if (asked.request.args[1] === "stop" && isControl(asked.request)) this.stop();
    } catch (error) {
      this.#log(`a caller has gone: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#callers.delete(connection);
      hangUp(connection);
    }
  }

  /** Goes on until all is done and nobody has asked for a moment. */
  async #beat(): Promise<void> {
    this.#quietBeats = 0;
    if (this.#isBeating) return;
    this.#isBeating = true;
    const { clock, peers } = this.#options.ctx;
    try {
      while (this.#quietBeats++ < REST_BEATS) {
        await clock.sleep(BEAT_MS, this.#over.signal);
        for (const [connection, caller] of this.#callers) this.#lookAt(connection, caller);
      }
      await peers.releaseMemory();
    } catch { /* it has been stopped */ }
    this.#isBeating = false;
  }

  /** Who waits for an answer hears that it is being made, and would give up otherwise. */
  #lookAt(connection: Deno.UnixConn, caller: { beats: number; isAsked: boolean }): void {
    this.#quietBeats = 0;
    caller.beats++;
    if (caller.isAsked) void connection.write(SIGN_OF_LIFE).catch(() => {}); // it may have gone
    else if (caller.beats > MOST_BEATS) hangUp(connection);
  }

  async #answer(request: AgentRequest): Promise<AgentAnswer> {
    if (isControl(request)) return await this.#obey(request);
    const answer = await this.#runFor(request);
    if (answer.kind === "pass") this.#passedOn++;
    else this.#answered++;
    return answer;
  }

  async #runFor(request: AgentRequest): Promise<AgentAnswer> {
    const { ctx, held } = this.#options;
    const refusal = held.isLocked()
      ? "the agent is locked"
      : this.#isOpenToOthers()
      ? "its directory is open to others"
      : findRefusal(request, ctx);
    if (refusal !== undefined) return this.#passOn(request, refusal);
    held.touch();
    const what = describe(request);
    if (!await this.#isConfirmed(`Hand out credentials for: ${what}?`)) {
      return { kind: "exit", code: 1, output: "", errors: REFUSED };
    }
    const known = held.answers.find(request, ctx.clock.now());
    const answer = known ?? await this.#runAnew(request);
    if (answer.kind !== "pass") this.#log(`answered: ${what}`);
    if (answer.kind !== "exec") return answer;
    return { ...answer, unset: [...answer.unset, ...findAdded(request, ctx)] };
  }

  async #runAnew(request: AgentRequest): Promise<AgentAnswer> {
    const { ctx, held, run } = this.#options;
    const remote = new RemoteWorld(request, split(request).child.length, ctx, held);
    const answer = remote.answer(await run(request.args, remote.world));
    if (answer.kind === "pass") return this.#passOn(request, remote.refusal ?? "");
    const basis = remote.basis();
    if (basis !== undefined && !held.isLocked()) held.answers.keep(request, answer, basis);
    return answer;
  }

  #passOn(request: AgentRequest, why: string): AgentAnswer {
    this.#log(`passed on, as ${why}: ${describe(request)}`);
    return { kind: "pass" };
  }

  async #obey({ args, processId }: AgentRequest): Promise<AgentAnswer> {
    const { held } = this.#options;
    const [, order, directory = ""] = args;
    if (order === "lock") held.lock();
    if (order === "forget") return { ...DONE, output: await held.forget(directory) ? "yes" : "no" };
    if (order === "build") return { ...DONE, output: this.#options.build };
    if (order === "status") return { ...DONE, output: JSON.stringify(this.#status()) };
    if (order === "holds") {
      return { ...DONE, output: await held.find(directory) === undefined ? "no" : "yes" };
    }
    if (order !== "passphrase") return ORDERS.includes(order ?? "") ? DONE : PASS;
    const passphrase = await held.find(directory);
    if (passphrase === undefined || this.#isOpenToOthers()) return PASS;
    const question = `Unlock the keyring in ${directory} for process ${processId}?`;
    if (!await this.#isConfirmed(question)) return PASS;
    held.touch();
    this.#answered++;
    this.#log(`answered: the passphrase of ${directory}, process ${processId}`);
    return { ...DONE, output: passphrase };
  }

  #isOpenToOthers(): boolean {
    return !isPrivate(parentOf(this.#options.path), this.#options.ctx);
  }

  #status(): Status {
    return {
      running: true,
      pid: Deno.pid,
      locked: this.#options.held.isLocked(),
      since: this.#since,
      answered: this.#answered,
      passedOn: this.#passedOn,
    };
  }

  #isConfirmed(question: string): Promise<boolean> {
    return this.#options.confirm?.(question) ?? Promise.resolve(true);
  }

  #log(text: string): void {
    this.#options.ctx.debug(`${new Date(this.#options.ctx.clock.now()).toISOString()} ${text}`);
  }
}

/** What is done without a question, and answered with nothing. */
const ORDERS: readonly string[] = ["lock", "stop"];
const DONE = { kind: "exit", code: 0, output: "", errors: "" } as const;
const PASS = { kind: "pass" } as const;
const REFUSED = "aws-vault: error: the agent's window was answered with no\n" +
  "  answer it with yes, or stop the agent to do without it: aws-vault agent stop\n";

/** Of ours to the agent itself; the launcher sends no such line. */
function isControl({ args }: AgentRequest): boolean {
  return args[0] === "agent";
}

/** A request in one line, whatever is in it; a profile may be named by the variable alone. */
function describe(request: AgentRequest): string {
  const profile = request.variables.get("AWS_PROFILE");
  const words = [...(profile ? [`AWS_PROFILE=${profile}`] : []), ...split(request).own];
  const shown = words.map((word) => PLAIN_WORD.test(word) ? word : JSON.stringify(word));
  return `${showControls(shown.join(" "))}, process ${request.processId}`;
}

/** A request, and whether curl has brought it. */
interface Asked {
  readonly request: AgentRequest;
  readonly isHttp: boolean;
}

const SIGN_OF_LIFE = new TextEncoder().encode(" ");
const HTTP_HEADER = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n",
);

/** Undefined where what comes is no request, or too much, or ends before it is whole. */
async function readRequest(connection: Deno.UnixConn): Promise<Asked | undefined> {
  const buffer = new Uint8Array(8 * 1024);
  let bytes = new Uint8Array();
  for (;;) {
    const got = await connection.read(buffer);
    if (got === null) return undefined;
    const more = new Uint8Array(bytes.length + got);
    more.set(bytes);
    more.set(buffer.subarray(0, got), bytes.length);
    bytes = more;
    const body = findBody(bytes);
    const request = parseRequest(body ?? bytes);
    if (typeof request === "object") return { request, isHttp: body !== undefined };
    const isOdd = request === "odd" && !isHttp(bytes);
    if (isOdd || bytes.length > MAX_REQUEST_BYTES) return undefined;
  }
}

function isHttp(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 5)) === "POST ";
}

/** What curl sends behind its own header. */
function findBody(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (!isHttp(bytes)) return undefined;
  const end = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
  return end < 0 ? undefined : bytes.slice(end + 4);
}
