import type { Context } from "../types.ts";

/** Those that programs take for a request by plain HTTP. */
const PROXIES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/**
 * The variables by which a program asks a host itself, whatever proxy it is told of: to a proxy the
 * same address is another machine's, its own metadata service among them. None where no proxy is set.
 */
export function leadPastProxies(
  host: string,
  { env, platform }: Pick<Context, "env" | "platform">,
): Record<string, string> {
  if (!PROXIES.some((name) => env.get(name))) return {};
  // Some programs read the one, some the other, some both: who finds one finds what the other says.
  const names = platform === "windows" ? ["NO_PROXY"] : ["no_proxy", "NO_PROXY"];
  const either = names.map((name) => env.get(name)).find((list) => list !== undefined) ?? "";
  return Object.fromEntries(names.map((name) => [name, addHost(env.get(name) ?? either, host)]));
}

function addHost(list: string, host: string): string {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.includes("*") || entries.includes(host) ? list : [...entries, host].join(",");
}
