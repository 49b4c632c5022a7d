import * as fc from "fast-check";

/** Another one looks at other values. */
const SEED = Number(Deno.env.get("VAULT_FUZZ_SEED") ?? 1);

/**
 * A test that `holds` for so many values; a failure shows the smallest value found and what repeats
 * it. The values are the same at every run.
 */
export function property<T>(
  name: string,
  runs: number,
  values: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        await holds(value);
      }),
      { numRuns: runs, seed: SEED },
    );
  });
}

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
