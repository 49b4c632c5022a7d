import type { Terminal } from "../types.ts";
import { openTerminalDevice, type TerminalDevice } from "./terminal_device.ts";

/** The controlling terminal, to ask on. */
export function createTerminal(platform: string): Terminal {
  let device: TerminalDevice | undefined;
  const open = () => device ??= openTerminalDevice(platform);
  let turn: Promise<unknown> = Promise.resolve();
  return {
    available() {
      try {
        open();
        return true;
      } catch {
        return false;
      }
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
