import type { AccessKeyInfo, IamCalls } from "../../aws/iam.ts";
import type { ProfileConfig } from "../../config/profile.ts";
import { AwsRefusal } from "../../errors.ts";
import type { Credentials } from "../../types.ts";
import { retrieveCredentials } from "../chain.ts";
import type { Run } from "../run.ts";
import type { Plan, Step } from "../steps.ts";
import { stsTarget } from "../targets.ts";
import { isUnknownKey, type RotationCalls } from "./aws.ts";

/** A rotation takes seconds; a kept session has to last as long. */
const MIN_TTL_SECONDS = 300;

export interface RotationSource {
  readonly config: ProfileConfig;
  readonly plan: Plan;
  readonly run: Run;
  /** False with `--no-session`: the long-term keys themselves sign, whatever the plan says. */
  readonly sessions: boolean;
}

/** Talks to IAM with a profile's session or role, or with long-term keys. */
export class ProfileCalls implements RotationCalls {
  readonly #source: RotationSource;
  #prepared = false;
  /** The session or role that signs; undefined: long-term keys do. */
  #signer: Credentials | undefined;
  /** Whose keys they are, where a role signs: to IAM it is nobody itself. */
  #userName: string | undefined;

  constructor(source: RotationSource) {
    this.#source = source;
  }

  async prepare(keys: Credentials): Promise<void> {
    const { sessions, plan, run } = this.#source;
    if (this.#prepared || !sessions || plan.steps.length === 1) return;
    const role = plan.steps.findIndex(({ kind }) => kind === "assume_role");
    if (role >= 0) this.#userName = await this.#findUserName(plan.steps.slice(0, role), keys);
    this.#signer = await retrieveCredentials(plan, run, MIN_TTL_SECONDS);
    this.#prepared = true;
  }

  createKey(keys: Credentials): Promise<Credentials> {
    return this.#ask(keys, (iam) => iam.createAccessKey(this.#userName));
  }

  deleteKey(id: string, keys: Credentials): Promise<void> {
    return this.#ask(keys, (iam) => iam.deleteAccessKey(id, this.#userName));
  }

  listKeys(keys: Credentials): Promise<AccessKeyInfo[]> {
    return this.#ask(keys, (iam) => iam.listAccessKeys(this.#userName));
  }

  async identify(keys: Credentials): Promise<void> {
    await this.#getCallerArn(keys);
  }

  /** IAM takes no session that was made without MFA: the keys sign then, as with `--no-session`. */
  async #ask<T>(keys: Credentials, request: (iam: IamCalls) => Promise<T>): Promise<T> {
    try {
      return await request(await this.#openIam(this.#signer ?? keys));
    } catch (error) {
      if (this.#signer === undefined || !this.#isBareSession() || !isUnknownKey(error)) throw error;
      this.#source.run.ctx.note(
        "IAM takes no session that was made without MFA: the stored keys sign, as with `rotate -n`",
      );
      this.#signer = undefined;
      return await request(await this.#openIam(keys));
    }
  }

  #isBareSession(): boolean {
    return isSessionWithoutMfa(this.#source.plan.steps.at(-1));
  }

  /** @param beneath the steps beneath the first role, which the user itself takes */
  async #findUserName(beneath: readonly Step[], keys: Credentials): Promise<string> {
    const { plan, run } = this.#source;
    const hasSession = beneath.length > 1 && !isSessionWithoutMfa(beneath.at(-1));
    const user = hasSession
      ? await retrieveCredentials({ ...plan, steps: beneath }, run, MIN_TTL_SECONDS)
      : keys;
    try {
      return await (await this.#openIam(user)).getUserName();
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      // Who may not ask IAM for its own name still learns it from STS.
      return (await this.#getCallerArn(user)).split(/[:/]/).at(-1)!;
    }
  }

  async #openIam(credentials: Credentials): Promise<IamCalls> {
    const { config, run } = this.#source;
    const { IamCalls } = await import("../../aws/iam.ts");
    const target = { ...stsTarget(config), endpoint: config.endpoints.iam?.value };
    return new IamCalls(target, config.profile, run.ctx, credentials);
  }

  async #getCallerArn(credentials: Credentials): Promise<string> {
    const { config, run } = this.#source;
    const { StsCalls } = await import("../../aws/sts.ts");
    return await new StsCalls(stsTarget(config), config.profile, run.ctx, credentials)
      .getCallerArn();
  }
}

function isSessionWithoutMfa(step: Step | undefined): boolean {
  return step?.kind === "session_token" && step.mfa === undefined;
}
