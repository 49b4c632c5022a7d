import type { PromptDriver } from "../types.ts";
import { askDialog, isClosedWindow } from "./dialog.ts";
import type { PromptContext } from "./context.ts";

/** Asks in a window of KDE's kdialog. */
export function createDriver(ctx: PromptContext): PromptDriver {
  return {
    name: "kdialog",
    ask(message, options) {
      const kind = options.secret ? "--password" : "--inputbox";
      const args = ["--title", "aws-vault", kind, textForKdialog(message)];
      return askDialog({ command: "kdialog", args, isCancelled: isClosedWindow }, options, ctx);
    },
  };
}

/** It takes `\` for an escape (`\n` for a line end), unless it is doubled. */
export function textForKdialog(text: string): string {
  return text.replaceAll("\\", "\\\\");
}
