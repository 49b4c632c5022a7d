import type { LoginStep, Plan, SsoStep, Step } from "../../credentials/steps.ts";
import { beginsByCode } from "../../credentials/signin/sign_in.ts";
import { LOGIN_PREFIX, OIDC_PREFIX } from "../../credentials/session_key.ts";
import { findUrl } from "../../credentials/providers/container.ts";
import { readService } from "../../credentials/providers/instance_metadata.ts";
import type { SignInWay } from "../../credentials/run.ts";
import type { Address } from "../../aws/endpoint.ts";
import { hidePassword } from "../../errors.ts";
import type { ExplainedRequest } from "./explanation.ts";

type Addresses = typeof import("../../aws/addresses.ts");

/** What decides how the steps that are to be run are run. */
export interface RequestWorld {
  readonly way: SignInWay;
  readonly keys: readonly string[];
  /** ARNs of whom the AWS CLI has a console sign-in. */
  readonly cliLogins: ReadonlySet<string>;
}

/** The requests of some steps, in their order; none is made. */
export async function listRequests(
  steps: readonly Step[],
  world: RequestWorld,
): Promise<ExplainedRequest[]> {
  const addresses = await import("../../aws/addresses.ts");
  return steps.flatMap((step) => listOf(step, world, addresses));
}

/** Whether a person has signed in before; for how long, its name does not say. */
export function hasSignIn(step: SsoStep | LoginStep, { keys, cliLogins }: RequestWorld): boolean {
  if (step.kind === "sso") return keys.includes(OIDC_PREFIX + step.startUrl);
  return keys.includes(LOGIN_PREFIX + step.arn) || cliLogins.has(step.arn);
}

/** The one that tells whose credentials are, where AWS does not say so as it gives them. */
export async function listIdentityRequest(
  { account, steps }: Plan,
  isKept: boolean,
  world: RequestWorld,
): Promise<ExplainedRequest[]> {
  const last = steps.at(-1)!;
  const isSaid = "roleArn" in last || (last.kind === "login" && !isOfTheCli(last, world));
  if (account === undefined || isKept || isSaid) return [];
  const { findStsAddress } = await import("../../aws/addresses.ts");
  const { region, endpoint } = findStsAddress(account.target);
  const { profile } = account;
  return [{ action: "GetCallerIdentity", profile, region, endpoint: hidePassword(endpoint) }];
}

/** A sign-in that was made by `aws login`: AWS told the AWS CLI whose it is. */
function isOfTheCli({ arn }: LoginStep, { keys, cliLogins }: RequestWorld): boolean {
  return cliLogins.has(arn) && !keys.includes(LOGIN_PREFIX + arn);
}

function listOf(step: Step, world: RequestWorld, addresses: Addresses): ExplainedRequest[] {
  const request = (action: string, address: Address, durationSeconds?: number) => ({
    action,
    profile: step.profile,
    region: address.region,
    endpoint: hidePassword(address.endpoint),
    ...(durationSeconds !== undefined && { durationSeconds }),
  });
  switch (step.kind) {
    case "session_token":
      return [
        request("GetSessionToken", addresses.findStsAddress(step.target), step.durationSeconds),
      ];
    case "assume_role":
      return [request("AssumeRole", addresses.findStsAddress(step.target), step.durationSeconds)];
    case "web_identity": {
      const address = addresses.findStsAddress(step.target);
      return [request("AssumeRoleWithWebIdentity", address, step.durationSeconds)];
    }
    case "sso": {
      const oidc = addresses.findOidcAddress(step);
      return [
        ...signInActions(step, world).map((action) => request(action, oidc)),
        request("sso.GetRoleCredentials", addresses.findPortalAddress(step)),
      ];
    }
    case "login":
      return [request("signin.CreateOAuth2Token", addresses.findSigninAddress(step))];
    case "instance_metadata": {
      const { endpoint } = readService(step, world.way.ctx.env);
      return [request("imds.GetCredentials", { region: "", endpoint })];
    }
    case "container": {
      const endpoint = findUrl(step, world.way.ctx.env);
      return [request("ecs.GetCredentials", { region: "", endpoint })];
    }
    case "stored":
    case "process":
    case "environment":
      return [];
  }
}

function signInActions(step: SsoStep, world: RequestWorld): string[] {
  if (hasSignIn(step, world)) return [];
  return beginsByCode(step, world.way)
    ? ["oidc.RegisterClient", "oidc.CreateToken"]
    : ["oidc.RegisterClient", "oidc.StartDeviceAuthorization", "oidc.CreateToken"];
}
