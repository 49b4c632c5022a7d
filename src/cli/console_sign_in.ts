import { describeSection } from "../config/new_sections.ts";
import { describeSource, type ProfileConfig, type Setting } from "../config/profile.ts";
import { writeProfile } from "../config/write_profile.ts";
import { loginStep } from "../credentials/plan_steps.ts";
import { unlockKeyring } from "../credentials/run.ts";
import { SessionCache } from "../credentials/session_cache.ts";
import { keepConsoleSession } from "../credentials/signin/console_session.ts";
import { type SignedInToConsole, signInToConsole } from "../credentials/signin/console_sign_in.ts";
import { loginPlace } from "../credentials/targets.ts";
import { asArgument, VaultError } from "../errors.ts";
import type { App } from "./app.ts";
import { signInRun } from "./sign_in_options.ts";

export interface ConsoleOptions {
  readonly remote?: boolean;
  readonly stdout?: boolean;
}

/** Refuses a profile whose credentials would come from elsewhere all the same. */
export function refuseOtherSource(config: ProfileConfig, keys: readonly string[]): void {
  const { profile } = config;
  const wayOut = "sign in for another profile: aws-vault signin NAME";
  if (keys.includes(profile)) {
    throw new VaultError("config", `profile ${profile} has stored keys, which come first`, [
      wayOut,
      `or take them away before: aws-vault remove ${asArgument(profile)}`,
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

/** A person's new sign-in for a profile, of which nothing is kept yet. */
export async function signInForProfile(
  app: App,
  config: ProfileConfig,
  { remote, stdout }: ConsoleOptions,
): Promise<SignedInToConsole> {
  app.ctx.protectMemory();
  const backend = await app.keyring();
  await backend.checkWritable?.("sessions");
  const run = signInRun({ stdout }, app.ctx, backend);
  await unlockKeyring(run);
  const target = { subject: `profile ${config.profile}`, ...loginPlace(config) };
  return await signInToConsole(target, run, remote);
}

/** Keeps a sign-in and its first credentials, and writes the profile that has them. */
export async function keepForProfile(
  app: App,
  config: ProfileConfig,
  { arn, session, credentials }: SignedInToConsole,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const { ctx } = app;
  const backend = await app.keyring();
  if (!await keepConsoleSession(arn, session, backend, ctx)) {
    throw new VaultError("backend", `the sign-in of ${arn} is not kept: it is lost`, [
      "the warning above says why; sign in again once that is mended",
    ]);
  }
  const file = app.config();
  const { profile } = config;
  const own = file.section("profile", profile);
  if (Object.entries(settings).some(([key, value]) => own?.get(key)?.value !== value)) {
    await writeProfile(ctx, { name: profile, settings });
    ctx.note(`Written to ${file.path}: ${describeSection(profile, settings)}`);
  }
  // They are as good as the first renewal, and take the place of any before.
  await new SessionCache(backend, ctx, 0).keep(loginStep(config, arn).cache!, credentials);
}
