import type { Command } from "@commander-js/extra-typings";
import { refuseSilent, tellAgents } from "../../agent/client.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(command, ["aws-vault agent stop", "Has it forget everything, and end."]);
  command.action(() => {
    const isDone = tellAgents(["stop"], app.ctx);
    if (!isDone) refuseSilent(app.ctx);
    app.ctx.note(isDone ? "The agent has ended" : "No agent is running");
  });
}
