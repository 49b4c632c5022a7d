import type { Caller } from "./authenticate.ts";
import { accessDenied, invalidClientTokenId, validationError } from "./aws_error.ts";
import type { Params } from "./params.ts";
import { findAccount, formatArn } from "./principals.ts";
import type { User, World } from "./world.ts";

/** Session credentials got without MFA, and federated ones, are strangers to IAM. */
export function requireIamAccess({ principal }: Caller, action: string): void {
  if (principal.kind === "federated") throw invalidClientTokenId();
  if (principal.kind === "session" && !principal.hasMfa) throw invalidClientTokenId();
  if (principal.kind !== "user" || !principal.user.iamNeedsMfa) return;
  throw accessDenied(
    `User: ${formatArn(principal)} is not authorized to perform: iam:${action} on resource: ` +
      `${principal.user.arn} with an explicit deny in an identity-based policy`,
  );
}

/** The user named, in the caller's own account, else the caller. */
export function findTargetUser(world: World, { principal }: Caller, params: Params): User {
  const name = params.optional("UserName");
  if (name !== undefined) return world.findUser(findAccount(principal).accountId, name);
  if (principal.kind === "user" || principal.kind === "session") return principal.user;
  throw validationError("Must specify userName when calling with non-User credentials");
}
