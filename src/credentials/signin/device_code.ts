import type { DeviceAuthorization, NewToken, OidcCalls, PollAnswer } from "../../aws/oidc.ts";
import { VaultError } from "../../errors.ts";
import type { SignInRun } from "../run.ts";
import type { SsoTarget } from "../steps.ts";
import { isPassing, isUnknownClient, printable, refusedInBrowser } from "./outcome.ts";
import { keptRegistration, register, titleOf } from "./registration.ts";
import type { SsoRegistration, SsoToken } from "./token.ts";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** RFC 8628, section 3.5: by how much `slow_down`, or no answer at all, lengthens the interval. */
const SLOW_DOWN_SECONDS = 5;
/** So many polls without an answer in a row are told; none of them ends the sign-in. */
const UNANSWERED_POLLS_TOLD = 3;

/** No poll takes longer. */
const MOST_SECONDS = 60;

/** A token, and the registration that it can be refreshed with. */
export interface SignedIn {
  readonly answer: NewToken;
  readonly registration: SsoRegistration;
}

/** A person's confirmation of a code, in a browser on whatever machine (RFC 8628). */
export async function signInByDeviceCode(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<SignedIn> {
  const authorized = await authorize(old, target, run, oidc);
  await show(authorized.authorization, target, run);
  const answer = await new Polling(authorized, target, run, oidc).wait();
  return { answer, registration: authorized.registration };
}

/** A code, and the registration that it was given to. */
interface Authorized {
  readonly registration: SsoRegistration;
  readonly authorization: DeviceAuthorization;
}

async function authorize(
  old: SsoToken | undefined,
  target: SsoTarget,
  run: SignInRun,
  oidc: OidcCalls,
): Promise<Authorized> {
  const kept = keptRegistration(old, DEVICE_GRANT, target, run);
  if (kept !== undefined) {
    try {
      return { registration: kept, authorization: await oidc.startDeviceAuthorization(kept) };
    } catch (error) {
      if (!isUnknownClient(error)) throw error;
      run.ctx.debug(`the kept client registration is not taken any more: ${error.message}`);
    }
  }
  const registration = await register({ grants: [DEVICE_GRANT, "refresh_token"] }, target, oidc);
  return { registration, authorization: await oidc.startDeviceAuthorization(registration) };
}

/** The code is shown whether or not a browser opens: it is what a user can tell a phisher's by. */
async function show(
  authorization: DeviceAuthorization,
  target: SsoTarget,
  run: SignInRun,
): Promise<void> {
  const { url, userCode } = authorization;
  run.ctx.tell(`${titleOf(target)} (Ctrl-C gives up):`);
  run.ctx.tell(`confirm the code ${printable(userCode)} at ${printable(url)}`);
  if (run.useStdout) return;
  const { openBrowser } = await import("../../prompt/browser.ts");
  await openBrowser(url, run.ctx);
}

/** Asks again and again whether the user has confirmed the code. */
class Polling {
  readonly #authorized: Authorized;
  readonly #target: SsoTarget;
  readonly #run: SignInRun;
  readonly #oidc: OidcCalls;
  /** The faults since AWS answered last. */
  #faults: VaultError[] = [];

  constructor(authorized: Authorized, target: SsoTarget, run: SignInRun, oidc: OidcCalls) {
    this.#authorized = authorized;
    this.#target = target;
    this.#run = run;
    this.#oidc = oidc;
  }

  /** A clock that is put right meanwhile ends no code: what each pause and poll can take is counted. */
  async wait(): Promise<NewToken> {
    const { clock } = this.#run.ctx;
    let { intervalSeconds, expiresInSeconds: leftSeconds } = this.#authorized.authorization;
    while (leftSeconds > 0) {
      const askedAtMs = clock.now();
      const answer = await this.#poll();
      if (typeof answer === "object") return answer;
      if (answer === "access_denied") {
        throw refusedInBrowser(this.#target.subject, this.#target.startUrl);
      }
      if (answer === "expired_token") break;
      if (answer !== "authorization_pending") intervalSeconds += SLOW_DOWN_SECONDS;
      await clock.sleep(intervalSeconds * 1000);
      const passedSeconds = (clock.now() - askedAtMs) / 1000;
      leftSeconds -= Math.min(
        Math.max(passedSeconds, intervalSeconds),
        intervalSeconds + MOST_SECONDS,
      );
    }
    throw this.#faults.at(-1) ?? this.#expired();
  }

  /** While a person looks for a browser the network may fail now and then: that ends nothing. */
  async #poll(): Promise<NewToken | PollAnswer | "no answer"> {
    const { registration, authorization } = this.#authorized;
    try {
      const answer = await this.#oidc.poll(registration, authorization.deviceCode);
      this.#faults = [];
      return answer;
    } catch (error) {
      if (!(error instanceof VaultError && isPassing(error))) throw error;
      this.#faults.push(error);
      const told = this.#faults.length === UNANSWERED_POLLS_TOLD ? "note" : "debug";
      this.#run.ctx[told](`Still waiting for the sign-in, without an answer: ${error.message}`);
      return "no answer";
    }
  }

  #expired(): VaultError {
    return new VaultError(
      "credentials",
      `${this.#target.subject}: the sign-in code expired before it was confirmed`,
      ["run the command again and confirm the code it prints in a browser"],
    );
  }
}
