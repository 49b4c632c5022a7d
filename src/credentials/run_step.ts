import { asArgument, AwsRefusal, VaultError } from "../errors.ts";
import { formatExpiry } from "../expiry.ts";
import type { Context, Credentials } from "../types.ts";
import { naming } from "./account.ts";
import { findLengthFault } from "./lengths.ts";
import { type CountingWork, Making, type StepWork } from "./making.ts";
import { createProvider } from "./providers/mod.ts";
import { isUnknownKey } from "./rotation/aws.ts";
import { type CredentialProvider, PersonNeeded, type Run, unlockKeyring } from "./run.ts";
import type { Step } from "./steps.ts";

/**
 * Ends a run before its first request, and before a person is asked, where it cannot come to an end.
 *
 * @param beneath what the first step is run on
 */
export function checkBefore(steps: readonly Step[], beneath: Step | undefined, run: Run): void {
  const fault = findLengthFault(steps, beneath);
  if (fault !== undefined) throw fault;
  checkAttended(steps, run);
}

/**
 * Where nobody can be asked, and a later step needs a code: what AWS had given by then would be asked
 * for again by whoever can.
 */
function checkAttended(steps: readonly Step[], run: Run): void {
  const missing = steps.flatMap((step) =>
    "mfa" in step && step.mfa !== undefined && step.mfa.token === undefined ? [step.mfa] : []
  );
  if (missing.length > 0) run.ctx.remote?.passOn("an MFA code is needed");
  const asked = missing.find(({ process }) => process === undefined);
  if (!run.isUnattended || asked === undefined) return;
  throw new VaultError("prompt", `a new one needs an MFA code of ${asked.serial}`);
}

/**
 * Whether the session beneath has ended by AWS' clock. One that is kept lasts by ours: it stands
 * behind, as in a virtual machine that was paused.
 */
export function isEnded(error: unknown): boolean {
  return error instanceof AwsRefusal && /^ExpiredToken(Exception)?$/.test(error.awsCode);
}

/**
 * A session ends with the key that it was made with. That may have been changed by another program, or
 * on another machine; but a region that the account has not enabled knows none either.
 *
 * @param beneath the step whose kept session was refused
 */
export function tellOfKept(error: unknown, { profile }: Step): unknown {
  if (!isUnknownKey(error)) return error;
  const { awsCode, httpStatus, message, hints } = error;
  return new AwsRefusal(awsCode, httpStatus, message, [
    `it is a kept session: where it was made with keys that are gone, it is dropped with ` +
    `aws-vault clear ${asArgument(profile)}`,
    ...hints,
  ]);
}

/**
 * Runs one step on the credentials of the one beneath it, and keeps what comes. Of many who miss
 * the same session at once one makes it, the others wait and find it. The lock for that is never
 * held while a person is asked for a code: that is done before, under a lock which nobody waits
 * for longer than a moment, so that a code is asked for once and a forgotten question holds up
 * nobody.
 */
export async function runStep(work: StepWork): Promise<Credentials> {
  const credentials = await runOnWhatIsStored(work);
  warnOfClock(credentials, work);
  return credentials;
}

/**
 * Where AWS does not know the stored keys that were read, and others have been stored since, as
 * `rotate` does, the step is run once more on them.
 */
async function runOnWhatIsStored(work: StepWork): Promise<Credentials> {
  const { beneath, source, run } = work;
  try {
    return await runOnce(work);
  } catch (error) {
    if (beneath?.kind !== "stored" || !isUnknownKey(error)) throw error;
    const now = await (await createProvider(beneath, run)).retrieve(undefined);
    if (now.accessKeyId === source?.accessKeyId) throw error;
    run.ctx.debug(`profile ${beneath.profile}: other keys were stored meanwhile, trying those`);
    return await runOnce({ ...work, source: now });
  }
}

async function runOnce(work: StepWork): Promise<Credentials> {
  const { step, account } = work;
  work.run.ctx.protectMemory();
  const run = { ...work.run, ctx: { ...work.run.ctx, waitedMs: work.run.ctx.waitedMs ?? 0 } };
  const plain = await createProvider(step, run);
  const provider = account === undefined ? plain : naming(plain, account, run);
  if (step.cache !== undefined && !run.isUnattended) await unlockKeyring(run);
  const make = prepare({ ...work, run }, provider);
  for (;;) {
    await provider.prepare?.();
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof PersonNeeded)) throw error;
    }
  }
}

/** How a step is run: at once where nothing of it is kept. */
function prepare(work: CountingWork, provider: CredentialProvider): () => Promise<Credentials> {
  const { step, source, run } = work;
  if (step.cache === undefined) return () => provider.retrieve(source);
  run.ctx.debug(`profile ${step.profile}: asking for a new session (${step.cache.type})`);
  const making = new Making(step.cache, provider, work);
  return () => making.run();
}

/** The runs that were told, known by their `note`: a server would tell at each request. */
const told = new WeakSet<Context["note"]>();

/** AWS gives nothing that has ended: it is the time here that is wrong, and programs go by it. */
function warnOfClock({ expiresAtMs }: Credentials, { step, run: { ctx } }: StepWork): void {
  if (expiresAtMs === undefined || expiresAtMs > ctx.clock.now() || told.has(ctx.note)) return;
  told.add(ctx.note);
  const at = formatExpiry(expiresAtMs);
  ctx.note(
    `aws-vault: warning: the new session of ${step.profile} ended at ${at} by this machine's ` +
      "clock, which seems to be wrong: compare `date -u` with the real time",
  );
}
