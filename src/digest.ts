/** The SHA-256 of bytes, or of a text as UTF-8: 32 bytes. */
export async function sha256(
  content: string | Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The same in hexadecimal: a mark by which something is known again, and nothing of it told. */
export async function hash(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256(content)).toHex();
}

/** Half of it: enough for names that must not be long. */
export async function shortHash(content: string): Promise<string> {
  return (await hash(content)).slice(0, 32);
}
