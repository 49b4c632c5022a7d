import type { Peers } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";
import { readProcFile, splitAtNul } from "./proc_file.ts";

const DARWIN = Deno.build.os === "darwin";
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const [SOL_SOCKET, SO_RCVTIMEO, SO_SNDTIMEO] = DARWIN ? [0xffff, 0x1006, 0x1005] : [1, 20, 21];
/** What C has room for in `sun_path`, its NUL included. */
const MAX_PATH_BYTES = DARWIN ? 104 : 108;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_ENVIRONMENT_BYTES = 6 * 1024 * 1024;
const O_RDWR = 2;
/** More than we have ever open before we serve anybody. */
const MOST_FILES = 64;

/** Other processes of this machine, by the C library: Deno's permissions speak of none of it. */
export const peers: Peers = {
  ask,
  userId: () => user ??= openLibc({ geteuid: { parameters: [], result: "u32" } })?.geteuid(),
  environmentOf(processId) {
    const bytes = readProcFile(`/proc/${processId}/environ`, MAX_ENVIRONMENT_BYTES);
    return bytes.length === 0 ? undefined : splitAtNul(bytes);
  },
  nameOf: nameOfProcess,
  isStopped,
  detach,
  releaseMemory: async () => (await import("./release_memory.ts")).releaseMemory(),
};

/** Asked for at each request, and the same for as long as we live. */
let user: number | undefined;

/** Linux alone tells the name; arguments are not looked at: they may hold a secret. */
export function nameOfProcess(processId: number): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const bytes = readProcFile(`/proc/${processId}/comm`, 64);
  return new TextDecoder().decode(bytes).trim() || undefined;
}

/** By Ctrl-Z or a debugger, as far as the platform tells. */
export function isStopped(processId: number): boolean {
  if (Deno.build.os !== "linux") return false;
  const status = new TextDecoder().decode(readProcFile(`/proc/${processId}/status`, 4096));
  return /^State:\s+[Tt]/m.test(status);
}

function ask(path: string, request: Uint8Array, timeoutMs: number): Uint8Array | undefined {
  const address = socketAddress(path);
  const libc = openLibc({
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  if (libc === undefined || address === undefined) return undefined;
  const socket = libc.socket(AF_UNIX, SOCK_STREAM, 0);
  const pause = new BigInt64Array([
    BigInt(Math.floor(timeoutMs / 1000)),
    BigInt(timeoutMs % 1000 * 1000),
  ]);
  try {
    for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
      libc.setsockopt(socket, SOL_SOCKET, option, pause, pause.byteLength);
    }
    if (libc.connect(socket, address, address.length) !== 0) return undefined;
    for (let done = 0; done < request.length;) {
      const rest = request.slice(done);
      const written = Number(libc.write(socket, rest, BigInt(rest.length)));
      if (written <= 0) return undefined;
      done += written;
    }
    return readAll((room) => Number(libc.read(socket, room, BigInt(room.length))));
  } finally {
    libc.close(socket);
  }
}

/** Until the other one ends it; undefined where that does not come about. */
function readAll(read: (room: Uint8Array<ArrayBuffer>) => number): Uint8Array | undefined {
  const buffer = new Uint8Array(MAX_ANSWER_BYTES);
  for (let length = 0; length < buffer.length;) {
    const got = read(buffer.subarray(length));
    if (got === 0) return buffer.subarray(0, length);
    if (got < 0) return undefined;
    length += got;
  }
  return undefined;
}

/** A `struct sockaddr_un`. */
function socketAddress(path: string): Uint8Array<ArrayBuffer> | undefined {
  const name = toCString(path);
  if (name.length > MAX_PATH_BYTES) return undefined;
  const address = new Uint8Array(2 + MAX_PATH_BYTES);
  address.set(DARWIN ? [address.length, AF_UNIX] : [AF_UNIX, 0]);
  address.set(name, 2);
  return address;
}

/** Away from terminal, streams and directory: nothing that is done there concerns us any more. */
function detach(tell: () => void): void {
  const libc = openLibc({
    setsid: { parameters: [], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    isatty: { parameters: ["i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    chdir: { parameters: ["buffer"], result: "i32" },
  });
  if (libc === undefined) return tell();
  libc.setsid();
  libc.chdir(toCString("/"));
  tell();
  const nowhere = libc.open(toCString("/dev/null"), O_RDWR);
  for (let file = 0; file < MOST_FILES; file++) { // Deno has copies of its streams
    if (file < 3 || libc.isatty(file) === 1) libc.dup2(nowhere, file);
  }
  if (nowhere > 2) libc.close(nowhere);
}
