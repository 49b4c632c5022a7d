import type { Command } from "@commander-js/extra-typings";
import type { ProfileConfig } from "../config/profile.ts";
import type { Exit } from "../types.ts";
import type { App } from "./app.ts";
import { credentialVariables, formatProcessJson, regionVariables } from "./credential_output.ts";
import { chooseProfile } from "./profile_names.ts";
import { addSessionOptions, prepareSession, refuseNested, type SessionOptions } from "./session.ts";

interface ExecOptions extends SessionOptions {
  readonly json?: boolean;
}

export function define(command: Command, app: App): void {
  addSessionOptions(command)
    .usage("[options] [profile] [--] [command] [arguments...]")
    .argument("[profile]", "Name of the profile (AWS_PROFILE)")
    .option("-j, --json", "Print the credentials as JSON for credential_process")
    .action(async (profile, options) => {
      app.exit = await exec(app, profile, options as ExecOptions);
    });
}

/** Gets a profile's credentials and gives them to a program, or prints them with `--json`. */
async function exec(app: App, argument: string | undefined, options: ExecOptions): Promise<Exit> {
  refuseNested(app);
  const profile = await chooseProfile(argument, app);
  const session = await prepareSession(app, profile, options, { renews: options.json ?? false });
  const credentials = await session.retrieve();
  if (options.json) {
    app.ctx.out(formatProcessJson(credentials));
    return { code: 0 };
  }
  const [command, ...args] = childCommand(app);
  return await app.ctx.children.run({
    command,
    args,
    set: { ...childVariables(session.config), ...credentialVariables(credentials) },
    unset: TAKEN_OUT,
    stay: false,
  });
}

/** What could send a program to other credentials, and the keyring's passphrase. */
const TAKEN_OUT = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_FILE",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_DEFAULT_PROFILE",
  "AWS_PROFILE",
  "AWS_SDK_LOAD_CONFIG",
  "AWS_VAULT_FILE_PASSPHRASE",
];

function childVariables(config: ProfileConfig): Record<string, string> {
  const endpoint = config.endpoints.general?.value;
  return {
    AWS_VAULT: config.profile,
    ...regionVariables(config.region?.value),
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint }),
  };
}

/** The command line after the profile, or a subshell. */
function childCommand(app: App): [string, ...string[]] {
  const [command, ...args] = app.childArguments;
  if (command !== undefined) return [command, ...args];
  const { ctx } = app;
  const shell = ctx.env.get("SHELL") || (ctx.platform === "windows" ? "cmd.exe" : "/bin/sh");
  const quiet = ctx.env.get("AWS_VAULT_DISABLE_HELP_MESSAGE") === "1";
  if (ctx.terminal.isOutput() && !quiet) {
    ctx.note(`Starting subshell ${shell}, use \`exit\` to exit the subshell`);
  }
  return [shell];
}
