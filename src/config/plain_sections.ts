import { fromMarks } from "./bytes.ts";
import { beforeEmptyLine } from "./edit_profiles.ts";
import { beginsHeader, endOfLine, LineCounter, matchHeader, stripComment } from "./ini_text.ts";
import { decodeConfig } from "./load.ts";
import { type Cut, type PlainKeys, whyNotStored } from "./found_keys.ts";

const KEYS = ["aws_access_key_id", "aws_secret_access_key"] as const;
const TOKENS = ["aws_session_token", "aws_security_token"] as const;
type Key = typeof KEYS[number] | typeof TOKENS[number];

/** A line that sets one of those. */
interface Setting extends Cut {
  readonly key: Key;
  readonly value: string;
}

/** Whose a section is, by its header; one with a fault is nobody's. */
interface Name {
  readonly profile: string;
  readonly fault?: string;
}

interface Section {
  readonly header: Cut;
  readonly name: Name;
  readonly settings: readonly Setting[];
  /** Whether it sets anything else, or has a line that is nothing we know. */
  readonly hasMore: boolean;
}

/**
 * The keys in the sections of a credentials file: `[NAME]`, or `[profile NAME]` as the config file
 * has it. A profile may have several sections.
 */
export function findPlainKeys(text: string): PlainKeys[] {
  const lines = new LineCounter(text);
  const sections = [...readSections(text)].map((section) => ({
    ...section,
    line: lines.at(section.header.from),
  }));
  const byProfile = Map.groupBy(sections, ({ name }) => name.profile);
  return [...byProfile].flatMap(([profile, own]) => {
    const settings = own.flatMap((section) => section.settings);
    if (settings.length === 0) return [];
    const [accessKeyId, secretAccessKey] = KEYS.map((key) => valueOf(settings, key));
    const token = TOKENS.map((key) => valueOf(settings, key)).join("");
    const line = own.find((section) => section.settings.length > 0)!.line;
    const fault = own.find(({ name }) => name.fault !== undefined)?.name.fault;
    const obstacle = fault ??
      (isAmbiguous(settings)
        ? "it sets a key twice, in two ways"
        : whyNotStored(accessKeyId!, secretAccessKey!, token));
    const cuts = own.flatMap((section) => listCuts(section, text));
    const keys = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
    return [{ profile, line, ...keys, obstacle, cuts }];
  });
}

function* readSections(text: string): Generator<Section> {
  let section: (Section & { settings: Setting[]; hasMore: boolean }) | undefined;
  for (let from = text.startsWith(UTF8_MARK) ? UTF8_MARK.length : 0; from < text.length;) {
    const to = Math.min(endOfLine(text, from) + 1, text.length);
    const line = text.slice(from, to);
    const name = readHeader(line);
    if (name !== undefined) {
      if (section !== undefined) yield section;
      section = { header: { from, to }, name, settings: [], hasMore: false };
    } else if (section !== undefined) {
      const setting = readSetting(line);
      if (setting !== undefined) section.settings.push({ ...setting, from, to });
      else if (!/^[ \t]*([#;]|\r?\n?$)/.test(line)) section.hasMore = true;
    }
    from = to;
  }
  if (section !== undefined) yield section;
}

const UTF8_MARK = "\u00ef\u00bb\u00bf";

/** A line that begins with a bracket is a header, whatever is the matter with it. */
function readHeader(marks: string): Name | undefined {
  if (!marks.includes("[")) return undefined;
  // Not trimmed as marks: the last byte of a letter may be a blank among them.
  const line = decodeConfig(fromMarks(marks)).text.trim();
  if (!beginsHeader(line)) return undefined;
  const { id, faulty } = matchHeader(line);
  const inside = /^\[(.*?)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.trim();
  const profile = id?.startsWith("profile ") ? id.slice("profile ".length) : inside;
  const isUtf8 = !profile?.includes("\ufffd");
  if (profile && isUtf8 && !faulty) return { profile };
  const fault = isUtf8 ? "its header is not closed" : "its name is not UTF-8";
  return { profile: `(${stripComment(line).trim()})`, fault };
}

/** One `key = value`, or `key: value`, which botocore reads too. */
function readSetting(line: string): Omit<Setting, keyof Cut> | undefined {
  const match = /^[ \t]*([a-z_]+)[ \t]*[=:](.*)$/is.exec(stripComment(line));
  if (match === null) return undefined;
  const key = match[1]!.toLowerCase() as Key;
  if (![...KEYS, ...TOKENS].includes(key)) return undefined;
  return { key, value: match[2]!.trim() };
}

function valueOf(settings: readonly Setting[], key: Key): string {
  return settings.findLast((setting) => setting.key === key)?.value ?? "";
}

function isAmbiguous(settings: readonly Setting[]): boolean {
  return KEYS.some((key) =>
    new Set(settings.filter((setting) => setting.key === key).map(({ value }) => value)).size > 1
  );
}

/** Its keys; where it has nothing else, its header too, and one empty line before that. */
function listCuts({ header, settings, hasMore }: Section, text: string): Cut[] {
  const keys = settings.filter(({ key }) => KEYS.some((known) => known === key));
  if (keys.length === 0 || hasMore) return keys;
  return [{ from: beforeEmptyLine(text, header.from), to: header.to }, ...settings];
}
