import type { Command } from "@commander-js/extra-typings";
import { resolveProfile } from "../../config/resolve.ts";
import { planCredentials } from "../../credentials/plan.ts";
import { removeAllSessions, removeSessions } from "../../credentials/sessions.ts";
import { clearCliCache } from "../../credentials/signin/cli_cache.ts";
import { dropSsoToken } from "../../credentials/signin/token.ts";
import type { SsoTarget } from "../../credentials/steps.ts";
import { VaultError } from "../../errors.ts";
import type { SecretBackend } from "../../types.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { checkProfile } from "../profile_names.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault clear work", "Removes what is kept for one profile; its stored keys stay."],
    ["aws-vault clear", "Removes every session and SSO token."],
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
  await clearCliCache(undefined, app.ctx);
  return await removeAllSessions(backend);
}

async function clearProfile(app: App, profile: string, backend: SecretBackend): Promise<number> {
  const keys = await backend.keys();
  let cleared = await removeSessions(backend, [profile], keys);
  if (cleared === 0) checkProfile(profile, app.config(), keys);
  const signIn = findSignIn(app, profile, keys);
  if (signIn === undefined) return cleared;
  await clearCliCache(signIn, app.ctx);
  if (await dropSsoToken(signIn.startUrl, backend)) cleared++;
  return cleared;
}

/** Where the profile's credentials begin with a sign-in: settings alone may never be used. */
function findSignIn(
  app: App,
  profile: string,
  keys: readonly string[],
): Pick<SsoTarget, "startUrl" | "session"> | undefined {
  const config = resolveProfile(profile, app.config(), app.ctx.env, {});
  try {
    const { steps } = planCredentials(config, new Set(keys), { sessions: true, renews: false });
    return steps.find((step) => step.kind === "sso");
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const startUrl = config.ssoStartUrl?.value; // it gets no credentials, but may have signed in
    return startUrl === undefined ? undefined : { startUrl, session: config.ssoSession?.value };
  }
}
