import { sha256 } from "../../digest.ts";

/** Text that nobody guesses, for a state or a verifier (RFC 7636, section 4.1). */
export function randomText(bytes: number): string {
  return encode(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** RFC 7636, section 4.2: base64url of the verifier's SHA-256. */
export async function challengeOf(verifier: string): Promise<string> {
  return encode(await sha256(verifier));
}

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
