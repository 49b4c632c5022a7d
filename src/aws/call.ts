import {
  AwsRefusal,
  describeNetworkFault,
  hidePassword,
  isPassingStatus,
  NOT_PERMITTED,
  OTHER_PROTOCOL,
  UnansweredError,
  UnreachableError,
  VaultError,
} from "../errors.ts";
import { type CallContext, TimeLimit } from "./time_limit.ts";
import { EndlessAnswer } from "./send.ts";
import { findProxy, hintsAtProxy, type Proxy } from "./proxy.ts";
import { hintsAtRefusal, PASSING_HINTS } from "./refusal_hints.ts";
import type { Wire } from "./wire.ts";

/** How often a connection may be lost, and how long it is waited before the next try. */
const MAX_TRIES = 3;
const PAUSE_MS = 250;

/** What a request is, for the error when it fails. */
export interface CallInfo {
  /** The operation, with the role where there is one. */
  readonly call: string;
  /** Whom it is for: `profile dev`, `sso-session corp`. */
  readonly subject: string;
  /** The endpoint, or the service and region. */
  readonly address: string;
  /** What else to look at where it does not answer. */
  readonly hint?: string;
  /** What names another one; AWS_ENDPOINT_URL unless told. */
  readonly endpointVariable?: string;
  /** Where it goes, if the address does not say. */
  readonly wire?: Wire;
  /** It must not be done twice, or the caller asks again: a lost answer is an error at once. */
  readonly once?: boolean;
}

/** The parts of an SDK's service exception that are told on. */
interface SdkError extends Error {
  readonly $fault?: "client" | "server";
  readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number };
}

/**
 * Runs one call of an SDK client under a total time limit, with the client's own retries and ours
 * for lost connections, which it does not know by Deno's names. What goes wrong is turned into a
 * `VaultError`: a refusal with AWS's code, message and request id, a fault of the network with the
 * address and what to check.
 */
export async function callAws<T>(
  info: CallInfo,
  ctx: CallContext,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const shown = hidePassword(info.address);
  ctx.debug(`${info.subject}: ${info.call} at ${shown}`);
  ctx.remote?.noteRequest();
  const target = () => info.wire?.url ?? URL.parse(info.address) ?? undefined;
  const proxy = () => {
    const url = target();
    return url && findProxy(url, ctx.env);
  };
  const limit = new TimeLimit(ctx, () => describeWait(shown, info.call, proxy()), target);
  try {
    return await sendAgain(info, ctx, limit.signal, send);
  } catch (error) {
    throw limit.signal.aborted ? explainEnd(limit, info, proxy()) : explain(error, info, proxy());
  } finally {
    limit.stop();
  }
}

function describeWait(address: string, call: string, proxy: Proxy | undefined): string {
  const by = proxy === undefined ? "" : ` by the proxy ${proxy.url.host}`;
  return `an answer of ${address} to ${call}${by}`;
}

async function sendAgain<T>(
  info: CallInfo,
  ctx: CallContext,
  abortSignal: AbortSignal,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await send({ abortSignal });
    } catch (error) {
      if (info.once || tries === MAX_TRIES || !isLostConnection(error)) throw error;
      ctx.debug(`${info.call}: ${describeNetworkFault(error)}; trying again`);
      await ctx.clock.sleep(PAUSE_MS * tries);
    }
  }
}

/** How Deno tells of it. */
const LOST =
  /reset by peer|closed before message completed|reading a body|broken pipe|close_notify|unexpected eof/i;

/** A proxy, a VPN or a server that restarts has cut the connection; the next one may well hold. */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error) || "$fault" in error) return false;
  return LOST.test(error.message) || isLostConnection(error.cause);
}

/** The time is over: what was refused meanwhile, and tried again, says more than that. */
function explainEnd(
  { isReached, verdict }: TimeLimit,
  info: CallInfo,
  proxy: Proxy | undefined,
): VaultError {
  const refusal = info.wire?.refusal;
  if (refusal !== undefined) return explain(refusal, info, proxy);
  const error = noAnswer(info, verdict, proxy);
  const Kind = isReached ? UnansweredError : UnreachableError;
  return new Kind(error.message, error.hints);
}

function explain(error: unknown, info: CallInfo, proxy: Proxy | undefined): VaultError {
  if (error instanceof VaultError) return error;
  if (error instanceof EndlessAnswer) return endless(info);
  const fault = error as SdkError;
  const status = fault.$metadata?.httpStatusCode;
  if (status === undefined) return noAnswer(info, describeNetworkFault(fault), proxy);
  if (fault.$fault !== undefined && !isForeign(fault, status)) return refusal(fault, status, info);
  const foreign = noAnswer(info, `HTTP ${status} that is no answer of AWS`, proxy);
  return isPassingStatus(status)
    ? new VaultError(foreign.code, foreign.message, PASSING_HINTS)
    : foreign;
}

function endless({ subject, call, address, hint }: CallInfo): VaultError {
  const advice = "check AWS_ENDPOINT_URL and the region where they are set, and any proxy";
  return new VaultError(
    "network",
    `${subject}: ${call}: ${address} answered with more than AWS ever does, and no more was read`,
    [hint ?? advice],
  );
}

/**
 * A page of a proxy or a network's sign-in: AWS gives its refusals a code. Its faults (5xx) and what
 * it says of a token that has ended (401) come without one, too.
 */
function isForeign({ name, message }: SdkError, status: number): boolean {
  return status < 500 && status !== 401 && CODELESS.test(name) && CODELESS.test(message);
}

const CODELESS = /^(Unknown(Error)?)?$/;

function refusal(error: SdkError, status: number, info: CallInfo): AwsRefusal {
  const id = error.$metadata?.requestId;
  const said = [error.name, error.message].filter((text) => !CODELESS.test(text));
  return new AwsRefusal(
    error.name,
    status,
    `${[`${info.subject}: AWS refused ${info.call}`, ...said].join(": ")} (HTTP ${status}` +
      `${id ? `, request id ${id}` : ""})`,
    hintsAtRefusal({ name: error.name, message: error.message, status }, info),
  );
}

function noAnswer(info: CallInfo, cause: string, proxy: Proxy | undefined): VaultError {
  const why = FAULT_OF_FILES.test(cause)
    ? `its certificates cannot be read (${cause.replace(/[")]+$/, "")})`
    : cause;
  return new VaultError(
    "network",
    `${info.subject}: ${info.call}: cannot reach ${info.address}: ${why}`,
    hintsAtFault(cause, info, proxy),
  );
}

const CERTIFICATE_HINT =
  "where a proxy signs for AWS, name its certificate authority's file in AWS_CA_BUNDLE";
const PORT_HINT = "have it listen on another port, such as 4566, and name that in the endpoint";
const PERMIT_HINT = "where you start Deno without the launcher, in its --allow-net";
const FILES_HINT =
  "see what AWS_CA_BUNDLE, SSL_CERT_FILE, DENO_CERT and DENO_TLS_CA_STORE are, where they are set";

function hintsAtFault(cause: string, info: CallInfo, proxy: Proxy | undefined): string[] {
  if (FAULT_OF_FILES.test(cause)) return [FILES_HINT];
  if (/certificate|UnknownIssuer/i.test(cause)) return [CERTIFICATE_HINT];
  if (cause.endsWith(OTHER_PROTOCOL)) return [PORT_HINT];
  if (cause.endsWith(NOT_PERMITTED)) return [PERMIT_HINT];
  const { hint, endpointVariable = "AWS_ENDPOINT_URL" } = info;
  const advice = proxy !== undefined ? hintsAtProxy(proxy, cause) : [
    "check that this machine is online, that a proxy (HTTPS_PROXY) is set where one is needed, " +
    `that its clock is right, and ${endpointVariable} and the region where they are set`,
  ];
  return hint === undefined ? advice : [hint, ...advice];
}

/** Before a request Deno reads files of certificate authorities: nothing else has these faults. */
const FAULT_OF_FILES =
  /no such file|not a directory|is a directory|permission denied|system,mozilla|pem file|private key/i;
