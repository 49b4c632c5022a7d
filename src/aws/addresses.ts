import { SSOClient } from "@aws-sdk/client-sso";
import { SSOOIDCClient } from "@aws-sdk/client-sso-oidc";
import { STSClient } from "@aws-sdk/client-sts";
import type { LoginTarget, SsoTarget, StsTarget } from "../credentials/steps.ts";
import { type Address, ruleOptions, toAddress } from "./endpoint.ts";
import { signinBase } from "./signin_link.ts";

/** No request is made: the client itself is asked where it would go. */
export function findStsAddress(target: StsTarget): Address {
  const { region, endpoint, legacy } = target;
  if (endpoint !== undefined) return { region, endpoint };
  const client = new STSClient({ region, useGlobalEndpoint: legacy });
  const rules = { Region: region, UseGlobalEndpoint: legacy, ...ruleOptions(target) };
  return toAddress(client.config.endpointProvider(rules), region);
}

/** Of the portal, which gives a role's credentials for a sign-in. */
export function findPortalAddress(target: SsoTarget): Address {
  const { region, portalEndpoint } = target;
  if (portalEndpoint !== undefined) return { region, endpoint: portalEndpoint };
  const rules = { Region: region, ...ruleOptions(target) };
  return toAddress(new SSOClient({ region }).config.endpointProvider(rules), region);
}

/** Of what signs a person in. */
export function findOidcAddress(target: SsoTarget): Address {
  const { region, oidcEndpoint } = target;
  if (oidcEndpoint !== undefined) return { region, endpoint: oidcEndpoint };
  const rules = { Region: region, ...ruleOptions(target) };
  return toAddress(new SSOOIDCClient({ region }).config.endpointProvider(rules), region);
}

/** Of what signs a person in to the console for a command line. */
export function findSigninAddress(target: LoginTarget): Address {
  return { region: target.region, endpoint: signinBase(target) };
}
