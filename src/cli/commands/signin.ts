import type { Command } from "@commander-js/extra-typings";
import { describeSource, type ProfileConfig, type Setting } from "../../config/profile.ts";
import { checkEditable, describeSection } from "../../config/edit.ts";
import { addProfileSection, setProfileSetting } from "../../config/edit_profiles.ts";
import type { Entry } from "../../config/ini.ts";
import { checkNewName } from "../../config/names.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { loginPlace, loginStep } from "../../credentials/plan_steps.ts";
import { unlockKeyring } from "../../credentials/run.ts";
import { SessionCache } from "../../credentials/session_cache.ts";
import { keepConsoleSession } from "../../credentials/signin/console_session.ts";
import { signInToConsole } from "../../credentials/signin/console_sign_in.ts";
import { VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { chooseProfile } from "../profile_names.ts";
import { signInRun } from "../session.ts";

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
  const backend = await app.keyring();
  checkSource(config, await backend.keys());
  const own = file.section("profile", profile)?.get("login_session");
  if (own === undefined) checkEditable(file.path);
  ctx.protectMemory();
  const run = signInRun({ stdout: options.stdout }, ctx, backend);
  await unlockKeyring(run);
  const target = { subject: `profile ${profile}`, ...loginPlace(config) };
  const { arn, session, credentials } = await signInToConsole(target, run, options.remote);
  if (own !== undefined && own.value !== arn && !await mayReplace(own, profile, arn, app)) return;
  if (!await keepConsoleSession(arn, session, backend, ctx)) {
    throw new VaultError("backend", `the sign-in of ${arn} is not kept: it is lost`, [
      "the warning above says why; sign in again once that is mended",
    ]);
  }
  await writeSession(app, profile, arn, options.region);
  // What the sign-in brought is as good as the first renewal, and in place of any before it.
  await new SessionCache(backend, ctx, 0).keep(loginStep(config, arn).cache!, credentials);
  ctx.out(`Signed in as ${arn}.\n`);
}

/** Who has no profile yet gets `default`, as from the AWS CLI. */
async function chooseAny(argument: string | undefined, app: App): Promise<string> {
  const named = argument || app.ctx.env.get("AWS_PROFILE");
  if (!named && app.config().names("profile").length === 0) return "default";
  const profile = await chooseProfile(argument, app);
  if (!app.config().has("profile", profile)) checkNewName(profile);
  return profile;
}

/** Refuses a profile whose credentials would come from elsewhere all the same. */
function checkSource(config: ProfileConfig, keys: readonly string[]): void {
  const { profile } = config;
  const wayOut = "sign in for another profile: aws-vault signin NAME";
  if (keys.includes(profile)) {
    throw new VaultError("config", `profile ${profile} has stored keys, which come first`, [
      wayOut,
      `or take them away before: aws-vault remove ${profile}`,
    ]);
  }
  const first: Setting | undefined = config.sourceProfileName ?? config.ssoSession ??
    config.ssoStartUrl ?? config.webIdentityTokenFile ?? config.webIdentityTokenProcess;
  if (first === undefined) return;
  throw new VaultError("config", `profile ${profile} has its credentials from elsewhere`, [
    `see ${describeSource(first.source)}, which comes before a login_session`,
    wayOut,
  ]);
}

/** Another person's session in place of the profile's is as well a slip in the browser. */
async function mayReplace(
  own: Entry,
  profile: string,
  arn: string,
  app: App,
): Promise<boolean> {
  const { ctx } = app;
  const question = `Profile ${profile} is ${own.value}; make it ${arn}? (y|N) `;
  if (!ctx.terminal.available()) {
    throw new VaultError("credentials", `${arn} signed in, and profile ${profile} is another`, [
      `see ${app.config().path}, line ${own.line}, login_session: ${own.value}`,
      "choose that session in the browser, take that setting away, or sign in for another profile",
    ]);
  }
  const answer = await ctx.terminal.ask(question, { secret: false });
  if (/^y(es)?$/i.test(answer.trim())) return true;
  ctx.note("Nothing was changed.");
  return false;
}

async function writeSession(
  app: App,
  profile: string,
  arn: string,
  region: string | undefined,
): Promise<void> {
  const { ctx } = app;
  const file = app.config();
  const section = file.section("profile", profile);
  if (section?.get("login_session")?.value === arn) return;
  const settings = { login_session: arn, ...(region && !section && { region }) };
  const isNew = section === undefined && await addProfileSection(ctx, profile, settings);
  if (!isNew) await setProfileSetting(ctx, { profile, key: "login_session", value: arn });
  const written = isNew ? settings : { login_session: arn };
  ctx.note(`Written to ${file.path}: ${describeSection(profile, written)}`);
}
