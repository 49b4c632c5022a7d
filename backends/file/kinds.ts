import { mayBecomeJwe } from "./jwe.ts";

/**
 * What a file of a keyring's directory is by how it begins. `unsettled` is one that is empty, or
 * has no more than an item's first bytes: it may be in the middle of being written.
 *
 * One that may not be read counts as an item: its use tells what is wrong.
 */
export function kindOf(path: string): "item" | "foreign" | "unsettled" | "gone" {
  try {
    using file = Deno.openSync(path);
    const start = new Uint8Array(4);
    const length = file.readSync(start) ?? 0;
    if (!mayBecomeJwe(start.subarray(0, length))) return "foreign";
    return length === start.length ? "item" : "unsettled";
  } catch (error) {
    // Removed meanwhile, or of a name that is not UTF-8: that is no key's, and we cannot say it.
    return error instanceof Deno.errors.NotFound ? "gone" : "item";
  }
}
