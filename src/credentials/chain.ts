import { explainGone, VaultError, WrongPassphraseError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { Run } from "./run.ts";
import { SessionCache, type Use } from "./session_cache.ts";
import type { Plan, Step } from "./steps.ts";

/** How it is renewed what a caller will come back for (`exec --json`, the servers). */
export interface Renewal {
  readonly use: Use;
  /** A person may be asked while what is kept still serves. */
  readonly isAttended: boolean;
}

/** What still serves is not held back for long where nobody answers: so much of the limit is spent. */
const UNATTENDED_MS = 15_000;

/**
 * The credentials a plan ends with: from the newest step whose session is kept and fresh, the rest
 * of the steps are run and kept in turn. A hit reads the keyring's names once and one item once.
 *
 * @param renewal for callers that renew: where a new session cannot be had, a kept one serves to
 *   its last second
 */
export async function retrieveCredentials(
  plan: Plan,
  run: Run,
  minTtlSeconds: number,
  renewal?: Renewal,
): Promise<Credentials> {
  if (plan.account === undefined) return await retrieve(plan, run, minTtlSeconds, renewal);
  const { checkAccount, checkStep } = await import("./account.ts");
  checkStep(plan.steps.at(-1)!, plan.account);
  const credentials = await retrieve(plan, run, minTtlSeconds, renewal);
  return await checkAccount(credentials, plan.account, run);
}

async function retrieve(
  plan: Plan,
  run: Run,
  minTtlSeconds: number,
  renewal: Renewal | undefined,
): Promise<Credentials> {
  for (const remark of plan.remarks) run.ctx.debug(remark);
  const cache = new SessionCache(run.backend, run.ctx, minTtlSeconds);
  const id = plan.steps.at(-1)?.cache;
  const kept = renewal && id && await cache.findValid(id, await run.keys(), renewal.use);
  const make = async (how: Run) =>
    await runSteps(plan, how, cache, renewal?.use).catch((error) => throwTold(error, run));
  if (kept === undefined) return await make(run);
  if (kept.isFresh) return kept.credentials;
  try {
    return await make(renewal!.isAttended ? run : leaveAlone(run));
  } catch (error) {
    if (!(error instanceof VaultError) || error instanceof WrongPassphraseError) throw error;
    const leftMs = kept.expiresAtMs - run.ctx.clock.now();
    if (leftMs <= 0) throw error;
    const minutes = Math.floor(leftMs / 60_000);
    const left = minutes < 1 ? "less than a minute" : `${minutes} min`;
    run.ctx.note(
      `aws-vault: warning: the session of ${plan.profile} ends in ${left} and was not renewed: ` +
        error.message,
    );
    return kept.credentials;
  }
}

/** A run in which no person is asked. */
function leaveAlone(run: Run): Run {
  const waitedMs = (run.ctx.waitedMs ?? 0) + UNATTENDED_MS;
  return { ...run, ctx: { ...run.ctx, waitedMs }, isUnattended: true };
}

/** Where a part of the agent's program is gone, whoever asked it may have a whole one. */
function throwTold(error: unknown, { ctx }: Run): never {
  const told = explainGone(error);
  if (told !== error) ctx.remote?.passOn("a part of the agent's program is gone");
  throw told;
}

async function runSteps(
  plan: Plan,
  run: Run,
  cache: SessionCache,
  use: Use | undefined,
): Promise<Credentials> {
  const { index, credentials } = await findNewest(plan.steps, cache, await run.keys(), use);
  let current = credentials;
  const rest = plan.steps.slice(index + 1);
  let beneath: Step | undefined = plan.steps[index];
  for (const step of rest) {
    const { checkBefore, isEnded, runStep, tellOfKept } = await import("./run_step.ts");
    if (step === rest[0]) checkBefore(rest, beneath, run);
    const ofLast = step === plan.steps.at(-1) ? { use, account: plan.account } : {};
    try {
      current = await runStep({ step, beneath, source: current, run, cache, ...ofLast });
    } catch (error) {
      if (current !== credentials || beneath?.cache === undefined) throw error;
      if (!isEnded(error)) throw tellOfKept(error, beneath);
      await cache.drop(beneath.cache, current!);
      return await runSteps(plan, run, cache, use);
    }
    beneath = step;
  }
  return current!; // a plan has a step
}

/** @param use how the last step's session is used; those beneath serve for their minimum */
async function findNewest(
  steps: readonly Step[],
  cache: SessionCache,
  keys: readonly string[],
  use: Use | undefined,
): Promise<{ index: number; credentials?: Credentials }> {
  for (let index = steps.length - 1; index >= 0; index--) {
    const id = steps[index]!.cache;
    const isLast = index === steps.length - 1;
    const credentials = id && await cache.find(id, keys, isLast ? use : undefined);
    if (credentials !== undefined) return { index, credentials };
  }
  return { index: -1 };
}
