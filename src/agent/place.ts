import { makeDirectory, openOwn } from "../files.ts";
import { parentOf } from "../paths.ts";
import type { Context } from "../types.ts";

type PlaceContext = Pick<Context, "env" | "peers">;

/** Where agents listen: the first of these that can be, and where they are looked for. */
export function socketPaths({ env }: Pick<Context, "env">): string[] {
  const [runtime, home] = [env.get("XDG_RUNTIME_DIR"), env.get("HOME")];
  return [
    ...(runtime?.startsWith("/") ? [`${runtime}/aws-vault/agent.sock`] : []),
    ...(home?.startsWith("/") ? [`${home}/.awsvault/agent/agent.sock`] : []),
  ];
}

const STICKY = 0o1000;

/**
 * Whether a directory is ours and open to nobody else. Its sticky bit says that it never was: `sh`
 * can ask for that bit and for no mode, and it does not outlive a `chmod 777`.
 */
export function isPrivate(directory: string, { peers }: PlaceContext): boolean {
  try {
    const { isDirectory, mode, uid } = Deno.lstatSync(directory);
    return isDirectory && uid === peers.userId() && ((mode ?? 0) & 0o7777) === (STICKY | 0o700);
  } catch {
    return false;
  }
}

/**
 * Makes the directory, or takes from others what they have of ours. False where it is not ours, or
 * others could put theirs in its place: whoever asks looks at it, and only then connects.
 */
export function makePrivate(directory: string, ctx: PlaceContext): boolean {
  try {
    makeDirectory(directory);
    const { isDirectory, uid } = Deno.lstatSync(directory);
    if (!isDirectory || uid !== ctx.peers.userId() || isShared(parentOf(directory), uid)) {
      return false;
    }
    Deno.chmodSync(directory, STICKY | 0o700);
    return isPrivate(directory, ctx);
  } catch {
    return false;
  }
}

/** Whether others than that user and root may rename what lies in a directory. */
function isShared(directory: string, user: number | undefined): boolean {
  const { mode, uid } = Deno.statSync(directory);
  const isWritable = ((mode ?? 0) & 0o022) !== 0 && ((mode ?? 0) & STICKY) === 0;
  return isWritable || (uid !== user && uid !== 0);
}

/** The socket of the agent that is asked, if there is one. */
export function findSocket(ctx: PlaceContext): string | undefined {
  return findSockets(ctx)[0];
}

/** The sockets of agents that are ours and not stopped; there may be one at each place. */
export function findSockets(ctx: PlaceContext): string[] {
  return socketPaths(ctx).filter((path) => {
    try {
      const { isSocket, uid } = Deno.lstatSync(path);
      return isSocket && uid === ctx.peers.userId() && isPrivate(parentOf(path), ctx) &&
        findStopped(path, ctx) === undefined;
    } catch {
      return false;
    }
  });
}

/** The number of the agent that has made a socket, where it has been stopped: it says nothing. */
export function findStopped(path: string, { peers }: PlaceContext): number | undefined {
  const processId = readProcessId(path);
  return processId !== undefined && peers.isStopped(processId) ? processId : undefined;
}

/** Whether an agent lives by that socket; `undefined` where its lock does not tell. */
export function isHeld(path: string): boolean | undefined {
  try {
    using lock = Deno.openSync(lockOf(path));
    return !lock.tryLockSync(false);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? false : undefined;
  }
}

/** The file whose lock an agent holds for as long as it lives. */
export function lockOf(path: string): string {
  return `${parentOf(path)}/lock`;
}

/** Takes away the socket of an agent that has died; throws for one that lives, and does not answer. */
export function removeDead(path: string): void {
  using lock = openOwn(lockOf(path), { write: true });
  if (!lock.tryLockSync(true)) throw new Error("an agent holds it, and was too busy to answer");
  Deno.removeSync(path);
}

/** Beside its socket an agent leaves its number: who is about to ask sees whether it goes on. */
export function writeProcessId(path: string, processId: number): void {
  using file = openOwn(pidFileOf(path), { write: true, truncate: true });
  file.writeSync(new TextEncoder().encode(`${processId}\n`));
}

/** Takes that file away; one that is gone is no fault. */
export function removeProcessId(path: string): void {
  try {
    Deno.removeSync(pidFileOf(path));
  } catch { /* somebody else has */ }
}

/** The number of the agent that has made a socket, where it has left one. */
export function readProcessId(path: string): number | undefined {
  try {
    return Number(Deno.readTextFileSync(pidFileOf(path))) || undefined;
  } catch {
    return undefined;
  }
}

function pidFileOf(path: string): string {
  return `${parentOf(path)}/pid`;
}
