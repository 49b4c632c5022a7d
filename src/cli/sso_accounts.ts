import type { SsoAccount } from "../aws/sso_accounts.ts";
import type { SsoTarget } from "../credentials/steps.ts";
import { withSsoToken } from "../credentials/signin/session.ts";
import type { App } from "./app.ts";
import { type SignInOptions, signInRun } from "./sign_in_options.ts";

/** What whoever signs in, or has signed in, may take on at `target`; told as it comes. */
export async function readAccounts(
  app: App,
  target: SsoTarget,
  options: SignInOptions,
): Promise<SsoAccount[]> {
  const { ctx } = app;
  const { listSsoAccounts } = await import("../aws/sso_accounts.ts");
  const run = signInRun(options, ctx, await app.keyring());
  try {
    return await withSsoToken(
      target,
      run,
      (accessToken) =>
        listSsoAccounts(target, accessToken, ctx, (done, all) => {
          ctx.progress(`Roles of ${done} of ${all} accounts`);
        }),
    );
  } finally {
    ctx.progress("");
  }
}
