import { SignJWT } from "jose/jwt/sign";

/** A private key on P-256, as a JSON Web Key (RFC 7517). */
export interface DpopKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A new key pair of a session: ES256, as RFC 9449 wants one for its proofs. */
export async function generateDpopKey(): Promise<DpopKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return await exportKey(pair.privateKey);
}

/** A key in PEM, of SEC 1 (the AWS CLI's) or PKCS #8. Throws where it is none on P-256. */
export async function parseDpopKey(pem: string): Promise<DpopKey> {
  const match = /-----BEGIN (EC )?PRIVATE KEY-----([\s\S]+?)-----END/.exec(pem);
  if (match === null) throw new Error("it is no private key in PEM");
  const der = Uint8Array.fromBase64(match[2]!.replace(/\s/g, ""));
  const pkcs8 = match[1] === undefined ? der : wrap(der);
  return await exportKey(
    await crypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]),
  );
}

async function exportKey(key: CryptoKey): Promise<DpopKey> {
  const { x, y, d } = await crypto.subtle.exportKey("jwk", key);
  return { kty: "EC", crv: "P-256", x: x!, y: y!, d: d! };
}

/** RFC 5208's version 0 and `id-ecPublicKey` with `prime256v1`, in DER. */
const PKCS8_START = Uint8Array.fromHex("020100301306072a8648ce3d020106082a8648ce3d030107");

/** SEC 1's structure within PKCS #8's, which is what the Web Cryptography API reads. */
function wrap(sec1: Uint8Array): Uint8Array<ArrayBuffer> {
  return tagged(0x30, [...PKCS8_START, ...tagged(0x04, sec1)]);
}

/** An element of DER of less than 256 bytes, which is more than a key on P-256 has. */
function tagged(tag: number, content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const size = length < 128 ? [length] : [0x81, length];
  return Uint8Array.from([tag, ...size, ...Array.from(content)]);
}

/**
 * What shows that a POST to `url` comes from the key's holder (RFC 9449, section 4.2).
 *
 * @param atMs when, in milliseconds since the epoch by AWS' clock
 */
export async function signProof(key: DpopKey, url: string, atMs: number): Promise<string> {
  const { kty, crv, x, y } = key;
  return await new SignJWT({ htm: "POST", htu: url, jti: crypto.randomUUID() })
    .setIssuedAt(Math.floor(atMs / 1000))
    .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } })
    .sign({ ...key });
}
