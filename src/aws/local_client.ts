/**
 * This machine and what is on its link, where EC2, ECS and EKS hand out credentials
 * (`fd00:ec2::254`, `fd00:ec2::23` among them).
 */
const LOCAL =
  /^(.+\.)?localhost$|^127(\.\d+){3}$|^169\.254(\.\d+){2}$|^\[(::1|fe[89ab][\da-f]:.*|fd00:ec2::.*)\]$/;

/** Of a URL, with the brackets of its own. */
export function isLocal(hostname: string): boolean {
  return LOCAL.test(hostname);
}

let direct: Deno.HttpClient | undefined;

/**
 * What a `fetch` of a local address takes beside its own options: a client without a proxy.
 * HTTP_PROXY would see the tokens that are sent there and the credentials that come back.
 */
export function localInit(address: string): { client?: Deno.HttpClient } {
  if (!isLocal(new URL(address).hostname)) return {};
  return { client: direct ??= createDirectClient() };
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

/** The same for AWS' clients. */
export const LOCAL_REQUESTS = {
  requestInit: ({ protocol, hostname }: { protocol: string; hostname: string }) =>
    localInit(`${protocol}//${hostname}`),
};
