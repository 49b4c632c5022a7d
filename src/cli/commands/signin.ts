import type { Command } from "@commander-js/extra-typings";
import { checkConfigWritable } from "../../config/edit.ts";
import type { Entry } from "../../config/ini.ts";
import { checkNewName, hasNamed } from "../../config/names.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import { keepForProfile, refuseOtherSource, signInForProfile } from "../console_sign_in.ts";
import { addExamples } from "../help.ts";
import { chooseProfile } from "../profile_names.ts";

interface SigninOptions {
  readonly remote?: boolean;
  readonly region?: string;
  readonly stdout?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault signin dev", "Gives the profile dev the credentials of a session of the console."],
    ["aws-vault signin dev --remote", "The same by a browser on another machine, and a code."],
  );
  command
    .argument("[profile]", "Name of the profile, a new one too (AWS_PROFILE)")
    .option("--remote", "Sign in with a browser on another machine, and paste the code it shows")
    .option("--region <region>", "The region to sign in at (default: the profile's, or us-east-1)")
    .option("--stdout", "Print the sign-in link and open no browser (AWS_VAULT_STDOUT)")
    .action((profile, options) => signin(app, profile, options));
}

/** Signs in anew, whatever is kept, and writes whose credentials the profile has from now on. */
async function signin(
  app: App,
  argument: string | undefined,
  options: SigninOptions,
): Promise<void> {
  const { ctx } = app;
  const file = app.config();
  const profile = await chooseAny(argument, app);
  const config = resolveProfile(profile, file, ctx.env, { region: options.region });
  refuseOtherSource(config, await (await app.keyring()).keys());
  const section = file.section("profile", profile);
  const own = section?.get("login_session");
  if (own === undefined) await checkConfigWritable(ctx);
  const signedIn = await signInForProfile(app, config, options);
  const { arn } = signedIn;
  if (own?.value && own.value !== arn && !await mayReplace(own, profile, arn, app)) return;
  const { region } = options;
  const settings = { login_session: arn, ...(region && !section && { region }) };
  await keepForProfile(app, config, signedIn, settings);
  ctx.out(`Signed in as ${arn}.\n`);
}

/** Who has no profile yet gets `default`, as from the AWS CLI. */
async function chooseAny(argument: string | undefined, app: App): Promise<string> {
  const named = argument || app.ctx.env.get("AWS_PROFILE");
  if (!named && app.config().names("profile").length === 0) return "default";
  const profile = await chooseProfile(argument, app);
  if (!hasNamed(app.config(), profile)) checkNewName(profile);
  return profile;
}

/** Another person's session in place of the profile's is as well a slip in the browser. */
async function mayReplace(
  own: Entry,
  profile: string,
  arn: string,
  app: App,
): Promise<boolean> {
  const { ctx } = app;
  if (!ctx.terminal.available()) {
    throw new VaultError("credentials", `${arn} signed in, and profile ${profile} is another`, [
      `see ${app.config().path}, line ${own.line}, login_session: ${own.value}`,
      "choose that session in the browser, take that setting away, or sign in for another profile",
    ]);
  }
  const question = `Profile ${profile} is ${own.value}; make it ${arn}? (y|N) `;
  const answer = await ctx.terminal.ask(question, { secret: false });
  if (/^y(es)?$/i.test(answer.trim())) return true;
  ctx.note("Nothing was changed.");
  return false;
}
