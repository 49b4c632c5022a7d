import type { Command } from "@commander-js/extra-typings";
import { resolveProfile } from "../../config/resolve.ts";
import { OIDC_PREFIX } from "../../credentials/session_key.ts";
import { removeAllSessions, removeSessions } from "../../credentials/sessions.ts";
import type { App } from "../app.ts";
import { checkProfile } from "../profile_names.ts";

export function define(command: Command, app: App): void {
  command
    .argument("[profile]", "Name of the profile; without one, every session is removed")
    .action((profile) => clear(app, profile));
}

async function clear(app: App, profile: string | undefined): Promise<void> {
  const backend = await app.keyring();
  let cleared: number;
  if (profile === undefined) {
    cleared = await removeAllSessions(backend);
  } else {
    cleared = await removeSessions(backend, [profile]);
    if (cleared === 0) checkProfile(profile, app.config(), await backend.keys());
    const startUrl = resolveProfile(profile, app.config(), app.ctx.env, {}).ssoStartUrl?.value;
    if (startUrl !== undefined && await backend.remove(OIDC_PREFIX + startUrl)) cleared++;
  }
  app.ctx.out(`Cleared ${cleared} sessions.\n`);
}
