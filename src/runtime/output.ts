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
  return {
    out(text) {
      if (fault !== undefined) return;
      try {
        const shown = Deno.stdout.isTerminal() ? showControls(text) : text;
        writeAll(Deno.stdout, new TextEncoder().encode(shown));
      } catch (error) {
        fault = error as Error;
      }
    },
    note(text) {
      try {
        const shown = wrapText(showControls(text), Deno.stderr.isTerminal() ? countColumns() : 0);
        writeAll(Deno.stderr, new TextEncoder().encode(shown + "\n"));
      } catch { /* closed */ }
    },
    progress(text) {
      if (!Deno.stderr.isTerminal()) return;
      const shown = showControls(text).slice(0, (countColumns() || Infinity) - 1);
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

/** The terminal's width; 0 where it does not tell. */
function countColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}
