import { openLibc } from "./libc.ts";
import { readProcFile } from "./proc_file.ts";

const MADV_DONTNEED = 4;
const MAX_MAPS_BYTES = 4 * 1024 * 1024;

let libc: ReturnType<typeof openReleasing>;

/** glibc's: elsewhere there is nothing but V8's own memory. */
function openReleasing() {
  return openLibc({
    malloc_trim: { parameters: ["usize"], result: "i32" },
    madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
  });
}

/**
 * Gives back to the system what memory we do not need: what V8 and C hold in reserve, and Deno's
 * code, of which most has run for the last time when a program has started. Its pages hold nothing
 * but what is in its file, and are read from there when they are wanted.
 */
export function releaseMemory(): void {
  // V8 gives `gc` where it was started so (scripts/launcher.sh).
  (globalThis as { gc?: (options: object) => void }).gc?.({ type: "major", flavor: "last-resort" });
  libc ??= openReleasing();
  libc?.malloc_trim(0n);
  for (const { start, end } of findCode()) libc?.madvise(start, end - start, MADV_DONTNEED);
}

/** Where Deno's code lies in our memory; only Linux tells. */
function findCode(): { start: bigint; end: bigint }[] {
  if (Deno.build.os !== "linux") return [];
  const maps = new TextDecoder().decode(readProcFile("/proc/self/maps", MAX_MAPS_BYTES));
  const code = maps.split("\n").filter((line) =>
    / r-xp /.test(line) && line.endsWith(` ${Deno.execPath()}`)
  );
  return code.map((line) => {
    const [start, end] = line.split(/[- ]/, 2).map((address) => BigInt(`0x${address}`));
    return { start: start!, end: end! };
  });
}
