/** Random values that a seed repeats. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including `limit`. (Mulberry32.) */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  list<T>(maxLength: number, make: () => T): T[] {
    return Array.from({ length: this.below(maxLength + 1) }, make);
  }

  bytes(maxLength: number): Uint8Array {
    return Uint8Array.from(this.list(maxLength, () => this.below(256)));
  }

  /** Text of any script, with the characters that formats trip over well among them. */
  text(maxLength: number): string {
    return this.list(maxLength, () => this.#character()).join("");
  }

  #character(): string {
    switch (this.below(4)) {
      case 0:
        return this.pick([..." \t\r\n,.:;#%=/\\\"'[]()%{}$`~-_+@"]);
      case 1:
        return this.pick([
          "ë",
          "鍵",
          "🔑",
          "\u0301",
          "\u200b",
          "\ufeff",
          "ß",
          "İ",
          "\u007f",
          "\u0001",
        ]);
      default:
        return String.fromCharCode(97 + this.below(26));
    }
  }
}

/** Another one looks at other values, or at those of a failure again. */
const SEED = Number(Deno.env.get("VAULT_FUZZ_SEED") ?? 1);

/** A test that runs `body` with so many seeds; a failure names the seed. */
export function fuzz(
  name: string,
  rounds: number,
  body: (random: Random) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    for (let round = 0; round < rounds; round++) {
      const random = new Random(SEED + round);
      try {
        await body(random);
      } catch (error) {
        throw new Error(`with VAULT_FUZZ_SEED=${random.seed}`, { cause: error });
      }
    }
  });
}
