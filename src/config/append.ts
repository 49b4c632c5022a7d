/**
 * The text with a section appended, and no other byte changed. Names that the AWS CLI would not
 * read bare are quoted.
 */
export function appendSection(
  text: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const shown = /^[\w./@+:-]+$/.test(name) ? name : `"${name}"`;
  const header = name === "default" ? "[default]" : `[profile ${shown}]`;
  const lines = [header, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)];
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return text + gap + lines.join(end) + end;
}
