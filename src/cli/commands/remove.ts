import type { Command } from "@commander-js/extra-typings";
import { withKeysOf } from "../../credentials/lock.ts";
import { journalKey, removeJournal } from "../../credentials/rotation/journal.ts";
import { removeSessions } from "../../credentials/sessions.ts";
import { countOf } from "../../counts.ts";
import { VaultError } from "../../errors.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { listDependants } from "../dependants.ts";
import { checkProfile, checkStored } from "../profile_names.ts";

interface RemoveOptions {
  readonly force?: boolean;
  readonly sessionsOnly?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault remove work", "Asks, and removes the stored keys of work and their sessions."],
    ["aws-vault rm --force work", "Does not ask."],
  );
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
  const keys = await backend.keys();
  if (options.sessionsOnly) {
    const removed = await removeSessions(backend, [profile], keys);
    if (removed === 0) checkProfile(profile, app.config(), keys);
    ctx.out(`Deleted ${removed} sessions.\n`);
    return;
  }
  checkRemovable(profile, keys);
  if (!options.force && !(await confirm(app, profile))) return;
  const sessions = await withKeysOf(profile, ctx, async () => {
    const now = await backend.keys(); // a person, or a rotation, may have been waited for
    checkRemovable(profile, now);
    const removed = await removeSessions(backend, listDependants(profile, app, now), now);
    // Before the keys: where they have gone, a journal that is left would bring its own back.
    await removeJournal(backend, profile, now);
    await backend.remove(profile);
    return removed;
  });
  if (sessions > 0) ctx.note(`Deleted ${countOf(sessions, "session")} made with them.`);
  ctx.out("Deleted credentials.\n");
}

/** A rotation that was interrupted may have left no more than its journal. */
function checkRemovable(profile: string, keys: readonly string[]): void {
  if (!keys.includes(journalKey(profile))) checkStored(profile, keys);
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
