import { AwsError } from "./aws_error.ts";
import { ConsoleState } from "./console_state.ts";
import { IdSource } from "./ids.ts";
import type { MfaDevice } from "./mfa.ts";
import type { Principal } from "./principals.ts";
import { SsoState } from "./sso_state.ts";

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  status: "Active" | "Inactive";
  readonly createdMs: number;
  lastUsed?: { atMs: number; service: string; region: string };
  /** A new key is not known everywhere at once: so many calls are still refused. */
  refusalsLeft: number;
}

export interface User {
  readonly name: string;
  readonly accountId: string;
  readonly partition: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdMs: number;
  readonly accessKeys: AccessKey[];
  readonly mfaDevices: MfaDevice[];
  /** As with the policy of many firms: IAM is denied unless MFA was used. */
  readonly iamNeedsMfa: boolean;
}

export interface Role {
  readonly name: string;
  readonly accountId: string;
  readonly partition: string;
  readonly arn: string;
  readonly id: string;
  /** User, role, assumed-role and `:root` ARNs, bare account ids, OIDC provider ARNs, or `*`. */
  readonly trusts: string[];
  readonly requiresMfa: boolean;
  readonly externalId?: string;
  readonly maxSessionDurationSeconds: number;
  readonly allowsTags: boolean;
  readonly allowsSourceIdentity: boolean;
}

/** A token of an OIDC provider that AssumeRoleWithWebIdentity takes, text for text. */
export interface WebIdentity {
  readonly token: string;
  /** Without `https://`, as in `arn:aws:iam::ACCOUNT:oidc-provider/ISSUER`. */
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly expiresMs: number;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
  readonly principal: Principal;
}

/** Everything the stand-in knows; the services read and change it, and keep nothing themselves. */
export class World {
  readonly now: () => number;
  readonly ids = new IdSource();
  readonly users: User[] = [];
  readonly roles: Role[] = [];
  readonly unassignedMfaDevices: MfaDevice[] = [];
  readonly webIdentities: WebIdentity[] = [];
  readonly temporaryCredentials = new Map<string, TemporaryCredentials>();
  readonly signinTokens = new Map<string, { arn: string; expiresMs: number }>();
  /** How many calls with a key that is made from now on are refused, as if it was not known yet. */
  newKeyRefusals = 0;
  readonly sso = new SsoState();
  readonly console = new ConsoleState();

  constructor(now: () => number) {
    this.now = now;
  }

  findUser(accountId: string, name: string): User {
    const user = this.users.find((user) => user.accountId === accountId && user.name === name);
    if (user) return user;
    throw new AwsError("NoSuchEntity", 404, `The user with name ${name} cannot be found.`);
  }

  findRole(arn: string): Role | undefined {
    return this.roles.find((role) => role.arn === arn);
  }

  issueCredentials(principal: Principal, durationSeconds: number): TemporaryCredentials {
    const wholeSecondMs = Math.floor(this.now() / 1000) * 1000;
    const credentials = {
      accessKeyId: this.ids.accessKeyId("ASIA"),
      secretAccessKey: this.ids.secretAccessKey(),
      sessionToken: this.ids.sessionToken(),
      expiresMs: wholeSecondMs + durationSeconds * 1000,
      principal,
    };
    this.temporaryCredentials.set(credentials.accessKeyId, credentials);
    return credentials;
  }
}
