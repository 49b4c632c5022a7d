import type { Command } from "@commander-js/extra-typings";
import { changePassphrase } from "../../../backends/mod.ts";
import { countOf } from "../../counts.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault change-passphrase", "Asks for the old one, and twice for the new one."],
    [
      "AWS_VAULT_FILE_P2C=600000 aws-vault change-passphrase",
      "Makes guessing slower, too: a passphrase is hashed that many times.",
    ],
  );
  command.action(() => change(app));
}

/** Gives the file keyring another passphrase: every item of it, or none. */
async function change({ ctx, globals }: App): Promise<void> {
  const { directory, outcome, isAgentLocked } = await changePassphrase(globals, ctx);
  switch (outcome.state) {
    case "changed":
      ctx.out(`Changed the passphrase of ${directory}: ${countOf(outcome.items, "item")}.\n`);
      break;
    case "finished":
      ctx.out(`Finished the change of the passphrase of ${directory} that was interrupted.\n`);
      ctx.note("It is the one that was chosen then; to choose another, run this again.");
      break;
    case "already":
      ctx.out(`The keyring in ${directory} has the new passphrase already.\n`);
      break;
  }
  if (isAgentLocked) {
    ctx.note("The agent is locked now: `aws-vault agent start` unlocks it with the new one.");
  }
  const set = ctx.env.get("AWS_VAULT_FILE_PASSPHRASE");
  if (set === undefined || set === ctx.env.get("AWS_VAULT_FILE_NEW_PASSPHRASE")) return;
  ctx.note("AWS_VAULT_FILE_PASSPHRASE has the old one: set it anew where it comes from.");
}
