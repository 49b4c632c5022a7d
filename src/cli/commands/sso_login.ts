import type { Command } from "@commander-js/extra-typings";
import { removeSsoSessions } from "../../credentials/sessions.ts";
import { signInAnew } from "../../credentials/signin/session.ts";
import { readSsoToken } from "../../credentials/signin/token.ts";
import { VaultError } from "../../errors.ts";
import { formatExpiry } from "../../expiry.ts";
import type { App } from "../app.ts";
import { listSignedIn } from "../dependants.ts";
import { addExamples } from "../help.ts";
import { addSignInOptions, type SignInOptions, signInRun } from "../sign_in_options.ts";
import { chooseSsoTarget } from "../sso_target.ts";

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault sso login work", "Signs in anew where the profile work does."],
    [
      "aws-vault sso login --stdout https://corp.awsapps.com/start",
      "Prints the link, for a browser on another machine.",
    ],
  );
  addSignInOptions(command)
    .argument(
      "[session|profile|start-url]",
      "Where to sign in: a profile, an sso-session or a start URL",
    )
    .action((name, options) => login(app, name, options as SignInOptions));
}

async function login(app: App, name: string | undefined, options: SignInOptions): Promise<void> {
  const { ctx } = app;
  const target = await chooseSsoTarget(name, app);
  const backend = await app.keyring();
  await backend.checkWritable?.("sessions"); // before anybody signs in
  const { token } = await signInAnew(target, signInRun(options, ctx, backend));
  const kept = await readSsoToken(target.startUrl, backend, ctx);
  if (kept?.accessToken !== token.accessToken) {
    throw new VaultError("backend", `the sign-in to ${target.startUrl} is not kept: it is lost`, [
      "the warning above says why; sign in again once that is mended",
    ]);
  }
  const keys = await backend.keys();
  const profiles = listSignedIn(target.startUrl, app, keys);
  await removeSsoSessions(backend, target.startUrl, profiles, keys); // they may be another person's
  ctx.out(`Signed in to ${target.startUrl} until ${formatExpiry(token.expiresAtMs)}.\n`);
}
