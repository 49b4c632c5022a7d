import * as fc from "fast-check";
import assert from "node:assert/strict";

/** Another one looks at other values. */
const SEED = Number(Deno.env.get("VAULT_FUZZ_SEED") ?? 1);

/**
 * A test that `holds` for so many values; a failure shows the smallest value found and what repeats
 * it. The values are the same at every run.
 *
 * @param least how many values at least have to be of a kind, which `holds` tells: a rule that no
 *   value comes near holds of itself
 */
export function property<T>(
  name: string,
  runs: number,
  values: fc.Arbitrary<T>,
  holds: (value: T) => Kind | Promise<Kind>,
  least: Readonly<Record<string, number>> = {},
): void {
  Deno.test(name, async () => {
    const counts = new Map<Kind, number>();
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const kind = await holds(value);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }),
      { numRuns: runs, seed: SEED },
    );
    for (const [kind, count] of Object.entries(least)) {
      assert.ok((counts.get(kind) ?? 0) >= count, `${kind}: ${counts.get(kind)} of ${runs}`);
    }
  });
}

type Kind = string | void;

/** Characters that formats trip over, of several scripts, and plain letters. */
const CHARACTERS = fc.oneof(
  fc.constantFrom(..." \t\r\n,.:;#%=/\\\"'[](){}$`~-_+@"),
  fc.constantFrom(..."ë鍵ßİ\u0301\u200b\ufeff\u007f\u0001", "🔑"),
  { weight: 2, arbitrary: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz") },
);

export function text(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: CHARACTERS, maxLength });
}

export function bytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength });
}
