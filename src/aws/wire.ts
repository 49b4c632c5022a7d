/** What is known of a client's requests beside their answers. */
export interface Wire {
  /** Where they go, as far as that is known: a client finds it out itself. */
  readonly url: URL | undefined;
  /** When the last answer was made, by the clock of whoever made it; NaN where it does not say. */
  readonly answeredAtMs: number;
  /** What was refused last, and has not been answered since: a client tries again by itself. */
  readonly refusal: unknown;
}

interface HttpRequestLike {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

interface HttpResponseLike {
  readonly headers: Readonly<Record<string, string>>;
}

type Handler = (args: { request: unknown }) => Promise<{ response: unknown }>;

/** The part of an SDK's client that lets us look at its requests. */
interface Watchable {
  readonly middlewareStack: {
    add(
      // deno-lint-ignore no-explicit-any -- each client has types of its own for the same thing
      middleware: (next: any) => any,
      options: { step: "finalizeRequest"; name: string },
    ): void;
  };
}

/** Notes where a client sends its requests, and what time it is there. */
export function watch(client: Watchable): Wire {
  const wire: { -readonly [K in keyof Wire]: Wire[K] } = {
    url: undefined,
    answeredAtMs: NaN,
    refusal: undefined,
  };
  const middleware = (next: Handler): Handler => async (args) => {
    const { protocol, hostname, port } = args.request as HttpRequestLike;
    wire.url = URL.parse(`${protocol}//${hostname}${port ? `:${port}` : ""}`) ?? undefined;
    const result = await next(args).catch((error) => {
      if (error.$metadata?.httpStatusCode !== undefined) wire.refusal = error;
      throw error;
    });
    wire.refusal = undefined;
    const { headers } = result.response as HttpResponseLike;
    wire.answeredAtMs = Date.parse(headers.date ?? "");
    return result;
  };
  client.middlewareStack.add(middleware, { step: "finalizeRequest", name: "watch" });
  return wire;
}
