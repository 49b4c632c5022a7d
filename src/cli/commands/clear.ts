import type { Command } from "@commander-js/extra-typings";
import type { ProfileConfig } from "../../config/profile.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { planCredentials } from "../../credentials/plan.ts";
import { removeAllSessions, removeSessions } from "../../credentials/sessions.ts";
import { clearCliCache } from "../../credentials/signin/cli_cache.ts";
import { dropConsoleSession } from "../../credentials/signin/console_session.ts";
import { dropSsoToken } from "../../credentials/signin/token.ts";
import { VaultError } from "../../errors.ts";
import type { SecretBackend } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { checkProfile } from "../profile_names.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault clear work", "Removes what is kept for one profile; its stored keys stay."],
    ["aws-vault clear", "Removes every session, SSO token and console sign-in."],
  );
  command
    .argument("[profile]", "Name of the profile; without one, every session is removed")
    .action((profile) => clear(app, profile));
}

async function clear(app: App, profile: string | undefined): Promise<void> {
  const backend = await app.keyring();
  const cleared = profile === undefined
    ? await clearAll(app, backend)
    : await clearProfile(app, profile, backend);
  app.ctx.out(`Cleared ${cleared} sessions.\n`);
}

async function clearAll(app: App, backend: SecretBackend): Promise<number> {
  try {
    return await removeAllSessions(backend);
  } finally {
    clearCliCache(undefined, app.ctx);
  }
}

async function clearProfile(app: App, profile: string, backend: SecretBackend): Promise<number> {
  const keys = await backend.keys();
  let cleared = await removeSessions(backend, [profile], keys);
  if (cleared === 0) checkProfile(profile, app.config(), keys);
  const { startUrl, loginSession } = findSignIns(app, profile, keys);
  try {
    if (startUrl !== undefined && await dropSsoToken(startUrl, backend)) cleared++;
    if (loginSession !== undefined && await dropConsoleSession(loginSession, backend)) cleared++;
    return cleared;
  } finally {
    if (startUrl !== undefined) clearCliCache(startUrl, app.ctx);
  }
}

interface SignIns {
  readonly startUrl?: string;
  readonly loginSession?: string;
}

/** Where the profile's credentials begin with a sign-in: settings alone may never be used. */
function findSignIns(app: App, profile: string, keys: readonly string[]): SignIns {
  const config = resolveAnyhow(app, profile);
  if (config === undefined) return {};
  try {
    const { steps } = planCredentials(config, new Set(keys), { sessions: true, renews: false });
    return {
      startUrl: steps.find((step) => step.kind === "sso")?.startUrl,
      loginSession: steps.find((step) => step.kind === "login")?.arn,
    };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    // It gets no credentials, but may have signed in.
    return { startUrl: config.ssoStartUrl?.value, loginSession: config.loginSession?.value };
  }
}

/** Whose settings have a fault has sessions to remove all the same: it is told, and no more. */
function resolveAnyhow(app: App, profile: string): ProfileConfig | undefined {
  try {
    return resolveProfile(profile, app.config(), app.ctx.env, {});
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    app.ctx.note(
      `aws-vault: warning: a sign-in of ${profile}, if there is one, stays: ${error.message}`,
    );
    return undefined;
  }
}
