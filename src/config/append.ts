/** The header of a profile's section. A name with white space is quoted, as by the AWS CLI. */
export function formatHeader(name: string): string {
  if (name === "default") return "[default]";
  const quote = name.includes('"') ? "'" : '"';
  return /\s/.test(name) ? `[profile ${quote}${name}${quote}]` : `[profile ${name}]`;
}

/**
 * What is to be written after `text` to append a profile's section, in the line ends that the text
 * has, with an empty line between.
 */
export function formatSection(
  text: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return gap + [formatHeader(name), ...lines].join(end) + end;
}
