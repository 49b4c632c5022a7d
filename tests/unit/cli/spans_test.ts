import assert from "node:assert/strict";
import { describeLength } from "../../../src/cli/spans.ts";

Deno.test("a length of time is told in its two largest units", () => {
  const told = [0, 59, 60, 61, 3600, 5400, 28_800, 86_400, 93_600].map(describeLength);
  const words = ["0 s", "59 s", "1 min", "1 min 1 s", "1 h", "1 h 30 min", "8 h", "1 d", "1 d 2 h"];
  assert.deepEqual(told, words);
});
