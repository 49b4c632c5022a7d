import type { Env } from "../types.ts";
import { protectMemory } from "./memory.ts";

const PASSPHRASE = "AWS_VAULT_FILE_PASSPHRASE";
/** Taken out at the start: the passphrase, and what the launcher tells us alone. */
export const OURS_ALONE = [PASSPHRASE, "AWS_VAULT_NOFILE"];

/**
 * The environment as it was when we started. The keyring's passphrase is kept in memory and taken
 * out of the environment itself, so that nothing we start inherits it (`mfa_process`, `pass`, the
 * program of `exec`).
 */
export function createEnv(platform: string): Env {
  const taken = new Map(OURS_ALONE.map((name) => [name, takeOut(name)]));
  return {
    get(name) {
      if (taken.has(name)) return taken.get(name);
      if (name === "HOME" && platform === "windows") {
        return readVariable(name) ?? readVariable("USERPROFILE");
      }
      return readVariable(name);
    },
  };
}

function takeOut(name: string): string | undefined {
  const value = readVariable(name);
  if (value === undefined) return undefined;
  // Where others could look into us, taking it out would hide it from nobody.
  if (name === PASSPHRASE) protectMemory();
  Deno.env.delete(name);
  return value;
}

/** A name we may not read, or a value that is no text, counts as absent. */
export function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}
