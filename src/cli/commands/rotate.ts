import type { Command } from "@commander-js/extra-typings";
import { listChain } from "../../config/profile.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { withKeysOf } from "../../credentials/lock.ts";
import { Rotation } from "../../credentials/rotation/rotation.ts";
import { ProfileCalls } from "../../credentials/rotation/calls.ts";
import { restoreFromJournal } from "../../credentials/rotation/journal.ts";
import { asArgument, VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { listDependants } from "../dependants.ts";
import { chooseProfile } from "../profile_names.ts";
import { prepareSession, type Session } from "../session.ts";
import type { SessionOptions } from "../session_options.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault rotate work", "Makes new keys, stores them and deletes the old ones."],
    [
      "aws-vault rotate --no-session work",
      "Signs with the stored keys themselves, for users without MFA.",
    ],
  );
  command
    .argument("[profile]", "Name of the profile (AWS_PROFILE)")
    .option("-n, --no-session", "Use the stored keys themselves, no session or role", true)
    .option("-t, --mfa-token <code>", "The MFA code, of six digits, in place of a question")
    .action((profile, options) => rotate(app, profile, options as SessionOptions));
}

/** Replaces the stored keys a profile's credentials come from by new ones, and deletes the old. */
async function rotate(
  app: App,
  argument: string | undefined,
  options: SessionOptions,
): Promise<void> {
  const profile = await chooseProfile(argument, app);
  await restoreChain(app, profile);
  // Planned with its sessions in any case: `--no-session` is about what signs, not whose keys.
  const planned = { ...options, session: true, hasDuration: false };
  const session = await prepareSession(app, profile, planned, {
    renews: false,
    needs: ["net", "write", "ffi"],
  });
  const holder = findHolder(session);
  const how = options.session ? `a session from profile '${profile}'` : "master credentials";
  app.ctx.out(
    `Rotating credentials stored for profile '${holder}' using ${how} (takes 10-20 seconds)\n`,
  );
  const rotation = new Rotation({
    profile: holder,
    again: `aws-vault rotate ${options.session ? "" : "-n "}${asArgument(profile)}`,
    dependants: listDependants(holder, app, await session.run.keys()),
    backend: session.run.backend,
    calls: new ProfileCalls({ ...session, sessions: options.session }),
    ctx: app.ctx,
  });
  await withKeysOf(holder, app.ctx, () => rotation.run());
}

/** An interrupted rotation may have lost the item it was writing: without it nothing is planned. */
async function restoreChain(app: App, profile: string): Promise<void> {
  const backend = await app.keyring();
  const keys = await backend.keys();
  const config = resolveProfile(profile, app.config(), app.ctx.env, {});
  for (const link of listChain(config)) await restoreFromJournal(backend, link.profile, keys);
}

/** The profile whose stored keys the credentials begin with. */
function findHolder({ plan }: Session): string {
  const [first] = plan.steps;
  if (first?.kind === "stored") return first.profile;
  throw new VaultError(
    "credentials",
    `profile ${plan.profile} has no stored keys to rotate: its credentials are made by other means`,
    ["see where keys are stored with: aws-vault list --credentials"],
  );
}
