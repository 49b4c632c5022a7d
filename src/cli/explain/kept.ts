import { CHAINED_ROLE_MAX_SECONDS } from "../../config/profile.ts";
import { renewalWindowMs } from "../../credentials/kept_session.ts";
import { findKept } from "../../credentials/session_key.ts";
import type { Plan, Step } from "../../credentials/steps.ts";
import type { App } from "../app.ts";
import { MIN_TTL_SECONDS, readMinTtl } from "../session.ts";

/** How long AWS has credentials of a console sign-in last. */
const LOGIN_MS = 15 * 60_000;

/** For each step when its kept session ends, where one is that lasts long enough to be used. */
export function findExpiries(
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

/**
 * The plan with the role above a kept `credential_process` cut to an hour: what is kept of one is a
 * session, as nothing else of it expires.
 *
 * @param newest the index of the last step that something is kept of; -1 where nothing is
 */
export function cutOnKeptProcess(plan: Plan, newest: number): Plan {
  if (plan.steps[newest]?.kind !== "process") return plan;
  const cut = (step: Step, index: number) =>
    index === newest + 1 && step.kind === "assume_role"
      ? { ...step, durationSeconds: Math.min(step.durationSeconds, CHAINED_ROLE_MAX_SECONDS) }
      : step;
  return { ...plan, steps: plan.steps.map(cut) };
}
