import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";

/** Whom requests go to first. */
export interface Proxy {
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

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

/** The proxy of requests for an address, as Deno takes it from the environment. */
export function findProxy(target: URL, env: Env): Proxy | undefined {
  const variable = listVariables(target, env).find((name) => TAKEN.test(env.get(name)!));
  if (variable === undefined) return undefined;
  const value = env.get(variable)!;
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  return url ? { url, variable } : undefined;
}

/**
 * Refuses what Deno would pass over: the request would go around the proxy that is meant. Not for
 * ALL_PROXY, which the AWS CLI does not read: GNOME puts a `socks:` there that few programs take.
 */
export function checkProxy(target: URL, env: Env): void {
  const names = listVariables(target, env);
  const variable = names.find((name) => name.toUpperCase() !== "ALL_PROXY");
  if (variable === undefined || names.some((name) => TAKEN.test(env.get(name)!))) return;
  throw new VaultError("config", `${variable} holds no address of a proxy`, [
    "write it as http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT (https, socks5 and socks5h serve " +
    `too), without blanks; in a password ^ is %5E, # is %23. Or do without: unset ${variable}`,
  ]);
}

/** Those that are set, in Deno's order; none for a host that is asked without a proxy. */
function listVariables(target: URL, env: Env): string[] {
  if (isLocal(target.hostname) || goesDirect(target, env)) return [];
  return ["ALL_PROXY", target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY"]
    .flatMap((name) => [name, name.toLowerCase()]).filter((name) => env.get(name));
}

const HOST = String.raw`(\[[\da-f:.]+\]|[\w.~!$&'()+,;=-]+)(:\d{0,5})?`;
const USER = String.raw`([\w.~!$&'()*+,;=%-]*:[\w.~!$&'()*+,;=%:@-]*@)?`;
/**
 * What Deno takes for a proxy's address. It passes over all else without a word: a password with `^`
 * in it, a name without a password, a blank at the end.
 */
const TAKEN = new RegExp(
  String
    .raw`^((https?|socks5h?)://${USER}${HOST}([/?#][\x21-\x7e]*)?|${USER}${HOST}|(unix|vsock):.+)$`,
  "i",
);

/**
 * Whether NO_PROXY names a host: `example.com`, `.example.com` and, as programs in Go take them,
 * `*.example.com` and `example.com:443`. Its ranges of addresses are left to Deno.
 */
export function goesDirect({ protocol, hostname, port }: URL, env: Env): boolean {
  const list = env.get("NO_PROXY") ?? env.get("no_proxy") ?? "";
  const suffix = `:${port || (protocol === "https:" ? "443" : "80")}`;
  return list.toLowerCase().split(",").some((entry) => {
    const place = entry.trim();
    const name = (place.endsWith(suffix) ? place.slice(0, -suffix.length) : place)
      .replace(/^\./, "");
    if (name === "*") return true;
    if (name.startsWith("*.")) return hostname.endsWith(name.slice(1));
    return name !== "" && (hostname === name || hostname.endsWith(`.${name}`));
  });
}

/** The ways out where a proxy has brought no answer; the password in its address is not told. */
export function hintsAtProxy({ url, variable }: Proxy, cause: string): string[] {
  if (/proxy auth/i.test(cause)) {
    return [
      `the proxy that ${variable} names, ${url.host}, wants another name and password than it was ` +
      `given: ${variable}=http://NAME:PASSWORD@${url.host}`,
    ];
  }
  return [
    `the request goes by the proxy that ${variable} names, ${url.host}: check that it runs and lets ` +
    "it through, and that this machine is online; hosts in NO_PROXY are asked without it",
  ];
}
