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

/** Standard output; `onClosedPipe` is called when its reader is gone. */
export function createOut(onClosedPipe: () => never): (text: string) => void {
  return (text) => {
    try {
      writeAll(Deno.stdout, new TextEncoder().encode(text));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) onClosedPipe();
      throw error;
    }
  };
}

/** Standard error, a line at a time. Where it cannot be written, nobody can be told. */
export function writeNote(text: string): void {
  try {
    writeAll(Deno.stderr, new TextEncoder().encode(text + "\n"));
  } catch { /* closed */ }
}
