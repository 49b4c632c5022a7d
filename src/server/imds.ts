import { describeCause, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { formatExpiry } from "../expiry.ts";
import { describeFailure } from "./failure.ts";
import { fault, HttpServer, methodNotAllowed } from "./http.ts";
import {
  credentialFields,
  type HttpRequest,
  type HttpResponse,
  json,
  refuse,
  text,
} from "./http_message.ts";
import { ImdsTokens, parseTtl } from "./imds_tokens.ts";
import { listenHere } from "./listen.ts";
import { IMDS_HOST, IMDS_SERVER_PORT } from "./metadata_address.ts";
import type { CredentialSource } from "./source.ts";

const ROLE_NAME = "local-credentials";
const INSTANCE_ID = "aws-vault";
const TOKEN_PATH = "/latest/api/token";
const TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds";

/** How it answers, beside credentials. */
export interface ImdsOptions {
  readonly region?: string;
  /** As EC2's HttpTokens: `required` refuses IMDSv1, requests without a token. Default `optional`. */
  readonly tokens?: "optional" | "required";
  /** Where the proxy looks for it by default. */
  readonly port?: number;
}

/** A server, and how a program is led to it. */
export interface ImdsServer {
  readonly url: string;
  /** Variables that would send a program's SDKs elsewhere than to the metadata service. */
  readonly unset: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves credentials as the metadata service of an EC2 instance does, on 127.0.0.1: behind the
 * proxy that has the service's address. Throws VaultError where the port is taken.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
export async function startImdsServer(
  source: CredentialSource,
  options: ImdsOptions,
  ctx: Pick<Context, "debug" | "clock">,
): Promise<ImdsServer> {
  const service = new MetadataService(source, options, ctx, await ImdsTokens.create(ctx.clock));
  const listener = listen(options.port ?? IMDS_SERVER_PORT);
  const server = new HttpServer(listener, (request) => service.answer(request), ctx);
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    unset: [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_EC2_METADATA_DISABLED",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    ],
    close: () => server.close(),
  };
}

function listen(port: number): Deno.TcpListener {
  try {
    return listenHere(port);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new VaultError("network", `127.0.0.1:${port} is taken: ${describeCause(error)}`, [
      "another `exec --ec2-server` is running: one machine has one metadata service",
      "--ecs-server has no such limit",
    ], error);
  }
}

class MetadataService {
  readonly #source: CredentialSource;
  readonly #options: ImdsOptions;
  readonly #clock: Context["clock"];
  readonly #tokens: ImdsTokens;

  constructor(
    source: CredentialSource,
    options: ImdsOptions,
    { clock }: Pick<Context, "clock">,
    tokens: ImdsTokens,
  ) {
    this.#source = source;
    this.#options = options;
    this.#clock = clock;
    this.#tokens = tokens;
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const host = request.headers.get("host");
    if (host !== IMDS_HOST && host !== `${IMDS_HOST}:80`) {
      return fault(421, `the Host is not ${IMDS_HOST}`);
    }
    // Nothing between a program and its own machine's metadata forwards: this is a request that a
    // proxy or a web application was talked into. AWS refuses it tokens, we everything.
    if (request.headers.has("x-forwarded-for")) return fault(403, "X-Forwarded-For is refused");
    if (request.target === TOKEN_PATH) return await this.#issueToken(request);
    if (!["GET", "HEAD"].includes(request.method)) return methodNotAllowed("GET, HEAD");
    if (!await this.#isAdmitted(request)) return fault(401, "a valid session token is needed");
    return await this.#find(request.target.replace(/(.)\/$/, "$1"));
  }

  async #issueToken(request: HttpRequest): Promise<HttpResponse> {
    if (request.method !== "PUT") return methodNotAllowed("PUT");
    const ttlSeconds = parseTtl(request.headers.get(TTL_HEADER.toLowerCase()));
    if (ttlSeconds === undefined) return fault(400, `${TTL_HEADER} is not 1 to 21600`);
    const token = await this.#tokens.issue(ttlSeconds);
    return { ...text(200, token), headers: { [TTL_HEADER]: String(ttlSeconds) } };
  }

  async #isAdmitted(request: HttpRequest): Promise<boolean> {
    const token = request.headers.get("x-aws-ec2-metadata-token");
    if (token !== undefined) return await this.#tokens.accepts(token);
    return this.#options.tokens !== "required";
  }

  /** What SDKs and the AWS CLI read; without a region nothing that would name one. */
  async #find(path: string): Promise<HttpResponse> {
    const { region } = this.#options;
    switch (path) {
      case "/latest/meta-data/instance-id":
        return text(200, INSTANCE_ID);
      case "/latest/meta-data/iam/info":
        return json(200, { Code: "Success", LastUpdated: this.#now() });
      case "/latest/meta-data/iam/security-credentials":
        return text(200, ROLE_NAME);
      case `/latest/meta-data/iam/security-credentials/${ROLE_NAME}`:
        return await this.#credentials();
    }
    if (region !== undefined) {
      switch (path) {
        case "/latest/meta-data/placement/region":
          return text(200, region);
        case "/latest/meta-data/placement/availability-zone":
          return text(200, `${region}a`);
        case "/latest/dynamic/instance-identity/document":
          return json(200, { region, availabilityZone: `${region}a`, instanceId: INSTANCE_ID });
      }
    }
    return fault(404, "there is nothing at this path");
  }

  async #credentials(): Promise<HttpResponse> {
    try {
      const fields = credentialFields(await this.#source.current());
      return json(200, {
        Code: "Success",
        LastUpdated: this.#now(),
        Type: "AWS-HMAC",
        ...fields,
      });
    } catch (error) {
      const { status, code, message } = describeFailure(error);
      // As AWS's service does: a refusal that stands is a document with another Code.
      const shownStatus = status < 500 ? 200 : status;
      return refuse(shownStatus, code, message, { LastUpdated: this.#now() });
    }
  }

  #now(): string {
    return formatExpiry(this.#clock.now());
  }
}
