export interface SsoAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Names of the permission sets assigned to the one person of this stand-in. */
  readonly roles: readonly string[];
}

export interface SsoInstance {
  readonly startUrl: string;
  readonly userName: string;
  readonly accounts: readonly SsoAccount[];
  /** How often a client may poll; and how long codes, tokens and roles last. */
  readonly intervalSeconds: number;
  readonly deviceCodeSeconds: number;
  readonly accessTokenSeconds: number;
  readonly sessionSeconds: number;
  readonly roleSeconds: number;
  /** Says yes without anybody's click: for tests that are not about signing in. */
  readonly approvesAtOnce: boolean;
}

export interface OidcClient {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  /** Where browsers may be sent back to, and from which instance: for authorization codes alone. */
  readonly redirectUris: readonly string[];
  readonly issuerUrl?: string;
  readonly expiresMs: number;
}

export interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly client: OidcClient;
  readonly instance: SsoInstance;
  readonly expiresMs: number;
  state: "pending" | "approved" | "denied" | "used";
  intervalSeconds: number;
  lastPolledMs?: number;
}

/** A code that a browser was sent back with: good once, for a short while, for who asked for it. */
export interface AuthorizationCode {
  readonly client: OidcClient;
  readonly instance: SsoInstance;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresMs: number;
}

/** One sign-in: logging out ends all its tokens. */
export interface SsoSession {
  readonly instance: SsoInstance;
  readonly client: OidcClient;
  readonly expiresMs: number;
}

export interface AccessToken {
  readonly session: SsoSession;
  readonly expiresMs: number;
}

export class SsoState {
  readonly instances: SsoInstance[] = [];
  readonly clients = new Map<string, OidcClient>();
  readonly authorizations: DeviceAuthorization[] = [];
  readonly codes = new Map<string, AuthorizationCode>();
  readonly accessTokens = new Map<string, AccessToken>();
  readonly refreshTokens = new Map<string, SsoSession>();
  /** How long a client stays registered: ninety days with AWS. */
  clientSeconds = 90 * 24 * 3600;

  findInstance(startUrl: string): SsoInstance | undefined {
    return this.instances.find((instance) => instance.startUrl === startUrl);
  }

  findByUserCode(userCode: string): DeviceAuthorization | undefined {
    return this.authorizations.find((one) => one.userCode === userCode.trim().toUpperCase());
  }

  /** The click on the page; false when there is nothing (any more) to decide. */
  decide(userCode: string, state: "approved" | "denied", nowMs: number): boolean {
    const authorization = this.findByUserCode(userCode);
    if (authorization?.state !== "pending" || nowMs >= authorization.expiresMs) return false;
    authorization.state = state;
    return true;
  }

  endSession(session: SsoSession): void {
    for (const [token, access] of this.accessTokens) {
      if (access.session === session) this.accessTokens.delete(token);
    }
    for (const [token, owner] of this.refreshTokens) {
      if (owner === session) this.refreshTokens.delete(token);
    }
  }
}
