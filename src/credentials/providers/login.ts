import type { SigninAnswer } from "../../aws/signin_oauth.ts";
import { AwsRefusal, VaultError } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import { type CredentialProvider, PersonNeeded, type Run, unlockKeyring } from "../run.ts";
import { LOGIN_PREFIX } from "../session_key.ts";
import { type CliSession, readCliSession, renewCliSession } from "../signin/console_cli_cache.ts";
import {
  type ConsoleSession,
  dropConsoleSession,
  keepConsoleSession,
  readConsoleSession,
} from "../signin/console_session.ts";
import { signInToConsole } from "../signin/console_sign_in.ts";
import { isRemoved } from "../signin/kept_item.ts";
import { signInTogether } from "../signin/together.ts";
import type { LoginStep } from "../steps.ts";

/** What is left of the AWS CLI's credentials for them to be taken: its own measure. */
const LEAST_MS = 5 * 60_000;

/** Credentials of a console sign-in: renewed while it lasts, or those of a new one. */
export function createProvider(step: LoginStep, run: Run): CredentialProvider {
  return new LoginProvider(step, run);
}

class LoginProvider implements CredentialProvider {
  readonly #step: LoginStep;
  readonly #run: Run;
  /** Those that a sign-in has just brought. */
  #brought: Credentials | undefined;
  /** Refresh tokens that AWS takes no more. */
  readonly #refused = new Set<string>();
  #signIns = 0;

  constructor(step: LoginStep, run: Run) {
    this.#step = step;
    this.#run = run;
  }

  /** A sign-in has a lock of its own, whose waiters know that a person is at it. */
  async prepare(): Promise<void> {
    if (await this.#findLive() !== undefined) return;
    const { arn, subject } = this.#step;
    if (this.#run.isUnattended) {
      throw new VaultError("prompt", `a new one needs a sign-in to the console as ${arn}`);
    }
    this.#run.ctx.remote?.passOn("a sign-in takes a browser");
    if (this.#signIns++ > 0) {
      throw new VaultError("credentials", `${subject}: AWS ends the sign-in as soon as it is made`);
    }
    await unlockKeyring(this.#run);
    const name = LOGIN_PREFIX + arn;
    const lock = { name, doing: `signing in as ${arn}` };
    const find = async () => await this.#findLive() !== undefined || undefined;
    await signInTogether(lock, this.#run, find, async () => {
      await this.#signIn();
      return true;
    });
  }

  async retrieve(): Promise<Credentials> {
    if (this.#brought !== undefined) return this.#brought;
    for (let live = await this.#findLive(); live !== undefined; live = await this.#findLive()) {
      const credentials = await this.#renew(live);
      if (credentials !== undefined) return credentials;
    }
    throw new PersonNeeded();
  }

  /** A session that AWS has not refused: the keyring's, else the AWS CLI's own. */
  async #findLive(): Promise<Live | undefined> {
    const { arn } = this.#step;
    const { backend, ctx } = this.#run;
    const isLive = (session: ConsoleSession | undefined) =>
      session !== undefined && !this.#refused.has(session.refreshToken);
    const own = await readConsoleSession(arn, backend, ctx);
    if (isLive(own)) return { session: own! };
    const cli = await readCliSession(arn, ctx);
    return isLive(cli?.session) ? { session: cli!.session, cli, dead: own } : undefined;
  }

  /** `undefined` where AWS has ended the session. */
  async #renew({ session, cli, dead }: Live): Promise<Credentials | undefined> {
    const { arn } = this.#step;
    const { backend, ctx } = this.#run;
    const held = cli?.credentials;
    if (held !== undefined && held.expiresAtMs - ctx.clock.now() > LEAST_MS) return held;
    const answer = await this.#refresh(session);
    if (answer === undefined) return undefined;
    const { refreshToken, credentials } = answer;
    const keep = () => keepConsoleSession(arn, { ...session, refreshToken }, backend, ctx);
    // AWS takes the old refresh token for a moment more, and then no more.
    if (cli === undefined) {
      if (await this.#isStillKept(session)) await keep();
      return { ...credentials, arn };
    }
    // Whose it is, AWS has told the AWS CLI, and not us.
    if (!renewCliSession(cli, answer, ctx)) await keep();
    else if (dead !== undefined) await dropConsoleSession(arn, backend);
    return credentials;
  }

  /** One that was cleared meanwhile stays so, and one that a person has made is the newer one. */
  async #isStillKept({ refreshToken }: ConsoleSession): Promise<boolean> {
    const { backend, ctx } = this.#run;
    const { arn } = this.#step;
    const kept = await readConsoleSession(arn, backend, ctx);
    if (kept === undefined) return !await isRemoved(LOGIN_PREFIX + arn, backend);
    return kept.refreshToken === refreshToken;
  }

  async #refresh(session: ConsoleSession): Promise<SigninAnswer | undefined> {
    const { SigninCalls } = await import("../../aws/signin_oauth.ts");
    const { clientId, refreshToken, key, region = this.#step.region } = session;
    const { ctx } = this.#run;
    try {
      return await new SigninCalls({ ...this.#step, region }, key, ctx)
        .refresh(clientId, refreshToken);
    } catch (error) {
      if (!(error instanceof AwsRefusal && ENDED.includes(error.awsCode))) throw error;
      ctx.debug(`the sign-in of ${this.#step.arn} has ended: ${error.message}`);
      this.#refused.add(refreshToken);
      return undefined;
    }
  }

  async #signIn(): Promise<void> {
    const { arn, session, credentials } = await signInToConsole(this.#step, this.#run);
    await keepConsoleSession(arn, session, this.#run.backend, this.#run.ctx);
    this.#brought = { ...credentials, arn };
  }
}

/** AWS's words for a session that goes on by a new sign-in alone. */
const ENDED = ["TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED"];

interface Live {
  readonly session: ConsoleSession;
  /** Where it is the AWS CLI's. */
  readonly cli?: CliSession;
  /** The keyring's, which AWS has refused. */
  readonly dead?: ConsoleSession;
}
