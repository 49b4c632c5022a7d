import { UnansweredError, VaultError } from "../../errors.ts";
import { type Failure, type Lock, UNATTENDED, withLock } from "../lock.ts";
import type { SignInRun } from "../run.ts";

/**
 * A little longer than a person has for a sign-in, whose end those who wait are told; one that is
 * stopped is done anew.
 */
const PATIENCE = { seconds: 660, thereafter: "go on", ifStopped: "go on" } as const;

/** A person said no, or nothing, or it was somebody else; or AWS said nothing. */
const isForAll = (error: unknown): error is VaultError =>
  error instanceof UnansweredError || error instanceof VaultError && error.code === "credentials";

/**
 * What `find` finds, or `make` brings in the one process of many that signs in. The others wait and
 * find it; where the sign-in fails, they fail with it: each of them would ask the same person anew,
 * or the same network.
 */
export async function signInTogether<T>(
  { name, doing }: Pick<Lock, "name" | "doing">,
  run: SignInRun,
  find: () => Promise<T | undefined>,
  make: () => Promise<T>,
): Promise<T> {
  const patience = run.isUnattended ? UNATTENDED : PATIENCE;
  const lock = { name, doing, patience, leavesWord: isForAll };
  return await withLock(lock, run.ctx, async ({ ms, failure }) => {
    const found = await find();
    if (found !== undefined) return found;
    if (failure === undefined || ms === 0) return await make();
    throw failAlike(failure);
  });
}

/** An error that is left for those who wait in their turn. */
function failAlike({ code, message }: Failure): VaultError {
  const hints = ["another aws-vault asked, and this one waited for it: run the command again"];
  return code === "network"
    ? new UnansweredError(message, hints)
    : new VaultError(code, message, hints);
}
