import { VaultError } from "../errors.ts";
import { fromMarks, toMarks } from "./bytes.ts";
import type { PlainKeys } from "./found_keys.ts";
import { findCsvKeys, isKeysCsv } from "./keys_csv.ts";
import { findPlainKeys } from "./plain_sections.ts";

/**
 * The keys in an AWS credentials file, or in a CSV of the AWS console: the content tells which.
 * The secrets are in the answer, and in no error.
 */
export function findKeys(bytes: Uint8Array, path: string): PlainKeys[] {
  const text = toMarks(bytes);
  if (text.includes("\0")) {
    throw new VaultError("config", `${path} is no text file: it holds NUL bytes`, [
      "a file in UTF-16 has to be saved as UTF-8 first",
    ]);
  }
  return isKeysCsv(text) ? findCsvKeys(text) : findPlainKeys(text);
}

/** The file without some of its keys; every other byte is as it was. */
export function cutKeys(bytes: Uint8Array, keys: readonly PlainKeys[]): Uint8Array {
  const text = toMarks(bytes);
  const cuts = keys.flatMap((found) => found.cuts).sort((a, b) => a.from - b.from);
  const kept: string[] = [];
  let at = 0;
  for (const { from, to } of cuts) {
    kept.push(text.slice(at, Math.max(at, from)));
    at = Math.max(at, to);
  }
  return fromMarks(kept.join("") + text.slice(at));
}
