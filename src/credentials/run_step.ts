import { UnreachableError, VaultError } from "../errors.ts";
import type { Context, Credentials } from "../types.ts";
import { naming } from "./account.ts";
import { type Patience, UNATTENDED, type Waited, withLock } from "./lock.ts";
import { withMfaCode } from "./mfa_request.ts";
import { createProvider } from "./providers/mod.ts";
import { isUnknownKey } from "./rotation/aws.ts";
import { type CredentialProvider, PersonNeeded, type Run, unlockKeyring } from "./run.ts";
import type { SessionCache, Use } from "./session_cache.ts";
import { sessionKeyPrefix } from "./session_key.ts";
import type { CacheIdentity, MfaAnswer, MfaRequest, Step } from "./steps.ts";

/** A request of STS is waited for as long as one may take; it leaves no time for one of our own. */
const REQUEST: Patience = { seconds: 60, thereafter: "fail", ifStopped: "go on" };
/** What a program of the user's is about, nobody knows: in the end ours is started too. */
const PROGRAM: Patience = { ...REQUEST, thereafter: "go on" };
/** Who waited so long for another who reached nobody need not try the same: as long as a try takes. */
const WAITED_ENOUGH_MS = 17_500;
/** A code is soon stale, and a person who was asked may have left: who can go on by itself does. */
const WITH_CODE: Patience = { seconds: 8, thereafter: "go on", ifStopped: "go on" };

/**
 * Ends a run in which nobody can be asked before its first request, where a later step needs a code:
 * what AWS had given by then would be asked for again by whoever can.
 */
export function checkAttended(steps: readonly Step[], run: Run): void {
  const requests = steps.map((step) => "mfa" in step ? step.mfa : undefined);
  const missing = requests.find((mfa) => mfa !== undefined && mfa.token === undefined);
  if (missing === undefined) return;
  run.ctx.remote?.passOn("an MFA code is needed");
  if (run.isUnattended && missing.process === undefined) throw codeMissing(missing);
}

function codeMissing({ serial }: MfaRequest): VaultError {
  return new VaultError("prompt", `a new one needs an MFA code of ${serial}`);
}

/**
 * Runs one step on the credentials of the one beneath it, and keeps what comes. Of many who miss
 * the same session at once one makes it, the others wait and find it. The lock for that is never
 * held while a person is asked for a code: that is done before, under a lock which nobody waits
 * for longer than a moment, so that a code is asked for once and a forgotten question holds up
 * nobody.
 */
export async function runStep(
  step: Step,
  source: Credentials | undefined,
  run: Run,
  cache: SessionCache,
  use?: Use,
): Promise<Credentials> {
  run.ctx.protectMemory();
  const ctx = { ...run.ctx, waitedMs: run.ctx.waitedMs ?? 0 };
  const plain = await createProvider(step, { ...run, ctx });
  const { account } = run;
  const provider = account === undefined ? plain : naming(plain, account, run);
  if (step.cache !== undefined && !run.isUnattended) await unlockKeyring(run);
  const make = prepare(step, source, provider, { ...run, ctx }, { cache, use });
  for (;;) {
    await provider.prepare?.();
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof PersonNeeded)) throw error;
    }
  }
}

/**
 * The same on stored keys. Where AWS does not know those that were read, and others have been stored
 * since, as `rotate` does, it is run once more on them.
 */
export async function runOnStored(
  stored: Step,
  ...how: Parameters<typeof runStep>
): Promise<Credentials> {
  const [step, source, run, ...more] = how;
  try {
    return await runStep(...how);
  } catch (error) {
    if (!isUnknownKey(error)) throw error;
    const now = await (await createProvider(stored, run)).retrieve(undefined);
    if (now.accessKeyId === source?.accessKeyId) throw error;
    run.ctx.debug(`profile ${stored.profile}: other keys were stored meanwhile, trying those`);
    return await runStep(step, now, run, ...more);
  }
}

/** How a step is run: at once where nothing of it is kept. */
function prepare(
  step: Step,
  source: Credentials | undefined,
  provider: CredentialProvider,
  run: CountingRun,
  sessions: Sessions,
): () => Promise<Credentials> {
  if (step.cache === undefined) return () => provider.retrieve(source);
  run.ctx.debug(`profile ${step.profile}: asking for a new session (${step.cache.type})`);
  const making = new Making(step, step.cache, source, provider, run, sessions);
  const mfa = "mfa" in step ? step.mfa : undefined;
  return () => making.run(mfa);
}

/** The kept sessions, and how this step's is used. */
interface Sessions {
  readonly cache: SessionCache;
  readonly use?: Use;
}

/** A run that counts how long others were waited for. */
type CountingRun = Run & { readonly ctx: Context & { waitedMs: number } };

/** The making of one session that is kept. */
class Making {
  readonly #step: Step;
  readonly #id: CacheIdentity;
  readonly #source: Credentials | undefined;
  readonly #provider: CredentialProvider;
  readonly #run: CountingRun;
  readonly #sessions: Sessions;

  constructor(
    step: Step,
    id: CacheIdentity,
    source: Credentials | undefined,
    provider: CredentialProvider,
    run: CountingRun,
    sessions: Sessions,
  ) {
    this.#step = step;
    this.#id = id;
    this.#source = source;
    this.#provider = provider;
    this.#run = run;
    this.#sessions = sessions;
  }

  async run(mfa: MfaRequest | undefined): Promise<Credentials> {
    if (mfa === undefined || mfa.token !== undefined) return await this.#withCode(mfa);
    if (this.#run.isUnattended && mfa.process === undefined) throw codeMissing(mfa);
    return await withLock(
      `code ${sessionKeyPrefix(this.#id)}`,
      `getting an MFA code for ${this.#step.profile}`,
      this.#run.ctx,
      async (waited) => await this.#find() ?? await this.#askFirst(mfa, waited),
      WITH_CODE,
    );
  }

  /** Where nobody can be asked here, somebody may have been asked elsewhere. */
  async #askFirst(mfa: MfaRequest, { ms, inVainFor }: Waited): Promise<Credentials> {
    this.#run.ctx.waitedMs += ms;
    try {
      return await this.#withCode(mfa);
    } catch (error) {
      if (inVainFor === undefined || !(error instanceof VaultError)) throw error;
      if (error.code !== "prompt") throw error;
      throw new VaultError("prompt", error.message, [
        `${inVainFor}, another aws-vault, is asking for a code of ${mfa.serial}: answer that one`,
        ...error.hints,
      ], error);
    }
  }

  #withCode(mfa: MfaRequest | undefined): Promise<Credentials> {
    return withMfaCode(mfa, this.#run, (answer) => this.#makeOnce(answer));
  }

  async #makeOnce(answer: MfaAnswer | undefined): Promise<Credentials> {
    const doing = `getting a session for ${this.#step.profile}`;
    const make = async (waited: Waited) => await this.#find() ?? await this.#make(answer, waited);
    return await withLock(
      sessionKeyPrefix(this.#id),
      doing,
      this.#run.ctx,
      make,
      this.#patience(answer),
    );
  }

  #patience(answer: MfaAnswer | undefined): Patience {
    if (this.#run.isUnattended) return UNATTENDED;
    if (answer !== undefined) return WITH_CODE;
    return this.#step.kind === "process" ? PROGRAM : REQUEST;
  }

  async #find(): Promise<Credentials | undefined> {
    const { cache, use } = this.#sessions;
    return await cache.find(this.#id, await this.#run.backend.keys(), use);
  }

  async #make(answer: MfaAnswer | undefined, waited: Waited): Promise<Credentials> {
    const { ms, unreachable } = waited;
    this.#run.ctx.waitedMs += ms;
    if (unreachable !== undefined && ms >= WAITED_ENOUGH_MS) {
      throw new UnreachableError(unreachable, [
        "another aws-vault tried, and this one waited for it: check that this machine is online",
      ]);
    }
    const credentials = await this.#provider.retrieve(this.#source, answer);
    if (credentials.expiresAtMs === undefined) waited.keepNothing();
    await this.#sessions.cache.keep(this.#id, credentials);
    return credentials;
  }
}
