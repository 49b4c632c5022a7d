import { describeSource, type Source } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Step, StsTarget } from "./steps.ts";

/** What AWS gives no session shorter than. */
const SHORTEST_SECONDS = 900;
const LONGEST_ROLE_SECONDS = 43_200;
const LONGEST_SESSION_SECONDS = 129_600;

/** A length that is asked for, and what asks for it. */
interface Length {
  readonly profile: string;
  readonly target: StsTarget;
  readonly durationSeconds: number;
  readonly lengthFrom: Source;
}

/**
 * What is wrong with the first step whose length AWS takes from nobody: a person would be asked for a
 * code first, and then told. What it takes for one role and not for another, it says itself,
 * and another service, at an endpoint of its own, may take other lengths.
 *
 * @param beneath what the first of them is run on
 */
export function findLengthFault(steps: readonly Step[], beneath?: Step): VaultError | undefined {
  for (const [index, step] of steps.entries()) {
    const fault = findStepFault(step, steps[index - 1] ?? beneath);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function findStepFault(step: Step, beneath: Step | undefined): VaultError | undefined {
  if (step.kind === "session_token") {
    return findFault(step, "sessions of a user", LONGEST_SESSION_SECONDS);
  }
  if (step.kind !== "assume_role" && step.kind !== "web_identity") return undefined;
  // What a process gives may be a session, and then the length is cut.
  const longest = beneath?.kind === "process" ? Infinity : LONGEST_ROLE_SECONDS;
  return findFault(step, "roles", longest);
}

function findFault(
  { profile, target, durationSeconds, lengthFrom }: Length,
  whose: string,
  longestSeconds: number,
): VaultError | undefined {
  if (target.endpoint !== undefined) return undefined;
  if (durationSeconds >= SHORTEST_SECONDS && durationSeconds <= longestSeconds) return undefined;
  const hours = (whose === "roles" ? LONGEST_ROLE_SECONDS : LONGEST_SESSION_SECONDS) / 3600;
  return new VaultError(
    "config",
    `profile ${profile}: ${describeSource(lengthFrom)}: AWS gives ${whose} for 15m to ${hours}h, ` +
      `not for ${durationSeconds}s`,
  );
}
