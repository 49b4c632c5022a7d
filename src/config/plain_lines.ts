import { beginOf, fromMarks } from "./bytes.ts";
import type { Cut } from "./found_keys.ts";
import { Indents } from "./indents.ts";
import { beginsHeader, matchHeader, REPLACED, stripComment } from "./ini_text.ts";
import { decodeConfig } from "./load.ts";

export const KEYS = ["aws_access_key_id", "aws_secret_access_key"] as const;
export const TOKENS = ["aws_session_token", "aws_security_token"] as const;
type Key = typeof KEYS[number] | typeof TOKENS[number];

/** A line that says something. */
interface Line extends Cut {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** It is more of the value above it, as for botocore: indented deeper than that setting. */
  readonly goesOn: boolean;
  /** It goes on with a value that has nothing in its own line. */
  readonly isOfBlock: boolean;
}

/** A line that sets a key. */
export interface Setting extends Line {
  readonly key: Key;
  readonly value: string;
}

/** Whose a section is, by its header; one with a fault is nobody's. */
interface Name {
  readonly profile: string;
  readonly fault?: string;
}

export interface Section {
  readonly header: Line;
  readonly name: Name;
  readonly settings: readonly Setting[];
  /** Keys that are set in more of another setting's value; those in its block are none of ours. */
  readonly nested: readonly Setting[];
  /** The first line, from 1, that is more of a key's value. */
  readonly goesOn?: number;
  /** Whether it sets anything else, or has a line that is nothing we know. */
  readonly hasMore: boolean;
  /** Whether the next header is indented deeper. */
  readonly isBelowDeeper: boolean;
}

type Begun = { -readonly [K in keyof Section]: Section[K] } & {
  readonly settings: Setting[];
  readonly nested: Setting[];
};

export function readSections(text: string): readonly Section[] {
  const sections: Begun[] = [];
  let isKeyAbove = false;
  for (const line of readLines(text)) {
    const section = sections.at(-1);
    const name = readHeader(line.text);
    const found = name === undefined ? readSetting(line.text) : undefined;
    // What is nothing by itself is the rest of a value that was broken in two.
    const isRest = line.goesOn || name === undefined && !/[=:]/.test(line.text);
    if (section && isRest && isKeyAbove) section.goesOn ??= line.number;
    if (!isRest) isKeyAbove = found !== undefined;
    if (name !== undefined) {
      if (section) section.isBelowDeeper = indentOf(line) > indentOf(section.header);
      sections.push(begin(line, name));
    } else if (section || found) {
      const own = section ?? begin(line, NOBODY);
      if (section === undefined) sections.push(own);
      addLine(own, line, found);
    }
  }
  return sections;
}

function addLine(section: Begun, line: Line, found: Found | undefined): void {
  const setting = found && { ...line, ...found };
  if (setting && !line.goesOn) section.settings.push(setting);
  else section.hasMore = true;
  if (setting && line.goesOn && !line.isOfBlock) section.nested.push(setting);
}

/** Before the first header: AWS' programs end with an error there. */
const NOBODY: Name = {
  profile: "(no section)",
  fault:
    "no [section] stands above them, and AWS' programs cannot read the file: write [NAME] there",
};

function begin(header: Line, { profile, fault }: Name): Begun {
  const name = { profile, fault: header.goesOn ? describeRest(header.number) : fault };
  return { header, name, settings: [], nested: [], hasMore: false, isBelowDeeper: false };
}

export function describeRest(line: number): string {
  return `line ${line} counts for more of the setting above it: write each key in one line, ` +
    "with no blanks before it";
}

/** Lines end as for Python, by LF, CR or both. Those without a word, and comments, are left out. */
function* readLines(text: string): Generator<Line> {
  const indents = new Indents();
  let number = 0;
  for (let from = beginOf(text); from < text.length;) {
    LINE.lastIndex = from;
    const [whole] = LINE.exec(text)!;
    const to = from + whole.length;
    number++;
    // Not trimmed as marks: the last byte of a letter may be a blank among them.
    const line = BEYOND_ASCII.test(whole) ? decodeConfig(fromMarks(whole)).text : whole;
    if (!/^\s*(?:[#;]|$)/.test(line)) {
      yield { from, to, number, text: line, ...indents.read(line, !beginsHeader(line)) };
    }
    from = to;
  }
}

const LINE = /[^\r\n]*(?:\r\n?|\n|$)/y;
const BEYOND_ASCII = /[\x80-\xff]/;

function indentOf({ text }: Line): number {
  return text.search(/\S/);
}

/** So configparser has it, which reads the file for the AWS CLI. */
const DEFAULT_FAULT = "[DEFAULT] is no profile, all others have what stands there: call it " +
  "[default] if that is meant, or give each profile its own keys";

/** A line that begins with a bracket is a header, whatever is the matter with it. */
function readHeader(text: string): Name | undefined {
  const line = text.trim();
  if (!beginsHeader(line)) return undefined;
  const { id, faulty } = matchHeader(line);
  if (line.startsWith("[DEFAULT]")) return { profile: "(DEFAULT)", fault: DEFAULT_FAULT };
  const inside = /^\[(.*?)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.trim();
  const profile = id?.startsWith("profile ") ? id.slice("profile ".length) : inside;
  const isUtf8 = !profile?.includes(REPLACED);
  if (profile && isUtf8 && !faulty) return { profile };
  const fault = isUtf8 ? "its header is not closed" : "its name is not UTF-8";
  return { profile: `(${stripComment(line).trim()})`, fault };
}

/** What a line sets. */
type Found = Pick<Setting, "key" | "value">;

/** One `key = value`, or `key: value`, which botocore reads too. */
function readSetting(line: string): Found | undefined {
  const match = /^\s*([a-z_]+)\s*[=:](.*)$/is.exec(stripComment(line));
  if (match === null) return undefined;
  const key = match[1]!.toLowerCase() as Key;
  if (![...KEYS, ...TOKENS].includes(key)) return undefined;
  return { key, value: match[2]!.trim() };
}
