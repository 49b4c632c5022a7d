import type { Command } from "@commander-js/extra-typings";
import { checkConfigWritable } from "../../config/edit.ts";
import { changeProfiles } from "../../config/edit_profiles.ts";
import type { IniFile } from "../../config/ini.ts";
import { formatHeader } from "../../config/section_header.ts";
import { countOf } from "../../counts.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { addSignInOptions, type SignInOptions } from "../sign_in_options.ts";
import { readAccounts } from "../sso_accounts.ts";
import { checkTemplate, planProfiles, type ProfilesPlan } from "../sso_profiles_plan.ts";
import { chooseSsoTarget } from "../sso_target.ts";

interface ProfilesOptions extends SignInOptions {
  readonly write?: boolean;
  readonly prune?: boolean;
  readonly template: string;
}

const DEFAULT_TEMPLATE = "{account}-{role}";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    [
      "aws-vault sso profiles corp",
      "Shows a profile for each account and role; nothing is written.",
    ],
    [
      "aws-vault sso profiles corp --write --template '{account_id}.{role}'",
      "Writes them to the config file, under names of this form.",
    ],
  );
  addSignInOptions(command)
    .argument("[session|profile|start-url]", "Whose accounts and roles")
    .option("--write", "Write the profiles to the config file, not only show them")
    .option("--prune", "Remove the profiles of roles that are no longer assigned")
    .option(
      "--template <template>",
      "How profiles are named: {account}, {account_id} and {role} are filled in",
      DEFAULT_TEMPLATE,
    )
    .action((name, options) => writeProfiles(app, name, options as ProfilesOptions));
}

async function writeProfiles(
  app: App,
  name: string | undefined,
  options: ProfilesOptions,
): Promise<void> {
  const { ctx } = app;
  checkTemplate(options.template); // before anybody signs in
  if (options.write) await checkConfigWritable(ctx);
  const target = await chooseSsoTarget(name, app);
  const accounts = await readAccounts(app, target, options);
  const file = app.reloadConfig(); // a person may have taken minutes to sign in
  const plan = planProfiles(accounts, target, options.template, file);
  const remove = options.prune ? plan.vanished.filter((name) => !plan.needed.has(name)) : [];
  ctx.out(formatDifference(plan, remove, file));
  tellWhatStays(plan, remove, app);
  const change = { add: plan.add, remove };
  if (plan.add.length + remove.length === 0) return ctx.note(`${file.path} is as it should be.`);
  if (!options.write) {
    return ctx.note(`Nothing is written yet. With --write: ${describe(change)}.`);
  }
  const done = await changeProfiles(ctx, change, file);
  for (const name of remove.filter((name) => !done.remove.includes(name))) {
    ctx.note(`Profile ${name} was changed or taken away meanwhile: that is left as it is.`);
  }
  ctx.note(`${describe(done)} in ${file.path}.`);
  if (done.add.length > 0) tellOfRegion(file, app);
}

/** What an SSO role is of says nothing of where it is to work. */
function tellOfRegion(file: IniFile, { ctx }: App): void {
  const [first, second] = ["AWS_REGION", "AWS_DEFAULT_REGION"].map((name) => ctx.env.get(name));
  if (first || second || file.section("profile", "default")?.get("region")?.value) return;
  ctx.note("They name no region for your programs: set one in [default], or AWS_REGION.");
}

/** `+` for the lines that are written, `-` for those that go. */
function formatDifference({ add }: ProfilesPlan, remove: readonly string[], file: IniFile): string {
  const added = add.map(({ name, settings }) => [
    `+ ${formatHeader(name)}`,
    ...Object.entries(settings).map(([key, value]) => `+ ${key}=${value}`),
  ]);
  const removed = remove.map((name) => [
    `- ${formatHeader(name)}`,
    ...[...file.section("profile", name)!].map(([key, { value }]) =>
      `- ${key}=${hide(key, value)}`
    ),
  ]);
  const sections = [...removed, ...added].map((lines) => lines.join("\n") + "\n");
  return sections.join("\n");
}

/** What else stands in a profile may be secret. */
function hide(key: string, value: string): string {
  return /^(sso_|region$|output$)/.test(key) ? value : "…";
}

function tellWhatStays(plan: ProfilesPlan, remove: readonly string[], { ctx }: App): void {
  for (const name of plan.taken) {
    ctx.note(`${name} is a profile of another kind already: it is left as it is.`);
  }
  for (const name of plan.vanished.filter((name) => !remove.includes(name))) {
    const need = plan.needed.get(name);
    const why = need === undefined ? "--prune takes such profiles away" : `it is left, for ${need}`;
    ctx.note(`The role of profile ${name} is no longer assigned: ${why}.`);
  }
}

function describe(
  { add, remove }: { add: readonly unknown[]; remove: readonly unknown[] },
): string {
  return [
    add.length > 0 ? `${countOf(add.length, "profile")} added` : "",
    remove.length > 0 ? `${countOf(remove.length, "profile")} taken away` : "",
  ].filter(Boolean).join(", ") || "nothing changed";
}
