import type { Command } from "@commander-js/extra-typings";
import { expirationOf } from "../../expiry.ts";
import { PLAIN_WORD, quoteForFish, quoteForPowerShell, quoteForSh } from "../../quoting.ts";
import type { Credentials, Env } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { credentialVariables, formatProcessJson, regionVariables } from "../credential_output.ts";
import { chooseProfile } from "../profile_names.ts";
import { prepareSession, refuseNested } from "../session.ts";
import { addSessionOptions, type SessionOptions } from "../session_options.ts";

const FORMATS = ["env", "export-env", "json", "ini", "fish", "powershell", "dotenv"] as const;
type Format = typeof FORMATS[number];

interface ExportOptions extends SessionOptions {
  readonly format: Format;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ['eval "$(aws-vault export --format=export-env work)"', "Sets the credentials in this shell."],
    ["aws-vault export --format=json work", "Prints them as JSON."],
  );
  addSessionOptions(command)
    .argument("[profile]", "Name of the profile (AWS_PROFILE)")
    .addOption(
      command.createOption("--format <format>", "How to print them").choices(FORMATS)
        .default("env"),
    )
    .action(async (profile, options) => {
      await exportCredentials(app, profile, options as ExportOptions);
    });
}

async function exportCredentials(
  app: App,
  argument: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const { format } = options;
  if (format !== "json") refuseNested(app);
  const profile = await chooseProfile(argument, app);
  if (format === "json") refuseNested(app, profile);
  const session = await prepareSession(app, profile, options, {
    renews: format === "json",
    needs: [],
  });
  const credentials = await session.handOut("export");
  const region = session.config.region?.value;
  if (format === "json") app.ctx.out(formatProcessJson(credentials));
  else if (format === "ini") app.ctx.out(formatIni(profile, credentials, region));
  else app.ctx.out(formatVariables(format, credentials, region, app.ctx.env));
}

interface Notation {
  set(name: string, value: string): string;
  unset?(name: string): string;
}

const NOTATIONS: Readonly<Record<Exclude<Format, "json" | "ini">, Notation>> = {
  env: { set: (name, value) => `${name}=${value}` },
  "export-env": {
    set: (name, value) => `export ${name}=${unlessPlain(quoteForSh, value)}`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} ${unlessPlain(quoteForFish, value)}`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    set: (name, value) => `$Env:${name} = ${quoteForPowerShell(value)}`,
    unset: (name) => `Remove-Item Env:${name}`,
  },
  dotenv: { set: (name, value) => `${name}="${value.replace(/["\\$`]/g, "\\$&")}"` },
};

/** What an earlier export may have left in the shell, and would now be mixed with the new keys. */
const LEFTOVERS = ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"];

function formatVariables(
  format: keyof typeof NOTATIONS,
  credentials: Credentials,
  region: string | undefined,
  env: Env,
): string {
  const { set, unset } = NOTATIONS[format];
  const variables = { ...credentialVariables(credentials), ...regionVariables(region) };
  const stale = LEFTOVERS.filter((name) => !(name in variables) && env.get(name) !== undefined);
  const lines = [
    ...(unset === undefined ? [] : stale.map(unset)),
    ...Object.entries(variables).map(([name, value]) => set(name, value)),
  ];
  return lines.join("\n") + "\n";
}

/** A section for the AWS CLI's credentials file. */
function formatIni(profile: string, credentials: Credentials, region: string | undefined): string {
  const fields = {
    aws_access_key_id: credentials.accessKeyId,
    aws_secret_access_key: credentials.secretAccessKey,
    aws_session_token: credentials.sessionToken,
    aws_credential_expiration: expirationOf(credentials),
    region,
  };
  const lines = Object.entries(fields).filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}\n`);
  return `[${profile}]\n${lines.join("")}`;
}

function unlessPlain(quote: (text: string) => string, value: string): string {
  return PLAIN_WORD.test(value) ? value : quote(value);
}
