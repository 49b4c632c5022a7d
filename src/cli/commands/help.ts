import type { Command } from "@commander-js/extra-typings";
import { type App, Redirect } from "../app.ts";
import { addExamples } from "../help.ts";

/** `help CMD` is `CMD --help`. */
export function define(command: Command, _app: App): void {
  addExamples(
    command,
    ["aws-vault help exec", "The same as aws-vault exec --help."],
    ["aws-vault help", "The same as aws-vault --help."],
  );
  command
    .argument("[command...]", "Name of the command, with that of its group; none: all commands")
    .action((names) => {
      throw new Redirect([...names, "--help"]);
    });
}
