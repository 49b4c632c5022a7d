import { beginsHeader, matchHeader, stripComment } from "../config/ini_text.ts";

/** A line of a config file that says something, and what it says. */
export type Line = HeaderLine | EntryLine | BrokenLine;

interface LineBase {
  /** From 1. */
  readonly number: number;
  /** As it stands in the file. */
  readonly text: string;
}

export interface HeaderLine extends LineBase {
  readonly kind: "header";
  /** What is between the brackets. */
  readonly inside: string;
  /** `profile work`; absent for a section that is none of ours. */
  readonly id?: string;
  readonly isFaulty: boolean;
}

export interface EntryLine extends LineBase {
  readonly kind: "entry";
  /** The section it stands in; absent before the first. */
  readonly section?: HeaderLine;
  /** In lower case. */
  readonly key: string;
  /** Without a comment. */
  readonly value: string;
  readonly isIndented: boolean;
  /** The key that it is nested below. */
  readonly below?: string;
  /** The key of the entry before it in its section. */
  readonly after?: string;
}

export interface BrokenLine extends LineBase {
  readonly kind: "broken";
  readonly section?: HeaderLine;
}

/** Every line that is no comment and not empty, by the rules of the config file. */
export function readLines(text: string): Line[] {
  const lines: Line[] = [];
  let section: HeaderLine | undefined;
  let last: EntryLine | undefined;
  let parent: string | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const number = index + 1;
    const stripped = stripComment(raw).trimEnd();
    if (stripped.trim() === "") continue;
    if (beginsHeader(raw)) {
      section = readHeader(raw, number);
      last = parent = undefined;
      lines.push(section);
      continue;
    }
    const separator = stripped.search(/[=:]/);
    const key = stripped.slice(0, Math.max(separator, 0)).trim().toLowerCase();
    if (key === "" || /[\0\r]/.test(stripped)) {
      lines.push({ kind: "broken", number, text: raw, section });
      continue;
    }
    const value = stripped.slice(separator + 1).trim();
    const isIndented = /^[ \t]/.test(stripped);
    const below = isIndented ? parent : undefined;
    const entry: EntryLine = {
      ...{ kind: "entry", number, text: raw, section, key, value, isIndented, below },
      after: last?.key,
    };
    if (below === undefined) parent = value === "" ? key : undefined;
    last = entry;
    lines.push(entry);
  }
  return lines;
}

function readHeader(text: string, number: number): HeaderLine {
  const { id, faulty } = matchHeader(text);
  const stripped = stripComment(text);
  const end = stripped.lastIndexOf("]");
  const inside = stripped.slice(stripped.indexOf("[") + 1, end < 0 ? undefined : end).trim();
  return { kind: "header", number, text, inside, id, isFaulty: faulty ?? false };
}

/** The entries of our own sections that are not nested. */
export function settingsOf(lines: readonly Line[]): EntryLine[] {
  return lines.filter((line): line is EntryLine =>
    line.kind === "entry" && line.section?.id !== undefined && line.below === undefined
  );
}

export function isHeader(line: Line): line is HeaderLine {
  return line.kind === "header";
}
