import assert from "node:assert/strict";
import * as fc from "fast-check";
import { hintAtNearest } from "../../../src/config/nearest.ts";

/** The distance by its definition: the whole table. */
function distance(a: string, b: string): number {
  const table = Array.from(
    { length: a.length + 1 },
    (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i === 0 ? j : j === 0 ? i : 0),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(table[i - 1]![j]!, table[i]![j - 1]!) + 1;
      best = Math.min(best, table[i - 1]![j - 1]! + change);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      table[i]![j] = isSwap ? Math.min(best, table[i - 2]![j - 2]! + 1) : best;
    }
  }
  return table[a.length]![b.length]!;
}

const NAME = fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 1, maxLength: 12 });

Deno.test("a name is near that is up to three slips, and a third of it, away", () => {
  fc.assert(
    fc.property(NAME, NAME, (name, other) => {
      const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
      const isNear = distance(name, other) <= limit || other.startsWith(name);
      assert.deepEqual(hintAtNearest(name, [other]), isNear ? [`did you mean ${other}?`] : []);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("a name in other letters, large or small, is the nearest of all", () => {
  assert.deepEqual(hintAtNearest("PROD", ["prods", "prod"]), ["did you mean prod?"]);
  assert.deepEqual(hintAtNearest("work", ["wor", "WORK"]), ["did you mean WORK or wor?"]);
});
