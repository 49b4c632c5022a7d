import type { Command } from "@commander-js/extra-typings";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { VERSION } from "../version.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault version", "Prints it alone on its line."],
  );
  command.action(() => app.ctx.out(VERSION + "\n"));
}
