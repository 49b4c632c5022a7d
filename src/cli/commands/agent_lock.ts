import type { Command } from "@commander-js/extra-typings";
import { askAgent, refuseSilent } from "../../agent/client.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(command, [
    "aws-vault agent lock",
    "Has it forget everything; `agent start` unlocks it.",
  ]);
  command.action(() => {
    const isDone = askAgent(["lock"], app.ctx) !== undefined;
    if (!isDone) refuseSilent(app.ctx);
    app.ctx.note(isDone ? "The agent has forgotten its passphrase" : "No agent is running");
  });
}
