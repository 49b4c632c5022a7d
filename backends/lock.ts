import type { Clock } from "../src/types.ts";

const TRIES = 500;
const PAUSE_MS = 20;

/** Waits for the lock of an open file, ten seconds at most; whether it was had. */
export async function waitForLock(file: Deno.FsFile, clock: Clock): Promise<boolean> {
  for (let tries = 0; !file.tryLockSync(true); tries++) {
    if (tries === TRIES) return false;
    await clock.sleep(PAUSE_MS);
  }
  return true;
}
