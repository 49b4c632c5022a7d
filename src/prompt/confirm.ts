import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { textForKdialog } from "./kdialog.ts";

type ConfirmContext = Pick<Context, "processes">;

/** Somebody who is away has not said yes. */
const TIMEOUT_SECONDS = 60;

/** Programs that ask in a window, and end with 0 for yes alone. */
const PROGRAMS: readonly (readonly [name: string, args: (question: string) => string[]])[] = [
  ["zenity", (text) => ["--question", "--no-markup", "--title=aws-vault", `--text=${text}`]],
  ["kdialog", (text) => ["--title", "aws-vault", "--yesno", textForKdialog(text)]],
  ["osascript", (text) => [
    ...["-e", "on run argv", "-e", 'display dialog (item 1 of argv) with title "aws-vault"'],
    ...["-e", "end run", text],
  ]],
];

/**
 * What asks yes or no in a window. Throws `VaultError("usage")` where there is nothing to ask with.
 */
export function createConfirmation(ctx: ConfirmContext): (question: string) => Promise<boolean> {
  const found = PROGRAMS.find(([name]) => ctx.processes.find(name) !== undefined);
  if (found === undefined) {
    throw new VaultError("usage", "--confirm: there is no program to ask with in a window", [
      `install one of: ${PROGRAMS.map(([name]) => name).join(", ")}`,
    ]);
  }
  const [command, args] = found;
  return async (question) => {
    try {
      const request = { kind: "dialog", command, timeoutSeconds: TIMEOUT_SECONDS } as const;
      return (await ctx.processes.run({ ...request, args: args(question) })).code === 0;
    } catch {
      return false; // no window, no answer
    }
  };
}
