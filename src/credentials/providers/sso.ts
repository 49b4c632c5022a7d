import type { Credentials } from "../../types.ts";
import { type CredentialProvider, PersonNeeded, type Run } from "../run.ts";
import {
  isReplaceable,
  openSsoSession,
  renewSsoSession,
  type SsoSession,
} from "../signin/session.ts";
import type { SsoStep } from "../steps.ts";

/** A role of IAM Identity Center, for whoever is or gets signed in at its start URL. */
export function createProvider(step: SsoStep, run: Run): CredentialProvider {
  return new SsoProvider(step, run);
}

class SsoProvider implements CredentialProvider {
  readonly #step: SsoStep;
  readonly #run: Run;
  #session: SsoSession | undefined;
  #refusals = 0;

  constructor(step: SsoStep, run: Run) {
    this.#step = step;
    this.#run = run;
  }

  /** A sign-in has a lock of its own, whose waiters know that a person is at it. */
  async prepare(): Promise<void> {
    this.#session = this.#session === undefined
      ? await openSsoSession(this.#step, this.#run)
      : await renewSsoSession(this.#step, this.#run, this.#session);
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
}
