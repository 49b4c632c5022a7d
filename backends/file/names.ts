/** How the names of temporary files begin. */
export const TEMPORARY = ".tmp-";

/** Whether a name is one that we give temporary files: what else begins so may be another's. */
export function isTemporary(name: string): boolean {
  return /^(\.tmp-[\da-f]{16})+$/.test(name);
}

const IS_WINDOWS = Deno.build.os === "windows";
/** What no file's name has on Windows, and Windows' names for devices, whatever follows a dot. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const FORBIDDEN = /[\\:*?"<>|\x00-\x1f]|[. ]$/g;
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d\u00b9\u00b2\u00b3])(?= *(\.|$))/i;

/** The file's name of a key, as the Go tool encodes it; `.` and `..` can be no file's name. */
export function encodeName(key: string, windows: boolean = IS_WINDOWS): string {
  const escaped = key.replaceAll("%", "%25").replaceAll("/", "%2F");
  const name = escaped === "." || escaped === ".." || escaped.startsWith(TEMPORARY)
    ? escaped.replace(".", "%2E")
    : escaped;
  return windows ? name.replace(FORBIDDEN, escape).replace(DEVICE, escape) : name;
}

/**
 * The file's name of a key among those there are, where names that differ in case alone are one:
 * a second such key has each of its letters encoded.
 */
export function encodeAmong(key: string, names: readonly string[]): string {
  const usual = encodeName(key, true);
  const found = names.find((name) => decodeName(name) === key);
  if (found !== undefined) return found;
  const isTaken = names.some((name) => name.toLowerCase() === usual.toLowerCase());
  return isTaken ? escape(key) : usual;
}

function escape(text: string): string {
  return Array.from(
    new TextEncoder().encode(text),
    (byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0"),
  ).join("");
}

/** The key of a file's name; `undefined` for a name that no key gets. */
export function decodeName(name: string): string | undefined {
  if (name.startsWith(TEMPORARY)) return undefined;
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch {
    return undefined;
  }
}
