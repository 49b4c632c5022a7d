/** `aws login` without the AWS CLI: signs in at the stand-in, and keeps the session as it does. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose/jwt/sign";
import type { FakeAws } from "../fakes/aws/mod.ts";

const CLIENT_ID = "arn:aws:signin:::devtools/same-device";
const REDIRECT_URI = "http://127.0.0.1:4711/oauth/callback";
/** RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly errorType: string | null;
}

/** The parts of a proof that a test may want otherwise; `undefined` leaves one out. */
export interface ProofChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Sent as it is. */
  readonly proof?: string;
}

/** A client of the console's sign-in with a key of its own. */
export class CliClient {
  readonly clientId = CLIENT_ID;
  readonly #aws: FakeAws;
  readonly #key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

  constructor(aws: FakeAws) {
    this.#aws = aws;
  }

  /** The private key as the AWS CLI keeps it: PEM, SEC 1. */
  get pem(): string {
    return String(this.#key.export({ type: "sec1", format: "pem" }));
  }

  /** What a browser comes back with: an address, or the status of a page. */
  async authorize(changes: Record<string, string> = {}): Promise<URL | number> {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: CLIENT_ID,
      state: "a-state",
      code_challenge_method: "SHA-256",
      scope: "openid",
      redirect_uri: REDIRECT_URI,
      code_challenge: CHALLENGE,
      ...changes,
    });
    const answer = await fetch(`${this.#aws.url}/v1/authorize?${query}`, { redirect: "manual" });
    await answer.body?.cancel();
    const location = answer.headers.get("location");
    return location === null ? answer.status : new URL(location);
  }

  async getCode(): Promise<string> {
    const sent = await this.authorize();
    if (sent instanceof URL && sent.searchParams.has("code")) return sent.searchParams.get("code")!;
    throw new Error(`no code: ${sent}`);
  }

  redeem(code: string, changes: Record<string, unknown> = {}, proof: ProofChanges = {}) {
    const grantType = "authorization_code";
    const fields = { clientId: CLIENT_ID, grantType, code, codeVerifier: VERIFIER };
    return this.post({ ...fields, redirectUri: REDIRECT_URI, ...changes }, proof);
  }

  refresh(refreshToken: unknown, changes: Record<string, unknown> = {}, proof: ProofChanges = {}) {
    const fields = { clientId: CLIENT_ID, grantType: "refresh_token", refreshToken };
    return this.post({ ...fields, ...changes }, proof);
  }

  async post(body: unknown, proof: ProofChanges = {}): Promise<TokenAnswer> {
    const url = `${this.#aws.url}/v1/token`;
    const DPoP = proof.proof ?? await this.#prove(url, proof);
    const headers = { "content-type": "application/json", DPoP };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const errorType = answer.headers.get("x-amzn-errortype");
    return { status: answer.status, body: await answer.json(), errorType };
  }

  async #prove(htu: string, { header, claims }: ProofChanges): Promise<string> {
    const { kty, crv, x, y } = this.#key.export({ format: "jwk" });
    const iat = Math.floor(this.#aws.world.now() / 1000);
    return await new SignJWT({ htm: "POST", htu, iat, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y }, ...header })
      .sign(this.#key);
  }
}

/** Where the AWS CLI keeps the session of an ARN. */
export function cachePath(directory: string, arn: string): string {
  return `${directory}/${createHash("sha256").update(arn).digest("hex")}.json`;
}

export interface CliSessionOptions {
  readonly arn: string;
  /** Seconds its credentials still last; negative when they are over. */
  readonly leftSeconds: number;
  readonly more?: Record<string, unknown>;
}

/** Signs in and writes the session as the AWS CLI does; gives the file's path. */
export async function writeCliSession(
  aws: FakeAws,
  directory: string,
  { arn, leftSeconds, more }: CliSessionOptions,
): Promise<string> {
  const client = new CliClient(aws);
  const { body } = await client.redeem(await client.getCode());
  const expiresMs = Math.floor(aws.world.now() / 1000 + leftSeconds) * 1000;
  const session = {
    accessToken: {
      ...body.accessToken as object,
      accountId: "111111111111",
      expiresAt: new Date(expiresMs).toISOString().replace(".000Z", "Z"),
    },
    tokenType: body.tokenType,
    clientId: client.clientId,
    refreshToken: body.refreshToken,
    idToken: body.idToken,
    dpopKey: client.pem,
    ...more,
  };
  Deno.mkdirSync(directory, { recursive: true });
  const path = cachePath(directory, arn);
  Deno.writeTextFileSync(path, JSON.stringify(session, null, 2), { mode: 0o600 });
  return path;
}
