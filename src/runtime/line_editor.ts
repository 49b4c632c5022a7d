import { displayWidth } from "./plain_text.ts";

/** How reading a line ended, or that it goes on. */
export type LineState = "typing" | "done" | "interrupted" | "closed";

export interface Edit {
  readonly state: LineState;
  /** What to show for the keys taken in. */
  readonly echo: Uint8Array;
  /** Bytes after the end of the line: they belong to the next question. */
  readonly rest: Uint8Array;
  /** What was read ends with the Escape key, pressed by itself: a sequence comes in one piece. */
  readonly isEscape: boolean;
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const ESCAPE = 0x1b;
const SPACE = 0x20;
const DELETE = 0x7f;

/**
 * One line as it is typed, from a terminal's bytes; it touches no terminal. Edits as a terminal
 * itself does: a character at a time, Ctrl-W a word, Ctrl-U all. Arrow and function keys do nothing.
 */
export class LineEditor {
  readonly #line: number[] = [];
  #escape: "none" | "begun" | "sequence" = "none";

  /** The line so far. Throws `TypeError` when it is not UTF-8. */
  text(): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(new Uint8Array(this.#line));
  }

  /** The line so far as it was echoed, whatever its bytes are. */
  shown(): string {
    return new TextDecoder().decode(new Uint8Array(this.#line)).replaceAll("\t", " ");
  }

  /** Takes in what was read; of what follows the line's end nothing. */
  feed(bytes: Uint8Array): Edit {
    const echo: number[] = [];
    for (const [index, byte] of bytes.entries()) {
      const state = this.#take(byte, echo);
      if (state !== "typing") {
        const rest = bytes.slice(index + 1);
        return { state, echo: new Uint8Array(echo), rest, isEscape: false };
      }
    }
    const isEscape = this.#escape === "begun";
    return { state: "typing", echo: new Uint8Array(echo), rest: new Uint8Array(), isEscape };
  }

  #take(byte: number, echo: number[]): LineState {
    if (this.#inEscape(byte)) return "typing";
    switch (byte) {
      case CR:
      case LF:
        return "done";
      case CTRL_C:
        return "interrupted";
      case CTRL_D:
        return this.#line.length === 0 ? "closed" : "typing";
      case BACKSPACE:
      case DELETE:
        this.#erase(echo);
        return "typing";
      case CTRL_U:
        while (this.#line.length > 0) this.#erase(echo);
        return "typing";
      case CTRL_W:
        while (this.#line.at(-1) === SPACE) this.#erase(echo);
        while (this.#line.length > 0 && this.#line.at(-1) !== SPACE) this.#erase(echo);
        return "typing";
    }
    if (byte < SPACE && byte !== TAB) return "typing";
    this.#line.push(byte);
    echo.push(byte === TAB ? SPACE : byte);
    return "typing";
  }

  /** Follows a key's escape sequence, such as `ESC [ D`, to its end: it is no text. */
  #inEscape(byte: number): boolean {
    if (byte === ESCAPE) {
      this.#escape = "begun";
      return true;
    }
    if (this.#escape === "begun") {
      // `[` and `O` open a sequence; after anything else the Escape key was pressed by itself.
      this.#escape = byte === 0x5b || byte === 0x4f ? "sequence" : "none";
      return this.#escape === "sequence";
    }
    if (this.#escape === "none") return false;
    // A control character ends it too, so that a torn sequence cannot eat the Enter key.
    const parameter = byte >= SPACE && byte < 0x40 || byte === 0x5b; // Linux' console: F1 is `ESC [ [ A`
    if (!parameter) this.#escape = "none";
    return byte >= SPACE;
  }

  /** Takes the last character off, all its bytes, and its columns. */
  #erase(echo: number[]): void {
    let begin = this.#line.length - 1;
    while (begin > 0 && (this.#line[begin]! & 0xc0) === 0x80) begin--;
    const taken = new TextDecoder().decode(new Uint8Array(this.#line.splice(Math.max(begin, 0))));
    for (let column = displayWidth(taken); column > 0; column--) {
      echo.push(BACKSPACE, SPACE, BACKSPACE);
    }
  }
}
