import type { Context, Credentials } from "../types.ts";
import { describeFailure } from "./failure.ts";
import { fault, HttpServer, methodNotAllowed } from "./http.ts";
import {
  credentialFields,
  type HttpRequest,
  type HttpResponse,
  json,
  refuse,
} from "./http_message.ts";
import { listenHere } from "./listen.ts";
import type { CredentialSource } from "./source.ts";

const TOKEN_BYTES = 30;
const HOSTNAME = "127.0.0.1";
/** What container proxies forward: the address at which a container's SDK knows the agent. */
const AGENT_HOST = "169.254.170.2";
const ROLE_PATH = "/role-arn/";
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, in IAM's alphabet for names. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/([!-~]{1,511}\/)?[\w+=,.@-]{1,64}$/;

/** A server, and how a program is led to it. */
export interface EcsServer {
  /** What tells the SDKs of a program where to ask. */
  readonly set: {
    /** With a slash at its end: the SDK for Ruby takes the path as it stands, and asks for no empty one. */
    readonly AWS_CONTAINER_CREDENTIALS_FULL_URI: string;
    readonly AWS_CONTAINER_AUTHORIZATION_TOKEN: string;
  };
  /** What would send them elsewhere: SDKs prefer these to the two that are set. */
  readonly unset: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves credentials as the agent of an ECS container does, on a free port of 127.0.0.1, to those
 * who know the token.
 *
 * @param hosts names that a proxy before it may send as Host, beside 127.0.0.1 and 169.254.170.2,
 * each with any port where it has none
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function startEcsServer(
  source: CredentialSource,
  ctx: Pick<Context, "debug">,
  hosts: readonly string[] = [],
): EcsServer {
  const token = randomToken();
  const listener = listenHere(0);
  // With any port and with none: the AWS Common Runtime leaves out ours, a forwarded one is another.
  const admitted = new Set([HOSTNAME, AGENT_HOST, ...hosts.map((host) => host.toLowerCase())]);
  const isAdmitted = (host: string) =>
    admitted.has(host) || admitted.has(host.replace(/:\d+$/, ""));
  const server = new HttpServer(
    listener,
    (request) => answer(request, isAdmitted, token, source),
    ctx,
  );
  return {
    set: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${HOSTNAME}:${listener.addr.port}/`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    unset: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
    close: () => server.close(),
  };
}

async function answer(
  request: HttpRequest,
  isAdmitted: (host: string) => boolean,
  token: string,
  source: CredentialSource,
): Promise<HttpResponse> {
  // Programs are given one address and send it back, and proxies are known; any other name is a web
  // page that had a name of its own resolved to 127.0.0.1 ("DNS rebinding").
  if (!isAdmitted(request.headers.get("host")?.toLowerCase() ?? "")) {
    return fault(421, "the Host is none of this server's; exec --server-host=NAME names another");
  }
  if (request.method !== "GET") return methodNotAllowed("GET");
  if (!equalInConstantTime(request.headers.get("authorization") ?? "", token)) {
    return fault(403, "the Authorization header is not this server's token");
  }
  const path = request.target.replace(/^\/\//, "/"); // scripts put one after the address's own
  if (path === "/") return await respond(() => source.current());
  if (!path.startsWith(ROLE_PATH)) return fault(404, "there is / and /role-arn/ARN");
  const roleArn = decodePart(path.slice(ROLE_PATH.length));
  if (roleArn === undefined || !ROLE_ARN.test(roleArn)) {
    return fault(400, "this is no role ARN: arn:aws:iam::ACCOUNT:role/NAME");
  }
  return await respond(() => source.assume(roleArn));
}

async function respond(get: () => Promise<Credentials>): Promise<HttpResponse> {
  try {
    return json(200, credentialFields(await get()));
  } catch (error) {
    const { status, code, message } = describeFailure(error);
    return refuse(status, code, message);
  }
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Takes the same time wherever the two differ; the token's length is no secret. */
function equalInConstantTime(given: string, token: string): boolean {
  if (given.length !== token.length) return false;
  let difference = 0;
  for (let at = 0; at < token.length; at++) {
    difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
  }
  return difference === 0;
}
