import type { Command } from "@commander-js/extra-typings";
import type { ProfileConfig } from "../../config/profile.ts";
import { trimFips } from "../../config/region.ts";
import { resolveProfile } from "../../config/resolve.ts";
import { ENVIRONMENT, type Plan, type Step } from "../../credentials/steps.ts";
import { VaultError } from "../../errors.ts";
import type { Context, Credentials, Permission } from "../../types.ts";
import type { App } from "../app.ts";
import { openConsoleLink } from "../console_link.ts";
import { federate } from "../federated_user.ts";
import { addExamples } from "../help.ts";
import { chooseProfile } from "../profile_names.ts";
import { audit, prepareSession } from "../session.ts";
import { addSessionOptions, type SessionOptions, toFlags } from "../session_options.ts";
import { printsLinks } from "../sign_in_options.ts";
import { isOn } from "../variables.ts";

interface LoginOptions extends SessionOptions {
  readonly path?: string;
  readonly autoLogout?: boolean;
}

export function define(command: Command, app: App): void {
  addExamples(
    command,
    ["aws-vault login work", "Opens the console in a browser."],
    [
      "aws-vault login work --path=ec2/home --stdout",
      "Prints a link to a page of it. It is worth a session for 15 minutes.",
    ],
  );
  addSessionOptions(command)
    .argument("[profile]", "Name of the profile (AWS_PROFILE); else the environment's credentials")
    .option("--path <path>", "The console's page to open, such as ec2/home")
    .option("-a, --auto-logout", "Sign out of the console first (AWS_VAULT_AUTO_LOGOUT)")
    .action((profile, options) => login(app, profile, options as LoginOptions));
  // As in the Go tool, where this command alone has a letter for it.
  const stdout = command.options.find(({ long }) => long === "--stdout");
  if (stdout !== undefined) Object.assign(stdout, { short: "-s", flags: "-s, --stdout" });
}

/** What the console is entered with. */
interface Entrance {
  readonly config: ProfileConfig;
  readonly credentials: Credentials;
  /** The plan they came by; absent for those of the environment. */
  readonly plan?: Plan;
}

/** Signs a browser in to the AWS console, or prints the link that does. */
async function login(app: App, argument: string | undefined, options: LoginOptions): Promise<void> {
  const { ctx } = app;
  const entrance = usesEnvironment(argument, ctx)
    ? readEnvironment(app, options)
    : await enterProfile(app, await chooseProfile(argument, app), options);
  const link = await createLink(entrance, options, app);
  if (printsLinks(options, ctx)) ctx.out(link + "\n");
  else await openConsoleLink(link, ctx);
}

function usesEnvironment(argument: string | undefined, ctx: Context): boolean {
  return !argument && !ctx.env.get("AWS_PROFILE") && Boolean(ctx.env.get("AWS_ACCESS_KEY_ID"));
}

function readEnvironment(app: App, options: LoginOptions): Entrance {
  const { env } = app.ctx;
  app.ctx.protectMemory(); // no step is run, which would
  const secretAccessKey = env.get("AWS_SECRET_ACCESS_KEY");
  if (!secretAccessKey) {
    throw new VaultError(
      "credentials",
      "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not",
      ["set both, or name a profile: aws-vault login PROFILE"],
    );
  }
  const config = resolveProfile("default", app.config(), env, toFlags(options));
  const credentials = {
    accessKeyId: env.get("AWS_ACCESS_KEY_ID")!,
    secretAccessKey,
    sessionToken: env.get("AWS_SESSION_TOKEN") || undefined,
  };
  return { config: { ...config, profile: ENVIRONMENT }, credentials };
}

async function enterProfile(app: App, profile: string, options: LoginOptions): Promise<Entrance> {
  const needs: readonly Permission[] = ["net", "run", "ffi"]; // AWS, and then the browser
  const purpose = { renews: false, needs };
  let session = await prepareSession(app, profile, options, purpose);
  if (session.plan.steps.at(-1)?.kind === "session_token") {
    // The keys themselves are federated: its own, or those that it only borrows from its source.
    const keys = await session.run.keys();
    session = await prepareSession(app, profile, { ...options, session: false }, {
      ...purpose,
      keys,
    });
  }
  const { config, plan } = session;
  return { config, plan, credentials: await session.retrieve() };
}

async function createLink(
  { config, plan, credentials }: Entrance,
  options: LoginOptions,
  app: App,
): Promise<string> {
  const { ctx } = app;
  const { consoleAddress, federationAddress, loginLink, requestSigninToken } = await import(
    "../../aws/federation.ts"
  );
  const region = config.region && trimFips(config.region.value);
  const address = federationAddress(region, config.endpoints.signin?.value);
  const logout = options.autoLogout ?? isOn(ctx.env, "AWS_VAULT_AUTO_LOGOUT");
  const entering = isRole(plan) ? credentials : await federate(config, credentials, ctx);
  await audit(app, { command: "login", profile: config.profile, credentials: entering });
  const token = await requestSigninToken({
    address,
    profile: config.profile,
    credentials: entering,
    durationSeconds: credentials.isChained ? undefined : consoleSeconds(config, plan),
  }, ctx);
  return loginLink(address, consoleAddress(region, options.path), token, logout);
}

const ROLE_STEPS: readonly Step["kind"][] = ["assume_role", "sso", "web_identity"];

function isRole(plan: Plan | undefined): boolean {
  return plan !== undefined && ROLE_STEPS.includes(plan.steps.at(-1)!.kind);
}

/** What may give plain keys, so that a role on top of them is not chained. */
const PLAIN_SOURCES: readonly Step["kind"][] = ["stored", "process", "environment"];

/** How long the console's session may last; absent where AWS lets nobody say. */
function consoleSeconds(config: ProfileConfig, plan: Plan | undefined): number | undefined {
  const [last, before] = plan?.steps.toReversed() ?? [];
  const isPlainRole = last?.kind === "web_identity" ||
    (last?.kind === "assume_role" && PLAIN_SOURCES.includes(before!.kind));
  return isPlainRole ? config.roleDurationSeconds.value : undefined;
}
