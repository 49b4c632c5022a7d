import type { SectionKind } from "./ini.ts";
import { decodeConfig } from "./load.ts";
import { formatHeader } from "./section_header.ts";

/** A section to be, a profile's unless told. */
export interface NewSection {
  readonly kind?: SectionKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A file's bytes with these sections behind them, an empty line before each, in its own line ends. */
export function appendSections(bytes: Uint8Array, profiles: readonly NewSection[]): Uint8Array {
  const { text } = decodeConfig(bytes);
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const sections = new TextEncoder().encode(
    profiles.map((profile, index) => formatSection(index === 0 ? text : end, profile)).join(""),
  );
  const whole = new Uint8Array(bytes.length + sections.length);
  whole.set(bytes);
  whole.set(sections, bytes.length);
  return whole;
}

/**
 * What is to be written after `text` to append a section: in the line ends that the text has, with
 * an empty line between.
 */
export function formatSection(text: string, { kind, name, settings }: NewSection): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return gap + [formatHeader(name, kind), ...lines].join(end) + end;
}

/** A profile's section as a message shows it, in one line. */
export function describeSection(profile: string, settings: NewSection["settings"]): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  return [formatHeader(profile), ...lines].join(", ");
}
