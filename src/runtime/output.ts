import type { Style, Styled } from "../types.ts";
import { showControls, wrapText } from "./plain_text.ts";

/** What bytes are written to: standard output, standard error, a terminal. */
interface Sink {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all of it, however little is taken at a time. Throws `BrokenPipe` when nobody reads. */
export function writeAll(sink: Sink, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += sink.writeSync(bytes.subarray(done));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      waitForRoom();
    }
  }
}

/**
 * A pipe that another process has made non-blocking refuses when it is full, and there is nothing
 * to wait on; a millisecond's pause keeps the loop from burning the processor.
 */
function waitForRoom(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** What a run prints, and whether it could. */
export interface Output {
  /** Standard output, exactly as it is; a terminal is shown control characters by their numbers. */
  out(text: string): void;
  /**
   * For a person: with colours of ours, control characters of the parts themselves stay what they are;
   * a terminal's lines are broken at its width.
   */
  outStyled(parts: readonly (string | Styled)[]): void;
  /** Standard error, a line at a time, for people. Where it cannot be written, nobody can be told. */
  note(text: string): void;
  /** A line that the next one replaces, on a terminal alone. */
  progress(text: string): void;
  /** The fault that kept standard output from being written, if one did. */
  fault(): Error | undefined;
}

/**
 * Standard output that fails does not break off what the run is about, such as a rotation: what
 * follows is not printed, and the run's end tells.
 */
export function createOutput(): Output {
  let fault: Error | undefined;
  let shownColumns = 0;
  const forReader = (text: string) => Deno.stdout.isTerminal() ? showControls(text) : text;
  const print = (shown: string) => {
    if (fault !== undefined) return;
    try {
      writeAll(Deno.stdout, new TextEncoder().encode(shown));
    } catch (error) {
      fault = error as Error;
    }
  };
  return {
    out: (text) => print(forReader(text)),
    outStyled(parts) {
      const shown = parts.map((part) =>
        typeof part === "string"
          ? forReader(part)
          : `\x1b[${SGR[part.style]}m${forReader(part.text)}\x1b[0m`
      );
      print(wrapText(shown.join(""), columnsOf(Deno.stdout)));
    },
    note(text) {
      try {
        const shown = wrapText(showControls(text), columnsOf(Deno.stderr));
        writeAll(Deno.stderr, new TextEncoder().encode(shown + "\n"));
      } catch { /* closed */ }
    },
    progress(text) {
      if (!Deno.stderr.isTerminal()) return;
      const shown = showControls(text).slice(0, (columnsOf(Deno.stderr) || Infinity) - 1);
      try {
        // Blanks over what was there, and back: terminals that know no more than that know this.
        const line = `\r${shown.padEnd(shownColumns)}${shown === "" ? "\r" : ""}`;
        writeAll(Deno.stderr, new TextEncoder().encode(line));
      } catch { /* closed */ }
      shownColumns = shown.length;
    },
    fault: () => fault,
  };
}

/** ECMA-48, section 8.3.117. */
const SGR: Readonly<Record<Style, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};

/** The width of the terminal that a stream goes to; 0 where it goes elsewhere, or none is told. */
function columnsOf(stream: { isTerminal(): boolean }): number {
  try {
    return stream.isTerminal() ? Deno.consoleSize().columns : 0;
  } catch {
    return 0;
  }
}
