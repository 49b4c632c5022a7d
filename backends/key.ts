import { BackendError } from "../src/errors.ts";

/** Refuses names that cannot be an item's anywhere. */
export function checkKey(backend: string, key: string): void {
  if (key !== "" && !key.includes("\0")) return;
  throw new BackendError(backend, "an item's name is empty or holds a NUL", [
    "give it a name of printable characters",
  ]);
}
