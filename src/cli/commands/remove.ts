import type { Command } from "@commander-js/extra-typings";
import { removeJournal } from "../../credentials/rotation/journal.ts";
import { countSessions, removeSessions } from "../../credentials/sessions.ts";
import { isCredentialsKey } from "../../credentials/session_key.ts";
import { VaultError } from "../../errors.ts";
import type { App } from "../app.ts";

interface RemoveOptions {
  readonly force?: boolean;
  readonly sessionsOnly?: boolean;
}

export function define(command: Command, app: App): void {
  command
    .argument("<profile>", "Name of the profile")
    .option("-f, --force", "Remove without asking")
    .addOption(
      command.createOption("-s, --sessions-only", "Remove only the sessions, see also `clear`")
        .hideHelp(),
    )
    .action((profile, options) => remove(app, profile, options as RemoveOptions));
}

async function remove(app: App, profile: string, options: RemoveOptions): Promise<void> {
  const { ctx } = app;
  const backend = await app.keyring();
  if (options.sessionsOnly) {
    ctx.out(`Deleted ${await removeSessions(backend, [profile])} sessions.\n`);
    return;
  }
  if (!isCredentialsKey(profile) || !(await backend.keys()).includes(profile)) {
    throw new VaultError("profile", `the keyring has no credentials for profile \`${profile}\``, [
      "see what it has with: aws-vault list --credentials",
    ]);
  }
  if (!options.force && !(await confirm(app, profile))) return;
  await backend.remove(profile);
  await removeJournal(backend, profile);
  ctx.out("Deleted credentials.\n");
  const sessions = await removeSessions(backend, [profile]);
  if (sessions > 0) ctx.note(`Deleted ${countSessions(sessions)} made with them.`);
}

async function confirm(app: App, profile: string): Promise<boolean> {
  const { terminal } = app.ctx;
  if (!terminal.available()) {
    throw new VaultError("prompt", "there is no terminal to ask on whether to delete", [
      "use --force to delete without asking",
    ]);
  }
  const answer = await terminal.ask(`Delete credentials for profile "${profile}"? (y|N) `, {
    secret: false,
  });
  return /^y(es)?$/i.test(answer.trim());
}
