import { unwritable, VaultError } from "../errors.ts";
import { openOwn } from "../files.ts";
import type { Context } from "../types.ts";
import { tryLock, waitFor } from "../waiting.ts";
import { askAgent, readStatus, type Status } from "./client.ts";

/** How long another start, or a locked agent, may take to be done. */
const PATIENCE_MS = 2_000;

/**
 * One agent at a time: the lock is the system's, and free when its holder has died. Where another one
 * has come first, what that says of itself.
 *
 * Throws `VaultError("process")` where another start asks for its passphrase all the while, and
 * `VaultError("file")` where the lock cannot be made.
 *
 * @param path of the lock
 */
export async function takeTurn(path: string, ctx: Context): Promise<Disposable | Status> {
  const file = openLock(path);
  const turn = await waitFor(() => lookForTurn(file, ctx), ctx.clock, PATIENCE_MS);
  if (turn !== undefined) return turn === "ours" ? file : turn;
  throw new VaultError("process", "another agent is just being started", [
    "give it its passphrase, or see what became of it: aws-vault agent status",
  ]);
}

function openLock(path: string): Deno.FsFile {
  try {
    return openOwn(path, { write: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function lookForTurn(file: Deno.FsFile, ctx: Context): "ours" | Status | undefined {
  const taken = tryLock(file);
  if (taken) return "ours";
  const status = readStatus(ctx);
  if (taken === undefined && !status.running) return "ours"; // no locks are no reason not to start
  if (status.running && !status.locked) return status;
  if (status.locked) askAgent(["stop"], ctx); // it serves nobody
  return undefined;
}
