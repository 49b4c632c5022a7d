import { beginOf, readMarks, toMarks } from "./bytes.ts";
import {
  beginsHeader,
  findHeader,
  indentOf,
  indentsHeader,
  matchHeader,
  stripComment,
} from "./ini_text.ts";

/** From which mark up to which a section goes, from its header to its last setting. */
interface Place {
  readonly start: number;
  end: number;
}

/** The places of some profiles' sections in a config file's bytes. */
export function* listSections(marks: string, names: ReadonlySet<string>): Generator<Place> {
  let at = beginOf(marks);
  let section: Place | undefined;
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
