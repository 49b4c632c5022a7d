import { VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import type { Run } from "./run.ts";
import { SessionCache } from "./session_cache.ts";
import type { Plan, Step } from "./steps.ts";

/**
 * The credentials a plan ends with: from the newest step whose session is kept and fresh, the rest
 * of the steps are run and kept in turn. A hit reads the keyring's names once and one item once.
 */
export async function retrieveCredentials(
  plan: Plan,
  run: Run,
  minTtlSeconds: number,
): Promise<Credentials> {
  for (const remark of plan.remarks) run.ctx.debug(remark);
  const cache = new SessionCache(run.backend, run.ctx, minTtlSeconds);
  const { index, credentials } = await findNewest(plan.steps, cache, await run.keys());
  let current = credentials;
  const missing = plan.steps.slice(index + 1);
  for (const step of missing) {
    const { runStep } = await import("./run_step.ts");
    current = await runStep(step, current, run, cache);
  }
  if (current !== undefined) return current;
  throw new VaultError("credentials", `profile ${plan.profile}: credentials missing`);
}

async function findNewest(
  steps: readonly Step[],
  cache: SessionCache,
  keys: readonly string[],
): Promise<{ index: number; credentials?: Credentials }> {
  for (let index = steps.length - 1; index >= 0; index--) {
    const identity = steps[index]!.cache;
    const credentials = identity && await cache.find(identity, keys);
    if (credentials !== undefined) return { index, credentials };
  }
  return { index: -1 };
}
