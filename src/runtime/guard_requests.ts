import { isAtHost, readHosts } from "./hosts.ts";

/**
 * What the launcher does by `--allow-net`, for the compiled program, whose permissions are fixed
 * when it is compiled and which Deno cannot narrow to some hosts while it runs: requests go to the
 * hosts of this environment alone. It is the program itself that holds to it, not Deno.
 */
const hosts = readHosts((name) => Deno.env.get(name));
// `fetch` is looked up when it is called: Deno loads it then, which takes 12 ms.
const original = Object.getOwnPropertyDescriptor(globalThis, "fetch")!;

function guardedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isAtHost(url, hosts)) {
    return Promise.reject(new Deno.errors.NotCapable(`Requires net access to "${url.host}"`));
  }
  const fetch: typeof globalThis.fetch = original.value ?? original.get!.call(globalThis);
  // A redirect would lead past this check.
  return fetch(input, { redirect: "manual", ...init });
}

Object.defineProperty(globalThis, "fetch", {
  configurable: true,
  writable: true,
  value: guardedFetch,
});
