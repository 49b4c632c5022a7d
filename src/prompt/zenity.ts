import type { PromptDriver } from "../types.ts";
import { askDialog, isClosedWindow } from "./dialog.ts";
import type { PromptContext } from "./context.ts";

/** Asks in a window of GNOME's zenity. */
export function createDriver(ctx: PromptContext): PromptDriver {
  return {
    name: "zenity",
    ask(message, options) {
      // It takes `_` for the mark of a key and `\` for an escape, unless they are doubled.
      const text = message.replace(/[_\\]/g, "$&$&");
      const args = ["--entry", "--title=aws-vault", `--text=${text}`];
      if (options.secret) args.push("--hide-text");
      return askDialog({ command: "zenity", args, isCancelled: isClosedWindow }, options, ctx);
    },
  };
}
