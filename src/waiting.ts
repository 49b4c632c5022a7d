import type { Clock } from "./types.ts";

const PAUSE_MS = 20;

/**
 * What `look` finds in the end, or `undefined` after `patienceMs`. Pauses are counted, and not the
 * clock's time: while a machine sleeps, nobody waits.
 */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  clock: Clock,
  patienceMs: number,
): Promise<T | undefined> {
  for (let waitedMs = 0;; waitedMs += PAUSE_MS) {
    const found = await look();
    if (found !== undefined || waitedMs >= patienceMs) return found;
    await clock.sleep(PAUSE_MS);
  }
}

/** Takes the lock of an open file; whether it was free. `undefined` on a file system without locks. */
export function tryLock(file: Deno.FsFile): boolean | undefined {
  try {
    return file.tryLockSync(true);
  } catch {
    return undefined;
  }
}

/** Waits for the lock of an open file, for ten seconds unless told; whether it was had. */
export async function waitForLock(
  file: Deno.FsFile,
  clock: Clock,
  patienceMs: number = 10_000,
): Promise<boolean> {
  return await waitFor(() => file.tryLockSync(true) || undefined, clock, patienceMs) ?? false;
}
