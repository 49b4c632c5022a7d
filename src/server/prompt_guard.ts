import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";

/** A context for a source that may have to ask for a code while a program has the terminal. */
export interface GuardedPrompt {
  readonly ctx: Context;
  /** From now on the terminal is the program's: a code that would be asked on it is refused. */
  giveAway(): void;
}

/**
 * Lets the user be asked on the terminal until the program starts, and elsewhere at any time.
 *
 * @param lazy nothing is asked before the program starts
 */
export function guardPrompt(ctx: Context, lazy = false): GuardedPrompt {
  let given = false;
  const prompt = async () => {
    const driver = await ctx.prompt();
    if (!given || driver.name !== "terminal") return driver;
    if (!ctx.terminal.available()) return driver; // which says that there is none
    throw new VaultError("prompt", "an MFA code is needed, and a program has the terminal", [
      "use a prompt with a window or device of its own, such as --prompt=zenity or ykman",
      `or leave and run exec again${
        lazy ? " without --lazy" : ""
      }: the code is asked before the program starts`,
    ]);
  };
  const ask: Context["terminal"]["ask"] = async (message, options) => {
    if (!given) return await ctx.terminal.ask(message, options);
    const question = message.trim().replace(/:$/, "");
    throw new VaultError("prompt", `a program has the terminal to ask on (${question})`, [
      "leave it and run exec again: the keyring is unlocked before the program starts",
    ]);
  };
  const terminal = { ...ctx.terminal, ask };
  return { ctx: { ...ctx, prompt, terminal }, giveAway: () => given = true };
}
