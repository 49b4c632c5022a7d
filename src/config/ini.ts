import { VaultError } from "../errors.ts";
import {
  endOfKey,
  endOfLine,
  findHeader,
  findPlainNames,
  holdsNoText,
  indentOf,
  indentsHeader,
  isMistaken,
  LineCounter,
  matchHeader,
  redact,
  stripComment,
  UTF16_MARK,
} from "./ini_text.ts";

/** One `key = value` of a section, with the line (from 1) it stands on. */
export interface Entry {
  readonly value: string;
  readonly line: number;
  /** The lines indented deeper under an empty value, a nested block such as `s3 =`. */
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
  /** The header, where it is none but seems to be meant for this section. */
  readonly faulty?: string;
}

/** The sections that are read; `[default]` is a profile. */
export type SectionKind = "profile" | "sso-session" | "services";

/**
 * The text of an AWS config file. A section is looked for and parsed when it is asked for, and only
 * a list of all names goes over every header: thousands of profiles cost next to nothing. Whatever
 * the text, each line is looked at a fixed number of times.
 *
 * Syntax (as the AWS CLI and the Go tool read it): `[default]`, `[profile NAME]`,
 * `[sso-session NAME]`, `[services NAME]`, quotes around NAME allowed; other sections are passed
 * over. A section given twice is merged. `#` and `;` begin a comment at the start of a line or
 * after white space. Values are plain text. A line that is none of these is an error when its
 * section is read.
 */
export class IniFile {
  readonly path: string;
  readonly text: string;
  /** False where `text` is not all that the file holds: other bytes were replaced by U+FFFD. */
  readonly isUtf8: boolean;
  /** It begins with a byte-order mark, which `text` is without. */
  readonly hasMark: boolean;
  readonly #spans = new Map<string, readonly Span[]>();
  readonly #sections = new Map<string, Section>();
  #index: ReadonlyMap<string, readonly Span[]> | undefined;

  constructor(path: string, text: string, isUtf8 = true) {
    this.path = path;
    this.isUtf8 = isUtf8;
    this.hasMark = text.startsWith("\ufeff");
    this.text = this.hasMark ? text.slice(1) : text;
    if (!isUtf8 && text.startsWith(UTF16_MARK)) {
      throw new VaultError("config", `${path} is not UTF-8, but UTF-16`, ["save it as UTF-8"]);
    }
    this.#parseSpan({ from: 0, to: findHeader(this.text, 0), line: 1 }, new Map());
  }

  /** The names of all sections of a kind, in the order of the file. */
  names(kind: SectionKind): string[] {
    return this.#collectNames(kind, (header) => {
      throw this.#badHeader(this.#findLine(header), header);
    });
  }

  /** Those that can be read, where others have a faulty header. */
  readableNames(kind: SectionKind): string[] {
    return this.#collectNames(kind, () => {});
  }

  #collectNames(kind: SectionKind, onFaulty: (header: string) => void): string[] {
    const plain = findPlainNames(this.text, kind);
    if (plain !== undefined) {
      // In order, doubles stand side by side: V8 sorts in less than it takes to make a set.
      const isDouble = (name: string, at: number, all: string[]) => name === all[at - 1];
      return plain.toSorted().some(isDouble) ? [...new Set(plain)] : plain;
    }
    const prefix = kind + " ";
    const names = new Set<string>();
    for (const header of this.#headers()) {
      const { id, faulty } = matchHeader(header);
      if (faulty) onFaulty(header);
      else if (id?.startsWith(prefix)) names.add(id.slice(prefix.length));
    }
    return [...names];
  }

  /** The lines that begin a section: by a cut at each, where none is indented. */
  #headers(): string[] {
    const { text } = this;
    if (indentsHeader(text)) {
      return this.#headerStarts().map((start) => text.slice(start, endOfLine(text, start)));
    }
    const [, ...sections] = ("\n" + text).split("\n[");
    return sections.map((section) => "[" + section.slice(0, endOfLine(section, 0)));
  }

  #headerStarts(): number[] {
    const { text } = this;
    const starts: number[] = [];
    for (let at = findHeader(text, 0); at < text.length;) {
      starts.push(at);
      at = findHeader(text, endOfLine(text, at));
    }
    return starts;
  }

  /** The line, from 1, of the first header of such a text. */
  #findLine(header: string): number {
    const start = this.#headerStarts().find((at) => this.text.startsWith(header, at));
    return new LineCounter(this.text).at(start!);
  }

  /** A header that is no profile's but seems to be meant for one: `[a]`, `[Profile a]`. */
  findMistakenHeader(
    profile: string,
  ): { readonly line: number; readonly text: string } | undefined {
    const header = this.#headers().find((text) => isMistaken(text, profile));
    if (header === undefined) return undefined;
    return { line: this.#findLine(header), text: stripComment(header).trim() };
  }

  has(kind: SectionKind, name: string): boolean {
    return this.#findSpans(kind, name).length > 0;
  }

  /** The settings of a section; `undefined` where the file has none of that name. */
  section(kind: SectionKind, name: string): Section | undefined {
    const id = `${kind} ${name}`;
    const known = this.#sections.get(id);
    if (known !== undefined) return known;
    const spans = this.#findSpans(kind, name);
    if (spans.length === 0) return undefined;
    const entries = this.#parse(spans);
    this.#sections.set(id, entries);
    return entries;
  }

  /**
   * The sections of a kind that can be read, one after the other. None is kept: of thousands only one
   * is there at a time.
   */
  *readableSections(kind: SectionKind): Generator<readonly [name: string, section: Section]> {
    this.#index ??= this.#indexHeaders();
    for (const [id, spans] of this.#index) {
      if (!id.startsWith(`${kind} `) || spans.some(({ faulty }) => faulty !== undefined)) continue;
      let section: Section;
      try {
        section = this.#parse(spans);
      } catch {
        continue; // a line that cannot be read
      }
      yield [id.slice(kind.length + 1), section];
    }
  }

  #parse(spans: readonly Span[]): Section {
    const entries = new Map<string, Entry>();
    for (const span of spans) this.#parseSpan(span, entries);
    return entries;
  }

  /**
   * Where a section's lines are. A few are looked for in the text, which costs less than an index;
   * whoever asks for one after the other is answered from that.
   */
  #findSpans(kind: SectionKind, name: string): readonly Span[] {
    const id = `${kind} ${name}`;
    const known = this.#spans.get(id);
    if (known !== undefined) return known;
    if (this.#index === undefined && this.#spans.size === LOOKUPS_BEFORE_INDEX) {
      this.#index = this.#indexHeaders();
    }
    const spans = this.#index === undefined
      ? this.#searchSpans(id, name)
      : this.#index.get(id) ?? [];
    for (const { line, faulty } of spans) {
      if (faulty !== undefined) throw this.#badHeader(line, faulty);
    }
    this.#spans.set(id, spans);
    return spans;
  }

  #indexHeaders(): Map<string, Span[]> {
    const { text } = this;
    const index = new Map<string, Span[]>();
    const lines = new LineCounter(text);
    for (const start of this.#headerStarts()) {
      const { id, faulty } = matchHeader(text.slice(start, endOfLine(text, start)));
      if (id === undefined) continue;
      const spans = index.get(id) ?? [];
      spans.push(this.#spanBehind(start, lines, faulty));
      index.set(id, spans);
    }
    return index;
  }

  /** The headers of that name, found by looking for the name itself. */
  #searchSpans(id: string, name: string): Span[] {
    const { text } = this;
    const spans: Span[] = [];
    const lines = new LineCounter(text);
    for (let at = text.indexOf(name); at >= 0 && name !== "";) {
      const start = text.lastIndexOf("\n", at) + 1;
      const end = endOfLine(text, at);
      const { id: found, faulty } = matchHeader(text.slice(start, end));
      if (found === id) spans.push(this.#spanBehind(start, lines, faulty));
      at = text.indexOf(name, end + 1);
    }
    return spans;
  }

  /** The lines of the section whose header begins at `start`. */
  #spanBehind(start: number, lines: LineCounter, isFaulty: boolean | undefined): Span {
    const { text } = this;
    const from = endOfLine(text, start);
    const faulty = isFaulty ? text.slice(start, from) : undefined;
    return { from, to: findHeader(text, from), line: lines.at(start), faulty };
  }

  #parseSpan(span: Span, entries: Map<string, Entry>): void {
    let { line } = span;
    let block: Map<string, Entry> | undefined;
    let blockIndent = 0;
    for (const raw of this.text.slice(span.from, span.to).split("\n")) {
      const text = stripComment(raw).trimEnd();
      const at = line++;
      if (text.trim() === "") continue;
      const { key, value } = this.#parseEntry(text, at);
      if (block !== undefined && indentOf(text) > blockIndent) {
        block.set(key, { value, line: at, nested: NONE });
        continue;
      }
      block = value === "" ? new Map() : undefined;
      if (value === "") blockIndent = indentOf(text);
      entries.delete(key);
      entries.set(key, { value, line: at, nested: block ?? NONE });
    }
  }

  #parseEntry(text: string, line: number): { key: string; value: string } {
    const separator = endOfKey(text);
    const key = text.slice(0, Math.max(separator, 0)).trim().toLowerCase();
    if (key === "") {
      throw this.#fault(line, text, "a line is a [section], a `key = value` or a # comment");
    }
    if (holdsNoText(text)) {
      throw this.#fault(line, text, "it holds a character that is no text");
    }
    return { key, value: text.slice(separator + 1).trim() };
  }

  #badHeader(line: number, text: string): VaultError {
    return this.#fault(line, text, "a section header is [default] or [profile NAME]");
  }

  #fault(line: number, text: string, rule: string): VaultError {
    const shown = text.trim();
    const way = shown.includes("\r")
      ? "a line of it ends by CR alone: save the file with LF line ends"
      : rule;
    const column = text.length - text.trimStart().length + 1;
    return new VaultError(
      "config",
      `${this.path}, line ${line}, column ${column}: cannot read \`${redact(shown)}\``,
      [way],
    );
  }
}

/** What most entries have below them. */
const NONE: ReadonlyMap<string, Entry> = new Map();

/** How many sections are looked for in the text before the headers are indexed. */
const LOOKUPS_BEFORE_INDEX = 8;
