import type { Role, User } from "./world.ts";

/** Whom a request acts as, and how that one came by its credentials. */
export type Principal = UserPrincipal | SessionPrincipal | RolePrincipal | FederatedPrincipal;

/** Long-term access keys. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly user: User;
}

/** GetSessionToken's credentials: the user still, with or without MFA. */
export interface SessionPrincipal {
  readonly kind: "session";
  readonly user: User;
  readonly hasMfa: boolean;
}

/** An assumed role, by whatever way. */
export interface RolePrincipal {
  readonly kind: "role";
  readonly role: Role;
  readonly sessionName: string;
  readonly isChained: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
}

/** GetFederationToken's credentials. */
export interface FederatedPrincipal {
  readonly kind: "federated";
  readonly user: User;
  readonly name: string;
}

export function formatArn(principal: Principal): string {
  switch (principal.kind) {
    case "user":
    case "session":
      return principal.user.arn;
    case "role": {
      const { role, sessionName } = principal;
      return `arn:${role.partition}:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`;
    }
    case "federated": {
      const { user, name } = principal;
      return `arn:${user.partition}:sts::${user.accountId}:federated-user/${name}`;
    }
  }
}

export function formatUserId(principal: Principal): string {
  switch (principal.kind) {
    case "user":
    case "session":
      return principal.user.id;
    case "role":
      return `${principal.role.id}:${principal.sessionName}`;
    case "federated":
      return `${principal.user.accountId}:${principal.name}`;
  }
}

export function findAccount(principal: Principal): { accountId: string; partition: string } {
  return principal.kind === "role" ? principal.role : principal.user;
}

/** What a trust policy may name to mean this caller. */
export function listTrustNames(principal: Principal): string[] {
  const { accountId, partition } = findAccount(principal);
  const account = [`arn:${partition}:iam::${accountId}:root`, accountId, "*"];
  const own = principal.kind === "role" ? [principal.role.arn] : [];
  return [formatArn(principal), ...own, ...account];
}
