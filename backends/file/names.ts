/** How the names of temporary files begin. */
export const TEMPORARY = ".tmp-";

/** The file's name of a key, as the Go tool encodes it; `.` and `..` can be no file's name. */
export function encodeName(key: string): string {
  const name = key.replaceAll("%", "%25").replaceAll("/", "%2F");
  return name === "." || name === ".." || name.startsWith(TEMPORARY)
    ? name.replace(".", "%2E")
    : name;
}

/** The key of a file's name; `undefined` for a name that no key gets. */
export function decodeName(name: string): string | undefined {
  if (name.startsWith(TEMPORARY)) return undefined;
  try {
    return decodeURIComponent(name.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch {
    return undefined;
  }
}
