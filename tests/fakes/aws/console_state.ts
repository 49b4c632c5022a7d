import type { Principal } from "./principals.ts";

/** Somebody the console's sign-in knows: the one session a browser here is in. */
export interface ConsoleLogin {
  /** Whose credentials it gives. */
  readonly principal: Principal;
  /** How long credentials last, and how long refresh tokens bring new ones. */
  readonly credentialSeconds: number;
  readonly sessionSeconds: number;
  /** How long a refresh token serves on after it has been used. */
  readonly graceSeconds: number;
  /** Says yes without anybody's click. */
  readonly approvesAtOnce: boolean;
  /** What the next refreshes are refused with, until it is taken away. */
  refusal?: "USER_CREDENTIALS_CHANGED" | "INSUFFICIENT_PERMISSIONS";
}

/** A code that a browser was sent back with. */
export interface ConsoleCode {
  readonly login: ConsoleLogin;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresMs: number;
}

/** One sign-in, bound to the key that its first proof was made with. */
export interface ConsoleSession {
  readonly login: ConsoleLogin;
  readonly clientId: string;
  /** RFC 7638, of the proof's key. */
  readonly thumbprint: string;
  readonly expiresMs: number;
}

export interface ConsoleRefreshToken {
  readonly session: ConsoleSession;
  /** Set when it is used: it serves a while longer. */
  goodUntilMs?: number;
}

export class ConsoleState {
  /** The newest is the one a browser is signed in as. */
  readonly logins: ConsoleLogin[] = [];
  readonly codes = new Map<string, ConsoleCode>();
  readonly refreshTokens = new Map<string, ConsoleRefreshToken>();
  /** Of proofs: each is good once. */
  readonly usedProofs = new Set<string>();
}
