import { SSOClient } from "@aws-sdk/client-sso";
import { SSOOIDCClient } from "@aws-sdk/client-sso-oidc";
import { STSClient } from "@aws-sdk/client-sts";
import type { LoginTarget, SsoTarget, StsTarget } from "../credentials/steps.ts";
import { type Address, findOwnAddress } from "./endpoint.ts";
import { signinBase } from "./signin_link.ts";

/** Where STS is asked. */
export function findStsAddress(target: StsTarget): Address {
  const { region, endpoint, legacy } = target;
  if (endpoint !== undefined) return { region, endpoint };
  const { config } = new STSClient({ region, useGlobalEndpoint: legacy });
  return findOwnAddress(config.endpointProvider, target, { UseGlobalEndpoint: legacy });
}

/** Of the portal, which gives a role's credentials for a sign-in. */
export function findPortalAddress(target: SsoTarget): Address {
  const { region, portalEndpoint } = target;
  if (portalEndpoint !== undefined) return { region, endpoint: portalEndpoint };
  return findOwnAddress(new SSOClient({ region }).config.endpointProvider, target);
}

/** Of what signs a person in. */
export function findOidcAddress(target: SsoTarget): Address {
  const { region, oidcEndpoint } = target;
  if (oidcEndpoint !== undefined) return { region, endpoint: oidcEndpoint };
  return findOwnAddress(new SSOOIDCClient({ region }).config.endpointProvider, target);
}

/** Of what signs a person in to the console for a command line. */
export function findSigninAddress(target: LoginTarget): Address {
  return { region: target.region, endpoint: signinBase(target) };
}
