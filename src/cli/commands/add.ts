import type { Command } from "@commander-js/extra-typings";
import { checkEditable, WAYS_PAST_LINK } from "../../config/edit.ts";
import { addProfileSection } from "../../config/edit_profiles.ts";
import { describeSection } from "../../config/new_sections.ts";
import { Inheritance } from "../../config/inheritance.ts";
import type { IniFile } from "../../config/ini.ts";
import { VaultError } from "../../errors.ts";
import type { Context } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { KeyQuestions, readEnvironment, storeTyped, tellOfLengths } from "../new_keys.ts";
import { checkTarget, storeKeys } from "../store_keys.ts";

interface AddOptions {
  readonly env?: boolean;
  readonly addConfig: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault add work", "Asks for the keys on the terminal and stores them."],
    [
      "aws-vault add work --env --no-add-config",
      "Stores those of the environment and leaves the config file alone.",
    ],
  );
  command
    .argument("<profile>", "Name of the profile")
    .option("--env", "Read the keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    .option("--add-config", "Add the profile to the config file if it is not there", true)
    .option("--no-add-config", "Leave the config file alone")
    .action((profile, options) => add(app, profile, options));
}

/**
 * Stores a profile's keys, drops the sessions made with older ones, adds it to the config file.
 * What it answers is written when all is done: that may fail, or end us.
 */
async function add(app: App, profile: string, options: AddOptions): Promise<void> {
  const { ctx } = app;
  const file = app.config();
  const writes = options.addConfig && !file.has("profile", profile);
  checkTarget(profile, file);
  if (writes) {
    checkEditable(file.path, [...WAYS_PAST_LINK, "add leaves it alone with --no-add-config"]);
  }
  ctx.protectMemory();
  const backend = await app.keyring();
  const keys = options.env
    ? readEnvironment(ctx)
    : await new KeyQuestions(ctx).ask({ withMfa: writes, backend });
  const store = () => storeKeys(profile, keys, app);
  const removed = options.env ? await store() : await storeTyped(ctx, store);
  const settings: Settings = keys.mfaSerial ? { mfa_serial: keys.mfaSerial } : {};
  const wrote = writes && await appendProfile(ctx, profile, settings);
  ctx.note(`Stored in the ${backend.name} keyring.`);
  tellOfLengths(keys, ctx.note);
  if (wrote === true) ctx.note(`Added to ${file.path}: ${describeSection(profile, settings)}`);
  if (!options.env && !writes) tellOfMfa(profile, file, ctx);
  const sessions = removed > 0 ? `Deleted ${removed} existing sessions.\n` : "";
  ctx.out(`Added credentials to profile "${profile}" in vault\n${sessions}`);
  if (wrote instanceof VaultError) throw wrote;
}

type Settings = Readonly<Record<string, string>>;

/** Whether the section was written; where it could not be, the error to end with. */
async function appendProfile(
  ctx: Context,
  profile: string,
  settings: Settings,
): Promise<boolean | VaultError> {
  try {
    return await addProfileSection(ctx, profile, settings);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return new VaultError(error.code, `the keys are stored, but ${error.message}`, [
      ...error.hints,
      `add this section to it by hand: ${describeSection(profile, settings)}`,
    ]);
  }
}

/** Who was not asked for the MFA device learns where to write it. */
function tellOfMfa(profile: string, file: IniFile, { env, note }: Context): void {
  if (env.get("AWS_MFA_SERIAL") || new Inheritance(file).find(profile, "mfa_serial")) return;
  note(
    `If they need MFA, add to ${file.path}: ${
      describeSection(profile, { mfa_serial: "(the device's ARN)" })
    }`,
  );
}
