import { findElsewhere } from "../../backends/mod.ts";
import { parseDuration } from "../config/duration.ts";
import { listChain, type ProfileConfig } from "../config/profile.ts";
import { resolveProfile } from "../config/resolve.ts";
import { type Renewal, retrieveCredentials } from "../credentials/chain.ts";
import { MfaCodes } from "../credentials/mfa_codes.ts";
import { planCredentials } from "../credentials/plan.ts";
import type { Run } from "../credentials/run.ts";
import { freshUntilMs } from "../credentials/session_cache.ts";
import type { Plan } from "../credentials/steps.ts";
import { VaultError } from "../errors.ts";
import { neededByPlan } from "../permissions.ts";
import type { Credentials, Permission } from "../types.ts";
import type { App } from "./app.ts";
import type { HandOut } from "./audit.ts";
import { checkProfile, hintsFor } from "./profile_names.ts";
import { type SessionOptions, toFlags } from "./session_options.ts";
import { signInRun } from "./sign_in_options.ts";

/** How long a kept session has to last to be used, unless AWS_MIN_TTL says. */
export const MIN_TTL_SECONDS = 5 * 60;

/** A profile's settings and plan, ready to run. */
export interface Session {
  readonly config: ProfileConfig;
  readonly plan: Plan;
  readonly run: Run;
  /** Kept sessions that last less than AWS_MIN_TTL are not used. */
  retrieve(): Promise<Credentials>;
  /** The same, for whoever asked for them: how, such as `exec --json`, is in the audit trail. */
  handOut(command: string): Promise<Credentials>;
}

/** What the credentials are for. */
export interface SessionPurpose {
  /** Whoever takes them renews them: see `PlanOptions`. */
  readonly renews: boolean;
  /** A person may be asked for a renewal before what is kept has ended: of a server's. */
  readonly isAttended?: boolean;
  /** The keyring's names, where they have been listed. */
  readonly keys?: readonly string[];
  /** What the command needs for its part, beside the plan's steps: all else is given up. */
  readonly needs: readonly Permission[];
}

/** Resolves and plans a profile; no request is made and no secret read before `retrieve`. */
export async function prepareSession(
  app: App,
  profile: string,
  options: SessionOptions,
  purpose: SessionPurpose,
): Promise<Session> {
  const { ctx } = app;
  const backend = await app.keyring();
  const keys = purpose.keys ?? await backend.keys();
  const { config, plan } = await planSession(app, profile, options, { ...purpose, keys });
  const needed = [...neededByPlan(plan, backend), ...neededByAudit(app)];
  ctx.keepPermissions([...purpose.needs, ...needed]);
  const minTtlSeconds = readMinTtl(app, profile);
  const renewal = purpose.renews ? planRenewal(purpose, minTtlSeconds) : undefined;
  const run: Run = {
    ...signInRun(options, ctx, backend),
    keys: () => Promise.resolve(keys),
    mfa: new MfaCodes(ctx),
  };
  const retrieve = () => retrieveCredentials(plan, run, minTtlSeconds ?? MIN_TTL_SECONDS, renewal);
  const handOut = async (command: string) => {
    const credentials = await retrieve();
    await audit(app, { command, profile, credentials });
    const untilMs = freshUntilMs(credentials);
    if (untilMs !== undefined) ctx.remote?.holdsUntil(untilMs);
    return credentials;
  };
  return { config, plan, run, retrieve, handOut };
}

/** AWS_VAULT_AUDIT_LOG: credentials are handed out once that is written down. */
export async function audit({ ctx }: App, handOut: HandOut): Promise<void> {
  const path = ctx.env.get("AWS_VAULT_AUDIT_LOG");
  if (path) await (await import("./audit.ts")).recordHandOut(path, handOut, ctx);
}

/** What writing the audit trail takes, where there is one. */
export function neededByAudit({ ctx }: App): readonly Permission[] {
  return ctx.env.get("AWS_VAULT_AUDIT_LOG") ? ["write", "ffi"] : [];
}

/** A profile's settings and plan, from the config file and the names in the keyring alone. */
export async function planSession(
  app: App,
  profile: string,
  options: SessionOptions,
  { keys, renews }: Omit<SessionPurpose, "needs"> & { keys: readonly string[] },
): Promise<Pick<Session, "config" | "plan">> {
  const { ctx } = app;
  const file = app.config();
  await pointElsewhere(app, profile, () => checkProfile(profile, file, keys));
  const config = resolveProfile(profile, file, ctx.env, toFlags(options));
  const plan = await pointElsewhere(
    app,
    findBeginning(config).profile,
    () =>
      planCredentials(config, new Set(keys), {
        sessions: options.session,
        renews,
        hintsFor: (name) => hintsFor(name, file, keys),
        environment: () => ({
          accessKeyId: ctx.env.get("AWS_ACCESS_KEY_ID"),
          isSession: Boolean(ctx.env.get("AWS_SESSION_TOKEN")),
        }),
      }),
  );
  return { config, plan };
}

/** What is missing may lie in another keyring than the one that is open: the error says so. */
async function pointElsewhere<T>(app: App, profile: string, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof VaultError) || !["profile", "credentials"].includes(error.code)) {
      throw error;
    }
    const hints = await findElsewhere(profile, app.globals, app.ctx);
    const { hintAtPlainKeys } = await import("../config/plain_keys.ts");
    hints.push(...hintAtPlainKeys(profile, app.config(), app.ctx.env), ...error.hints);
    if (error.code === "profile" && app.ctx.env.get("AWS_PROFILE") === profile) {
      hints.push("AWS_PROFILE names it: set another, or unset it"); // perhaps long ago
    }
    throw new VaultError(error.code, error.message, hints);
  }
}

/** Where a chain of source profiles begins. */
export function findBeginning(config: ProfileConfig): ProfileConfig {
  return listChain(config).at(-1)!;
}

/** What `exec` leaves beside AWS_VAULT for its program to find credentials by. */
const TRACES = ["AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_PROFILE"];

/**
 * Refuses to get credentials inside another `exec`: the ones there are would be mixed up.
 *
 * What is printed as JSON mixes up nothing (an SDK asks for it that finds us in its config), unless
 * it is for the same profile once more and nothing of the first `exec` is left: that went round in
 * a circle.
 *
 * @param jsonFor the profile whose credentials are printed as JSON
 */
export function refuseNested({ ctx }: App, jsonFor?: string): void {
  const outer = ctx.env.get("AWS_VAULT");
  if (!outer) return;
  if (jsonFor !== undefined) {
    if (jsonFor !== outer || TRACES.some((name) => ctx.env.get(name))) return;
  }
  throw new VaultError("usage", "this is a subshell of aws-vault already (AWS_VAULT is set)", [
    "leave it with `exit`, or unset AWS_VAULT to go on all the same",
  ]);
}

/** AWS_MIN_TTL: how long a kept session has to last to be used, in seconds; 0 is to its end. */
export function readMinTtl(app: App, profile: string): number | undefined {
  const text = app.ctx.env.get("AWS_MIN_TTL");
  return text ? parseDuration(text, `profile ${profile}: AWS_MIN_TTL`, 0) : undefined;
}

/** Who sets AWS_MIN_TTL says himself what is worth asking for. */
function planRenewal({ isAttended = false }: SessionPurpose, minTtlSeconds?: number): Renewal {
  return minTtlSeconds === undefined
    ? { use: "to renew it early", isAttended }
    : { use: "for its minimum", isAttended: true };
}
