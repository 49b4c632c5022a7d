import type { PromptDriver } from "../types.ts";
import { askDialog } from "./dialog.ts";
import type { PromptContext } from "./context.ts";

/** AppleScript's number for a dialog that was cancelled. */
const USER_CANCELLED = "(-128)";

/** Asks in a macOS dialog, by AppleScript. */
export function createDriver(ctx: PromptContext): PromptDriver {
  return {
    name: "osascript",
    ask(message, options) {
      // The message is an argument of the script, not a part of it: nothing in it needs quoting.
      const script = [
        "on run argv",
        'return text returned of (display dialog (item 1 of argv) with title "aws-vault" ' +
        'default answer "" buttons {"Cancel", "OK"} default button "OK" cancel button "Cancel"' +
        `${options.secret ? " with hidden answer" : ""})`,
        "end run",
      ];
      const args = [...script.flatMap((line) => ["-e", line]), message];
      const isCancelled = (result: { stderr: string }) => result.stderr.includes(USER_CANCELLED);
      return askDialog({ command: "osascript", args, isCancelled }, options, ctx);
    },
  };
}
