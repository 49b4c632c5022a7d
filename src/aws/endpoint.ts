import type { EndpointVariant, SsoTarget } from "../credentials/steps.ts";
import type { CallInfo } from "./call.ts";
import { REQUEST_HANDLER } from "./request_handler.ts";

/** Where a client sends its requests, and the region they are signed for. */
export interface Address {
  readonly region: string;
  readonly endpoint: string;
}

/** By what a client's rules find AWS' own address, and what they find. */
type Rules = ReturnType<typeof ruleOptions> & { Region: string; UseGlobalEndpoint?: boolean };
type Found = { readonly url: URL; readonly properties?: Record<string, unknown> };

/** AWS' own address for a target, by a client's rules; no request is made. */
export function findOwnAddress(
  provide: (rules: Rules) => Found,
  target: EndpointVariant & { readonly region: string },
  more: Pick<Rules, "UseGlobalEndpoint"> = {},
): Address {
  const { region } = target;
  const { url, properties } = provide({ Region: region, ...ruleOptions(target), ...more });
  const [scheme] = (properties?.authSchemes ?? []) as readonly { signingRegion?: string }[];
  return { region: scheme?.signingRegion ?? region, endpoint: url.href.replace(/\/$/, "") };
}

/**
 * What AWS' clients are made with. An endpoint of one's own is asked as it stands, FIPS or not, as
 * the AWS CLI does it; the SDK would refuse the two together.
 */
export function clientOptions(
  target: EndpointVariant & { readonly region: string },
  endpoint: string | undefined,
) {
  const { UseFIPS, UseDualStack } = ruleOptions(endpoint === undefined ? target : {});
  return {
    region: target.region,
    endpoint,
    useFipsEndpoint: UseFIPS,
    useDualstackEndpoint: UseDualStack,
    requestHandler: REQUEST_HANDLER,
  };
}

/** What a target asks of AWS' own addresses, in the words of those rules. */
function ruleOptions({ fips, dualStack }: EndpointVariant) {
  return { UseFIPS: fips !== undefined, UseDualStack: dualStack !== undefined };
}

/** Whom a call asks, and what to look at where nobody answers there. */
export function describeAddress(
  service: string,
  { fips, dualStack }: EndpointVariant,
  endpoint: string | undefined,
): Pick<CallInfo, "address" | "hint"> {
  if (endpoint !== undefined) return { address: endpoint };
  const kinds = [...fips ? ["FIPS"] : [], ...dualStack ? ["dual-stack"] : []].join(" and ");
  if (kinds === "") return { address: service };
  const settings = [...new Set([fips, dualStack])].filter((name) => name !== undefined);
  return {
    address: `${service} (${kinds})`,
    hint: `not every region has a ${kinds} endpoint: see ${settings.join(" and ")}`,
  };
}

/** The same of an IAM Identity Center, at one of its two endpoints: the portal's or OIDC's. */
export function describeIdentityCenter(
  target: SsoTarget,
  endpoint: string | undefined,
): Pick<CallInfo, "address" | "hint"> {
  return describeAddress(`IAM Identity Center in ${target.region}`, target, endpoint);
}
