import { VaultError } from "../errors.ts";

/** What `work` gives; `undefined` where the file has a fault in its way, which is another's to tell. */
export function unlessFaulty<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
