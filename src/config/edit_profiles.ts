import type { Context } from "../types.ts";
import { formatSection } from "./append.ts";
import { beginOf, fromMarks, readMarks, toMarks } from "./bytes.ts";
import { editConfig } from "./edit.ts";
import type { IniFile, SectionKind } from "./ini.ts";
import {
  beginsHeader,
  findHeader,
  indentOf,
  indentsHeader,
  matchHeader,
  stripComment,
} from "./ini_text.ts";
import { configPath, decodeConfig, parseConfig } from "./load.ts";

/** A section to be, a profile's unless told. */
export interface NewProfile {
  readonly kind?: SectionKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface ProfileChange {
  readonly add: readonly NewProfile[];
  /** Names of profiles whose sections go. */
  readonly remove: readonly string[];
}

/**
 * Takes sections of profiles out of the config file and appends others; no other byte changes.
 * Returns what was done: profiles that are there already are not added, and those that have other
 * settings by now than in `seen`, where they were chosen, not removed.
 */
export async function changeProfiles(
  ctx: Pick<Context, "env" | "clock">,
  { add, remove }: ProfileChange,
  seen?: IniFile,
): Promise<ProfileChange> {
  let done: ProfileChange = { add: [], remove: [] };
  if (add.length === 0 && remove.length === 0) return done;
  await editConfig(ctx, (bytes) => {
    const file = parseConfig(configPath(ctx.env), bytes);
    done = {
      add: add.filter(({ name }) => !file.has("profile", name)),
      remove: remove.filter((name) => file.has("profile", name) && isAsSeen(name, file, seen)),
    };
    if (done.add.length === 0 && done.remove.length === 0) return undefined;
    return append(cutSections(bytes, new Set(done.remove)), done.add);
  });
  return done;
}

function isAsSeen(name: string, file: IniFile, seen: IniFile | undefined): boolean {
  const settingsIn = (ini: IniFile) =>
    JSON.stringify([...ini.section("profile", name) ?? []].map(([key, { value }]) => [key, value]));
  return seen === undefined || settingsIn(file) === settingsIn(seen);
}

/**
 * Appends a section for a profile and changes no other byte. False where the file has one of that
 * name already, which is left as it is.
 */
export async function addProfileSection(
  ctx: Pick<Context, "env" | "clock">,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { add } = await changeProfiles(ctx, { add: [{ name, settings }], remove: [] });
  return add.length > 0;
}

/** A file's bytes with these sections behind them, an empty line before each, in its own line ends. */
export function append(bytes: Uint8Array, profiles: readonly NewProfile[]): Uint8Array {
  const { text } = decodeConfig(bytes);
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const sections = new TextEncoder().encode(
    profiles.map(({ kind, name, settings }, index) =>
      formatSection(index === 0 ? text : end, name, settings, kind)
    ).join(""),
  );
  const whole = new Uint8Array(bytes.length + sections.length);
  whole.set(bytes);
  whole.set(sections, bytes.length);
  return whole;
}

/**
 * A section goes with the empty line before it, up to its last setting: comments after that are
 * the next one's.
 */
function cutSections(bytes: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  if (names.size === 0) return bytes;
  const text = toMarks(bytes);
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of listSections(text, names)) {
    kept.push(text.slice(from, beforeEmptyLine(text, start)));
    from = end;
  }
  return fromMarks(kept.join("") + text.slice(from));
}

/** From where to where the sections of some profiles go, up to their last setting. */
export function* listSections(marks: string, names: ReadonlySet<string>) {
  let at = beginOf(marks);
  let section: { start: number; end: number } | undefined;
  for (const line of marks.slice(at).split("\n")) {
    // In marks a blank beyond ASCII is none, and the last byte of a letter may be one.
    const text = readMarks(line);
    const start = at;
    at = Math.min(start + line.length + 1, marks.length);
    if (beginsHeader(text ?? line)) {
      if (section !== undefined) yield section;
      const { id } = matchHeader(text ?? "");
      const isMeant = id?.startsWith("profile ") && names.has(id.slice("profile ".length));
      section = isMeant ? { start, end: at } : undefined;
    } else if (section !== undefined && stripComment(text ?? line).trim() !== "") {
      section.end = at;
    }
  }
  if (section !== undefined) yield section;
}

/**
 * Whether a section after one of that profile's is indented deeper: Python's configparser, and so the
 * AWS CLI, would take its lines for more of a setting of the one before, were that one gone.
 */
export function isAboveDeeper(text: string, profile: string): boolean {
  if (!indentsHeader(text)) return false;
  const marks = toMarks(new TextEncoder().encode(text));
  return [...listSections(marks, new Set([profile]))].some(({ start, end }) =>
    indentOf(marks.slice(findHeader(marks, end))) > indentOf(marks.slice(start))
  );
}

/** The start of the empty line before a position; the position itself where there is none. */
export function beforeEmptyLine(text: string, start: number): number {
  let at = start;
  if (text[at - 1] === "\n") at--;
  if (text[at - 1] === "\r") at--;
  if (at === start) return start;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return at === 0 || text[at - 1] === "\n" || text[at - 1] === "\r" ? at : start;
}
