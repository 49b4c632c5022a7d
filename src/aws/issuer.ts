import { describeNetworkFault } from "../errors.ts";
import type { Context } from "../types.ts";
import { send } from "./send.ts";

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 5000;
/** Where AWS itself serves the access portal, in every partition. */
const AWS_DOMAINS = ["awsapps.com", "awsapps.cn", "app.aws", "amazonaws.com", "amazonaws.com.cn"];

/**
 * The address AWS knows an IAM Identity Center by: its start URL, or, of one on a domain of the
 * organisation's own, where its redirects lead. Where nothing answers there, the start URL.
 */
export async function findIssuer(startUrl: string, ctx: Pick<Context, "debug">): Promise<string> {
  let url = startUrl;
  try {
    for (let redirects = 0; redirects < MAX_REDIRECTS && !isOfAws(url); redirects++) {
      const next = await readRedirect(url);
      if (next === undefined) break;
      url = next;
    }
  } catch (error) {
    ctx.debug(`where ${startUrl} leads is not known: ${describeNetworkFault(error)}`);
    return startUrl;
  }
  return url === startUrl ? url : withoutQuery(url);
}

/** An issuer has neither a query nor a page of its own, where the portal's pages do. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, "");
}

function isOfAws(url: string): boolean {
  const { hostname } = new URL(url);
  return AWS_DOMAINS.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

async function readRedirect(url: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await send(url, { signal });
  await response.body?.cancel();
  const location = response.headers.get("location");
  if (location === null || response.status < 300 || response.status >= 400) return undefined;
  return new URL(location, url).href;
}
