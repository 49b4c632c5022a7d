import type { Terminal } from "../types.ts";
import { showControls } from "./plain_text.ts";
import { openTerminalDevice, type TerminalDevice } from "./terminal_device.ts";

/** The controlling terminal, to ask on, and to show a line on. */
export function createTerminal(platform: string): Terminal & { show(text: string): void } {
  let device: TerminalDevice | undefined;
  const open = () => device ??= openTerminalDevice(platform);
  let turn: Promise<unknown> = Promise.resolve();
  const available = () => {
    try {
      open();
      return true;
    } catch {
      return false;
    }
  };
  return {
    available,
    show(text) {
      if (available()) open().write(new TextEncoder().encode(showControls(text) + "\n"));
    },
    isOutput: () => Deno.stdout.isTerminal(),
    ask(message, options) {
      // One question at a time: answers to two at once would be mixed up.
      const answer = turn.then(async () => {
        const { ask } = await import("./question.ts");
        return await ask(open, message, options);
      });
      turn = answer.catch(() => {});
      return answer;
    },
  };
}
