/** Where the requests of a client go, as far as that is known: a client finds it out itself. */
export interface Wire {
  readonly url: URL | undefined;
}

interface HttpRequestLike {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

type Handler = (args: { request: unknown }) => Promise<unknown>;

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

/** Notes where a client sends its requests. */
export function watch(client: Watchable): Wire {
  const wire: { url: URL | undefined } = { url: undefined };
  const middleware = (next: Handler): Handler => (args) => {
    const { protocol, hostname, port } = args.request as HttpRequestLike;
    wire.url = URL.parse(`${protocol}//${hostname}${port ? `:${port}` : ""}`) ?? undefined;
    return next(args);
  };
  client.middlewareStack.add(middleware, { step: "finalizeRequest", name: "watch" });
  return wire;
}
