import type { Command } from "@commander-js/extra-typings";
import { clearCliCache } from "../../credentials/signin/cli_cache.ts";
import { signOut } from "../../credentials/signin/sign_out.ts";
import type { App } from "../app.ts";
import { addExamples } from "../help.ts";
import { listSignedIn } from "../dependants.ts";
import { listTokens } from "../inventory.ts";
import { chooseSsoTarget, describeSignIn, isSamePortal, isStartUrl } from "../sso_target.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault sso logout", "Signs out everywhere."],
    ["aws-vault sso logout work", "Signs out where the profile work signs in."],
  );
  command
    .argument("[session|profile|start-url]", "Where to sign out; without one, everywhere")
    .action((name) => logout(app, name));
}

/** Without a name it is every sign-in there is, as with the AWS CLI. */
async function logout(app: App, name: string | undefined): Promise<void> {
  const { ctx } = app;
  const backend = await app.keyring();
  const kept = listTokens(await backend.keys());
  const urls = (name === undefined ? kept : [findAmong(kept, name)]).filter(isStartUrl);
  const targets = name === undefined || urls.length > 0
    ? urls.map((startUrl) => describeSignIn(startUrl, app))
    : [await chooseSsoTarget(name, app)];
  if (targets.length === 0) ctx.out("Not signed in to any IAM Identity Center.\n");
  for (const target of targets) {
    const profiles = listSignedIn(target.startUrl, app, await backend.keys());
    const isDone = await signOut(target, backend, ctx, profiles);
    ctx.out(`${isDone ? "Signed out of" : "Not signed in to"} ${target.startUrl}.\n`);
  }
  if (name === undefined) clearCliCache(undefined, ctx); // of sign-ins that are kept no more, too
}

/** A start URL as it is kept; it may be typed as a browser shows it. */
function findAmong(kept: readonly string[], name: string): string {
  if (!isStartUrl(name) || kept.includes(name)) return name;
  return kept.find((startUrl) => isSamePortal(startUrl, name)) ?? name;
}
