import { openKernel, toWide } from "./kernel32.ts";

const GENERIC_READ_WRITE = 0xc0000000;
const SHARE_READ_WRITE = 3;
const OPEN_EXISTING = 3;
const INVALID_HANDLE = -1n;

/** What the console does with keys: Ctrl-C stays its own in both modes. */
const LINE_INPUT = 2;
const ECHO_INPUT = 4;

const READ_UNITS = 512;

/** What the system gives of a terminal. */
export interface OpenTerminal {
  /** The next characters typed, in UTF-8; null when the terminal is gone. */
  readChunk(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): void;
  /** Keys one by one and unechoed, or lines as the terminal itself edits and echoes them. */
  setKeyMode(on: boolean): void;
}

/**
 * Windows' console, by kernel32: Deno opens it for writing only when everything is permitted, and
 * the standard streams may be pipes. Throws where there is none.
 */
export function openConsole(): OpenTerminal {
  const kernel = openFunctions();
  if (kernel === undefined) throw new Error("no permission to open the console");
  const open = (name: string) => {
    const access = [GENERIC_READ_WRITE, SHARE_READ_WRITE, 0n, OPEN_EXISTING, 0, 0n] as const;
    const handle = BigInt(kernel.CreateFileW(toWide(name), ...access));
    if (handle === INVALID_HANDLE) throw new Error("this process has no console");
    return handle;
  };
  const [input, output] = [open("CONIN$"), open("CONOUT$")];
  const usual = new Uint32Array(1);
  kernel.GetConsoleMode(input, usual);
  const decoder = new TextDecoder("utf-16le", { ignoreBOM: true });
  return {
    async readChunk() {
      const [units, count] = [new Uint16Array(READ_UNITS), new Uint32Array(1)];
      const done = await kernel.ReadConsoleW(input, units, READ_UNITS, count, 0n);
      if (done === 0 || count[0] === 0) return null;
      const text = decoder.decode(units.subarray(0, count[0]), { stream: true });
      units.fill(0); // it may be a secret
      return new TextEncoder().encode(text);
    },
    write(bytes) {
      const text = toWide(new TextDecoder().decode(bytes));
      kernel.WriteConsoleW(output, text, text.length / 2 - 1, new Uint32Array(1), 0n);
    },
    setKeyMode(on) {
      kernel.SetConsoleMode(input, on ? usual[0]! & ~(LINE_INPUT | ECHO_INPUT) : usual[0]!);
    },
  };
}

function openFunctions() {
  return openKernel({
    CreateFileW: {
      parameters: ["buffer", "u32", "u32", "usize", "u32", "u32", "usize"],
      result: "isize",
    },
    GetConsoleMode: { parameters: ["isize", "buffer"], result: "i32" },
    SetConsoleMode: { parameters: ["isize", "u32"], result: "i32" },
    ReadConsoleW: {
      parameters: ["isize", "buffer", "u32", "buffer", "usize"],
      result: "i32",
      nonblocking: true,
    },
    WriteConsoleW: { parameters: ["isize", "buffer", "u32", "buffer", "usize"], result: "i32" },
  });
}
