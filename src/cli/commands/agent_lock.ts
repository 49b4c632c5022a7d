import type { Command } from "@commander-js/extra-typings";
import { refuseSilent, tellAgents } from "../../agent/client.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(command, [
    "aws-vault agent lock",
    "Has it forget everything; `agent start` unlocks it.",
  ]);
  command.action(() => {
    const isDone = tellAgents(["lock"], app.ctx);
    if (!isDone) refuseSilent(app.ctx);
    app.ctx.note(isDone ? "The agent has forgotten its passphrase" : "No agent is running");
  });
}
