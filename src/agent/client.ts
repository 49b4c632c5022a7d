import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { identifyBuild } from "./build.ts";
import {
  findSocket,
  findSockets,
  findStopped,
  isHeld,
  readProcessId,
  socketPaths,
} from "./place.ts";
import { formatRequest, parseOutput } from "./protocol.ts";

type ClientContext = Pick<Context, "env" | "peers">;

/** An agent that is busy answers at once all the same; one that stands still is not waited for. */
const TIMEOUT_MS = 1_000;

/** Asks the agent of this user; undefined where there is none, or it does not answer. */
export function askAgent(words: readonly string[], ctx: ClientContext): string | undefined {
  const path = findSocket(ctx);
  return path === undefined ? undefined : ask(path, words, ctx);
}

/** Tells all agents of this user; false where none has heard it. */
export function tellAgents(words: readonly string[], ctx: ClientContext): boolean {
  const answers = findSockets(ctx).map((path) => ask(path, words, ctx));
  return answers.some((answer) => answer !== undefined);
}

function ask(path: string, words: readonly string[], ctx: ClientContext): string | undefined {
  const request = formatRequest({
    args: ["agent", ...words],
    variables: new Map(),
    processId: Deno.pid,
    parentId: Deno.ppid,
    isOutputTerminal: false,
  });
  const timeoutMs = words[0] === "passphrase" ? CONFIRM_MS : TIMEOUT_MS;
  const answer = request && ctx.peers.ask(path, request, timeoutMs);
  return answer && parseOutput(new TextDecoder().decode(answer));
}

/** Signs of life come every second, for as long as a person looks at a question. */
const CONFIRM_MS = 3_000;

/** Throws where an agent is there that has not answered: it holds what it held. */
export function refuseSilent(ctx: ClientContext): void {
  for (const path of socketPaths(ctx)) {
    const error = describeSilent(path, ctx);
    if (error !== undefined) throw error;
  }
}

/** What is told of an agent that lives by a socket and has not answered. */
export function describeSilent(path: string, ctx: ClientContext): VaultError | undefined {
  const held = isHeld(path);
  const stopped = findStopped(path, ctx);
  if (stopped !== undefined && held !== false) { // else the number is another's by now
    return new VaultError(
      "process",
      `the agent (process ${stopped}) was stopped, and hears nothing`,
      [
        `have it go on: kill -CONT ${stopped}`,
        `or end it, and what it holds: kill -KILL ${stopped}`,
      ],
    );
  }
  if (held !== true || findSocket(ctx) !== path) return undefined;
  const processId = readProcessId(path);
  return new VaultError(
    "process",
    `the agent${processId === undefined ? "" : ` (process ${processId})`} does not answer`,
    [
      "it may be busy: try again",
      ...processId === undefined ? [] : [`or end it, and what it holds: kill -KILL ${processId}`],
    ],
  );
}

/** The passphrase of a file keyring, where an agent holds it. */
export function askPassphrase(directory: string, ctx: ClientContext): string | undefined {
  return askAgent(["passphrase", directory], ctx) || undefined;
}

/**
 * Tells the agents that hold one for that keyring that it opens nothing, or does so no more; whether
 * one of them is locked by that.
 */
export function forgetPassphrase(directory: string, ctx: ClientContext): boolean {
  return findSockets(ctx).map((path) => ask(path, ["forget", directory], ctx)).includes("yes");
}

/** What `agent status --json` says. */
export interface Status {
  readonly running: boolean;
  readonly pid: number | null;
  readonly locked: boolean | null;
  /** RFC 3339. */
  readonly since: string | null;
  readonly answered: number;
  readonly passedOn: number;
}

/** What the agent says of itself; where none answers, that none is running. */
export function readStatus(ctx: ClientContext): Status {
  const text = askAgent(["status"], ctx);
  if (text !== undefined) return JSON.parse(text);
  return { running: false, pid: null, locked: null, since: null, answered: 0, passedOn: 0 };
}

/** What there is to say of an agent that another build of aws-vault has started. */
export async function findOtherBuild(ctx: ClientContext): Promise<string | undefined> {
  const own = await identifyBuild();
  const its = askAgent(["build"], ctx);
  return its === undefined || its === own ? undefined : `the agent is ${its}, and this is ${own}`;
}

/** Warns of such an agent. */
export async function warnOfOtherBuild(ctx: ClientContext & Pick<Context, "note">): Promise<void> {
  const other = await findOtherBuild(ctx);
  if (other !== undefined) ctx.note(`aws-vault: warning: ${other}\n  ${START_ANEW}`);
}

/** The way out of that. */
export const START_ANEW =
  "have this one take its place: aws-vault agent stop; aws-vault agent start";
