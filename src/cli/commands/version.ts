import type { Command } from "@commander-js/extra-typings";
import type { App } from "../app.ts";
import { VERSION } from "../version.ts";

export function define(command: Command, app: App): void {
  command.action(() => app.ctx.out(VERSION + "\n"));
}
