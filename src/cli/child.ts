import type { ProfileConfig } from "../config/profile.ts";
import type { ChildRequest, Exit } from "../types.ts";
import type { App } from "./app.ts";
import { regionVariables } from "./credential_output.ts";
import { isOn, isSet } from "./variables.ts";

/** What could send a program to other credentials, and the keyring's passphrases. */
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
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_VAULT_FILE_PASSPHRASE",
  "AWS_VAULT_FILE_NEW_PASSPHRASE",
];
/** Mean something to an SDK together with AWS_WEB_IDENTITY_TOKEN_FILE, and go with it alone. */
const OF_WEB_IDENTITY = ["AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"];

/**
 * The program of the command line, or a subshell, with all but the credentials. It is looked for
 * here: nobody is to have typed a code for one that is not there.
 */
export async function childRequest(
  app: App,
  config: ProfileConfig,
  { isolated }: { readonly isolated?: boolean },
): Promise<Omit<ChildRequest, "stay">> {
  const [command = defaultShell(app), ...args] = app.childArguments;
  const path = await app.ctx.children.locate(command);
  const endpoint = config.endpoints.general?.value;
  const set = {
    AWS_VAULT: config.profile,
    ...regionVariables(config.region?.value),
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint }),
    ...(isolated ? withoutFiles(app) : {}),
  };
  const diverts = isSet(app.ctx.env, "AWS_WEB_IDENTITY_TOKEN_FILE");
  const unset = [...TAKEN_OUT, ...(diverts ? OF_WEB_IDENTITY : [])];
  return { command, path, args, set, unset };
}

/**
 * Where SDKs find no other identity. No file of ours would stay empty (`aws configure` writes), nor
 * could it be removed: the program takes our place.
 */
function withoutFiles({ ctx }: App): Record<string, string> {
  const nothing = ctx.platform === "windows" ? "NUL" : "/dev/null";
  return { AWS_CONFIG_FILE: nothing, AWS_SHARED_CREDENTIALS_FILE: nothing };
}

function defaultShell({ ctx }: App): string {
  return ctx.env.get("SHELL") || (ctx.platform === "windows" ? "cmd.exe" : "/bin/sh");
}

/** Starts the program, saying so where it is a subshell that a person sees. */
export async function runChild(app: App, request: ChildRequest): Promise<Exit> {
  const { ctx } = app;
  const isShown = app.childArguments.length === 0 && ctx.terminal.isOutput();
  if (isShown && !isOn(ctx.env, "AWS_VAULT_DISABLE_HELP_MESSAGE")) {
    ctx.note(`Starting subshell ${request.command}, use \`exit\` to exit the subshell`);
  }
  return await ctx.children.run(request);
}
