import {
  describeSilent,
  findOtherBuild,
  readStatus,
  START_ANEW,
  type Status,
} from "../agent/client.ts";
import { findSocket, isPrivate, removeDead, socketPaths } from "../agent/place.ts";
import { asWord } from "../errors.ts";
import { parentOf } from "../paths.ts";
import type { Context } from "../types.ts";
import { type Finding, joinHints } from "./finding.ts";

export type { Status };

/** What the agent says of itself, and what is in its way. */
export async function lookAtAgent(
  ctx: Context,
): Promise<{ status: Status; findings: Finding[] }> {
  const status = readStatus(ctx);
  if (status.running) {
    const other = await findOtherBuild(ctx);
    return { status, findings: other === undefined ? [] : [another(other)] };
  }
  const sockets = socketPaths(ctx).filter(isSocket);
  return {
    status,
    findings: sockets.map((path) => {
      if (!isPrivate(parentOf(path), ctx)) return open(path);
      const alive = describeSilent(path, ctx);
      return {
        ...silent(path, alive === undefined && findSocket(ctx) === path),
        ...alive && { message: alive.message, wayOut: joinHints(alive.hints) },
      };
    }),
  };
}

function isSocket(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSocket === true;
  } catch {
    return false;
  }
}

function open(path: string): Finding {
  return {
    id: "agent.place",
    severity: "warning",
    file: path,
    message: "its directory is not yours alone, or was not at some time",
    effect: "no agent there is asked: it could be somebody else's",
    wayOut: "look who made it, take it away, and start the agent again: aws-vault agent start",
  };
}

function another(message: string): Finding {
  return {
    id: "agent.other",
    severity: "warning",
    message,
    effect: "it answers as it was when it was started, whatever has been mended since",
    wayOut: START_ANEW,
  };
}

function silent(path: string, isDead: boolean): Finding {
  return {
    id: "agent.silent",
    severity: "note",
    file: path,
    message: "nobody answers at this socket",
    effect: "what an agent would answer is done without one",
    wayOut: "start one again: aws-vault agent start",
    ...(isDead && { mend: { shown: `rm ${asWord(path)}`, apply: () => removeDead(path) } }),
  };
}
