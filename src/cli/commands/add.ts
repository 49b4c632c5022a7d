import type { Command } from "@commander-js/extra-typings";
import { addProfileSection, checkAppendable, configPath } from "../../config/load.ts";
import type { IniFile } from "../../config/ini.ts";
import { listDependants } from "../dependants.ts";
import { withLock } from "../../credentials/lock.ts";
import { removeSessions } from "../../credentials/sessions.ts";
import { writeStoredKeys } from "../../credentials/stored_keys.ts";
import { isCredentialsKey } from "../../credentials/session_key.ts";
import { VaultError } from "../../errors.ts";
import type { Env, Terminal } from "../../types.ts";
import type { App } from "../app.ts";

interface AddOptions {
  readonly env?: boolean;
  readonly addConfig: boolean;
}

interface Answers {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly mfaSerial?: string;
}

export function define(command: Command, app: App): void {
  command
    .argument("<profile>", "Name of the profile")
    .option("--env", "Read the keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    .option("--add-config", "Add the profile to the config file if it is not there", true)
    .option("--no-add-config", "Leave the config file alone")
    .action((profile, options) => add(app, profile, options));
}

/** Stores a profile's keys, drops the sessions made with older ones, adds it to the config file. */
async function add(app: App, profile: string, options: AddOptions): Promise<void> {
  const { ctx } = app;
  const file = app.config();
  checkTarget(profile, file);
  const needsSection = options.addConfig && !file.has("profile", profile);
  if (needsSection) checkAppendable(ctx.env, profile);
  ctx.protectMemory();
  const answers = options.env ? readEnvironment(ctx.env) : await askTerminal(ctx.terminal);
  const backend = await app.keyring();
  await writeStoredKeys(backend, profile, answers);
  ctx.out(`Added credentials to profile "${profile}" in vault\n`);
  const removed = await removeSessions(backend, [profile]);
  if (removed > 0) ctx.out(`Deleted ${removed} existing sessions.\n`);
  const dependants = listDependants(profile, app).filter((name) => name !== profile);
  if (dependants.length > 0) await removeSessions(backend, dependants);
  if (!needsSection) return;
  const settings = answers.mfaSerial ? { mfa_serial: answers.mfaSerial } : undefined;
  const path = configPath(ctx.env);
  await withLock(`config ${path}`, `writing to ${path}`, ctx, () => {
    addProfileSection(ctx.env, profile, settings ?? {});
    return Promise.resolve();
  });
}

/** Refuses profiles whose stored keys would never be used, and names that are no profile's. */
function checkTarget(profile: string, file: IniFile): void {
  const source = file.section("profile", profile)?.get("source_profile");
  if (source !== undefined && source.value !== "" && source.value !== profile) {
    throw new VaultError(
      "config",
      `profile ${profile} has the source_profile ${source.value}: keys added to it would have no effect`,
      [
        `add them to that one: aws-vault add ${source.value}`,
        `see ${file.path}, line ${source.line}`,
      ],
    );
  }
  if (!isCredentialsKey(profile)) {
    throw new VaultError("usage", `\`${profile}\` is a name the keyring keeps sessions under`, [
      "choose another name for the profile",
    ]);
  }
}

function readEnvironment(env: Env): Answers {
  const required = (name: string): string => {
    const value = env.get(name);
    if (value) return value;
    throw new VaultError("usage", `${name} is not set, and --env takes the keys from there`);
  };
  return {
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
  };
}

async function askTerminal(terminal: Terminal): Promise<Answers> {
  if (!terminal.available()) {
    throw new VaultError("prompt", "there is no terminal to ask for the keys on", [
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and use --env",
    ]);
  }
  const ask = async (message: string, secret: boolean) =>
    (await terminal.ask(message, { secret })).trim();
  const accessKeyId = await ask("Enter Access Key ID: ", false);
  const secretAccessKey = await ask("Enter Secret Access Key: ", true);
  if (accessKeyId === "" || secretAccessKey === "") {
    throw new VaultError("usage", "an access key has an id and a secret; nothing was stored");
  }
  const mfaSerial = await ask(
    "Enter MFA Device ARN (If MFA is not enabled, leave this blank): ",
    false,
  );
  return { accessKeyId, secretAccessKey, mfaSerial };
}
