import { Command } from "@commander-js/extra-typings";

/**
 * A command that leaves out the options its line cannot have: commander takes 40 µs to define one,
 * and there are thirty. Those with a default are always there.
 *
 * Whoever wants to know all of them (help, and suggestions for what is unknown) gives no line.
 */
export class LeanCommand extends Command {
  readonly #line: readonly string[] | undefined;

  constructor(name?: string, line?: readonly string[]) {
    super(name);
    this.#line = line?.filter((word) => word.startsWith("-"));
  }

  /** A command below this one. */
  override createCommand(name?: string): Command {
    return new LeanCommand(name, this.#line) as Command;
  }

  // deno-lint-ignore no-explicit-any -- commander's own overloads say what comes in and goes out
  override option(flags: string, description: string, ...rest: any[]): any {
    const [parser, value = typeof parser === "function" ? undefined : parser] = rest;
    if (value === undefined && this.#line?.some((word) => mayBe(word, flags)) === false) {
      return this;
    }
    return super.option(flags, description, parser, value);
  }
}

/** Whether a word can be an option of these flags: its names, `--name=value`, `-xvalue`, `-yx`, or a `--no-` form. */
function mayBe(word: string, flags: string): boolean {
  return flags.split(/[ ,]+/).some((flag) =>
    flag.startsWith("--")
      ? undeny(word) === undeny(flag)
      : flag.startsWith("-") && !word.startsWith("--") && word.includes(flag.slice(1))
  );
}

/** The name of a long option without its value and whatever denies it. */
function undeny(word: string): string {
  return word.replace(/=.*/s, "").replace(/^--(no-)*/, "");
}
