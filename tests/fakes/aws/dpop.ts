import type { Incoming } from "./http.ts";

/** How far a proof's clock may be from ours. */
const MAX_SKEW_MS = 5 * 60_000;
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const COORDINATE = /^[\w-]{43}$/;

export interface ProofCheck {
  /** The whole address the request went to. */
  readonly url: string;
  readonly nowMs: number;
  readonly usedProofs: Set<string>;
}

/**
 * The thumbprint of the key that a request's DPoP proof was made with (RFC 9449, section 4.3).
 * Throws an error that says what is wrong with it.
 */
export async function verifyProof(request: Incoming, check: ProofCheck): Promise<string> {
  const proof = request.headers["dpop"] ?? "";
  const [head = "", body = "", signature = "", ...more] = proof.split(".");
  if (signature === "" || more.length > 0) throw new Error("the DPoP header is no JWT");
  const { typ, alg, jwk } = decode(head);
  if (typ !== "dpop+jwt" || alg !== "ES256") throw new Error("typ and alg are no proof's");
  await verifySignature(jwk, `${head}.${body}`, signature);
  checkClaims(decode(body), request.method, check);
  return await thumbprintOf(jwk as PublicKey);
}

interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

async function verifySignature(jwk: unknown, text: string, signature: string): Promise<void> {
  const names = Object.keys(jwk ?? {}).sort().join();
  const { kty, crv, x, y } = (jwk ?? {}) as PublicKey;
  if (names !== "crv,kty,x,y" || kty !== "EC" || crv !== "P-256") {
    throw new Error("the proof's key is not the public half of one on P-256");
  }
  if (!COORDINATE.test(x) || !COORDINATE.test(y)) throw new Error("a coordinate is not 32 bytes");
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, KEY, false, ["verify"]);
  const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
  const isGood = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    bytes,
    new TextEncoder().encode(text),
  );
  if (!isGood) throw new Error("the proof's signature does not verify");
}

function checkClaims(
  claims: Record<string, unknown>,
  method: string,
  { url, nowMs, usedProofs }: ProofCheck,
): void {
  const { htm, htu, iat, jti } = claims;
  if (htm !== method) throw new Error(`htm is ${htm}`);
  if (htu !== url) throw new Error(`htu is ${htu}`);
  if (typeof iat !== "number" || Math.abs(iat * 1000 - nowMs) > MAX_SKEW_MS) {
    throw new Error("iat is not about now");
  }
  if (typeof jti !== "string" || jti === "") throw new Error("jti is missing");
  if (usedProofs.has(jti)) throw new Error("the proof was used before");
  usedProofs.add(jti);
}

/** RFC 7638: the members in the order of their names, and nothing between. */
async function thumbprintOf({ crv, kty, x, y }: PublicKey): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function decode(part: string): Record<string, unknown> {
  try {
    const bytes = Uint8Array.fromBase64(part, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error("the DPoP header is no JWT");
  }
}
