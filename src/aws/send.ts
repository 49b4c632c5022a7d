import { checkProxy, goesDirect, isLocal } from "./proxy.ts";

let direct: Deno.HttpClient | undefined;

/**
 * What a `fetch` of a local address, or of a host in NO_PROXY, takes beside its own options: a client
 * without a proxy. HTTP_PROXY would see the tokens that are sent here and the credentials that come
 * back; and of NO_PROXY Deno does not take all that Go's programs do.
 *
 * Throws `VaultError("config")` where a request for another address would miss its proxy.
 */
export function clientInit(address: string): { client?: Deno.HttpClient } {
  const target = new URL(address);
  const env = { get: readVariable };
  if (isLocal(target.hostname) || goesDirect(target, env)) {
    return { client: direct ??= createDirectClient() };
  }
  checkProxy(target, env);
  return {};
}

/** A request to be sent. */
interface Parts {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request, as all of ours are: as `clientInit` says, and with redirects left to whoever asks.
 * AWS redirects nobody: a network's sign-in page does, or worse, and what is sent, a refresh token
 * among it, is for AWS alone.
 */
export async function send(address: string, { headers = {}, ...parts }: Parts): Promise<Response> {
  checkHeaders(headers);
  const init = { ...parts, headers, redirect: "manual", ...clientInit(address) } as const;
  return await fetch(address, init as RequestInit);
}

/** More than AWS says to anything that is asked here. */
const LONGEST_ANSWER_BYTES = 8 << 20;

/** Of an answer that has no end in sight no more is read. */
export class EndlessAnswer extends Error {
  constructor() {
    super("the answer is too long");
    this.name = "EndlessAnswer";
  }
}

/**
 * The body of an answer. Throws `EndlessAnswer`, and what `signal` is aborted with: Deno 2.9 forgets
 * the signal of a request as soon as only its body is held.
 */
export async function readAnswer(
  { body }: Response,
  signal: AbortSignal | undefined,
  mostBytes: number = LONGEST_ANSWER_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  const cancel = () => void reader?.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  try {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
      chunks.push(read.value);
      if ((bytes += read.value.length) > mostBytes) throw new EndlessAnswer();
    }
    signal?.throwIfAborted();
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** Such a body as text. */
export async function readText(...answer: Parameters<typeof readAnswer>): Promise<string> {
  return new TextDecoder().decode(await readAnswer(...answer));
}

/** Deno's error of a header that cannot be sent shows all of it, be it a secret. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const odd = Object.keys(headers).find((name) => !/^[\t\x20-\x7e]*$/.test(headers[name]!));
  if (odd === undefined) return;
  throw new Error(`the header ${odd} would have a character in it that none carries`);
}

/** Deno passes over what is no text. */
function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/**
 * Deno reads the proxy variables when a client is made, and has no option to pass over them. (Its
 * `tcp` transport connects directly too, but sends the address whole, as to a proxy.)
 */
function createDirectClient(): Deno.HttpClient {
  const before = Deno.env.get("NO_PROXY");
  Deno.env.set("NO_PROXY", "*,0.0.0.0/0,::/0"); // `*` is every name, and no address
  try {
    return Deno.createHttpClient({});
  } finally {
    if (before === undefined) Deno.env.delete("NO_PROXY");
    else Deno.env.set("NO_PROXY", before);
  }
}
