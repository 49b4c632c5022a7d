import { accessDenied, AwsError } from "./aws_error.ts";
import type { Params } from "./params.ts";
import type { RolePrincipal } from "./principals.ts";
import {
  checkPolicy,
  checkRoleArn,
  checkRoleDuration,
  DEFAULT_ROLE_SECONDS,
  renderAssumedRole,
  renderCredentials,
} from "./sts_parts.ts";
import type { Role, WebIdentity, World } from "./world.ts";
import type { XmlObject } from "./xml.ts";

function invalidToken(message: string): AwsError {
  return new AwsError("InvalidIdentityToken", 400, message);
}

function findIdentity(world: World, token: string): WebIdentity {
  if (token.split(".").length !== 3 || /\s/.test(token)) {
    throw invalidToken(
      "The ID Token provided is not a valid JWT. " +
        "(You may see this error if you sent an Access Token)",
    );
  }
  const identity = world.webIdentities.find((identity) => identity.token === token);
  if (!identity) {
    throw invalidToken(
      "Couldn't retrieve verification key from your identity provider, " +
        "please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  if (world.now() < identity.expiresMs) return identity;
  const [now, limit] = [world.now(), identity.expiresMs].map((ms) => Math.floor(ms / 1000));
  const message =
    `Token expired: current date/time ${now} must be before the expiration date/time ${limit}`;
  throw new AwsError("ExpiredTokenException", 400, message);
}

function findTrustingRole(world: World, arn: string, provider: string): Role {
  const role = world.findRole(arn);
  const providerArn = role &&
    `arn:${role.partition}:iam::${role.accountId}:oidc-provider/${provider}`;
  if (role && providerArn && role.trusts.includes(providerArn)) return role;
  throw accessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

export function assumeRoleWithWebIdentity(world: World, params: Params): XmlObject {
  const roleArn = params.required("RoleArn");
  const sessionName = params.required("RoleSessionName");
  const token = params.required("WebIdentityToken");
  const durationSeconds = params.integer("DurationSeconds", DEFAULT_ROLE_SECONDS);
  checkRoleArn(roleArn);
  checkPolicy(params);
  const identity = findIdentity(world, token);
  const role = findTrustingRole(world, roleArn, identity.issuer);
  checkRoleDuration(role, durationSeconds);
  const session: RolePrincipal = {
    kind: "role",
    role,
    sessionName,
    isChained: false,
    tags: {},
    transitiveTagKeys: [],
  };
  return {
    Credentials: renderCredentials(world.issueCredentials(session, durationSeconds)),
    AssumedRoleUser: renderAssumedRole(session),
    SubjectFromWebIdentityToken: identity.subject,
    Provider: `https://${identity.issuer}`,
    Audience: identity.audience,
  };
}
