import { AwsError } from "./aws_error.ts";
import { describeCall, type RecordedCall } from "./calls.ts";
import { findAuthorizePage } from "./authorize_page.ts";
import { findConsolePage } from "./console_page.ts";
import { findConsoleToken } from "./console_token.ts";
import { findDevicePage } from "./device_page.ts";
import type { Fault, Faults } from "./faults.ts";
import { type Incoming, json, type Operation, type Reply } from "./http.ts";
import { findOidcOperation } from "./oidc.ts";
import { findQueryOperation } from "./query.ts";
import { findSigninOperation } from "./signin.ts";
import { findPortalOperation } from "./sso_portal.ts";
import type { World } from "./world.ts";

export interface Recorder {
  readonly world: World;
  readonly faults: Faults;
  readonly calls: RecordedCall[];
  readonly onCall?: (call: RecordedCall) => unknown;
  /** Waits, or gives up when the stand-in is stopped. */
  wait(ms: number): Promise<void>;
}

function findOperation(world: World, request: Incoming, url: string): Operation | undefined {
  return findQueryOperation(world, request) ??
    findOidcOperation(world, request, url) ??
    findPortalOperation(world, request) ??
    findSigninOperation(world, request) ??
    findConsoleToken(world, request, url) ??
    findConsolePage(world, request, url) ??
    findDevicePage(world, request) ??
    findAuthorizePage(world, request);
}

async function runOrRefuse(
  operation: Operation,
  fault: Fault,
  call: RecordedCall,
): Promise<Reply> {
  try {
    if (fault.failure) {
      const { code, status, message = "refused by the test", isDone } = fault.failure;
      if (isDone) await operation.run();
      throw new AwsError(code, status, message);
    }
    return await operation.run();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    call.errorCode = error.code;
    return operation.refuse(error);
  }
}

/** One request from the wire: found, recorded, spoilt if so planned, and done. */
export async function answerRequest(
  recorder: Recorder,
  request: Incoming,
  url: string,
): Promise<Reply | undefined> {
  const { world, faults, calls } = recorder;
  const operation = findOperation(world, request, url);
  if (!operation) return json(404, { message: `no such path: ${request.method} ${request.path}` });
  const call = describeCall(operation, request, world.now());
  if (operation.service !== "none") calls.push(call);
  const fault = faults.take(operation.service, operation.action);
  if (fault.delayMs !== undefined) await recorder.wait(fault.delayMs);
  const reply = fault.drop === "before" ? undefined : await runOrRefuse(operation, fault, call);
  if (!reply || fault.drop) return undefined;
  call.status = reply.status;
  await recorder.onCall?.(call);
  // Clients correct their clocks by this header, so it has to tell the stand-in's time.
  const date = new Date(world.now()).toUTCString();
  return { ...reply, headers: { date, ...reply.headers } };
}
