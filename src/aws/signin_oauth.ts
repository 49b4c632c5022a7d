import { decodeJwt } from "jose/jwt/decode";
import { type LoginTarget, signinCommand } from "../credentials/steps.ts";
import { AwsRefusal, isPassingStatus, VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import { isText, readTime } from "./answer.ts";
import { callAws } from "./call.ts";
import { type DpopKey, signProof } from "./dpop.ts";
import { describeAddress } from "./endpoint.ts";
import { readText, send } from "./send.ts";
import { PASSING_HINTS } from "./refusal_hints.ts";
import { signinBase, type SigninClient } from "./signin_link.ts";
import type { CallContext } from "./time_limit.ts";

/** A code that a browser brought, and what proves that it was brought to us. */
export interface SigninRedemption {
  readonly clientId: SigninClient;
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** Credentials of fifteen minutes, and what renews them. */
export interface SigninAnswer {
  readonly credentials: Credentials & { readonly expiresAtMs: number };
  /** Takes the place of the one before. */
  readonly refreshToken: string;
  /** Who signed in: of a code's answer. */
  readonly arn?: string;
}

/** The permission that whoever signs in needs, and the managed policy that has it. */
const PERMISSION_HINTS = [
  "whoever signs in needs the permission signin:CreateOAuth2Token,",
  "which the managed policy SignInLocalDevelopmentAccess has: ask who administers the account",
];

function hintsFor(error: string, target: LoginTarget): readonly string[] {
  switch (error) {
    case "INSUFFICIENT_PERMISSIONS":
      return PERMISSION_HINTS;
    case "AUTHCODE_EXPIRED":
      return ["the browser's answer came too late: run the command again"];
    case "INVALID_REQUEST":
      return [
        `sign in anew with: ${signinCommand(target)}`,
        "where that fails too, compare this machine's clock with the real time: date -u",
      ];
    default:
      return [];
  }
}

const MAX_TRIES = 3;
const PAUSE_MS = 250;
/** A clock that is further off may be what a proof was refused for: the SDKs' clients do the same. */
const SUSPECT_SKEW_MS = 60_000;

/** CreateOAuth2Token, which is not signed: a proof of the session's key goes with it. */
export class SigninCalls {
  readonly #target: LoginTarget;
  readonly #key: DpopKey;
  readonly #ctx: CallContext;
  readonly #url: string;
  /** How far AWS' clock is ahead of ours, once it has refused what was proved by ours. */
  #aheadMs = 0;

  constructor(target: LoginTarget, key: DpopKey, ctx: CallContext) {
    this.#target = target;
    this.#key = key;
    this.#ctx = ctx;
    this.#url = `${signinBase(target)}/v1/token`;
  }

  /** The first credentials, for a code that a browser brought; a code is good once. */
  async redeem(redemption: SigninRedemption): Promise<SigninAnswer> {
    const { clientId, code, codeVerifier, redirectUri } = redemption;
    const grantType = "authorization_code";
    const answer = await this.#call(
      "CreateOAuth2Token by authorization code",
      { clientId, grantType, code, codeVerifier, redirectUri },
      true,
    );
    return { ...this.#read(answer), arn: this.#readArn(answer) };
  }

  /** New credentials for a refresh token. */
  async refresh(clientId: string, refreshToken: string): Promise<SigninAnswer> {
    const call = "CreateOAuth2Token by refresh token";
    const request = { clientId, grantType: "refresh_token", refreshToken };
    return this.#read(await this.#call(call, request, false));
  }

  async #call(call: string, request: object, once: boolean): Promise<Answer> {
    const { subject, endpoint } = this.#target;
    const { hint } = describeAddress(this.#url, this.#target, endpoint);
    const info = { call, subject, address: this.#url, hint, once };
    return await callAws(info, this.#ctx, async ({ abortSignal }) => {
      for (let tries = 1;; tries++) {
        const { status, text, aheadMs } = await this.#post(request, abortSignal);
        const isByWrongClock = status === 400 &&
          Math.abs(aheadMs - this.#aheadMs) > SUSPECT_SKEW_MS;
        if (once || tries === MAX_TRIES || !isByWrongClock && !isPassingStatus(status)) {
          return this.#judge(call, status, text);
        }
        if (isByWrongClock) this.#aheadMs = aheadMs;
        await this.#ctx.clock.sleep(PAUSE_MS * tries, abortSignal);
      }
    });
  }

  async #post(request: object, signal: AbortSignal): Promise<Posted> {
    const { clock } = this.#ctx;
    const atMs = clock.now() + this.#aheadMs;
    const response = await send(this.#url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        DPoP: await signProof(this.#key, this.#url, atMs),
      },
      body: JSON.stringify(request),
      signal,
    });
    const aheadMs = Date.parse(response.headers.get("date") ?? "") - clock.now();
    return { status: response.status, text: await readText(response, signal), aheadMs };
  }

  #judge(call: string, status: number, text: string): Answer {
    const answer = parse(text);
    if (status === 200 && answer !== undefined) return answer;
    const { subject } = this.#target;
    if (typeof answer?.error !== "string") {
      throw new VaultError(
        "network",
        `${subject}: ${call}: HTTP ${status} that is no answer of AWS, from ${this.#url}`,
        ["check AWS_ENDPOINT_URL_SIGNIN and the region where they are set, and any proxy"],
      );
    }
    const { error, message } = answer;
    const told = typeof message === "string" && message !== "" ? `: ${message}` : "";
    throw new AwsRefusal(
      error,
      status,
      `${subject}: AWS refused ${call}: ${error}${told} (HTTP ${status})`,
      isPassingStatus(status) ? PASSING_HINTS : hintsFor(error, this.#target),
    );
  }

  #read(answer: Answer): SigninAnswer {
    const { accessToken, expiresIn, refreshToken } = answer;
    const keys = (accessToken ?? {}) as Record<string, unknown>;
    const seconds = readTime(expiresIn);
    if (seconds === undefined) throw this.#lacks("expiresIn");
    return {
      credentials: {
        accessKeyId: this.#text(keys.accessKeyId, "accessKeyId"),
        secretAccessKey: this.#text(keys.secretAccessKey, "secretAccessKey"),
        sessionToken: this.#text(keys.sessionToken, "sessionToken"),
        expiresAtMs: this.#ctx.clock.now() + seconds * 1000,
      },
      refreshToken: this.#text(refreshToken, "refreshToken"),
    };
  }

  #readArn({ idToken }: Answer): string {
    try {
      const { sub } = decodeJwt(String(idToken));
      // It goes into the config file, one line.
      if (sub !== undefined && /^arn:[\x21-\x7e]+$/.test(sub)) return sub;
    } catch { /* the error below says it */ }
    throw this.#lacks("the ARN of whoever signed in (sub of its idToken)");
  }

  #text(value: unknown, name: string): string {
    if (isText(value)) return value;
    throw this.#lacks(name);
  }

  #lacks(what: string): VaultError {
    return new VaultError("aws", `${this.#target.subject}: ${this.#url} answered without ${what}`);
  }
}

/** What came, and how far the clock of whoever sent it is ahead of ours; NaN where that is untold. */
interface Posted {
  readonly status: number;
  readonly text: string;
  readonly aheadMs: number;
}

type Answer = Readonly<Record<string, unknown>>;

function parse(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Answer : undefined;
  } catch {
    return undefined;
  }
}
