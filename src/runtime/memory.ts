import { openLibc } from "./libc.ts";

const PR_SET_DUMPABLE = 4;

let done = false;

/**
 * Keeps other processes of the same user from attaching to us and reading our memory, and the
 * kernel from writing it to a core file (`prctl(PR_SET_DUMPABLE, 0)`, Linux only). To be called
 * before the first secret is in memory. A program that takes our place is as open as ever: the
 * kernel resets this on exec.
 */
export function protectMemory(): void {
  if (done || Deno.build.os !== "linux") return;
  done = true;
  // A struct of an int goes where an int goes, and spares every start 0.4 ms: Deno compiles machine
  // code of its own for functions that take none.
  const libc = openLibc({
    prctl: { parameters: [{ struct: ["i32"] }, "usize"], result: "i32" },
  });
  libc?.prctl(new Uint8Array(Int32Array.of(PR_SET_DUMPABLE).buffer), 0n);
}
