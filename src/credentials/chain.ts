import { VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import { withLock } from "./lock.ts";
import { createProvider } from "./providers/mod.ts";
import { PersonNeeded, type Run } from "./run.ts";
import { SessionCache } from "./session_cache.ts";
import { sessionKeyPrefix } from "./session_key.ts";
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
  for (const step of plan.steps.slice(index + 1)) {
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

async function runStep(
  step: Step,
  source: Credentials | undefined,
  run: Run,
  cache: SessionCache,
): Promise<Credentials> {
  run.ctx.protectMemory();
  const provider = await createProvider(step, run);
  for (;;) {
    await provider.prepare?.();
    try {
      return await retrieveOnce(step, () => provider.retrieve(source), run, cache);
    } catch (error) {
      if (!(error instanceof PersonNeeded)) throw error;
    }
  }
}

async function retrieveOnce(
  step: Step,
  retrieve: () => Promise<Credentials>,
  run: Run,
  cache: SessionCache,
): Promise<Credentials> {
  const identity = step.cache;
  if (identity === undefined) return await retrieve();
  run.ctx.debug(`profile ${step.profile}: asking for a new session (${identity.type})`);
  const doing = `getting a session for ${step.profile}`;
  return await withLock(sessionKeyPrefix(identity), doing, run.ctx, async () => {
    const made = await cache.find(identity, await run.backend.keys());
    if (made !== undefined) return made;
    const credentials = await retrieve();
    await cache.keep(identity, credentials);
    return credentials;
  });
}
