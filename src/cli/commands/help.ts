import type { Command } from "@commander-js/extra-typings";
import { type App, Redirect } from "../app.ts";

/** `help CMD` is `CMD --help`. */
export function define(command: Command, _app: App): void {
  command
    .argument("[command...]", "Name of the command, with that of its group; none: all commands")
    .action((names) => {
      throw new Redirect([...names, "--help"]);
    });
}
