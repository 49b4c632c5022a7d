import { VaultError } from "../../errors.ts";
import type { Context } from "../../types.ts";

/** What is said where an answer will not do; `undefined` where it will. */
export type Check = (answer: string) => string | undefined;

const MAX_ANSWERS = 3;

/** Questions on the terminal, each with its default: an empty answer takes that. */
export class Questions {
  readonly #ctx: Pick<Context, "terminal" | "note">;

  constructor(ctx: Pick<Context, "terminal" | "note">) {
    if (!ctx.terminal.available()) {
      throw new VaultError("prompt", "there is no terminal to ask on what the profile needs", [
        "write its section into the config file by hand; keys are stored without one by: " +
        "aws-vault add PROFILE --env",
      ]);
    }
    this.#ctx = ctx;
  }

  /** @param fallback taken for an empty answer; the empty text where the setting may be left out */
  async ask(question: string, fallback: string | undefined, check: Check): Promise<string> {
    const shown = fallback === undefined ? "" : ` [${fallback === "" ? "none" : fallback}]`;
    for (let answers = 1;; answers++) {
      const typed = await this.#ctx.terminal.ask(`${question}${shown}: `, { secret: false });
      const answer = typed.trim() || fallback || "";
      if (answer === "" && fallback === "") return "";
      const fault = answer === "" ? "It has no default." : findMark(answer) ?? check(answer);
      if (fault === undefined) return answer;
      if (answers === MAX_ANSWERS) {
        throw new VaultError("usage", `${question}: ${fault} Nothing was written.`);
      }
      this.#ctx.note(fault);
    }
  }

  /** The number of the choice, from 0. */
  async choose(title: string, choices: readonly string[], fallback: number): Promise<number> {
    const lines = choices.map((choice, index) => `  ${index + 1}  ${choice}`);
    this.#ctx.note([title, ...lines].join("\n"));
    const check: Check = (text) =>
      choices.some((_, index) => text === String(index + 1)) ? undefined : "It is none of these.";
    const answer = await this.ask("Number", String(fallback + 1), check);
    return Number(answer) - 1;
  }

  async confirm(question: string): Promise<boolean> {
    const typed = await this.#ctx.terminal.ask(`${question} (Y|n) `, { secret: false });
    return /^(y(es)?)?$/i.test(typed.trim());
  }
}

/** What would be read as another value in the config file. */
function findMark(answer: string): string | undefined {
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(answer)) return "It holds a control character.";
  return /(^|\s)[#;]/.test(answer) ? "What begins with # or ; is a comment there." : undefined;
}
