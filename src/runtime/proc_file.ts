import { openLibc, toCString } from "./libc.ts";

/** The strings of which each ends with a NUL, as the kernel hands out arguments and environments. */
export function splitAtNul(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const next = bytes.indexOf(0, start);
    const end = next < 0 ? bytes.length : next;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

/** Opened once: an agent reads an environment for each program. */
let libc: ReturnType<typeof openReading>;

function openReading() {
  return openLibc({
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
}

/** A file below /proc, by the C library: Deno reads them only when everything is permitted. */
export function readProcFile(path: string, maxBytes: number): Uint8Array {
  libc ??= openReading();
  const descriptor = libc?.open(toCString(path), O_RDONLY) ?? -1;
  if (libc === undefined || descriptor < 0) return new Uint8Array();
  let buffer = new Uint8Array(FIRST_READ_BYTES);
  let length = 0;
  for (let got = 1; got > 0 && length < maxBytes; length += Math.max(got, 0)) {
    if (length === buffer.length) buffer = enlarge(buffer, maxBytes);
    const room = buffer.subarray(length);
    got = Number(libc.read(descriptor, room, BigInt(room.length)));
  }
  libc.close(descriptor);
  return buffer.subarray(0, length);
}

function enlarge(buffer: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(buffer.length * 4, maxBytes));
  larger.set(buffer);
  return larger;
}

/** Room for most environments; more is made where it is needed. */
const FIRST_READ_BYTES = 16 * 1024;

const O_RDONLY = 0;
