const STEP_MS = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The number of the 30-second step a moment lies in. */
export function findStep(timeMs: number): number {
  return Math.floor(timeMs / STEP_MS);
}

function decodeBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = [...text.toUpperCase().replace(/[=\s]/g, "")].map((letter) => {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error(`not a base32 letter: ${letter}`);
    return value.toString(2).padStart(5, "0");
  }).join("");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}

/** The code of one step (RFC 4226 with RFC 6238's counter): six digits. */
export async function computeCode(secretBase32: string, step: number): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const secret = decodeBase32(secretBase32);
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f;
  const number = mac.getUint32(offset) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** What an authenticator app shows at that moment. */
export function totp(secretBase32: string, timeMs: number): Promise<string> {
  return computeCode(secretBase32, findStep(timeMs));
}
