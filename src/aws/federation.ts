import { isPassingStatus, VaultError } from "../errors.ts";
import type { Credentials } from "../types.ts";
import { callAws } from "./call.ts";
import { EndlessAnswer, readText, send } from "./send.ts";
import { trimEndpoint } from "./signin_link.ts";
import { PASSING_HINTS } from "./refusal_hints.ts";
import type { CallContext } from "./time_limit.ts";

/** Where a partition has its console and the console's federation endpoint. */
interface Partition {
  /** What its regions begin with. */
  readonly prefix: string;
  readonly signin: string;
  readonly console: string;
}

/** The first whose prefix fits. */
const PARTITIONS: readonly Partition[] = [
  { prefix: "cn-", signin: "https://signin.amazonaws.cn", console: "console.amazonaws.cn" },
  {
    prefix: "us-gov-",
    signin: "https://signin.amazonaws-us-gov.com",
    console: "console.amazonaws-us-gov.com",
  },
  {
    prefix: "eusc-",
    signin: "https://signin.amazonaws-eusc.eu",
    console: "console.amazonaws-eusc.eu",
  },
  {
    prefix: "",
    signin: "https://us-east-1.signin.aws.amazon.com",
    console: "console.aws.amazon.com",
  },
];

function findPartition(region: string | undefined): Partition {
  return PARTITIONS.find(({ prefix }) => region?.startsWith(prefix)) ?? PARTITIONS.at(-1)!;
}

/** The federation endpoint's address without its path: AWS_ENDPOINT_URL_SIGNIN, or the partition's. */
export function federationAddress(
  region: string | undefined,
  endpoint: string | undefined,
): string {
  return trimEndpoint(endpoint ?? findPartition(region).signin);
}

/**
 * The console's page to land on.
 *
 * @param path a page such as `ec2/home`, with a query and a fragment of its own where it has them
 */
export function consoleAddress(region: string | undefined, path: string | undefined): string {
  const domain = findPartition(region).console;
  const page = path?.replace(/^\/+/, "");
  if (region === undefined) return `https://${domain}/${page ?? ""}`;
  const [, before, fragment] = /^([^#]*)(.*)$/s.exec(page || "console/home")!;
  const hasRegion = /[?&]region=/.test(before!);
  const query = hasRegion ? "" : `${before!.includes("?") ? "&" : "?"}region=${region}`;
  return `https://${region}.${domain}/${before}${query}${fragment}`;
}

/**
 * The link that signs a browser in and lands on `destination`; whoever has it has the session, for
 * 15 minutes. With `logout` the browser is first signed out of the session it is in.
 */
export function loginLink(
  address: string,
  destination: string,
  signinToken: string,
  logout: boolean,
): string {
  const link = `${address}/federation?Action=login&Issuer=aws-vault` +
    `&Destination=${encodeURIComponent(destination)}` +
    `&SigninToken=${encodeURIComponent(signinToken)}`;
  if (!logout) return link;
  return `${address}/oauth?Action=logout&redirect_uri=${encodeURIComponent(link)}`;
}

/** Credentials that the console is to be entered with. */
export interface FederationRequest {
  readonly address: string;
  readonly profile: string;
  readonly credentials: Credentials;
  /**
   * Length of the console's session; AWS takes one with the credentials of a role alone that was
   * not assumed from another's. Absent: as long as the credentials last.
   */
  readonly durationSeconds?: number;
}

/**
 * A sign-in token of the console's federation endpoint, good for 15 minutes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
 */
export async function requestSigninToken(
  request: FederationRequest,
  ctx: CallContext,
): Promise<string> {
  const { address, profile } = request;
  const info = {
    call: "getSigninToken",
    subject: `profile ${profile}`,
    address,
    endpointVariable: "AWS_ENDPOINT_URL_SIGNIN",
  };
  const { status, text } = await callAws(info, ctx, ({ abortSignal }) => ask(request, abortSignal));
  const token = parseToken(text);
  if (status === 200 && token !== undefined) return token;
  // What it says besides may repeat what it was sent, and that is a secret.
  throw new VaultError(
    "aws",
    `profile ${profile}: the sign-in endpoint ${address} gave no token (HTTP ${status})`,
    hintsAtStatus(status),
  );
}

function hintsAtStatus(status: number): readonly string[] {
  if (isPassingStatus(status)) return PASSING_HINTS;
  return status === 400
    ? ["AWS takes no expired credentials there: aws-vault clear drops the kept ones"]
    : ["check AWS_ENDPOINT_URL_SIGNIN where it is set, and that the region is of its partition"];
}

async function ask(
  { address, credentials, durationSeconds }: FederationRequest,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const query = new URLSearchParams({
    Action: "getSigninToken",
    Session: JSON.stringify({
      sessionId: credentials.accessKeyId,
      sessionKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    }),
  });
  if (durationSeconds !== undefined) query.set("SessionDuration", String(durationSeconds));
  try {
    const response = await send(`${address}/federation?${query}`, { signal });
    return { status: response.status, text: await readText(response, signal) };
  } catch (error) {
    if (error instanceof VaultError || error instanceof EndlessAnswer) throw error;
    throw withoutQuery(error);
  }
}

/** A failure of `fetch` without the query in its message: that holds the credentials. */
export function withoutQuery(error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new Error(String(cause).replaceAll(/\?[^\s)'"]*/g, ""));
}

function parseToken(text: string): string | undefined {
  try {
    const { SigninToken } = JSON.parse(text);
    return typeof SigninToken === "string" && SigninToken !== "" ? SigninToken : undefined;
  } catch {
    return undefined;
  }
}
