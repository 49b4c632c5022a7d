import type { Env } from "../types.ts";
import { isLocal } from "./local_client.ts";

/** Whom requests go to first. */
export interface Proxy {
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

/** The proxy of requests for an address, as Deno takes it from the environment. */
export function findProxy(target: URL, env: Env): Proxy | undefined {
  if (isLocal(target.hostname) || goesDirect(target.hostname, env)) return undefined;
  const names = [target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"];
  const variable = names.flatMap((name) => [name, name.toLowerCase()]).find((name) =>
    env.get(name)
  );
  const url = variable && URL.parse(env.get(variable)!);
  return url ? { url, variable } : undefined;
}

/** Whether NO_PROXY names a host, as Deno reads it; its ranges of addresses are left to Deno. */
export function goesDirect(hostname: string, env: Env): boolean {
  const list = env.get("NO_PROXY") ?? env.get("no_proxy") ?? "";
  const names = list.split(",").map((name) => name.trim().replace(/^\./, ""));
  return names.some((name) =>
    name !== "" && (name === "*" || hostname === name || hostname.endsWith(`.${name}`))
  );
}

/** The ways out where a proxy has brought no answer; the password in its address is not told. */
export function hintsAtProxy({ url, variable }: Proxy, cause: string): string[] {
  if (/proxy auth/i.test(cause)) {
    return [
      `the proxy that ${variable} names, ${url.host}, wants another name and password than it was`,
      `given: ${variable}=http://NAME:PASSWORD@${url.host}`,
    ];
  }
  return [
    `the request goes by the proxy that ${variable} names, ${url.host}: check that it runs and lets`,
    "it through, and that this machine is online; hosts in NO_PROXY are asked without it",
  ];
}
