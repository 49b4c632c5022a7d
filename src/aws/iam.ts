import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { VaultError } from "../errors.ts";
import type { EndpointVariant } from "../credentials/steps.ts";
import type { Credentials } from "../types.ts";
import { incomplete, isText } from "./answer.ts";
import { callAws, type CallInfo } from "./call.ts";
import type { CallContext } from "./time_limit.ts";
import { type Address, clientOptions, describeAddress, findOwnAddress } from "./endpoint.ts";
import { checkSigningKeys } from "./signing_keys.ts";
import { watch, type Wire } from "./wire.ts";

/** What IAM is sent to. */
export interface IamTarget extends EndpointVariant {
  readonly region: string;
  readonly endpoint?: string;
}

/** An access key as IAM lists it. */
export interface AccessKeyInfo {
  readonly id: string;
  readonly createdAtMs: number;
  /** "never", or "unknown" where we may not ask. */
  readonly lastUsed: { readonly atMs: number; readonly service: string } | "never" | "unknown";
}

/** IAM is one service a partition, signed for one region of it at an endpoint of one's own too. */
export function findIamAddress(target: IamTarget): Address {
  const { region, endpoint } = target;
  const { config } = new IAMClient({ region });
  if (endpoint === undefined) return findOwnAddress(config.endpointProvider, target);
  return { ...findOwnAddress(config.endpointProvider, { region }), endpoint };
}

/** The requests to IAM about a user's access keys; without a user's name they are the caller's. */
export class IamCalls {
  readonly #client: IAMClient;
  readonly #once: IAMClient;
  readonly #profile: string;
  readonly #ctx: CallContext;
  readonly #asked: Pick<CallInfo, "address" | "hint">;
  readonly #wire: Wire;

  constructor(
    target: IamTarget,
    profile: string,
    ctx: CallContext,
    credentials: Credentials,
  ) {
    this.#profile = profile;
    this.#ctx = ctx;
    this.#asked = describeAddress("IAM", target, target.endpoint);
    const { region } = findIamAddress(target);
    const options = clientOptions({ ...target, region }, target.endpoint);
    const config = { ...options, credentials: checkSigningKeys(credentials, profile) };
    this.#client = new IAMClient(config);
    this.#wire = watch(this.#client);
    this.#once = new IAMClient({ ...config, maxAttempts: 1 });
  }

  /** The name of the user the credentials belong to; a role's credentials belong to none. */
  async getUserName(): Promise<string> {
    const command = new GetUserCommand({});
    const { User } = await this.#call("GetUser", (o) => this.#client.send(command, o));
    const name = User?.UserName ?? User?.Arn?.split(/[:/]/).at(-1);
    if (name === undefined) throw incomplete(`profile ${this.#profile}: GetUser`);
    return name;
  }

  /** Tries once only: after an answer that was lost, a second try would make a second key. */
  async createAccessKey(userName: string | undefined): Promise<Credentials> {
    const command = new CreateAccessKeyCommand({ UserName: userName });
    const info = { ...this.#describe("CreateAccessKey"), wire: watch(this.#once), once: true };
    const { AccessKey } = await callAws(info, this.#ctx, (o) => this.#once.send(command, o));
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey ?? {};
    if (!isText(accessKeyId) || !isText(secretAccessKey)) {
      throw incomplete(`${info.subject}: ${info.call}`);
    }
    return { accessKeyId, secretAccessKey };
  }

  async deleteAccessKey(id: string, userName: string | undefined): Promise<void> {
    const command = new DeleteAccessKeyCommand({ AccessKeyId: id, UserName: userName });
    await this.#call("DeleteAccessKey", (o) => this.#client.send(command, o));
  }

  async listAccessKeys(userName: string | undefined): Promise<AccessKeyInfo[]> {
    const command = new ListAccessKeysCommand({ UserName: userName });
    const { AccessKeyMetadata } = await this.#call(
      "ListAccessKeys",
      (o) => this.#client.send(command, o),
    );
    const listed = (AccessKeyMetadata ?? []).filter((key) => key.AccessKeyId !== undefined);
    return await Promise.all(listed.map(async ({ AccessKeyId, CreateDate }) => ({
      id: AccessKeyId!,
      createdAtMs: CreateDate?.getTime() ?? 0,
      lastUsed: await this.#getLastUsed(AccessKeyId!),
    })));
  }

  async #getLastUsed(id: string): Promise<AccessKeyInfo["lastUsed"]> {
    const command = new GetAccessKeyLastUsedCommand({ AccessKeyId: id });
    try {
      const { AccessKeyLastUsed: used } = await this.#call(
        "GetAccessKeyLastUsed",
        (o) => this.#client.send(command, o),
      );
      const at = used?.LastUsedDate;
      return at ? { atMs: at.getTime(), service: used.ServiceName ?? "" } : "never";
    } catch (error) {
      this.#ctx.debug(error instanceof VaultError ? error.message : String(error));
      return "unknown";
    }
  }

  #call<T>(call: string, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    return callAws(this.#describe(call), this.#ctx, send);
  }

  #describe(call: string): CallInfo {
    const subject = `profile ${this.#profile}`;
    return { call, subject, ...this.#asked, wire: this.#wire };
  }
}
