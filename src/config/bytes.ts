/**
 * A character a byte: what is cut and put together as text keeps every other byte, UTF-8 or not.
 */
export function toMarks(bytes: Uint8Array): string {
  // Not `latin1`, which is windows-1252 to a TextDecoder.
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += PIECE) {
    parts.push(String.fromCharCode(...bytes.subarray(from, from + PIECE)));
  }
  return parts.join("");
}

/** As many as a call takes arguments, and then some. */
const PIECE = 8192;

/** The bytes of such a text. */
export function fromMarks(marks: string): Uint8Array {
  return Uint8Array.from(marks, (mark) => mark.charCodeAt(0));
}

/** Where such a text begins: behind its byte-order mark, where it has one. */
export function beginOf(marks: string): number {
  return marks.startsWith(UTF8_MARK) ? UTF8_MARK.length : 0;
}

const UTF8_MARK = "\u00ef\u00bb\u00bf";

/** What such a text says; `undefined` where it is not UTF-8. */
export function readMarks(marks: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromMarks(marks));
  } catch {
    return undefined;
  }
}
