import type { PromptDriver } from "../types.ts";
import { askDialog, isClosedWindow } from "./dialog.ts";
import type { PromptContext } from "./context.ts";

/** Asks in a window of GNOME's zenity. */
export function createDriver(ctx: PromptContext): PromptDriver {
  return {
    name: "zenity",
    ask(message, options) {
      const args = ["--entry", "--title=aws-vault", `--text=${message}`];
      if (options.secret) args.push("--hide-text");
      return askDialog({ command: "zenity", args, isCancelled: isClosedWindow }, options, ctx);
    },
  };
}
