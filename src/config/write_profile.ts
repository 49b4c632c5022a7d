import type { Context } from "../types.ts";
import { fromMarks, toMarks } from "./bytes.ts";
import { editConfig } from "./edit.ts";
import type { Entry } from "./ini.ts";
import { indentOf } from "./ini_text.ts";
import { configPath, parseConfig } from "./load.ts";
import { appendSections, type NewSection } from "./new_sections.ts";
import { listSections } from "./section_places.ts";

/**
 * Sets some of a profile's settings, each where it stands, else behind the section's last one, or
 * in a section of its own; one that is empty is taken out. And appends an `[sso-session]` that is
 * not there yet. No other byte changes, and all of it is done or nothing.
 */
export async function writeProfile(
  ctx: Pick<Context, "env" | "clock">,
  { name, settings }: NewSection,
  session?: NewSection,
): Promise<void> {
  const path = configPath(ctx.env);
  await editConfig(ctx, (bytes) => {
    const file = parseConfig(path, bytes);
    const hasSession = session === undefined || file.has("sso-session", session.name);
    const begun = hasSession ? bytes : appendSections(bytes, [{ ...session, kind: "sso-session" }]);
    if (!file.has("profile", name)) {
      return appendSections(begun, [{ name, settings: present(settings) }]);
    }
    return Object.entries(settings).reduce(
      (changed, [key, value]) => setOne(changed, { path, profile: name, key, value }),
      begun,
    );
  });
}

interface Assignment {
  readonly path: string;
  readonly profile: string;
  readonly key: string;
  readonly value: string;
}

function setOne(bytes: Uint8Array, { path, profile, key, value }: Assignment): Uint8Array {
  const entry = parseConfig(path, bytes).section("profile", profile)?.get(key);
  const marks = toMarks(bytes);
  if (value === "") {
    // An earlier line of the key would count in place of the last.
    return entry === undefined ? bytes : setOne(
      fromMarks(removeEntry(marks, entry)),
      { path, profile, key, value },
    );
  }
  const mark = toMarks(new TextEncoder().encode(value));
  if (entry !== undefined) return fromMarks(replaceValue(marks, entry, mark));
  const { start, end } = [...listSections(marks, new Set([profile]))].at(-1)!;
  const indent = findIndent(marks.slice(start, end));
  return fromMarks(insertLine(marks, end, `${indent}${key}=${mark}`));
}

/** Without what was left out. */
export function present(settings: NewSection["settings"]): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
}

/** Without the lines of a setting. What is indented below it is no part of the one above then. */
function removeEntry(text: string, entry: Entry): string {
  const lines = text.split("\n");
  const isLast = endOf(entry) === lines.length;
  const indent = indentOf(lines[entry.line - 1]!);
  lines.splice(entry.line - 1, endOf(entry) - entry.line + 1, ...isLast ? [""] : []);
  let surplus: number | undefined;
  for (let at = entry.line - 1; at < lines.length; at++) {
    const line = lines[at]!;
    const deeper = indentOf(line) - indent;
    if (SAYS_NOTHING.test(line)) continue;
    if (deeper <= 0) break;
    surplus ??= deeper;
    lines[at] = line.slice(Math.min(deeper, surplus));
  }
  return lines.join("\n");
}

/** What stands around the value stays, a comment too; a block that is nested there goes. */
function replaceValue(text: string, entry: Entry, value: string): string {
  const lines = text.split("\n");
  const line = lines[entry.line - 1]!;
  const empty = EMPTY.exec(line);
  const [, before, behind] = (empty ?? SET.exec(line))!;
  const blank = empty !== null && /[ \t][=:]$/.test(before!) ? " " : ""; // as before the sign
  const end = endOf(entry) === lines.length && entry.line < lines.length ? "\n" : "";
  lines.splice(
    entry.line - 1,
    endOf(entry) - entry.line + 1,
    before + blank + value + behind + end,
  );
  return lines.join("\n");
}

const EMPTY = /^([^=:]*[=:][ \t]*?)((?:[ \t][#;].*)?\r?)$/s;
const SET = /^([^=:]*[=:][ \t]*).*?((?:[ \t]+[#;].*)?\r?)$/s;

/** The last line, from 1, of a setting and the block nested below it. */
function endOf({ line, nested }: Entry): number {
  return Math.max(line, ...[...nested.values()].map((own) => own.line));
}

/**
 * What a section's settings begin with, or its header where it has none. Behind a line that is indented
 * less, configparser, and so the AWS CLI, would take an indented header for more of its value.
 */
function findIndent(section: string): string {
  const [header, ...lines] = section.split("\n");
  const settings = lines.filter((line) => !SAYS_NOTHING.test(line));
  return (settings.length === 0 ? [header!] : settings)
    .map((line) => line.slice(0, indentOf(line)))
    .reduce((least, blanks) => blanks.length < least.length ? blanks : least);
}

/** A comment, or an empty line. */
const SAYS_NOTHING = /^[ \t]*([#;]|\r?$)/;

function insertLine(text: string, at: number, line: string): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text.slice(0, at).endsWith("\n") ? "" : end;
  return text.slice(0, at) + gap + line + end + text.slice(at);
}
