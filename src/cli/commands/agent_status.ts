import type { Command } from "@commander-js/extra-typings";
import { readStatus, refuseSilent, type Status, warnOfOtherBuild } from "../../agent/client.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(command, ["aws-vault agent status --json", "Prints it for scripts."]);
  command
    .option("--json", "Print it as JSON")
    .action(async (options) => {
      const status = readStatus(app.ctx);
      if (!status.running && !options.json) refuseSilent(app.ctx);
      app.ctx.out(options.json ? JSON.stringify(status) + "\n" : describe(status));
      if (status.running && !options.json) await warnOfOtherBuild(app.ctx);
      app.exit = { code: status.running ? 0 : 1 };
    });
}

function describe({ running, pid, locked, since, answered, passedOn }: Status): string {
  if (!running) return "No agent is running\n";
  return `The agent is ${locked ? "locked" : "unlocked"} (process ${pid}, since ${since})\n` +
    `It has answered ${answered === 1 ? "once" : `${answered} times`} and passed on ${passedOn}\n`;
}
