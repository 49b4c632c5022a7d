import type { Command } from "@commander-js/extra-typings";
import type { App } from "../app.ts";
import { SHELLS } from "../completion/shells.ts";

export function define(command: Command, app: App): void {
  command
    .addArgument(command.createArgument("<shell>", `One of ${SHELLS.join(", ")}`).choices(SHELLS))
    .action(async (shell) => {
      const { SCRIPTS } = await import("../completion/scripts.ts");
      app.ctx.out(SCRIPTS[shell]);
    });
}
