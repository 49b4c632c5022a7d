/** What stands in a text for bytes that are no UTF-8; we are given arguments so, too. */
export const REPLACED = "\ufffd";

/** The byte-order mark of UTF-16, which editors of Windows and PowerShell's `>` write. */
export const UTF16_MARK = REPLACED + REPLACED;

interface Header {
  /** `kind name`; `undefined` for a section that is none of ours. */
  readonly id?: string;
  /** It is not closed, or more than a comment follows: the name is what seems to be meant. */
  readonly faulty?: boolean;
}

/** What a line says as a section's header. */
export function matchHeader(text: string): Header {
  if (isPlain(text)) return { id: text.slice(1, -1) };
  if (!beginsHeader(text)) return {};
  // A name ends at the first bracket that nothing but a comment follows: it may hold others.
  const match = /^\s*\[(.*?)\]\s*(?:[#;].*)?$/s.exec(text);
  if (match !== null) return { id: identify(match[1]!) };
  const [, meant] = /\[([^\]]*)/.exec(stripComment(text))!;
  return { id: identify(meant!), faulty: true };
}

/** Whether a line's first mark is a bracket. White space before it is of any kind, as for the Go tool. */
export function beginsHeader(line: string): boolean {
  return line.trimStart().startsWith("[");
}

function identify(inside: string): string | undefined {
  const trimmed = inside.trim();
  if (trimmed === "default") return "profile default";
  const parts = /^(profile|sso-session|services)[ \t]+(.+)$/s.exec(trimmed);
  return parts === null ? undefined : `${parts[1]} ${unquote(parts[2]!)}`;
}

/** Whether a header that is none of ours reads like that of a profile, its first word apart. */
export function isMistaken(header: string, profile: string): boolean {
  if (matchHeader(header).id !== undefined) return false;
  const inside = header.slice(header.indexOf("[") + 1, header.lastIndexOf("]")).trim();
  return unquote(inside.replace(/^profiles?[\s:=_.-]+/i, "")) === profile;
}

/** `[profile NAME]` and no more, as most headers are, told by a few native calls. */
function isPlain(header: string): boolean {
  const last = header.length - 1;
  return header.startsWith("[profile ") && header.indexOf("]") === last &&
    header.charCodeAt(9) > QUOTES && header.charCodeAt(last - 1) > SPACE;
}

/** Blanks and both quotes stand before everything else that a name begins with. */
const QUOTES = 39;
const SPACE = 32;

/** A name in a header with nothing about it: no blanks, no quotes, no comment. */
const PLAIN_NAME = `[^\\s"'#;[\\]]+`;
const LINE_END = "(?=\\r?(?:\\n|$))";

/** A line that begins a section and is not `[default]` or `[profile NAME]` and no more. */
const ODD_HEADER = new RegExp(
  `(?:^|\\n)(?:[^\\S\\n]+\\[|\\[(?!(?:default|(?:profile|sso-session|services) ${PLAIN_NAME})\\]${LINE_END}))`,
);

/**
 * The names of a kind's sections in a text whose headers are all plain, by a few native calls that
 * take thousands of them in a millisecond; `undefined` for any other text.
 */
export function findPlainNames(text: string, kind: string): string[] | undefined {
  if (ODD_HEADER.test(text)) return undefined;
  const meant = kind === "profile" ? `(?:profile ${PLAIN_NAME}|default)` : `${kind} ${PLAIN_NAME}`;
  const headers = text.match(new RegExp(`(?:^|\\n)\\[${meant}\\]${LINE_END}`, "g"));
  if (headers === null) return [];
  const joined = headers.join("").replaceAll("[default]", "[profile default]");
  return joined.slice(joined.indexOf(" ") + 1, -1).split(`]\n[${kind} `);
}

/** How many blanks and tabs a line begins with. */
export function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)![0].length;
}

/** Whether a header is indented. */
export function indentsHeader(text: string): boolean {
  return /(?:^|\n)[^\S\n]+\[/.test(text);
}

/** Where the next line begins whose first mark is `[`; the text's length where there is none. */
export function findHeader(text: string, from: number): number {
  for (let at = text.indexOf("[", from); at >= 0;) {
    const line = text.lastIndexOf("\n", at) + 1;
    if (text.slice(line, at).trim() === "") return line;
    at = text.indexOf("[", endOfLine(text, at));
  }
  return text.length;
}

/** Where the line of a position ends: at its line end, or with the text. */
export function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** The numbers, from 1, of the lines that positions stand on, which are asked for in their order. */
export class LineCounter {
  readonly #text: string;
  #line = 1;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  at(position: number): number {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#counted);
      if (end < 0 || end >= position) return this.#line;
      this.#line++;
      this.#counted = end + 1;
    }
  }
}

function unquote(name: string): string {
  const quoted = /^(["'])(.+)\1$/s.exec(name);
  return quoted === null ? name : quoted[2]!;
}

/** A line without its comment, which a `#` or `;` begins at its start or behind white space. */
export function stripComment(line: string): string {
  if (!line.includes("#") && !line.includes(";")) return line;
  const comment = /(?:^\s*|[ \t])[#;]/.exec(line);
  return comment === null ? line : line.slice(0, comment.index);
}

/** Where a setting's key ends: at its first `=` or `:`; -1 where there is neither. */
export function endOfKey(line: string): number {
  const [equals, colon] = [line.indexOf("="), line.indexOf(":")];
  return equals < 0 || colon < 0 ? Math.max(equals, colon) : Math.min(equals, colon);
}

/** Whether a line holds what no text has: a NUL, or a CR that is not at either end. */
export function holdsNoText(line: string): boolean {
  const text = line.trim();
  return text.includes("\0") || text.includes("\r");
}

/** A line may be all of a file that is none of lines. */
const LONGEST_SHOWN = 200;

/** A broken line may be a pasted secret: how it and its long words begin is enough to find it. */
export function redact(text: string): string {
  const shown = text.slice(0, LONGEST_SHOWN).replace(/\S{20,}/g, (word) => word.slice(0, 10) + "…");
  return shown.length > 60 ? shown.slice(0, 40) + "…" : shown;
}
