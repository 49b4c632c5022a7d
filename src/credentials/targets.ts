import {
  describeSource,
  type EndpointVariant,
  endpointVariant,
  type ProfileConfig,
  type Setting,
  type SsoConfig,
} from "../config/profile.ts";
import { badRegion, isAwsRegion, isStsRegion, trimFips } from "../config/region.ts";
import { VaultError } from "../errors.ts";
import type { LoginTarget, SsoTarget, StsTarget } from "./steps.ts";

/**
 * Where a profile asks STS: in us-east-1 without a region. Throws `VaultError("config")` for a
 * region that is none of AWS' where no endpoint says whom to ask instead.
 */
export function stsTarget(config: ProfileConfig): StsTarget {
  const endpoint = config.endpoints.sts?.value;
  if (endpoint === undefined) checkAwsRegion(config.region, isStsRegion);
  return {
    ...askedRegion(config),
    endpoint,
    legacy: config.stsRegionalEndpoints?.value === "legacy",
  };
}

/** What signing in needs to know; `subject` is whom it is for, in messages. */
export function ssoTarget(config: SsoConfig, subject: string): SsoTarget {
  if (config.endpoints.sso_oidc === undefined) checkAwsRegion(config.ssoRegion);
  return {
    subject,
    startUrl: requireSso(config.ssoStartUrl, "sso_start_url", subject, config),
    region: trimFips(requireSso(config.ssoRegion, "sso_region", subject, config)),
    scopes: (config.ssoRegistrationScopes?.value ?? "").split(",").map((scope) => scope.trim())
      .filter((scope) => scope !== ""),
    ...endpointVariant(config, config.ssoRegion),
    portalEndpoint: config.endpoints.sso?.value,
    oidcEndpoint: config.endpoints.sso_oidc?.value,
    session: config.ssoSession?.value,
  };
}

/** What an Identity Center cannot be asked without. Throws `VaultError("config")` where it is missing. */
export function requireSso(
  setting: Setting | undefined,
  name: string,
  subject: string,
  { ssoSession, ssoSessionFault }: SsoConfig,
): string {
  if (setting !== undefined) return setting.value;
  if (ssoSessionFault !== undefined) throw ssoSessionFault;
  const session = ssoSession && ` (sso_session is \`${ssoSession.value}\`)`;
  throw new VaultError("config", `${subject}: ${name} is missing${session ?? ""}`, [
    "an SSO profile needs sso_start_url, sso_region, sso_account_id and sso_role_name",
  ]);
}

/** Where a profile signs in to the console. */
export function loginPlace(
  config: ProfileConfig,
): Pick<LoginTarget, "region" | "endpoint" | keyof EndpointVariant> {
  const endpoint = (config.endpoints.signin ?? config.endpoints.general)?.value;
  if (endpoint === undefined) checkAwsRegion(config.region);
  return { ...askedRegion(config), endpoint };
}

function askedRegion(config: ProfileConfig): EndpointVariant & { region: string } {
  const { region } = config;
  return { region: trimFips(region?.value ?? "us-east-1"), ...endpointVariant(config, region) };
}

/** Refuses a region that AWS' addresses are to be made from and that is none of AWS'. */
function checkAwsRegion(region: Setting | undefined, isKnown = isAwsRegion): void {
  if (region === undefined || isKnown(region.value)) return;
  throw badRegion(region.value, describeSource(region.source));
}
