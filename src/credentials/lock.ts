import { describeCause } from "../errors.ts";
import { narrowMode } from "../files.ts";
import type { Context } from "../types.ts";

type LockContext = Pick<Context, "clock" | "env" | "note" | "debug">;

const NOTICE_SECONDS = 3;

/**
 * Runs `work` while no other process runs work of the same name: the others wait, and then find
 * what the first one kept. The operating system gives the lock back when its holder dies. Where
 * no lock file can be made (a read-only home) the work is done without: it is only done twice.
 *
 * `doing` says in a few words what the holder is about, for whoever waits longer than a moment: it
 * may be asking its user something.
 *
 * Lock files lie beside the keyring, not in it: the Go tool lists whatever lies in there.
 */
export async function withLock<T>(
  name: string,
  doing: string,
  ctx: LockContext,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquire(name, doing, ctx);
  try {
    return await work();
  } finally {
    lock?.close();
  }
}

async function acquire(
  name: string,
  doing: string,
  ctx: LockContext,
): Promise<Deno.FsFile | undefined> {
  const home = ctx.env.get("HOME") ?? ctx.env.get("USERPROFILE");
  if (home === undefined) return undefined;
  const directory = `${home}/.awsvault/locks`;
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    for (const own of [`${home}/.awsvault`, directory]) narrowMode(own, 0o700);
    const path = `${directory}/${await lockFileName(name)}`;
    const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
    try {
      await wait(file, doing, ctx);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    ctx.debug(`working without a lock: ${directory}: ${describeCause(error)}`);
    return undefined;
  }
}

/** Waiting without a word would look like a hang. */
async function wait(file: Deno.FsFile, doing: string, ctx: LockContext): Promise<void> {
  const got = new AbortController();
  const tell = () => {
    if (!got.signal.aborted) ctx.note(`Waiting for another aws-vault that is ${doing}`);
  };
  ctx.clock.sleep(NOTICE_SECONDS * 1000, got.signal).then(tell, () => {});
  try {
    await file.lock(true);
  } finally {
    got.abort();
  }
}

/** A name of fixed length that tells nothing of profiles. */
async function lockFileName(name: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return new Uint8Array(digest, 0, 16).toHex() + ".lock";
}
