import { CHAINED_ROLE_MAX_SECONDS } from "../config/profile.ts";
import { isRefusedCode } from "../credentials/mfa_request.ts";
import { nanosecondName } from "../credentials/session_name.ts";
import { stsTarget } from "../credentials/targets.ts";
import type { CredentialOrigin } from "../server/source.ts";
import type { RunningServer, ServerOptions } from "../server/start.ts";
import { neededByPlan } from "../permissions.ts";
import { loadRest } from "../rest.ts";
import type { ChildRequest, Context, Credentials, Exit } from "../types.ts";
import { App } from "./app.ts";
import { runChild } from "./child.ts";
import { warnOfDefault } from "./diversions.ts";
import { leadPastProxies } from "./past_proxies.ts";
import { audit, neededByAudit, prepareSession, type Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/** The options of `exec` with a server. */
export interface ServeOptions extends SessionOptions {
  readonly imdsv2?: boolean;
  readonly lazy?: boolean;
  readonly serverHost?: readonly string[];
  readonly isolated?: boolean;
}

/** A program, and the server that it is to ask. */
export interface Serving {
  readonly kind: ServerOptions["kind"];
  readonly session: Session;
  readonly options: ServeOptions;
  readonly child: Omit<ChildRequest, "stay" | "onStart">;
}

/** Runs a program that asks a server of ours for its credentials, and serves it until it ends. */
export async function runWithServer(app: App, serving: Serving): Promise<Exit> {
  const { session, options, child } = serving;
  const { guardPrompt } = await import("../server/prompt_guard.ts");
  const guarded = guardPrompt(app.ctx, options.lazy ?? false);
  const running = await start(app, guarded.ctx, serving);
  if (!options.isolated) warnOfDefault(app);
  await loadRest();
  try {
    guarded.giveAway();
    return await runChild(app, {
      ...child,
      set: { ...child.set, ...running.set, ...leadPastProxies(running.host, app.ctx) },
      unset: [...child.unset, ...running.unset],
      stay: true,
      onStart: () => keepForServing(app, session),
    });
  } finally {
    await running.stop();
  }
}

/** @param ctx what the server's requests are made in */
async function start(
  app: App,
  ctx: Context,
  { kind, session, options }: Serving,
): Promise<RunningServer> {
  const { startServer } = await import("../server/start.ts");
  const { profile, region } = session.config;
  const { imdsv2, lazy = false, serverHost } = options;
  const within = new App(ctx, app.globals, app.childArguments, app.command);
  const origin = new ProfileOrigin(within, profile, options);
  if (lazy) await origin.unlock();
  return await startServer(origin, {
    kind,
    region: region?.value,
    tokens: imdsv2 ? "required" : "optional",
    lazy,
    hosts: serverHost,
    record: (credentials) => audit(app, { command: `exec --${kind}-server`, profile, credentials }),
  }, ctx);
}

/**
 * Once the program runs, its server starts no other, but for what makes new credentials: what asks
 * for a code too where one was given, which was good once.
 */
function keepForServing(app: App, { plan, run }: Session): void {
  const asksAgain = plan.steps.some((step) => "mfa" in step && step.mfa !== undefined);
  const needed = [...neededByPlan(plan, run.backend), ...neededByAudit(app)];
  app.ctx.keepPermissions(["net", "ffi", ...needed, ...asksAgain ? ["run" as const] : []]);
}

/** The profile's credentials, planned anew for every renewal: keys may have been rotated since. */
class ProfileOrigin implements CredentialOrigin {
  readonly #app: App;
  readonly #profile: string;
  #options: SessionOptions;

  constructor(app: App, profile: string, options: SessionOptions) {
    this.#app = app;
    this.#profile = profile;
    this.#options = options;
  }

  /** Reads an item, for a keyring that asks to be unlocked to ask while a person can answer. */
  async unlock(): Promise<void> {
    const { plan, run } = await this.#prepare();
    const first = plan.steps[0];
    const name = first?.kind === "stored" ? first.profile : (await run.keys())[0];
    if (name === undefined) return;
    await run.backend.get(name);
  }

  async current(): Promise<Credentials> {
    const session = await this.#prepare();
    try {
      const credentials = await session.retrieve();
      this.#forgetCode();
      return credentials;
    } catch (error) {
      if (isRefusedCode(error)) this.#forgetCode();
      throw error;
    }
  }

  /** A code is good once; the next is asked for. */
  #forgetCode(): void {
    this.#options = { ...this.#options, mfaToken: undefined };
  }

  async assume(roleArn: string, base: Credentials): Promise<Credentials> {
    const { config, plan, run } = await this.#prepare();
    const { checkAccount, checkRole } = await import("../credentials/account.ts");
    if (plan.account !== undefined) checkRole(roleArn, plan.account);
    const { StsCalls } = await import("../aws/sts.ts");
    const credentials = await new StsCalls(stsTarget(config), this.#profile, this.#app.ctx, base)
      .assumeRole({
        roleArn,
        roleSessionName: config.roleSessionName?.value ?? nanosecondName(this.#app.ctx.clock),
        durationSeconds: Math.min(config.roleDurationSeconds.value, CHAINED_ROLE_MAX_SECONDS),
        tags: new Map(),
        transitiveTagKeys: [],
        sourceIdentity: config.sourceIdentity?.value,
      });
    if (plan.account === undefined) return credentials;
    return await checkAccount(credentials, plan.account, run);
  }

  #prepare() {
    return prepareSession(this.#app, this.#profile, this.#options, {
      renews: true,
      isAttended: true,
      needs: ["net", "run", "ffi"],
    });
  }
}
