import type { Command } from "@commander-js/extra-typings";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { SHELLS } from "../completion/shells.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ['eval "$(aws-vault completion bash)"', "In ~/.bashrc: completes at the TAB key."],
    ['eval "$(aws-vault completion zsh)"', "In ~/.zshrc, after compinit: the same."],
    ["aws-vault completion fish | source", "The same, in fish's config."],
    ["aws-vault completion powershell | Out-String | Invoke-Expression", "The same, in $PROFILE."],
  );
  command
    .addArgument(command.createArgument("<shell>", "The shell").choices(SHELLS))
    .action(async (shell) => {
      const { SCRIPTS } = await import("../completion/scripts.ts");
      app.ctx.out(SCRIPTS[shell]);
    });
}
