import { SSOClient } from "@aws-sdk/client-sso";
import { SSOOIDCClient } from "@aws-sdk/client-sso-oidc";
import { STSClient } from "@aws-sdk/client-sts";
import type { LoginTarget, SsoTarget, StsTarget } from "../credentials/steps.ts";
import { signinBase } from "./signin_link.ts";

/** Where a client sends its requests, and the region they are signed for. */
export interface Address {
  readonly region: string;
  readonly endpoint: string;
}

/** No request is made: the client itself is asked where it would go. */
export function findStsAddress(target: StsTarget): Address {
  const { region, endpoint, legacy } = target;
  if (endpoint !== undefined) return { region, endpoint };
  const client = new STSClient({ region, useGlobalEndpoint: legacy });
  const { url, properties } = client.config.endpointProvider({
    Region: region,
    UseGlobalEndpoint: legacy,
  });
  const [scheme] = (properties?.authSchemes ?? []) as readonly { signingRegion?: string }[];
  return { region: scheme?.signingRegion ?? region, endpoint: formatOrigin(url) };
}

/** Of the portal, which gives a role's credentials for a sign-in. */
export function findPortalAddress({ region, portalEndpoint }: SsoTarget): Address {
  if (portalEndpoint !== undefined) return { region, endpoint: portalEndpoint };
  const { url } = new SSOClient({ region }).config.endpointProvider({ Region: region });
  return { region, endpoint: formatOrigin(url) };
}

/** Of what signs a person in. */
export function findOidcAddress({ region, oidcEndpoint }: SsoTarget): Address {
  if (oidcEndpoint !== undefined) return { region, endpoint: oidcEndpoint };
  const { url } = new SSOOIDCClient({ region }).config.endpointProvider({ Region: region });
  return { region, endpoint: formatOrigin(url) };
}

/** Of what signs a person in to the console for a command line. */
export function findSigninAddress(target: LoginTarget): Address {
  return { region: target.region, endpoint: signinBase(target) };
}

function formatOrigin(url: URL): string {
  return url.href.replace(/\/$/, "");
}
