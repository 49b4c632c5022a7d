/**
 * Names of entries in a store of `pass`. The Go tool joins folder and key as a path, cleaned: `a/b`
 * is an entry in a folder, `oidc:https://host` becomes `oidc:https:/host`. A key that such a path
 * does not lead back to (`a//b`, `../x`) is kept under its base64url instead.
 */

const ENCODED = "%aws-vault-key/";
/** File names end at 255 bytes, `.gpg` among them. */
const MAX_PART_BYTES = 251;
const CHUNK = 200;

/** The entry of a key, below the folder that is set. */
export function encodeKey(key: string): string {
  const entry = key.replace(/^(oidc:https?:)\/\//, "$1/");
  const isPlain = decodeEntry(entry) === key && entry.split("/").every(isPlainPart);
  if (isPlain) return entry;
  const encoded = new TextEncoder().encode(key).toBase64({ alphabet: "base64url" });
  return ENCODED + encoded.match(new RegExp(`.{1,${CHUNK}}`, "g"))!.join("/");
}

/** The key of an entry. */
export function decodeEntry(entry: string): string {
  if (entry.startsWith(ENCODED)) {
    try {
      const encoded = entry.slice(ENCODED.length).replaceAll("/", "");
      const bytes = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch { /* somebody else's entry */ }
  }
  return entry.replace(/^(oidc:https?:)\/(?!\/)/, "$1//");
}

/** Whether a part between slashes can be a file's name and stays as it is in a cleaned path. */
function isPlainPart(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && part !== ".git" &&
    new TextEncoder().encode(part).length <= MAX_PART_BYTES;
}
