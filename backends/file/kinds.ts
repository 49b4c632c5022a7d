/**
 * What a file of a keyring's directory is by how it begins. `unsettled` is one that is empty, or
 * has no more than an item's first bytes: it may be in the middle of being written.
 *
 * One that may not be read counts as an item: its use tells what is wrong.
 */
export function kindOf(path: string): "item" | "foreign" | "unsettled" | "gone" {
  try {
    using file = Deno.openSync(path);
    const start = new Uint8Array(4);
    const length = file.readSync(start) ?? 0;
    const text = String.fromCharCode(...start.subarray(0, length));
    if (!mayBecomeJwe(text)) return "foreign";
    return length === start.length ? "item" : "unsettled";
  } catch (error) {
    // Removed meanwhile, or of a name that is not UTF-8: that is no key's, and we cannot say it.
    return error instanceof Deno.errors.NotFound ? "gone" : "item";
  }
}

/** Whether a file that is no item, empty perhaps, lies where an item would. */
export function standsForItem(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile && ["foreign", "unsettled"].includes(kindOf(path));
  } catch {
    return false;
  }
}

/** Whether a file that begins so is a compact JWE, or may become one while it is being written. */
export function mayBecomeJwe(text: string): boolean {
  return BEGINNING.startsWith(text.slice(0, BEGINNING.length));
}

/** The base64url of `{"`. */
const BEGINNING = "eyJ";

/** Whether nothing is missing at a JWE's end: five parts, the last with all of its 16 bytes. */
export function isComplete(jwe: string): boolean {
  const parts = jwe.split(".");
  return parts.length === 5 && parts[4]!.length === TAG_LENGTH;
}

const TAG_LENGTH = 22;
