import { describeKeyring } from "../../../backends/mod.ts";
import { checkStep } from "../../credentials/account.ts";
import { listChain, type ProfileConfig } from "../../config/profile.ts";
import { hasCliSession } from "../../credentials/signin/console_cli_cache.ts";
import { findLengthFault } from "../../credentials/lengths.ts";
import { findUrl } from "../../credentials/providers/container.ts";
import { readEnvironment } from "../../credentials/providers/environment.ts";
import type { Plan, Step } from "../../credentials/steps.ts";
import { VaultError } from "../../errors.ts";
import { formatExpiry } from "../../expiry.ts";
import type { App } from "../app.ts";
import { planSession, refuseNested } from "../session.ts";
import type { SessionOptions } from "../session_options.ts";
import { signInWay } from "../sign_in_options.ts";
import { listAsks } from "./asks.ts";
import type { ExplainedStep, Explanation } from "./explanation.ts";
import { cutOnKeptProcess, findExpiries } from "./kept.ts";
import { explainStep } from "./reasons.ts";
import {
  remarkOnKept,
  remarkOnPassphrase,
  remarkOnRegion,
  remarkOnRoles,
  remarkOnVariant,
} from "./remarks.ts";
import { listIdentityRequest, listRequests, type RequestWorld } from "./requests.ts";
import { listSettings } from "./settings.ts";

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
  const expiries = findExpiries(intended, keys, renews, app);
  const newest = expiries.findLastIndex((expiry) => expiry !== undefined);
  const plan = cutOnKeptProcess(intended, newest);
  const left = plan.steps.slice(newest + 1);
  const refusal = findRefusal(app, plan, left, renews);
  const toRun = refusal === undefined ? left : [];
  const cliLogins = await findCliLogins(plan, app);
  const world: RequestWorld = { way: signInWay(options, app.ctx), keys, cliLogins };
  const { requests, asks } = refusal === undefined
    ? await foresee(toRun, plan, app, world)
    : { requests: [], asks: [] };
  return {
    profile,
    settings: listSettings(chain, app.config()),
    steps: plan.steps.map((step, index) => ({
      kind: step.kind,
      profile: step.profile,
      ...describeExpiry(expiries[index]),
      why: explainStep(step, plan, chain),
    })),
    requests,
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

/** What running some steps would ask, of AWS and of a person. */
async function foresee(
  toRun: readonly Step[],
  plan: Plan,
  app: App,
  world: RequestWorld,
): Promise<Pick<Explanation, "requests" | "asks">> {
  return {
    requests: [
      ...await listRequests(toRun, world),
      ...await listIdentityRequest(plan, toRun.length === 0, world),
    ],
    asks: listAsks(toRun, plan, app, world),
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
    const fault = findLengthFault(toRun, plan.steps.at(-toRun.length - 1));
    if (fault !== undefined) return fault.message;
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
