import { describeNetworkFault, NOT_PERMITTED, VaultError } from "../errors.ts";

/** A request to the metadata service of an instance or a container. */
export interface MetadataRequest {
  readonly url: string;
  readonly method: "GET" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** How often it is sent where no answer or a fault of the server (5xx) comes back. */
  readonly attempts: number;
}

/** Its answer, whatever the status. */
export interface MetadataAnswer {
  readonly status: number;
  readonly text: string;
}

/** An answer of a metadata service is a few hundred bytes. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * Asks the metadata service of an instance or a container. These are beside us or not there at
 * all, so the time is short. Redirects are not followed: nobody else gets the token in `headers`.
 *
 * Throws `VaultError("network")` with `name` and the address when no answer comes.
 */
export async function askMetadata(request: MetadataRequest, name: string): Promise<MetadataAnswer> {
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await sendOnce(request);
      if (answer.status < 500 || attempt >= request.attempts) return answer;
    } catch (error) {
      if (attempt >= request.attempts) throw noAnswer(request, name, error);
    }
  }
}

async function sendOnce(request: MetadataRequest): Promise<MetadataAnswer> {
  const { url, method, headers, timeoutSeconds } = request;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const { readText, send } = await import("../aws/send.ts");
  const answer = await send(url, { method, headers, signal });
  const text = await readText(answer, signal, MAX_ANSWER_BYTES);
  return { status: answer.status, text };
}

function noAnswer(request: MetadataRequest, name: string, error: unknown): VaultError {
  const timedOut = error instanceof DOMException && error.name === "TimeoutError";
  const cause = timedOut ? `no answer in ${request.timeoutSeconds} s` : describeNetworkFault(error);
  const hints = cause.endsWith(NOT_PERMITTED) ? [] : [
    "only EC2 instances and containers in AWS have it: elsewhere set another credential_source",
  ];
  return new VaultError("network", `${name}: cannot reach ${request.url}: ${cause}`, hints, error);
}
