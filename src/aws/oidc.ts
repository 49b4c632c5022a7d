import {
  CreateTokenCommand,
  type CreateTokenRequest,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from "@aws-sdk/client-sso-oidc";
import { asWord, AwsRefusal } from "../errors.ts";
import { LAST_SECOND } from "../expiry.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { incomplete, isText, readTime } from "./answer.ts";
import { callAws, type CallInfo } from "./call.ts";
import type { CallContext } from "./time_limit.ts";
import { clientOptions, describeIdentityCenter, findOwnAddress } from "./endpoint.ts";
import { watch, type Wire } from "./wire.ts";

/** What we are known by; AWS wants it with every request of a sign-in. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a client is registered for. */
export interface ClientRequest {
  readonly scopes: readonly string[];
  readonly grants: readonly string[];
  /** Where browsers may bring codes, and the IAM Identity Center they bring them from. */
  readonly redirectUris?: readonly string[];
  readonly issuerUrl?: string;
}

/** What the link that a browser is sent to asks for. */
export interface AuthorizeRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly scopes: readonly string[];
  /** RFC 7636: base64url of the verifier's SHA-256. */
  readonly codeChallenge: string;
}

/** A code that a browser brought, and what proves that it was brought to us. */
export interface Redemption {
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** A sign-in that waits for its confirmation in a browser (RFC 8628). */
export interface DeviceAuthorization {
  readonly deviceCode: string;
  /** What the browser's page shows too, for the user to compare. */
  readonly userCode: string;
  readonly url: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** What a sign-in gives; it lasts from the moment of the answer on. */
export interface NewToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken?: string;
}

/** The answers to a poll that say to go on, or that it is over (RFC 8628, section 3.5). */
export type PollAnswer = "authorization_pending" | "slow_down" | "expired_token" | "access_denied";

/** RFC 8628, section 3.2: what counts where the answer names no interval. */
const DEFAULT_INTERVAL_SECONDS = 5;

/** AWS names the same answers by its exceptions. */
const POLL_ANSWERS: Readonly<Record<string, PollAnswer>> = {
  authorization_pending: "authorization_pending",
  AuthorizationPendingException: "authorization_pending",
  slow_down: "slow_down",
  SlowDownException: "slow_down",
  expired_token: "expired_token",
  ExpiredTokenException: "expired_token",
  access_denied: "access_denied",
  AccessDeniedException: "access_denied",
};

/** The requests to IAM Identity Center by which a person signs in; none of them is signed. */
export class OidcCalls {
  readonly #client: SSOOIDCClient;
  readonly #target: SsoTarget;
  readonly #ctx: CallContext;
  readonly #asked: Pick<CallInfo, "address" | "hint">;
  readonly #wire: Wire;

  constructor(target: SsoTarget, ctx: CallContext) {
    this.#target = target;
    this.#ctx = ctx;
    this.#asked = describeIdentityCenter(target, target.oidcEndpoint);
    this.#client = new SSOOIDCClient(clientOptions(target, target.oidcEndpoint));
    this.#wire = watch(this.#client);
  }

  /** Makes us known as the client `aws-vault`. */
  async registerClient(request: ClientRequest): Promise<Client & { expiresAtMs: number }> {
    const { scopes, grants, redirectUris, issuerUrl } = request;
    const command = new RegisterClientCommand({
      clientName: "aws-vault",
      clientType: "public",
      scopes: [...scopes],
      grantTypes: [...grants],
      redirectUris: redirectUris && [...redirectUris],
      issuerUrl,
    });
    const answer = await this.#call("RegisterClient", (o) => this.#client.send(command, o));
    const name = this.#name("RegisterClient");
    return {
      clientId: requireText(answer.clientId, name),
      clientSecret: requireText(answer.clientSecret, name),
      expiresAtMs: readEnd(answer.clientSecretExpiresAt, name) * 1000,
    };
  }

  async startDeviceAuthorization(client: Client): Promise<DeviceAuthorization> {
    const command = new StartDeviceAuthorizationCommand({
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      startUrl: this.#target.startUrl,
    });
    const call = "StartDeviceAuthorization";
    const answer = await this.#call(call, (o) => this.#client.send(command, o));
    const name = this.#name(call);
    return {
      deviceCode: requireText(answer.deviceCode, name),
      userCode: requireText(answer.userCode, name),
      url: requireText(answer.verificationUriComplete ?? answer.verificationUri, name),
      expiresInSeconds: requireTime(answer.expiresIn, name),
      intervalSeconds: readTime(answer.interval) ?? DEFAULT_INTERVAL_SECONDS,
    };
  }

  /** Asks once whether the user has confirmed the code. */
  async poll(client: Client, deviceCode: string): Promise<NewToken | PollAnswer> {
    const grantType = "urn:ietf:params:oauth:grant-type:device_code";
    const command = tokenCommand(client, { grantType, deviceCode });
    const ask = async (options: { abortSignal: AbortSignal }) => {
      try {
        return toToken(await this.#client.send(command, options), this.#name("CreateToken"));
      } catch (error) {
        const answer = pollAnswer(error);
        if (answer === undefined) throw error;
        return answer;
      }
    };
    // Whoever polls asks again, and more slowly when it gets no answer (RFC 8628, section 3.5).
    return await this.#call("CreateToken", ask, true);
  }

  /** Where a browser is sent for a code; the parameters as the AWS CLI sends them. */
  authorizeUrl(client: Client, request: AuthorizeRequest): string {
    const base = this.#target.oidcEndpoint ??
      findOwnAddress(this.#client.config.endpointProvider, this.#target).endpoint;
    const parameters = Object.entries({
      response_type: "code",
      client_id: client.clientId,
      redirect_uri: request.redirectUri,
      state: request.state,
      code_challenge_method: "S256",
      scopes: request.scopes.join(" "),
      code_challenge: request.codeChallenge,
    }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${base.replace(/\/+$/, "")}/authorize?${parameters.join("&")}`;
  }

  /** The token for a code that a browser brought; a code is good once. */
  async redeem(client: Client, redemption: Redemption): Promise<NewToken> {
    const command = tokenCommand(client, { grantType: "authorization_code", ...redemption });
    const call = "CreateToken by authorization code";
    return toToken(
      await this.#call(call, (o) => this.#client.send(command, o)),
      this.#name("CreateToken"),
    );
  }

  /** A new token for a refresh token, which is used up by it. */
  async refresh(client: Client, refreshToken: string): Promise<NewToken> {
    const command = tokenCommand(client, { grantType: "refresh_token", refreshToken });
    const call = "CreateToken by refresh token";
    return toToken(
      await this.#call(call, (o) => this.#client.send(command, o)),
      this.#name("CreateToken"),
    );
  }

  /** A call as errors name it. */
  #name(call: string): string {
    return `${this.#target.subject}: ${call}`;
  }

  async #call<T>(
    call: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<T>,
    once = false,
  ): Promise<T> {
    const { subject } = this.#target;
    const info = { call, subject, ...this.#asked, wire: this.#wire, once };
    try {
      return await callAws(info, this.#ctx, async (options) => {
        try {
          return await send(options);
        } catch (error) {
          throw withDescription(error);
        }
      });
    } catch (error) {
      throw withWayOut(error, this.#target);
    }
  }
}

function tokenCommand(
  { clientId, clientSecret }: Client,
  grant: Omit<CreateTokenRequest, keyof Client>,
): CreateTokenCommand {
  return new CreateTokenCommand({ clientId, clientSecret, ...grant });
}

/** The OAuth error of the answer's body, else that of the exception's name. */
function pollAnswer(error: unknown): PollAnswer | undefined {
  const { error: code, name } = error as { error?: string; name?: string };
  return POLL_ANSWERS[code ?? ""] ?? POLL_ANSWERS[name ?? ""];
}

/** These answers tell their reason as OAuth does, where the SDK does not look for it. */
function withDescription(error: unknown): unknown {
  const description = (error as { error_description?: unknown }).error_description;
  if (error instanceof Error && typeof description === "string") error.message = description;
  return error;
}

function withWayOut(error: unknown, target: SsoTarget): unknown {
  if (!(error instanceof AwsRefusal)) return error;
  const wayOut = findWayOut(error.awsCode, target);
  if (wayOut === undefined) return error;
  return new AwsRefusal(error.awsCode, error.httpStatus, error.message, [wayOut]);
}

function findWayOut(code: string, { startUrl, region }: SsoTarget): string | undefined {
  switch (code) {
    case "InvalidRequestException":
      return `is sso_start_url right (${startUrl}), and sso_region the one it is in (${region})?`;
    case "InvalidScopeException":
      return "see sso_registration_scopes, or leave it out: sso:account:access is enough here";
    case "InvalidClientException":
    case "UnauthorizedClientException":
      return `AWS knows aws-vault's registration no more: aws-vault sso logout ${
        asWord(startUrl)
      }, then again`;
    case "InvalidGrantException":
      return "the sign-in came too late, or was taken before: run the command again";
  }
}

function toToken(
  answer: { accessToken?: string; expiresIn?: number; refreshToken?: string },
  name: string,
): NewToken {
  return {
    accessToken: requireText(answer.accessToken, name),
    expiresInSeconds: requireTime(answer.expiresIn, name),
    refreshToken: isText(answer.refreshToken) ? answer.refreshToken : undefined,
  };
}

const OIDC_ADVICE = "are sso_region and AWS_ENDPOINT_URL_SSO_OIDC right?";

function requireText(value: unknown, call: string): string {
  if (isText(value)) return value;
  throw incomplete(call, OIDC_ADVICE);
}

/** RFC 7591, section 3.2.1: 0 is that of a secret that lasts. */
function readEnd(value: unknown, call: string): number {
  return value === 0 ? LAST_SECOND : requireTime(value, call);
}

/** Seconds. */
function requireTime(value: unknown, call: string): number {
  const seconds = readTime(value);
  if (seconds !== undefined) return seconds;
  throw incomplete(call, OIDC_ADVICE);
}
