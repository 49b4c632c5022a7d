import type { Step } from "../credentials/steps.ts";
import { describeCause } from "../errors.ts";
import type { App } from "./app.ts";
import { formatProcessLine } from "./process_line.ts";
import { findBeginning, type Session } from "./session.ts";

/** `--profile-env`: the program finds its profile by name, once its credentials are at hand. */
export async function profileVariables(
  app: App,
  session: Session,
): Promise<Record<string, string>> {
  await session.retrieve();
  await warnOfKeptHere(app, session);
  const [first] = session.plan.steps;
  if (first?.kind === "sso") {
    const { openSsoSession } = await import("../credentials/signin/session.ts");
    const { syncCliCache } = await import("../credentials/signin/cli_cache.ts");
    try {
      const { token } = await openSsoSession(first, session.run); // a kept one may be over by now
      await syncCliCache(first, token, app.ctx);
    } catch (error) {
      app.ctx.note(`aws-vault: warning: the AWS CLI has no SSO token: ${describeCause(error)}`);
    }
  }
  return { AWS_PROFILE: session.config.profile };
}

/** By its name a program finds nothing of what the keyring alone has. */
async function warnOfKeptHere(app: App, { config, plan }: Session): Promise<void> {
  const [first] = plan.steps;
  const beginning = findBeginning(config);
  const isFound = config.credentialProcess ?? beginning.credentialProcess;
  const kept = first === undefined || isFound !== undefined
    ? undefined
    : await describeKeptHere(first, app);
  if (kept === undefined) return;
  app.ctx.note(
    "aws-vault: warning: with --profile-env the program looks for credentials by itself, and will " +
      `find none: ${kept} in the keyring alone\n` +
      "  leave --profile-env out, or write into its section: " +
      formatProcessLine(first!.profile, app.ctx),
  );
}

async function describeKeptHere(first: Step, app: App): Promise<string | undefined> {
  if (first.kind === "stored") return `the keys of ${first.profile} are`;
  if (first.kind !== "login") return undefined;
  const { readCliSession } = await import("../credentials/signin/console_cli_cache.ts");
  const theirs = await readCliSession(first.arn, app.ctx);
  return theirs === undefined ? `the sign-in of ${first.profile} is` : undefined;
}
