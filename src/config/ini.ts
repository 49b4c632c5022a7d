import { VaultError } from "../errors.ts";

/** One `key = value` of a section, with the line (from 1) it stands on. */
export interface Entry {
  readonly value: string;
  readonly line: number;
  /** The lines indented under an empty value, a nested block such as `s3 =`. */
  readonly nested: ReadonlyMap<string, Entry>;
}

/** A section's settings by lower-case key; of a key given twice the later line wins. */
export type Section = ReadonlyMap<string, Entry>;

/** Where a section's lines stand in the text: after its header, up to the next one. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** The line, from 1, that `from` stands on. */
  readonly line: number;
}

export type SectionKind = "profile" | "sso-session" | "services";

/**
 * The text of an AWS config file. A section is looked for and parsed when it is asked for, and only
 * a list of all names goes over every header: thousands of profiles cost next to nothing.
 *
 * Syntax (as the AWS CLI and the Go tool read it): `[default]`, `[profile NAME]`,
 * `[sso-session NAME]`, `[services NAME]`, quotes around NAME allowed; other sections are passed
 * over. A section given twice is merged. `#` and `;` begin a comment at the start of a line or
 * after white space. Values are plain text.
 */
export class IniFile {
  readonly path: string;
  readonly text: string;
  /** Every header was read, and none has a fault. */
  #isListed = false;
  #lookups = 0;
  #index: ReadonlyMap<string, readonly Span[]> | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#parseSpan({ from: 0, to: findHeader(this.text, 0), line: 1 }, new Map());
  }

  /** The names of all sections of a kind, in the order of the file. */
  names(kind: SectionKind): string[] {
    const prefix = kind + " ";
    const names = new Set<string>();
    for (const header of this.#headers()) {
      const id = this.#parseHeader(header);
      if (id?.startsWith(prefix)) names.add(id.slice(prefix.length));
    }
    this.#isListed = true;
    return [...names];
  }

  /** The lines that begin a section: by a cut at each, where none is indented. */
  #headers(): string[] {
    const { text } = this;
    if (text.includes(" [") || text.includes("\t[")) return text.match(/^[ \t]*\[.*/gm) ?? [];
    const [, ...sections] = ("\n" + text).split("\n[");
    return sections.map((section) => "[" + section.slice(0, endOfLine(section, 0)));
  }

  has(kind: SectionKind, name: string): boolean {
    return this.#findSpans(kind, name).length > 0;
  }

  /** The settings of a section; `undefined` where the file has none of that name. */
  section(kind: SectionKind, name: string): Section | undefined {
    const spans = this.#findSpans(kind, name);
    if (spans.length === 0) return undefined;
    const entries = new Map<string, Entry>();
    for (const span of spans) this.#parseSpan(span, entries);
    return entries;
  }

  /**
   * Where a section's lines are. Whoever lists all names and then asks for one after the other is
   * answered from an index; a few are looked for in the text, which costs less.
   */
  #findSpans(kind: SectionKind, name: string): readonly Span[] {
    if (this.#isListed && ++this.#lookups > LOOKUPS_BEFORE_INDEX) {
      this.#index ??= this.#indexHeaders();
      return this.#index.get(`${kind} ${name}`) ?? [];
    }
    return this.#searchSpans(kind, name);
  }

  #indexHeaders(): Map<string, Span[]> {
    const { text } = this;
    const index = new Map<string, Span[]>();
    let line = 1;
    let counted = 0;
    for (let start = findHeader(text, 0); start < text.length;) {
      line += countBreaks(text, counted, start);
      counted = start;
      const from = endOfLine(text, start);
      const to = findHeader(text, from);
      const id = this.#parseHeader(text.slice(start, from));
      if (id !== undefined) index.set(id, [...index.get(id) ?? [], { from, to, line }]);
      start = to;
    }
    return index;
  }

  /** The headers of that name, found by looking for the name itself. */
  #searchSpans(kind: SectionKind, name: string): Span[] {
    const { text } = this;
    const spans: Span[] = [];
    for (let at = text.indexOf(name); at >= 0 && name !== ""; at = text.indexOf(name, at)) {
      const line = text.lastIndexOf("\n", at) + 1;
      const end = endOfLine(text, at);
      const header = text.slice(line, end);
      const found = header.trimStart().startsWith("[") &&
        this.#parseHeader(header) === `${kind} ${name}`;
      if (found) spans.push({ from: end, to: findHeader(text, end), line: lineAt(text, line) });
      at = found ? end : at + name.length;
    }
    return spans;
  }

  /** `kind name`, or `undefined` for a section that is none of ours. */
  #parseHeader(text: string): string | undefined {
    if (isPlain(text)) return text.slice(1, -1);
    const match = /^[ \t]*\[([^\]]*)\][ \t]*(?:[#;].*)?\r?$/.exec(text);
    if (match === null) {
      const line = lineAt(this.text, this.text.indexOf(text));
      throw this.#fault(line, text, "a section header is [default] or [profile NAME]");
    }
    const inside = match[1]!.trim();
    if (inside === "default") return "profile default";
    const parts = /^(profile|sso-session|services)[ \t]+(.+)$/.exec(inside);
    if (parts === null) return undefined;
    return `${parts[1]} ${unquote(parts[2]!)}`;
  }

  #parseSpan(span: Span, entries: Map<string, Entry>): void {
    let { line } = span;
    let block: Map<string, Entry> | undefined;
    for (const raw of this.text.slice(span.from, span.to).split("\n")) {
      const text = stripComment(raw).trimEnd();
      const at = line++;
      if (text.trim() === "") continue;
      const indented = /^[ \t]/.test(text);
      const { key, value } = this.#parseEntry(text, at);
      if (indented && block !== undefined) {
        block.set(key, { value, line: at, nested: new Map() });
        continue;
      }
      const nested = new Map<string, Entry>();
      entries.delete(key);
      entries.set(key, { value, line: at, nested });
      block = value === "" ? nested : undefined;
    }
  }

  #parseEntry(text: string, line: number): { key: string; value: string } {
    const match = /^[ \t]*([^=:\s][^=:]*?)[ \t]*[=:](.*)$/.exec(text);
    if (match === null) {
      throw this.#fault(line, text, "a line is a [section], a `key = value` or a # comment");
    }
    return { key: match[1]!.toLowerCase(), value: match[2]!.trim() };
  }

  #fault(line: number, text: string, rule: string): VaultError {
    const shown = text.trim();
    const column = text.length - text.trimStart().length + 1;
    return new VaultError(
      "config",
      `${this.path}, line ${line}, column ${column}: cannot read \`${redact(shown)}\``,
      [rule],
    );
  }
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

/** Where the next line begins whose first mark is `[`; the text's length where there is none. */
function findHeader(text: string, from: number): number {
  for (let at = text.indexOf("[", from); at >= 0; at = text.indexOf("[", at + 1)) {
    const line = text.lastIndexOf("\n", at) + 1;
    if (text.slice(line, at).trim() === "") return line;
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** The number, from 1, of the line that `at` stands on. */
function lineAt(text: string, at: number): number {
  return 1 + countBreaks(text, 0, at);
}

function countBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
    breaks++;
  }
  return breaks;
}

/** How many sections are looked for in the text before the headers are indexed. */
const LOOKUPS_BEFORE_INDEX = 8;

/** A broken line may be a pasted secret: how it and its long words begin is enough to find it. */
function redact(text: string): string {
  const shown = text.replace(/\S{20,}/g, (word) => word.slice(0, 10) + "…");
  return shown.length > 60 ? shown.slice(0, 40) + "…" : shown;
}

function unquote(name: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(name);
  return quoted === null ? name : quoted[2]!;
}

function stripComment(line: string): string {
  const comment = /(?:^|[ \t])[ \t]*[#;]/.exec(line);
  return comment === null ? line : line.slice(0, comment.index);
}

/**
 * The text with a section appended, and no other byte changed. Names that the AWS CLI would not
 * read bare are quoted.
 */
export function appendSection(
  text: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const shown = /^[\w./@+:-]+$/.test(name) ? name : `"${name}"`;
  const header = name === "default" ? "[default]" : `[profile ${shown}]`;
  const lines = [header, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)];
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return text + gap + lines.join(end) + end;
}
