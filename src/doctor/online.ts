import { describeNetworkFault } from "../errors.ts";
import { isAwsRegion } from "../config/region.ts";
import type { Context } from "../types.ts";
import type { Finding } from "./finding.ts";

/** AWS refuses requests that are signed further off than this. */
const MOST_SKEW_MS = 5 * 60_000;
const SUSPECT_SKEW_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** One request to STS, unsigned, as any browser could make it: does it answer, and what time is it? */
export async function checkOnline(ctx: Pick<Context, "clock" | "env">): Promise<Finding[]> {
  const address = findAddress(ctx);
  const { localInit } = await import("../aws/local_client.ts");
  try {
    const init = { method: "HEAD", redirect: "manual", ...localInit(address) } as const;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(address, { ...init, signal } as RequestInit);
    await response.body?.cancel();
    return checkClock(response.headers.get("date"), address, ctx.clock.now());
  } catch (error) {
    return [explainFault(describeNetworkFault(error), address)];
  }
}

function findAddress({ env }: Pick<Context, "env">): string {
  const named = env.get("AWS_ENDPOINT_URL_STS") || env.get("AWS_ENDPOINT_URL");
  const region = env.get("AWS_REGION") || env.get("AWS_DEFAULT_REGION") || "";
  return named || `https://sts.${isAwsRegion(region) ? region : "us-east-1"}.amazonaws.com/`;
}

function checkClock(date: string | null, address: string, nowMs: number): Finding[] {
  const theirsMs = Date.parse(date ?? "");
  if (Number.isNaN(theirsMs)) {
    return [{
      id: "online.no-date",
      severity: "note",
      message: `${address} does not say what time it is`,
      effect: "this machine's clock was compared with nothing",
      wayOut: "compare `date -u` with the real time",
    }];
  }
  const offMs = nowMs - theirsMs;
  if (Math.abs(offMs) < SUSPECT_SKEW_MS) return [];
  const isFatal = Math.abs(offMs) >= MOST_SKEW_MS;
  return [{
    id: "online.clock",
    severity: isFatal ? "error" : "warning",
    message: `this machine's clock is ${Math.round(Math.abs(offMs) / 1000)} seconds ` +
      `${offMs > 0 ? "ahead of" : "behind"} AWS'`,
    effect: isFatal
      ? "AWS refuses every signed request, and MFA codes are wrong"
      : "MFA codes may be wrong, and AWS refuses requests at five minutes",
    wayOut: "set the clock, and have it kept: timedatectl set-ntp true",
  }];
}

function explainFault(cause: string, address: string): Finding {
  if (/certificate|UnknownIssuer|CaUsedAsEndEntity|NotValidForName/i.test(cause)) {
    return {
      id: "online.certificate",
      severity: "error",
      message: `the certificate of ${address} is not trusted: ${cause}`,
      effect: "no request to AWS can be made",
      wayOut: "where a proxy signs for AWS, name its certificate authority's file in AWS_CA_BUNDLE",
    };
  }
  return {
    id: "online.unreachable",
    severity: "error",
    message: `${address} cannot be reached: ${cause}`,
    effect: "no request to AWS can be made",
    wayOut: "check that this machine is online, and that a proxy (HTTPS_PROXY) is set where one " +
      "is needed",
  };
}
