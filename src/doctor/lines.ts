import { Indents } from "../config/indents.ts";
import {
  beginsHeader,
  holdsNoText,
  indentOf,
  matchHeader,
  stripComment,
} from "../config/ini_text.ts";

/** A line of a config file that says something, and what it says. */
export type Line = HeaderLine | EntryLine | BrokenLine;

interface LineBase {
  /** From 1. */
  readonly number: number;
  /** As it stands in the file. */
  readonly text: string;
  /** It is indented deeper than a setting above it: botocore takes it for more of that one's value. */
  readonly goesOn: boolean;
  /** It goes on with a value that has nothing in its own line: botocore takes it for a block's. */
  readonly isOfBlock: boolean;
}

export interface HeaderLine extends LineBase {
  readonly kind: "header";
  /** What is between the brackets. */
  readonly inside: string;
  /** `profile work`; absent for a section that is none of ours. */
  readonly id?: string;
  readonly isFaulty: boolean;
  readonly isClosed: boolean;
}

export interface EntryLine extends LineBase {
  readonly kind: "entry";
  /** The section it stands in; absent before the first. */
  readonly section?: HeaderLine;
  /** In lower case. */
  readonly key: string;
  /** Without a comment. */
  readonly value: string;
  /** The key that it is nested below. */
  readonly below?: string;
}

export interface BrokenLine extends LineBase {
  readonly kind: "broken";
  readonly section?: HeaderLine;
  readonly below?: string;
}

/** Every line that is no comment and not empty, by the rules of the config file. */
export function readLines(config: string): Line[] {
  const lines: Line[] = [];
  const indents = new Indents();
  let section: HeaderLine | undefined;
  let parent: { readonly key: string; readonly indent: number } | undefined;
  for (const [index, text] of config.split("\n").entries()) {
    const stripped = stripComment(text).trimEnd();
    if (stripped.trim() === "") continue;
    const at = { number: index + 1, text };
    if (beginsHeader(text)) {
      section = { ...at, ...readHeader(text), ...indents.read(text, false) };
      parent = undefined;
      lines.push(section);
      continue;
    }
    const separator = stripped.search(/[=:]/);
    const key = stripped.slice(0, Math.max(separator, 0)).trim().toLowerCase();
    const below = parent && indentOf(stripped) > parent.indent ? parent.key : undefined;
    const place = { ...at, section, below, ...indents.read(text, true) };
    if (key === "" || holdsNoText(stripped)) {
      lines.push({ kind: "broken", ...place });
      continue;
    }
    const value = stripped.slice(separator + 1).trim();
    const isParent = value === "";
    if (below === undefined) parent = isParent ? { key, indent: indentOf(stripped) } : undefined;
    lines.push({ kind: "entry", ...place, key, value });
  }
  return lines;
}

function readHeader(text: string): Omit<HeaderLine, keyof LineBase> {
  const { id, faulty } = matchHeader(text);
  const stripped = stripComment(text);
  const end = stripped.lastIndexOf("]");
  const inside = stripped.slice(stripped.indexOf("[") + 1, end < 0 ? undefined : end).trim();
  return { kind: "header", inside, id, isFaulty: faulty ?? false, isClosed: end >= 0 };
}

/** An entry of a section of ours. */
export interface OwnEntry extends EntryLine {
  readonly section: HeaderLine & { readonly id: string };
}

/** The entries of our own sections that are not nested. */
export function settingsOf(lines: readonly Line[]): OwnEntry[] {
  return listOwn(lines).filter(({ below }) => below === undefined);
}

/** The entries of blocks in our own sections. */
export function nestedOf(lines: readonly Line[]): OwnEntry[] {
  return listOwn(lines).filter(({ below }) => below !== undefined);
}

function listOwn(lines: readonly Line[]): OwnEntry[] {
  return lines.filter((line): line is OwnEntry =>
    line.kind === "entry" && line.section?.id !== undefined
  );
}

export function isHeader(line: Line): line is HeaderLine {
  return line.kind === "header";
}
