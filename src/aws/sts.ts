import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials as StsCredentials,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import type { Credentials } from "../types.ts";
import type { AssumeRoleStep, MfaAnswer, StsTarget } from "../credentials/steps.ts";
import { endByOwnClock, incomplete, readCredentials } from "./answer.ts";
import { callAws, type CallInfo } from "./call.ts";
import type { CallContext } from "./time_limit.ts";
import { clientOptions, describeAddress } from "./endpoint.ts";
import { checkSigningKeys } from "./signing_keys.ts";
import { watch, type Wire } from "./wire.ts";

/** The requests to STS that credentials are made with, on one profile's region and endpoint. */
export class StsCalls {
  readonly #client: STSClient;
  readonly #profile: string;
  readonly #ctx: CallContext;
  readonly #asked: Pick<CallInfo, "address" | "hint">;
  readonly #wire: Wire;

  /** Without `source` the requests go unsigned, as AssumeRoleWithWebIdentity's do. */
  constructor(
    target: StsTarget,
    profile: string,
    ctx: CallContext,
    source?: Credentials,
  ) {
    this.#profile = profile;
    this.#ctx = ctx;
    this.#asked = describeAddress(`STS in ${target.region}`, target, target.endpoint);
    this.#client = new STSClient({
      ...clientOptions(target, target.endpoint),
      useGlobalEndpoint: target.legacy,
      credentials: source && checkSigningKeys(source, profile),
    });
    this.#wire = watch(this.#client);
  }

  async getSessionToken(
    request: { durationSeconds: number; mfa?: MfaAnswer },
  ): Promise<Credentials> {
    const command = new GetSessionTokenCommand({
      DurationSeconds: request.durationSeconds,
      SerialNumber: request.mfa?.serial,
      TokenCode: request.mfa?.code,
    });
    const answer = await this.#call("GetSessionToken", (o) => this.#client.send(command, o));
    return this.#read(answer.Credentials, "GetSessionToken");
  }

  async assumeRole(
    request: Omit<AssumeRoleStep, "lengthFrom" | "mfa" | "kind" | "profile" | "target"> & {
      roleSessionName: string;
      mfa?: MfaAnswer;
    },
  ): Promise<Credentials> {
    const { tags, transitiveTagKeys } = request;
    const command = new AssumeRoleCommand({
      RoleArn: request.roleArn,
      RoleSessionName: request.roleSessionName,
      DurationSeconds: request.durationSeconds,
      ExternalId: request.externalId,
      SourceIdentity: request.sourceIdentity,
      Tags: tags.size === 0 ? undefined : [...tags].map(([Key, Value]) => ({ Key, Value })),
      TransitiveTagKeys: transitiveTagKeys.length === 0 ? undefined : [...transitiveTagKeys],
      SerialNumber: request.mfa?.serial,
      TokenCode: request.mfa?.code,
    });
    const call = `AssumeRole of ${request.roleArn}`;
    const answer = await this.#call(call, (o) => this.#client.send(command, o));
    return { ...this.#read(answer.Credentials, call), arn: answer.AssumedRoleUser?.Arn };
  }

  async assumeRoleWithWebIdentity(request: {
    roleArn: string;
    roleSessionName: string;
    durationSeconds: number;
    token: string;
  }): Promise<Credentials> {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: request.roleArn,
      RoleSessionName: request.roleSessionName,
      DurationSeconds: request.durationSeconds,
      WebIdentityToken: request.token,
    });
    const call = `AssumeRoleWithWebIdentity of ${request.roleArn}`;
    const answer = await this.#call(call, (o) => this.#client.send(command, o));
    return { ...this.#read(answer.Credentials, call), arn: answer.AssumedRoleUser?.Arn };
  }

  /** The ARN of whoever the credentials belong to. */
  async getCallerArn(): Promise<string> {
    const command = new GetCallerIdentityCommand({});
    const answer = await this.#call("GetCallerIdentity", (o) => this.#client.send(command, o));
    if (answer.Arn === undefined) throw incomplete(this.#name("GetCallerIdentity"));
    return answer.Arn;
  }

  async getFederationToken(
    request: { name: string; durationSeconds: number; policy: string },
  ): Promise<Credentials> {
    const command = new GetFederationTokenCommand({
      Name: request.name,
      DurationSeconds: request.durationSeconds,
      Policy: request.policy,
    });
    const answer = await this.#call("GetFederationToken", (o) => this.#client.send(command, o));
    const credentials = this.#read(answer.Credentials, "GetFederationToken");
    return { ...credentials, arn: answer.FederatedUser?.Arn };
  }

  /** A call as errors name it. */
  #name(call: string): string {
    return `profile ${this.#profile}: ${call}`;
  }

  #read(answer: StsCredentials | undefined, call: string): Credentials {
    const parts = {
      accessKeyId: answer?.AccessKeyId,
      secretAccessKey: answer?.SecretAccessKey,
      sessionToken: answer?.SessionToken,
      expiresAtMs: answer?.Expiration?.getTime(),
    };
    return endByOwnClock(readCredentials(parts, this.#name(call)), this.#wire, this.#ctx);
  }

  #call<T>(call: string, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    const subject = `profile ${this.#profile}`;
    const info = { call, subject, ...this.#asked, wire: this.#wire };
    return callAws(info, this.#ctx, send);
  }
}
