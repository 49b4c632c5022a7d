import type { SectionKind } from "./ini.ts";

/** The header of a section. A name with white space is quoted, as by the AWS CLI. */
export function formatHeader(name: string, kind: SectionKind = "profile"): string {
  if (kind === "profile" && name === "default") return "[default]";
  const quote = name.includes('"') ? "'" : '"';
  return /\s/.test(name) ? `[${kind} ${quote}${name}${quote}]` : `[${kind} ${name}]`;
}
