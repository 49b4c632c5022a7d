import type { Command } from "@commander-js/extra-typings";
import type { App } from "../app.ts";
import { addColourOption, type Colour, printStyled } from "../colour.ts";
import { type ExplainOptions, explainProfile } from "../explain/mod.ts";
import { formatExplanation } from "../explain/tree.ts";
import { addExamples } from "../help.ts";
import { chooseProfile } from "../profile_names.ts";
import { addSessionOptions } from "../session_options.ts";

interface Options extends ExplainOptions {
  readonly json?: boolean;
  readonly color: Colour;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault explain work-admin", "Shows the way to its credentials, and who would be asked."],
    ["aws-vault explain --json work-admin", "Prints the same for a program."],
  );
  addColourOption(addSessionOptions(command))
    .argument("[profile]", "Name of the profile (AWS_PROFILE)")
    .option("--json", "Print as JSON")
    .option("--renews", "Explain it for exec --json and the servers, which use kept role sessions")
    .action((profile, options) => explain(app, profile, options as unknown as Options));
}

async function explain(app: App, argument: string | undefined, options: Options): Promise<void> {
  const profile = await chooseProfile(argument, app);
  const explanation = await explainProfile(app, profile, options);
  if (options.json) app.ctx.out(JSON.stringify(explanation, null, 2) + "\n");
  else printStyled(formatExplanation(explanation, app.ctx.clock.now()), options.color, app.ctx);
}
