import { readAnswer, send } from "./send.ts";

/** A request as AWS' clients make it. */
interface ClientRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/**
 * Sends the requests of AWS' clients, in place of their own handler. That hands on an answer's body
 * as a stream, which nothing ends: who said no more in the middle of an answer was waited for without
 * an end, and all of one without an end was read.
 */
export const REQUEST_HANDLER = {
  metadata: { handlerProtocol: "http/1.1" },

  async handle(request: ClientRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
    const { method, headers, body } = request;
    const answer = await send(toUrl(request), { method, headers, body, signal: abortSignal });
    const response = {
      statusCode: answer.status,
      reason: answer.statusText,
      headers: Object.fromEntries(answer.headers),
      body: await readAnswer(answer, abortSignal),
    };
    return { response };
  },
};

function toUrl({ protocol, hostname, port, path, query = {} }: ClientRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`)
  );
  const base = `${protocol}//${hostname}${port ? `:${port}` : ""}${path}`;
  return pairs.length === 0 ? base : `${base}?${pairs.join("&")}`;
}
