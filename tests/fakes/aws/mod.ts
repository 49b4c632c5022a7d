/**
 * A strict stand-in for the parts of AWS that `aws-vault` talks to: STS, IAM, IAM Identity Center
 * (OIDC and portal), the console's federation endpoint and its sign-in for command lines, all on one loopback address.
 */
import { answerRequest } from "./answer.ts";
import type { RecordedCall } from "./calls.ts";
import { type Failure, Faults } from "./faults.ts";
import { type RunningServer, startServer } from "./server.ts";
import type { ConsoleLogin } from "./console_state.ts";
import {
  addConsoleLogin,
  addRole,
  addSsoInstance,
  addUser,
  type ConsoleOptions,
  fillWorld,
  type RoleOptions,
  type SsoOptions,
  type UserOptions,
  type WorldOptions,
} from "./setup.ts";
import type { SsoInstance } from "./sso_state.ts";
import { type Role, type User, type WebIdentity, World } from "./world.ts";

export type { RecordedCall } from "./calls.ts";
export type { Failure } from "./faults.ts";
export type { ConsoleLogin } from "./console_state.ts";
export type { MfaDevice } from "./mfa.ts";
export type {
  ConsoleOptions,
  RoleOptions,
  SsoOptions,
  UserOptions,
  WorldOptions,
} from "./setup.ts";
export type { SsoAccount, SsoInstance } from "./sso_state.ts";
export type { AccessKey, Role, User, WebIdentity } from "./world.ts";
export { formatSsoRoleArn } from "./sso_portal.ts";
export { totp } from "./totp.ts";

export interface FakeAwsOptions {
  /** The stand-in's clock, in milliseconds; the real one unless told. */
  readonly now?: () => number;
  /** A free one unless told. */
  readonly port?: number;
  readonly world?: WorldOptions;
  /** Told of each call as it is answered; not of dropped ones. */
  readonly onCall?: (call: RecordedCall) => unknown;
}

export class FakeAws implements AsyncDisposable {
  readonly calls: RecordedCall[] = [];
  /** For what the methods here leave out, such as `world.newKeyRefusals`. */
  readonly world: World;
  readonly #faults = new Faults();
  readonly #waits = new Set<() => void>();
  #server?: RunningServer;

  private constructor(options: FakeAwsOptions) {
    this.world = new World(options.now ?? Date.now);
    fillWorld(this.world, options.world ?? {});
  }

  static async start(options: FakeAwsOptions): Promise<FakeAws> {
    const aws = new FakeAws(options);
    const recorder = {
      world: aws.world,
      faults: aws.#faults,
      calls: aws.calls,
      onCall: options.onCall,
      wait: (ms: number) => aws.#wait(ms),
    };
    aws.#server = await startServer(
      options.port ?? 0,
      (request, url) => answerRequest(recorder, request, url),
    );
    return aws;
  }

  /** What AWS_ENDPOINT_URL is to be: no slash at its end. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  addUser(options: UserOptions): User {
    return addUser(this.world, options);
  }

  addRole(options: RoleOptions): Role {
    return addRole(this.world, options);
  }

  addSsoInstance(options: SsoOptions): SsoInstance {
    return addSsoInstance(this.world, options);
  }

  addConsoleLogin(options: ConsoleOptions): ConsoleLogin {
    return addConsoleLogin(this.world, options);
  }

  addWebIdentity(identity: WebIdentity): void {
    this.world.webIdentities.push(identity);
  }

  /** The next calls of `Action` or `service.Action` are refused so, and do nothing unless told. */
  fail(action: string, failure: Failure, calls = 1): void {
    this.#faults.plan(action, { failure }, calls);
  }

  /** The next calls are done and answered only after so long. */
  delay(action: string, delayMs: number, calls = 1): void {
    this.#faults.plan(action, { delayMs }, calls);
  }

  /** The next calls lose their connection: before they are done, or their answer after. */
  drop(action: string, calls = 1, when: "before" | "after" = "before"): void {
    this.#faults.plan(action, { drop: when }, calls);
  }

  /** Faults that were planned and not met are forgotten. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** The click on the device page; of the newest pending sign-in unless a code is given. */
  approve(userCode?: string): void {
    this.#decide("approved", userCode);
  }

  deny(userCode?: string): void {
    this.#decide("denied", userCode);
  }

  /** Makes every SSO access token unknown; refresh tokens too when the whole sign-in is to end. */
  revokeSsoTokens(what: "access" | "all"): void {
    this.world.sso.accessTokens.clear();
    if (what === "all") this.world.sso.refreshTokens.clear();
  }

  #decide(state: "approved" | "denied", userCode?: string): void {
    const { sso, now } = this.world;
    const code = userCode ??
      sso.authorizations.findLast((one) => one.state === "pending")?.userCode;
    if (code !== undefined && sso.decide(code, state, now())) return;
    throw new Error(`no pending sign-in${userCode ? ` with code ${userCode}` : ""}`);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waits.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#waits.add(finish);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const finish of [...this.#waits]) finish();
    await this.#server?.close();
    const unmet = this.#faults.findUnmet();
    if (unmet === undefined) return;
    // Thrown here it would stand in the place of what a test has failed by.
    addEventListener("unload", () => {
      throw unmet;
    });
  }
}

/** Listens on 127.0.0.1 when the promise resolves; stop it by `await using` or `[Symbol.asyncDispose]`. */
export function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  return FakeAws.start(options);
}
