import { asWord, BackendError, describeCause } from "../src/errors.ts";
import type { Context } from "../src/types.ts";
import { waitForLock } from "../src/waiting.ts";

/**
 * Keeps our writers to a store apart: gpg writes into the entry itself, so that two at once tear it,
 * and git refuses two commits at once. The lock is on the store's own `.gpg-id`; where there can be
 * none the work is done without.
 */
export class PassLock {
  readonly #path: string;
  readonly #ctx: Pick<Context, "clock" | "debug">;
  /** The last writer of this process: the lock is not fair, and they would keep it from each other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string, ctx: Pick<Context, "clock" | "debug">) {
    this.#path = `${directory}/.gpg-id`;
    this.#ctx = ctx;
  }

  /** Throws `BackendError` where another process keeps it for ten seconds. */
  async take(): Promise<Disposable> {
    const before = this.#writing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writing = promise;
    await before;
    try {
      const file = await this.#takeFromOthers();
      return {
        [Symbol.dispose]() {
          file?.close();
          resolve();
        },
      };
    } catch (error) {
      resolve();
      throw error;
    }
  }

  async #takeFromOthers(): Promise<Deno.FsFile | undefined> {
    let file: Deno.FsFile | undefined;
    let isOurs = true;
    try {
      file = Deno.openSync(this.#path);
      isOurs = await waitForLock(file, this.#ctx.clock);
    } catch (error) {
      this.#ctx.debug(`writing to pass without a lock: ${describeCause(error)}`);
    }
    if (isOurs) return file;
    file?.close();
    throw new BackendError(
      "pass",
      "another aws-vault has been writing to the store for ten seconds",
      [`see what it waits for, or end it: \`fuser ${asWord(this.#path)}\` tells its process id`],
    );
  }
}
