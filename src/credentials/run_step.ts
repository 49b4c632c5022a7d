import { describeCause, UnreachableError, VaultError } from "../errors.ts";
import { formatExpiry } from "../expiry.ts";
import type { Context, Credentials } from "../types.ts";
import { naming } from "./account.ts";
import { hasChanged } from "./basis.ts";
import { type Patience, UNATTENDED, type Waited, withLock } from "./lock.ts";
import { withMfaCode } from "./mfa_request.ts";
import { createProvider } from "./providers/mod.ts";
import { isUnknownKey } from "./rotation/aws.ts";
import { type CredentialProvider, PersonNeeded, type Run, unlockKeyring } from "./run.ts";
import type { SessionCache, Use } from "./session_cache.ts";
import { formatSessionKey, sessionKeyPrefix } from "./session_key.ts";
import type { AccountRule, CacheIdentity, MfaAnswer, MfaRequest, Step } from "./steps.ts";

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
  const missing = steps.flatMap((step) =>
    "mfa" in step && step.mfa !== undefined && step.mfa.token === undefined ? [step.mfa] : []
  );
  if (missing.length > 0) run.ctx.remote?.passOn("an MFA code is needed");
  const asked = missing.find(({ process }) => process === undefined);
  if (!run.isUnattended || asked === undefined) return;
  throw new VaultError("prompt", `a new one needs an MFA code of ${asked.serial}`);
}

/** A step to be run. */
export interface StepWork {
  readonly step: Step;
  readonly beneath?: Step;
  /** The credentials of the step beneath. */
  readonly source?: Credentials;
  readonly run: Run;
  readonly cache: SessionCache;
  /** How its session is used, once it is kept. */
  readonly use?: Use;
  /** Whose its credentials have to be: they are kept with the answer. */
  readonly account?: AccountRule;
}

/**
 * Runs one step on the credentials of the one beneath it, and keeps what comes. Of many who miss
 * the same session at once one makes it, the others wait and find it. The lock for that is never
 * held while a person is asked for a code: that is done before, under a lock which nobody waits
 * for longer than a moment, so that a code is asked for once and a forgotten question holds up
 * nobody.
 */
export async function runStep(work: StepWork): Promise<Credentials> {
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

/**
 * The same on stored keys. Where AWS does not know those that were read, and others have been stored
 * since, as `rotate` does, it is run once more on them.
 */
export async function runOnStored(stored: Step, work: StepWork): Promise<Credentials> {
  const { run, source } = work;
  try {
    return await runStep(work);
  } catch (error) {
    if (!isUnknownKey(error)) throw error;
    const now = await (await createProvider(stored, run)).retrieve(undefined);
    if (now.accessKeyId === source?.accessKeyId) throw error;
    run.ctx.debug(`profile ${stored.profile}: other keys were stored meanwhile, trying those`);
    return await runStep({ ...work, source: now });
  }
}

/** The runs that were told, known by their `note`: a server would tell at each request. */
const told = new WeakSet<Context["note"]>();

/** AWS gives nothing that has ended: it is the time here that is wrong, and programs go by it. */
export function warnOfClock({ expiresAtMs }: Credentials, { profile }: Step, { ctx }: Run): void {
  if (expiresAtMs === undefined || expiresAtMs > ctx.clock.now() || told.has(ctx.note)) return;
  told.add(ctx.note);
  ctx.note(
    `aws-vault: warning: the new session of ${profile} ended at ${formatExpiry(expiresAtMs)} by ` +
      "this machine's clock, which seems to be wrong: compare `date -u` with the real time",
  );
}

/** How a step is run: at once where nothing of it is kept. */
function prepare(work: CountingWork, provider: CredentialProvider): () => Promise<Credentials> {
  const { step, source, run } = work;
  if (step.cache === undefined) return () => provider.retrieve(source);
  run.ctx.debug(`profile ${step.profile}: asking for a new session (${step.cache.type})`);
  const making = new Making(step.cache, provider, work);
  const mfa = "mfa" in step ? step.mfa : undefined;
  return () => making.run(mfa);
}

/** Work that counts how long others were waited for. */
type CountingWork = StepWork & { readonly run: { readonly ctx: { waitedMs: number } } };

/** The making of one session that is kept. */
class Making {
  readonly #id: CacheIdentity;
  readonly #provider: CredentialProvider;
  readonly #work: CountingWork;

  constructor(id: CacheIdentity, provider: CredentialProvider, work: CountingWork) {
    this.#id = id;
    this.#provider = provider;
    this.#work = work;
  }

  async run(mfa: MfaRequest | undefined): Promise<Credentials> {
    if (mfa === undefined || mfa.token !== undefined) return await this.#withCode(mfa);
    const name = `code ${sessionKeyPrefix(this.#id)}`;
    const doing = `getting an MFA code for ${this.#id.profile}`;
    const ask = async (waited: Waited) => await this.#find() ?? await this.#askFirst(mfa, waited);
    return await withLock({ name, doing, patience: WITH_CODE }, this.#work.run.ctx, ask);
  }

  /** Where nobody can be asked here, somebody may have been asked elsewhere. */
  async #askFirst(mfa: MfaRequest, { ms, inVainFor }: Waited): Promise<Credentials> {
    this.#work.run.ctx.waitedMs += ms;
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
    return withMfaCode(mfa, this.#work.run, (answer) => this.#makeOnce(answer));
  }

  async #makeOnce(answer: MfaAnswer | undefined): Promise<Credentials> {
    const name = sessionKeyPrefix(this.#id);
    const doing = `getting a session for ${this.#id.profile}`;
    const make = async (waited: Waited) => {
      const keys = await this.#work.run.backend.keys();
      return await this.#find(keys) ?? await this.#make(answer, waited, keys);
    };
    return await withLock(
      { name, doing, patience: this.#patience(answer) },
      this.#work.run.ctx,
      make,
    );
  }

  #patience(answer: MfaAnswer | undefined): Patience {
    if (this.#work.run.isUnattended) return UNATTENDED;
    if (answer !== undefined) return WITH_CODE;
    return this.#work.step.kind === "process" ? PROGRAM : REQUEST;
  }

  async #find(keys?: readonly string[]): Promise<Credentials | undefined> {
    const { run, cache, use } = this.#work;
    return await cache.find(this.#id, keys ?? await run.backend.keys(), use);
  }

  /** @param keys the names in the keyring */
  async #make(
    answer: MfaAnswer | undefined,
    waited: Waited,
    keys: readonly string[],
  ): Promise<Credentials> {
    const { ms, unreachable } = waited;
    this.#work.run.ctx.waitedMs += ms;
    if (unreachable !== undefined && ms >= WAITED_ENOUGH_MS) {
      throw new UnreachableError(unreachable, [
        "another aws-vault tried, and this one waited for it: check that this machine is online",
      ]);
    }
    const credentials = await this.#provider.retrieve(this.#work.source, answer);
    if (credentials.expiresAtMs === undefined) waited.keepNothing();
    await this.#work.cache.keep(this.#id, credentials);
    if (credentials.expiresAtMs !== undefined) {
      await this.#dropOutdated(credentials.expiresAtMs, keys);
    }
    return credentials;
  }

  /** Looked for once it is kept: who changes what it is made of finds it from then on. */
  async #dropOutdated(expiresAtMs: number, before: readonly string[]): Promise<void> {
    const { backend, ctx } = this.#work.run;
    const { profile } = this.#id;
    try {
      if (!await hasChanged(this.#work, before, backend)) return;
      ctx.debug(`profile ${profile}: what its session is made of was changed meanwhile`);
      await backend.remove(formatSessionKey(this.#id, expiresAtMs));
    } catch (error) {
      ctx.debug(`profile ${profile}: its session stays: ${describeCause(error)}`);
    }
  }
}
