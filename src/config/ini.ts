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
  readonly firstLine: number;
}

export type SectionKind = "profile" | "sso-session" | "services";

/**
 * The text of an AWS config file, with its section headers indexed. Sections are parsed when they
 * are asked for: ten thousand profiles cost what their headers cost.
 *
 * Syntax (as the AWS CLI and the Go tool read it): `[default]`, `[profile NAME]`,
 * `[sso-session NAME]`, `[services NAME]`, quotes around NAME allowed; other sections are passed
 * over. A section given twice is merged. `#` and `;` begin a comment at the start of a line or
 * after white space. Values are plain text.
 */
export class IniFile {
  readonly path: string;
  readonly text: string;
  readonly #spans: ReadonlyMap<string, readonly Span[]>;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#spans = this.#indexHeaders();
  }

  /** The names of all sections of a kind, in the order of the file. */
  names(kind: SectionKind): string[] {
    const prefix = kind + " ";
    const names: string[] = [];
    for (const id of this.#spans.keys()) {
      if (id.startsWith(prefix)) names.push(id.slice(prefix.length));
    }
    return names;
  }

  has(kind: SectionKind, name: string): boolean {
    return this.#spans.has(`${kind} ${name}`);
  }

  /** The settings of a section; `undefined` where the file has none of that name. */
  section(kind: SectionKind, name: string): Section | undefined {
    const spans = this.#spans.get(`${kind} ${name}`);
    if (spans === undefined) return undefined;
    const entries = new Map<string, Entry>();
    for (const span of spans) this.#parseSpan(span, entries);
    return entries;
  }

  #indexHeaders(): Map<string, Span[]> {
    const found: { id: string | undefined; start: number; from: number; line: number }[] = [];
    const header = /^[ \t]*\[.*$/gm;
    let line = 1;
    let counted = 0;
    for (let match = header.exec(this.text); match !== null; match = header.exec(this.text)) {
      for (; counted < match.index; counted++) {
        if (this.text.charCodeAt(counted) === 10) line++;
      }
      const id = this.#parseHeader(match[0], line);
      found.push({ id, start: match.index, from: header.lastIndex, line });
    }
    this.#parseSpan({ from: 0, to: found[0]?.start ?? this.text.length, firstLine: 1 }, new Map());
    const spans = new Map<string, Span[]>();
    found.forEach(({ id, from, line }, i) => {
      if (id === undefined) return;
      const span = { from, to: found[i + 1]?.start ?? this.text.length, firstLine: line };
      const known = spans.get(id);
      if (known === undefined) spans.set(id, [span]);
      else known.push(span);
    });
    return spans;
  }

  /** `kind name`, or `undefined` for a section that is none of ours. */
  #parseHeader(text: string, line: number): string | undefined {
    const match = /^[ \t]*\[([^\]]*)\][ \t]*(?:[#;].*)?\r?$/.exec(text);
    if (match === null) {
      throw this.#fault(line, text, "a section header is [default] or [profile NAME]");
    }
    const inside = match[1]!.trim();
    if (inside === "default") return "profile default";
    const parts = /^(profile|sso-session|services)[ \t]+(.+)$/.exec(inside);
    if (parts === null) return undefined;
    return `${parts[1]} ${unquote(parts[2]!)}`;
  }

  #parseSpan(span: Span, entries: Map<string, Entry>): void {
    let line = span.firstLine;
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

/** A broken line may be a pasted secret: its first words are enough to find it. */
function redact(text: string): string {
  return text.length > 60 ? text.slice(0, 40) + "…" : text;
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
  const lines = [header, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`)];
  const gap = text === "" || text === "\ufeff" ? "" : text.endsWith("\n") ? end : end + end;
  return text + gap + lines.join(end) + end;
}
