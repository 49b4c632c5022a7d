import type { Clock } from "../types.ts";

const MAX_TTL_SECONDS = 21_600;

/** Session tokens of IMDSv2: an expiry and its HMAC, so that none has to be remembered. */
export class ImdsTokens {
  readonly #clock: Clock;
  readonly #key: CryptoKey;

  private constructor(clock: Clock, key: CryptoKey) {
    this.#clock = clock;
    this.#key = key;
  }

  /** Tokens of one instance are worth nothing to another. */
  static async create(clock: Clock): Promise<ImdsTokens> {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign", "verify"]);
    return new ImdsTokens(clock, key);
  }

  async issue(ttlSeconds: number): Promise<string> {
    const expiry = String(this.#clock.now() + ttlSeconds * 1000);
    const signature = await crypto.subtle.sign("HMAC", this.#key, encode(expiry));
    return `${expiry}.${
      new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true })
    }`;
  }

  async accepts(token: string): Promise<boolean> {
    const [, expiry, signature] = /^(\d{1,15})\.([\w-]{43})$/.exec(token) ?? [];
    if (expiry === undefined || signature === undefined) return false;
    const bytes = decodeBase64Url(signature);
    if (bytes === undefined) return false;
    const signed = await crypto.subtle.verify("HMAC", this.#key, bytes, encode(expiry));
    return signed && this.#clock.now() < Number(expiry);
  }
}

/** The TTL a client asked for; undefined for what AWS's service refuses. */
export function parseTtl(text: string | undefined): number | undefined {
  const seconds = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return seconds >= 1 && seconds <= MAX_TTL_SECONDS ? seconds : undefined;
}

function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
