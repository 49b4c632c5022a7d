import assert from "node:assert/strict";
import { openLibc } from "../../../src/runtime/libc.ts";
import { protectMemory } from "../../../src/runtime/memory.ts";

const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;

Deno.test({
  name: "protected memory can be neither dumped nor traced (prctl, Linux)",
  ignore: Deno.build.os !== "linux",
  fn() {
    protectMemory();
    const libc = openLibc({
      prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
    });
    assert.equal(libc?.prctl(PR_GET_DUMPABLE, 0n, 0n, 0n, 0n), 0);
    libc.prctl(PR_SET_DUMPABLE, 1n, 0n, 0n, 0n); // the process is that of all tests
  },
});
