import type { Command } from "@commander-js/extra-typings";
import { openBackend } from "../../../backends/mod.ts";
import { migrate, type MigrateOptions, type Outcome } from "../../credentials/migrate.ts";
import { VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { checkStored } from "../profile_names.ts";
import { repeatOptions } from "../repeat_options.ts";

interface Options extends MigrateOptions {
  readonly from: string;
  readonly to: string;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault migrate-backend --from=file --to=pass --dry-run", "Tells what would be copied."],
    [
      "aws-vault migrate-backend --from=file --to=pass",
      "Copies every stored key, and reads each back.",
    ],
  );
  command
    .requiredOption("--from <backend>", "Backend to copy from")
    .requiredOption("--to <backend>", "Backend to copy to")
    .option("--profile <profile>", "Copy the keys of this profile alone")
    .option("--dry-run", "Tell what would be copied, and do nothing")
    .option("--overwrite", "Replace keys that the target has under the same name")
    .option(
      "--delete-source",
      "Remove keys from the source once the target has been seen to hold them",
    )
    .action((options) => migrateBackend(app, options));
}

/** Copies stored keys from one backend to another, telling of each as it is done. */
async function migrateBackend(app: App, options: Options): Promise<void> {
  const { ctx, globals } = app;
  if (options.from === options.to) {
    throw new VaultError("usage", `--from and --to are both ${options.from}`);
  }
  const from = await openBackend(globals, ctx, options.from, "--from");
  const to = await openBackend(globals, ctx, options.to, "--to");
  if (options.profile) checkStored(options.profile, await from.keys(), from.name);
  const outcomes: Outcome[] = [];
  for await (const outcome of migrate(from, to, options, ctx)) {
    outcomes.push(outcome);
    ctx.out(`${outcome.key}: ${repeatOptions(describeOutcome(outcome, options), globals)}\n`);
  }
  if (outcomes.length === 0) ctx.out(`The ${options.from} backend has no keys to copy.\n`);
  if (options.dryRun) ctx.out("Nothing was changed.\n");
  checkOutcomes(outcomes, options);
}

function describeOutcome(outcome: Outcome, options: Options): string {
  const deleted = outcome.isDeleted ? `, removed from ${options.from}` : "";
  switch (outcome.state) {
    case "copied":
      return options.dryRun ? "would be copied" : `copied and verified${deleted}`;
    case "overwritten":
      return `overwritten and verified${deleted}`;
    case "equal":
      return `already in ${options.to}, the same${deleted}`;
    case "different":
      return `left alone: ${options.to} has other keys for it (--overwrite replaces them)`;
    case "present":
      return options.overwrite ? `would be compared and overwritten` : `already in ${options.to}`;
    case "unreadable":
      return `not copied: ${outcome.reason}`;
  }
}

/** What could not be read makes the command fail, so that no script takes it for done. */
function checkOutcomes(outcomes: readonly Outcome[], options: Options): void {
  const unreadable = outcomes.filter(({ state }) => state === "unreadable").length;
  if (unreadable === 0) return;
  throw new VaultError(
    "backend",
    `${unreadable} of ${outcomes.length} cannot be copied to ${options.to}; see above`,
    [
      options.dryRun
        ? "mend what is told of them before, or copy others alone: --profile"
        : "what could be copied is done; the command can be run again",
    ],
  );
}
