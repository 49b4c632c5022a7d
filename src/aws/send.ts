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
