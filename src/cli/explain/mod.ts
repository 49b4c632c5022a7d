import { describeKeyring } from "../../../backends/mod.ts";
import { checkStep } from "../../credentials/account.ts";
import { CHAINED_ROLE_MAX_SECONDS, listChain, type ProfileConfig } from "../../config/profile.ts";
import { hasCliSession } from "../../credentials/signin/console_cli_cache.ts";
import { findUrl } from "../../credentials/providers/container.ts";
import { readEnvironment } from "../../credentials/providers/environment.ts";
import { findKept } from "../../credentials/session_key.ts";
import { renewalWindowMs } from "../../credentials/kept_session.ts";
import type { Plan, Step } from "../../credentials/steps.ts";
import { VaultError } from "../../errors.ts";
import { formatExpiry } from "../../expiry.ts";
import type { App } from "../app.ts";
import {
  MIN_TTL_SECONDS,
  planSession,
  readMinTtl,
  refuseNested,
  type SessionOptions,
  signInWay,
} from "../session.ts";
import type { ExplainedStep, Explanation } from "./explanation.ts";
import { explainStep } from "./reasons.ts";
import {
  remarkOnKept,
  remarkOnPassphrase,
  remarkOnRegion,
  remarkOnRoles,
  remarkOnVariant,
} from "./remarks.ts";
import { hasSignIn, listIdentityRequest, listRequests, type RequestWorld } from "./requests.ts";
import { listSettings } from "./settings.ts";

/** How long AWS has credentials of a console sign-in last. */
const LOGIN_MS = 15 * 60_000;

export interface ExplainOptions extends SessionOptions {
  /** For callers that renew by themselves: `exec --json`, the servers. */
  readonly renews?: boolean;
}

/**
 * The plan that `exec` would run now, in words. No secret is read, nobody asked, no request made:
 * what a kept session was made for, and how long a sign-in lasts, stand inside their items, and the
 * remarks say so.
 */
export async function explainProfile(
  app: App,
  profile: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const keys = await app.keyringNames();
  const renews = options.renews ?? false;
  const { config, plan: intended } = await planOrSayWhy(app, profile, options, keys);
  const chain = cutAtKeys(listChain(config), keys);
  const cliLogins = await findCliLogins(intended, app);
  const world: RequestWorld = { way: signInWay(options, app.ctx), keys, cliLogins };
  const expiries = findExpiries(intended, keys, renews, app);
  const newest = expiries.findLastIndex((expiry) => expiry !== undefined);
  const plan = cutOnKeptProcess(intended, newest);
  const refusal = findRefusal(app, plan, plan.steps.slice(newest + 1), renews);
  const toRun = refusal === undefined ? plan.steps.slice(newest + 1) : [];
  const asks = refusal === undefined ? listAsks(toRun, plan, app, world) : [];
  return {
    profile,
    settings: listSettings(chain, app.config()),
    steps: plan.steps.map((step, index) => ({
      kind: step.kind,
      profile: step.profile,
      ...describeExpiry(expiries[index]),
      why: explainStep(step, plan, chain),
    })),
    requests: [
      ...await listRequests(toRun, world),
      ...refusal === undefined ? await listIdentityRequest(plan, toRun.length === 0) : [],
    ],
    asks,
    remarks: [
      ...(refusal === undefined ? [] : [`exec refuses here: ${refusal}`]),
      ...plan.remarks,
      ...remarkOnRoles(chain, plan),
      ...remarkOnRegion(chain, plan),
      ...remarkOnVariant(config),
      ...remarkOnKept(plan.steps[newest], toRun, world),
      ...remarkOnPassphrase(asks),
      ...plan.steps.at(-1)!.cache ? [] : await remarkOnRenewals(app, profile, options, keys),
    ],
  };
}

function describeExpiry(expiry: number | undefined): Pick<ExplainedStep, "cached"> {
  return expiry === undefined ? {} : { cached: { expires: formatExpiry(expiry) } };
}

/** A keyring that is locked may show no names, and is not unlocked for this. */
async function planOrSayWhy(
  app: App,
  profile: string,
  options: ExplainOptions,
  keys: readonly string[],
) {
  try {
    return await planSession(app, profile, options, { keys, renews: options.renews ?? false });
  } catch (error) {
    if (!(error instanceof VaultError) || keys.length > 0) throw error;
    const { name } = describeKeyring(app.globals, app.ctx);
    if (!["credentials", "profile"].includes(error.code) || name === "file") throw error;
    throw new VaultError(error.code, error.message, [
      `the ${name} keyring shows no names: if it is locked, unlock it with aws-vault list, and ` +
      "explain again",
      ...error.hints,
    ]);
  }
}

/** The profiles a plan is made of, from the one asked for to where its credentials begin. */
function cutAtKeys(chain: readonly ProfileConfig[], keys: readonly string[]): ProfileConfig[] {
  const beginning = chain.findIndex(({ profile }) => keys.includes(profile));
  return chain.slice(0, beginning < 0 ? undefined : beginning + 1);
}

/** For each step when its kept session ends, where one is that lasts long enough to be used. */
function findExpiries(
  plan: Plan,
  keys: readonly string[],
  renews: boolean,
  app: App,
): (number | undefined)[] {
  const minTtl = readMinTtl(app, plan.profile);
  const leastMs = Math.max((minTtl ?? MIN_TTL_SECONDS) * 1000, 1);
  const now = app.ctx.clock.now();
  const isEarly = (step: Step) => renews && minTtl === undefined && step === plan.steps.at(-1);
  const find = (step: Step) => {
    const least = isEarly(step) ? Math.max(leastMs, guessWindowMs(step)) : leastMs;
    return step.cache && findKept(step.cache, keys, now + least)[0]?.expiresAtMs;
  };
  return plan.steps.map(find);
}

/** When a session was made is not in its name: one that was asked for alike has the step's length. */
function guessWindowMs(step: Step): number {
  if (step.kind === "login") return renewalWindowMs(LOGIN_MS, 0);
  return "durationSeconds" in step
    ? renewalWindowMs(step.durationSeconds * 1000, 0)
    : renewalWindowMs(0, undefined);
}

/** What is kept of a `credential_process` is a session: nothing else of it expires. */
function cutOnKeptProcess(plan: Plan, newest: number): Plan {
  if (plan.steps[newest]?.kind !== "process") return plan;
  const cut = (step: Step, index: number) =>
    index === newest + 1 && step.kind === "assume_role"
      ? { ...step, durationSeconds: Math.min(step.durationSeconds, CHAINED_ROLE_MAX_SECONDS) }
      : step;
  return { ...plan, steps: plan.steps.map(cut) };
}

/** Why `exec` would make no request: inside another one, or for what settings and environment say. */
function findRefusal(
  app: App,
  plan: Plan,
  toRun: readonly Step[],
  renews: boolean,
): string | undefined {
  try {
    refuseNested(app, renews ? plan.profile : undefined);
    if (plan.account !== undefined) checkStep(plan.steps.at(-1)!, plan.account);
    for (const step of toRun) {
      if (step.kind === "environment") readEnvironment(step, app.ctx);
      if (step.kind === "container") findUrl(step, app.ctx.env);
    }
    return undefined;
  } catch (error) {
    if (error instanceof VaultError) return error.message;
    throw error;
  }
}

async function findCliLogins({ steps }: Plan, { ctx }: App): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const step of steps) {
    if (step.kind === "login" && await hasCliSession(step.arn, ctx)) found.add(step.arn);
  }
  return found;
}

/** What a person would be asked, in the order of the run. */
function listAsks(
  toRun: readonly Step[],
  plan: Plan,
  app: App,
  world: RequestWorld,
): string[] {
  const asks = toRun.flatMap((step) => {
    if (step.kind === "sso" || step.kind === "login") {
      return hasSignIn(step, world) ? [] : ["browser"];
    }
    const mfa = "mfa" in step ? step.mfa : undefined;
    const isAsked = mfa !== undefined && mfa.token === undefined && mfa.process === undefined;
    return isAsked ? [`mfa:${mfa.serial}`] : [];
  });
  const passphrase = needsPassphrase(toRun, plan, app) ? ["passphrase"] : [];
  return [...new Set([...passphrase, ...asks])];
}

/** Keys and sessions may lie in two places, of which `file` is the one that is unlocked by us. */
function needsPassphrase(toRun: readonly Step[], plan: Plan, app: App): boolean {
  const { name, sessions = name, passphrase } = describeKeyring(app.globals, app.ctx);
  const readsKeys = toRun.some(({ kind }) => kind === "stored");
  const hasKept = toRun.length < plan.steps.length;
  const usesSessions = hasKept || toRun.some(({ cache }) => cache !== undefined);
  return passphrase === "asked on the terminal" &&
    (name === "file" && readsKeys || sessions === "file" && usesSessions);
}

/** `exec --json` keeps what `exec -- CMD` asks for anew. */
async function remarkOnRenewals(
  app: App,
  profile: string,
  options: ExplainOptions,
  keys: readonly string[],
): Promise<string[]> {
  const { plan } = await planSession(app, profile, options, { keys, renews: true });
  const kept = findExpiries(plan, keys, true, app).at(-1);
  if (kept === undefined) return [];
  return [
    `a session of ${profile} is kept until ${formatExpiry(kept)} for callers that renew by ` +
    "themselves (exec --json, the servers: explain --renews); exec -- COMMAND takes a fresh one",
  ];
}
