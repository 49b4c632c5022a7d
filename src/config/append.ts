import type { SectionKind } from "./ini.ts";

/** The header of a section. A name with white space is quoted, as by the AWS CLI. */
export function formatHeader(name: string, kind: SectionKind = "profile"): string {
  if (kind === "profile" && name === "default") return "[default]";
  const quote = name.includes('"') ? "'" : '"';
  return /\s/.test(name) ? `[${kind} ${quote}${name}${quote}]` : `[${kind} ${name}]`;
}

/**
 * What is to be written after `text` to append a section, a profile's unless told: in the line ends
 * that the text has, with an empty line between.
 */
export function formatSection(
  text: string,
  name: string,
  settings: Readonly<Record<string, string>>,
  kind?: SectionKind,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return gap + [formatHeader(name, kind), ...lines].join(end) + end;
}
