import { after } from "./timer.ts";

/** No list of names and no secret is this long: more is a program that has no end. */
export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** What a program writes, as it comes. */
interface Collected {
  /** Resolves once nothing more comes, or nothing more is read; it never rejects. */
  readonly ended: Promise<void>;
  /** All there is so far. */
  bytes(): Uint8Array;
  /** Reads no more. */
  cancel(): void;
}

/**
 * Collects what a stream brings, to its end or to `MAX_OUTPUT_BYTES`.
 *
 * @param tooMuch is called once there is more than anybody keeps; the rest is not read
 * @param onChunk is given each piece as it comes; nothing is kept then
 */
export function collect(
  stream: ReadableStream<Uint8Array>,
  tooMuch: () => void,
  onChunk?: (bytes: Uint8Array) => void,
): Collected {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  const read = async () => {
    for (let length = 0; length <= MAX_OUTPUT_BYTES;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (onChunk !== undefined) {
        onChunk(value);
        continue;
      }
      chunks.push(value);
      length += value.length;
    }
    tooMuch();
  };
  return {
    ended: read().catch(() => {}), // a torn pipe: what arrived counts
    bytes: () => concatenate(chunks),
    cancel: () => void reader.cancel().catch(() => {}),
  };
}

/** A line that has no end after this is a question, and shown as it stands. */
const UNFINISHED_MS = 200;
/** A longer one is shown in pieces. */
const MAX_LINE_LENGTH = 64 * 1024;

/** Shows what comes line by line; `flush` shows what is left of the last. */
export function relayLines(show: (line: string) => void) {
  const decoder = new TextDecoder();
  let pending = "";
  let callOff = () => {};
  const flush = () => {
    callOff();
    if (pending !== "") show(pending);
    pending = "";
  };
  const take = (bytes: Uint8Array) => {
    callOff();
    const lines = (pending + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    pending = lines.pop()!;
    for (const line of lines) show(line);
    if (pending.length > MAX_LINE_LENGTH) flush();
    if (pending !== "") callOff = after(UNFINISHED_MS, flush);
  };
  return { take, flush };
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
