import { openConsole, type OpenTerminal } from "./console_device.ts";
import { openLibc, toCString } from "./libc.ts";
import { writeAll } from "./output.ts";

/** The controlling terminal, opened apart from the standard streams, which may be pipes. */
export interface TerminalDevice extends Pick<OpenTerminal, "write" | "setKeyMode"> {
  /** The next bytes typed; null when the terminal is gone. */
  read(): Promise<Uint8Array | null>;
  /** Gives bytes back, to be read first. */
  unread(bytes: Uint8Array): void;
}

/** Opens it; throws Deno's error where there is none. It stays open until we end: exec closes it. */
export function openTerminalDevice(platform: string): TerminalDevice {
  const { readChunk, write, setKeyMode } = platform === "windows" ? openConsole() : openTerminal();
  let typedAhead = new Uint8Array();
  let pending: Promise<Uint8Array | null> | undefined;
  return {
    async read() {
      if (typedAhead.length > 0) {
        const bytes = typedAhead;
        typedAhead = new Uint8Array();
        return bytes;
      }
      // A read cannot be taken back: that of a question given up answers the next one.
      pending ??= readChunk().finally(() => pending = undefined);
      return await pending;
    },
    unread: (bytes) => void (typedAhead = bytes.slice()),
    write,
    setKeyMode,
  };
}

function openTerminal(): OpenTerminal {
  const file = Deno.openSync("/dev/tty", { read: true });
  return {
    readChunk: () => readChunk(file),
    write: openWriter(),
    // Ctrl-C stays the terminal's (cbreak): it reaches helper programs too.
    setKeyMode: (on) => file.setRaw(on, { cbreak: true }),
  };
}

async function readChunk(file: Deno.FsFile): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(1024);
  try {
    const length = await file.read(buffer);
    return length === null ? null : buffer.subarray(0, length);
  } catch {
    return null; // hung up
  }
}

function writeTo(sink: { writeSync(bytes: Uint8Array): number }): (bytes: Uint8Array) => void {
  return (bytes) => writeAll(sink, bytes);
}

/**
 * Deno opens /dev/tty for writing only when everything is permitted; the C library does under the
 * permissions we run with. Without it, standard error is where a terminal is most often.
 */
function openWriter(): (bytes: Uint8Array) => void {
  try {
    return writeTo(Deno.openSync("/dev/tty", { write: true }));
  } catch {
    return openWriterByLibc() ?? writeToStandardError();
  }
}

function openWriterByLibc(): ((bytes: Uint8Array) => void) | undefined {
  const libc = openLibc({
    open: { parameters: ["buffer", "i32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  });
  const descriptor = libc?.open(toCString("/dev/tty"), O_WRONLY | closeOnExec()) ?? -1;
  if (libc === undefined || descriptor < 0) return undefined;
  return writeTo({
    writeSync(bytes) {
      const written = Number(libc.write(descriptor, bytes.slice(), BigInt(bytes.length)));
      return written < 0 ? bytes.length : written; // hung up: there is nobody to tell
    },
  });
}

const O_WRONLY = 1;

function closeOnExec(): number {
  return Deno.build.os === "darwin" ? 0x1000000 : 0o2000000;
}

function writeToStandardError(): (bytes: Uint8Array) => void {
  if (!Deno.stderr.isTerminal()) throw new Error("no permission to write to it");
  return writeTo(Deno.stderr);
}
