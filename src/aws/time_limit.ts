import type { Context } from "../types.ts";
import { findProxy } from "./proxy.ts";

/** What a call to AWS needs of the world. */
export type CallContext = Pick<Context, "remote" | "clock" | "debug" | "env" | "note"> & {
  /** How long other processes were waited for: it counts towards the time a call may take. */
  readonly waitedMs?: number;
};

/** No request, retries and all, holds a command longer than this. */
const TOTAL_MS = 60_000;
/** The same where no connection comes about: that is seldom mended by waiting. */
const UNREACHED_MS = 20_000;
/** Who waited for others, and saw them fail, still has a try worth its name. */
const LEAST_MS = 1_000;
const LEAST_UNREACHED_MS = 2_500;
const NOTICE_MS = 3_000;
const LOOK_MS = 100;

/** The time one call may take; whoever waits for it is told for what. */
export class TimeLimit {
  readonly #ctx: CallContext;
  readonly #over = new AbortController();
  readonly #done = new AbortController();
  /** Whether a connection came about, as far as that was tried. */
  isReached = false;
  /** Why there is no answer, once the time is over. */
  verdict = "";

  /**
   * @param waitingFor what the call waits for, for the user; asked once it is told
   * @param target where it goes to; undefined as long as that is not known
   */
  constructor(ctx: CallContext, waitingFor: () => string, target: () => URL | undefined) {
    this.#ctx = ctx;
    const waitedMs = ctx.waitedMs ?? 0;
    const totalMs = Math.max(TOTAL_MS - waitedMs, LEAST_MS);
    const unreachedMs = Math.min(
      Math.max(UNREACHED_MS - waitedMs, LEAST_UNREACHED_MS),
      totalMs,
    );
    this.#after(NOTICE_MS, () => ctx.note(`Waiting for ${waitingFor()}`));
    // With little time left there is no waiting for the first sign of trouble.
    this.#after(Math.min(NOTICE_MS, unreachedMs / 10), () => this.#probe(target));
    this.#after(unreachedMs, () => this.isReached || this.#end("no connection", unreachedMs));
    this.#after(totalMs, () => this.#end("no answer", totalMs));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The call has ended. */
  stop(): void {
    this.#done.abort();
  }

  #end(what: string, ms: number): void {
    this.verdict = `${what} in ${Math.round(ms / 1000)} s`;
    this.#over.abort();
  }

  #after(ms: number, action: () => void): void {
    this.#ctx.clock.sleep(ms, this.#done.signal).then(action, () => {});
  }

  /** `fetch` does not tell a server that is silent from one that is not there: a connection does. */
  async #probe(findTarget: () => URL | undefined): Promise<void> {
    try {
      const target = await this.#waitFor(findTarget);
      if (target !== undefined) (await connect(target, this.#ctx, this.#done.signal)).close();
      this.isReached = true;
    } catch (error) {
      // What we may not try ourselves may well be there.
      this.isReached = error instanceof Deno.errors.NotCapable;
    }
  }

  /** A client tells where it goes once it is about to: soon, or not at all. */
  async #waitFor(findTarget: () => URL | undefined): Promise<URL | undefined> {
    for (let looks = 0; looks < 10 && findTarget() === undefined; looks++) {
      await this.#ctx.clock.sleep(LOOK_MS, this.#done.signal);
    }
    return findTarget();
  }
}

/** Connects to where requests for an address go first: to the proxy, where one is set. */
function connect(target: URL, { env }: CallContext, signal: AbortSignal): Promise<Deno.Conn> {
  const { protocol, hostname, port } = findProxy(target, env)?.url ?? target;
  const defaultPort = protocol === "https:" ? 443 : 80;
  return Deno.connect({ hostname, port: Number(port) || defaultPort, signal });
}
