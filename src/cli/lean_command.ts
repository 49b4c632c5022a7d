import { Command } from "@commander-js/extra-typings";

/**
 * A command that leaves out the options its line cannot have: commander takes 40 µs to define one,
 * and there are thirty. Those with a default are always there.
 *
 * Whoever wants to know all of them (help, and suggestions for what is unknown) gives no line.
 */
export class LeanCommand extends Command {
  readonly #names: readonly string[] | undefined;

  /** @param names what options of the line may be called, as `namesIn` says */
  constructor(name?: string, names?: readonly string[]) {
    super(name);
    this.#names = names;
  }

  /** A command below this one. */
  override createCommand(name?: string): Command {
    return new LeanCommand(name, this.#names) as Command;
  }

  // deno-lint-ignore no-explicit-any -- commander's own overloads say what comes in and goes out
  override option(flags: string, description: string, ...rest: any[]): any {
    const [parser, value = typeof parser === "function" ? undefined : parser] = rest;
    if (value === undefined && this.#names?.some((name) => flags.includes(name)) === false) {
      return this;
    }
    return super.option(flags, description, parser, value);
  }
}

/**
 * What stands in the flags of every option that these words can be, and in those of few others:
 * the name of a long one, without its value and whatever denies it, and each letter of short ones.
 */
export function namesIn(line: readonly string[]): string[] {
  return line.flatMap((word) => {
    if (word.startsWith("--")) return word.replace(/=.*/s, "").replace(/^--(no-)*/, "");
    return word.startsWith("-") ? Array.from(word.slice(1), (letter) => "-" + letter) : [];
  });
}
