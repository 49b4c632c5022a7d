import type { Credentials } from "../../types.ts";
import { lastHeldMs } from "../lock.ts";
import { type CredentialProvider, PersonNeeded, type Run } from "../run.ts";
import { OIDC_PREFIX } from "../session_key.ts";
import {
  isReplaceable,
  openSsoSession,
  renewSsoSession,
  type SsoSession,
} from "../signin/session.ts";
import { readSsoToken } from "../signin/token.ts";
import type { SsoStep } from "../steps.ts";

/** A role of IAM Identity Center, for whoever is or gets signed in at its start URL. */
export function createProvider(step: SsoStep, run: Run): CredentialProvider {
  return new SsoProvider(step, run);
}

class SsoProvider implements CredentialProvider {
  readonly #step: SsoStep;
  readonly #run: Run;
  #session: SsoSession | undefined;
  /** When somebody had last begun to sign in, as the session was read. */
  #lastSignInMs: number | undefined;
  #refusals = 0;

  constructor(step: SsoStep, run: Run) {
    this.#step = step;
    this.#run = run;
  }

  /** A sign-in has a lock of its own, whose waiters know that a person is at it. */
  async prepare(): Promise<void> {
    this.#lastSignInMs = await this.#findLastSignIn();
    this.#session = this.#session === undefined
      ? await openSsoSession(this.#step, this.#run)
      : await renewSsoSession(this.#step, this.#run, this.#session);
    if (this.#session.origin !== "kept") this.#lastSignInMs = await this.#findLastSignIn(); // ours
  }

  async retrieve(): Promise<Credentials> {
    const { getRoleCredentials } = await import("../../aws/sso.ts");
    if (this.#session === undefined) throw new PersonNeeded();
    const { token, origin } = this.#session;
    try {
      return await getRoleCredentials(this.#step, token.accessToken, this.#run.ctx);
    } catch (error) {
      if (!isReplaceable(this.#session, error, ++this.#refusals)) throw error;
      this.#run.ctx.debug(`the portal refused the ${origin} SSO token of ${this.#step.startUrl}`);
      throw new PersonNeeded();
    }
  }

  /**
   * The token is read again only where somebody has begun to sign in: it may ask a person. One that
   * was refreshed meanwhile is the same person's.
   */
  async isOutdated(): Promise<boolean> {
    if (await this.#findLastSignIn() === this.#lastSignInMs) return false;
    const { backend, ctx } = this.#run;
    const kept = await readSsoToken(this.#step.startUrl, backend, ctx);
    const own = this.#session?.token;
    if (kept === undefined || kept.accessToken === own?.accessToken) return false;
    return kept.signIn === undefined || kept.signIn !== own?.signIn;
  }

  #findLastSignIn(): Promise<number | undefined> {
    return lastHeldMs(OIDC_PREFIX + this.#step.startUrl, this.#run.ctx);
  }
}
