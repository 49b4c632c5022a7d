import { describeNetworkFault, hidePassword, NOT_PERMITTED, VaultError } from "../errors.ts";
import type { IniFile } from "../config/ini.ts";
import { endpointVariant } from "../config/profile.ts";
import { isStsRegion, trimFips } from "../config/region.ts";
import { resolveProfile } from "../config/resolve.ts";
import { unlessFaulty } from "../config/unless_faulty.ts";
import type { Env } from "../types.ts";
import type { Finding, MachineView } from "./finding.ts";

/** AWS refuses requests that are signed further off than this. */
const MOST_SKEW_MS = 5 * 60_000;
const SUSPECT_SKEW_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** One request to STS, unsigned, as any browser could make it: does it answer, and what time is it? */
export async function checkOnline({ ctx, file }: MachineView): Promise<Finding[]> {
  const address = await findAddress(ctx.env, file);
  const shown = hidePassword(address);
  const { send } = await import("../aws/send.ts");
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await send(address, { method: "HEAD", signal });
    await response.body?.cancel();
    return checkClock(response.headers.get("date"), shown, ctx.clock.now());
  } catch (error) {
    if (error instanceof VaultError) return [unreachable(error.message, error.hints.join(" "))];
    return [await explainFault(describeNetworkFault(error), shown, ctx.env)];
  }
}

/** STS, where `[default]` would ask it: of the partition that its region is in. */
export async function findAddress(env: Env, file: IniFile): Promise<string> {
  const { endpoints, region, stsRegionalEndpoints, ...config } =
    unlessFaulty(() => resolveProfile("default", file, env, {})) ?? { endpoints: {} };
  const isOfAws = region !== undefined && isStsRegion(region.value);
  const { findStsAddress } = await import("../aws/addresses.ts");
  return findStsAddress({
    region: isOfAws ? trimFips(region.value) : "us-east-1",
    endpoint: endpoints.sts?.value,
    legacy: stsRegionalEndpoints?.value === "legacy",
    ...endpointVariant(config, region),
  }).endpoint;
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
    message: `this machine's clock is ${describeSkew(Math.abs(offMs))} ` +
      `${offMs > 0 ? "ahead of" : "behind"} AWS'`,
    effect: isFatal
      ? "AWS refuses what programs sign by it, sessions end at the wrong time, and MFA codes that " +
        "are made here are wrong"
      : "MFA codes that are made here may be wrong, and AWS refuses requests at five minutes",
    wayOut: "set the clock, and have it kept: timedatectl set-ntp true",
  }];
}

function describeSkew(ms: number): string {
  return ms < 2 * 60_000 ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} min`;
}

async function explainFault(cause: string, address: string, env: Env): Promise<Finding> {
  if (/certificate|UnknownIssuer|CaUsedAsEndEntity|NotValidForName/i.test(cause)) {
    return {
      id: "online.certificate",
      severity: "error",
      message: `the certificate of ${address} is not trusted: ${cause}`,
      effect: "no request to AWS can be made",
      wayOut: "where a proxy signs for AWS, name its certificate authority's file in AWS_CA_BUNDLE",
    };
  }
  const { findProxy, hintsAtProxy } = await import("../aws/proxy.ts");
  const url = URL.parse(address);
  const proxy = url ? findProxy(url, env) : undefined;
  return unreachable(
    `${address} cannot be reached: ${cause}`,
    cause.endsWith(NOT_PERMITTED)
      ? NOT_PERMITTED
      : proxy === undefined
      ? "check that this machine is online, and that a proxy (HTTPS_PROXY) is set where one is needed"
      : hintsAtProxy(proxy, cause).join(" "),
  );
}

function unreachable(message: string, wayOut: string): Finding {
  const effect = "no request to AWS can be made";
  return { id: "online.unreachable", severity: "error", message, effect, wayOut };
}
