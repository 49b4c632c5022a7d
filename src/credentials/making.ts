import { describeCause, UnreachableError, VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import { type Basis, hasChanged, OUTDATED, readBasis } from "./basis.ts";
import { type Patience, UNATTENDED, type Waited, withLock } from "./lock.ts";
import { withMfaCode } from "./mfa_request.ts";
import type { CredentialProvider, Run } from "./run.ts";
import type { SessionCache, Use } from "./session_cache.ts";
import { formatSessionKey, sessionKeyPrefix } from "./session_key.ts";
import type { AccountRule, CacheIdentity, MfaAnswer, MfaRequest } from "./steps.ts";

/** A request of STS is waited for as long as one may take; it leaves no time for one of our own. */
const REQUEST: Patience = { seconds: 60, thereafter: "fail", ifStopped: "go on" };
/** What a program of the user's is about, nobody knows: in the end ours is started too. */
const PROGRAM: Patience = { ...REQUEST, thereafter: "go on" };
/** Who waited so long for another who reached nobody need not try the same: as long as a try takes. */
const WAITED_ENOUGH_MS = 17_500;
/** A code is soon stale, and a person who was asked may have left: who can go on by itself does. */
const WITH_CODE: Patience = { seconds: 8, thereafter: "go on", ifStopped: "go on" };

/** When a session was made is kept in whole seconds. */
const MADE_WITHIN_MS = 1_000;

/** A step to be run. */
export interface StepWork extends Basis {
  readonly run: Run;
  readonly cache: SessionCache;
  /** How its session is used, once it is kept. */
  readonly use?: Use;
  /** Whose its credentials have to be: they are kept with the answer. */
  readonly account?: AccountRule;
}

/** Work that counts how long others were waited for. */
export type CountingWork = StepWork & { readonly run: { readonly ctx: { waitedMs: number } } };

/** The making of one session that is kept. */
export class Making {
  readonly #id: CacheIdentity;
  readonly #provider: CredentialProvider;
  readonly #work: CountingWork;
  /** The names in the keyring before anybody was asked or waited for. */
  #before: readonly string[] | undefined;

  constructor(id: CacheIdentity, provider: CredentialProvider, work: CountingWork) {
    this.#id = id;
    this.#provider = provider;
    this.#work = work;
  }

  async run(): Promise<Credentials> {
    const { step } = this.#work;
    const mfa = "mfa" in step ? step.mfa : undefined;
    if (mfa === undefined || mfa.token !== undefined) return await this.#withCode(mfa);
    const name = `code ${sessionKeyPrefix(this.#id)}`;
    const doing = `getting an MFA code for ${this.#id.profile}`;
    const ask = async (waited: Waited) =>
      await this.#find(waited) ?? await this.#askFirst(mfa, waited);
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
      return await this.#find(waited) ?? await this.#make(answer, waited);
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
    return this.#startsProgram() ? PROGRAM : REQUEST;
  }

  #startsProgram(): boolean {
    const { step } = this.#work;
    return step.kind === "process" ||
      (step.kind === "web_identity" && step.tokenProcess !== undefined);
  }

  async #find({ ms }: Waited): Promise<Credentials | undefined> {
    const { run, cache, use } = this.#work;
    const sinceMs = ms === 0 ? undefined : run.ctx.clock.now() - ms - MADE_WITHIN_MS;
    const keys = await run.backend.keys();
    this.#before ??= [...await run.keys(), ...keys];
    return await cache.find(this.#id, keys, use, sinceMs);
  }

  async #make(answer: MfaAnswer | undefined, waited: Waited): Promise<Credentials> {
    const { ms, failure, inVainFor } = waited;
    // A program that was waited for in vain may be asking a person: no request took that time.
    if (inVainFor === undefined || !this.#startsProgram()) this.#work.run.ctx.waitedMs += ms;
    if (failure !== undefined && ms >= WAITED_ENOUGH_MS) {
      throw new UnreachableError(failure.message, [
        "another aws-vault tried, and this one waited for it: check that this machine is online",
      ]);
    }
    const { source, beneath } = this.#work;
    const credentials = await this.#ask(source, answer);
    if (credentials.expiresAtMs === undefined) {
      waited.keepNothing();
      return credentials;
    }
    const isDropped = await this.#dropOutdated(credentials);
    if (!isDropped || answer !== undefined || beneath?.kind !== "stored") return credentials;
    return await this.#askAnew(beneath.profile) ?? credentials;
  }

  /** On the keys that are stored now: those who wait have read older ones, and would ask in vain. */
  async #askAnew(profile: string): Promise<Credentials | undefined> {
    const { ctx } = this.#work.run;
    try {
      const stored = await readBasis(profile, this.#work.run);
      return stored && await this.#ask(stored);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      ctx.debug(`profile ${profile}: nothing comes of the new keys: ${error.message}`);
      return undefined;
    }
  }

  async #ask(source?: Credentials, answer?: MfaAnswer): Promise<Credentials> {
    const credentials = await this.#provider.retrieve(source, answer);
    await this.#work.cache.keep(this.#id, credentials);
    return credentials;
  }

  /** Looked for once it is kept: who changes what it is made of finds it from then on. */
  async #dropOutdated(credentials: Credentials): Promise<boolean> {
    const { backend, ctx } = this.#work.run;
    const { profile } = this.#id;
    try {
      const isChanged = await hasChanged(this.#work, this.#before!, this.#work.run) ||
        await this.#provider.isOutdated?.();
      if (!isChanged) return false;
      OUTDATED.add(credentials);
      ctx.debug(`profile ${profile}: what its session is made of was changed meanwhile`);
      return await backend.remove(formatSessionKey(this.#id, credentials.expiresAtMs!));
    } catch (error) {
      ctx.debug(`profile ${profile}: its session stays: ${describeCause(error)}`);
      return false;
    }
  }
}
