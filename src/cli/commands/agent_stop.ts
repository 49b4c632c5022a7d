import type { Command } from "@commander-js/extra-typings";
import { askAgent, refuseSilent } from "../../agent/client.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(command, ["aws-vault agent stop", "Has it forget everything, and end."]);
  command.action(() => {
    const isDone = askAgent(["stop"], app.ctx) !== undefined;
    if (!isDone) refuseSilent(app.ctx);
    app.ctx.note(isDone ? "The agent has ended" : "No agent is running");
  });
}
