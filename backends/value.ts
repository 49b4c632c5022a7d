import { BackendError } from "../src/errors.ts";

/**
 * Items as text for stores that hold one line of printable ASCII of a limited length. Long ones
 * are kept as parts, which the text kept under the item's own name leads to.
 */

const BASE64 = "base64:";
const PARTS = "parts:";

/** JSON of printable ASCII, as all our items are, stays as it is, so that the Go tool reads it. */
export function encodeValue(data: Uint8Array): string {
  const isText = data[0] === BRACE && data.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? new TextDecoder().decode(data) : BASE64 + data.toBase64();
}

const BRACE = 0x7b;

/** The bytes of such a text; what others wrote is taken as it is. Throws on torn base64. */
export function decodeValue(value: string): Uint8Array {
  if (value.startsWith(BASE64)) return Uint8Array.fromBase64(value.slice(BASE64.length));
  return new TextEncoder().encode(value);
}

/** An item's text: what goes under its name, and the parts it leads to, if any. */
export interface SplitValue {
  readonly head: string;
  readonly parts: readonly Part[];
}

/** A part of an item that is too long for one: its name in the store, and its text. */
export interface Part {
  readonly name: string;
  readonly value: string;
}

/** An item whose text is up to `limit` characters whole, a longer one in parts of that many. */
export function splitData(data: Uint8Array, limit: number): SplitValue {
  const value = encodeValue(data);
  return value.length <= limit ? { head: value, parts: [] } : cutData(data, limit);
}

/**
 * An item in parts, however short; parts are base64, which nothing in between trims or escapes.
 * Each cutting has names of its own, so that an item is replaced at the moment its head is: parts
 * are written before it, older ones removed after it.
 */
export function cutData(data: Uint8Array, size: number): SplitValue {
  const value = BASE64 + data.toBase64();
  const id = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const parts: Part[] = [];
  for (let at = 0; at < value.length; at += size) {
    parts.push({ name: `${id}-${parts.length}`, value: value.slice(at, at + size) });
  }
  return { head: `${PARTS}${id}:${parts.length}`, parts };
}

/** The parts a head leads to. */
export interface PartList {
  readonly id: string;
  readonly names: readonly string[];
}

/** `undefined` for a text that is whole. */
export function parseHead(head: string): PartList | undefined {
  const match = /^parts:([0-9a-f]{16}):(\d{1,4})$/.exec(head);
  if (match === null) return undefined;
  const [, id, count] = match;
  return { id: id!, names: Array.from({ length: Number(count) }, (_, index) => `${id}-${index}`) };
}

/** The bytes that parts are put together to; `undefined` where one is missing or damaged. */
export function joinParts(values: readonly (string | undefined)[]): Uint8Array | undefined {
  const value = values.join("");
  const isWhole = !values.includes(undefined) && value.startsWith(BASE64);
  return isWhole ? tryDecoding(value) : undefined;
}

function tryDecoding(value: string): Uint8Array | undefined {
  try {
    return decodeValue(value);
  } catch {
    return undefined;
  }
}

/** The error for an item that does not come together; `place` is where it is kept. */
export function notWhole(backend: string, key: string, place: string): BackendError {
  return new BackendError(backend, `the item ${key} of ${place} is not whole`, [
    "it is damaged or some of its parts are gone: store it anew, which replaces it",
  ]);
}

/**
 * The bytes of an item by the text under its name and, where that leads to parts, by theirs;
 * `undefined` where there is none. One that is replaced while it is read is read anew.
 *
 * @param torn the error for one that is not whole
 */
export async function readData(
  readHead: () => Promise<string | undefined>,
  readPart: (name: string) => Promise<string | undefined>,
  torn: () => Error,
): Promise<Uint8Array | undefined> {
  const head = await readHead();
  if (head === undefined) return undefined;
  const data = await decodeHead(head, readPart);
  if (data !== undefined) return data;
  // It may have been replaced in the meantime, and its parts removed.
  if (await readHead() === head) throw torn();
  return await readData(readHead, readPart, torn);
}

async function decodeHead(
  head: string,
  readPart: (name: string) => Promise<string | undefined>,
): Promise<Uint8Array | undefined> {
  const parts = parseHead(head);
  if (parts === undefined) return tryDecoding(head);
  const values: string[] = [];
  for (const name of parts.names) {
    const value = await readPart(name);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return joinParts(values);
}
