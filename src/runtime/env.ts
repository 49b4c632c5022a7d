import { VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import { openLibc, toCString } from "./libc.ts";
import { protectMemory } from "./memory.ts";
import { findPowerShell } from "./parent_shell.ts";

const PASSPHRASES = ["AWS_VAULT_FILE_PASSPHRASE", "AWS_VAULT_FILE_NEW_PASSPHRASE"];
/** Taken out at the start: passphrases, and what the launcher tells us alone. */
export const OURS_ALONE = [...PASSPHRASES, "AWS_VAULT_NOFILE"];

/**
 * By which Deno finds the user's home. Where the launcher has started us it is the bundle's directory,
 * and the user's own is put away: Deno would read `.npmrc` there.
 */
export const HOME_OF_DENO = Deno.build.os === "windows" ? "USERPROFILE" : "HOME";

/** What a variable holds that is no text. */
const NO_TEXT: unique symbol = Symbol();
type Value = string | typeof NO_TEXT | undefined;

/**
 * The environment as it was when we started. The keyring's passphrase is kept in memory and taken
 * out of the environment itself, so that nothing we start inherits it (`mfa_process`, `pass`, the
 * program of `exec`).
 *
 * A setting that is no UTF-8 throws `VaultError` where it is asked for; other variables count as
 * absent then, but for PATH, whose entries may still be good.
 */
export function createEnv(platform: string): Env {
  const taken = new Map<string, Value>(OURS_ALONE.map((name) => [name, takeOut(name)]));
  const home = read("AWS_VAULT_KEPT") === undefined ? "" : HOME_OF_DENO;
  const find = (name: string) => read(name === home ? `AWS_VAULT_KEPT_${name}` : name);
  const get = (name: string) => asText(name, taken.has(name) ? taken.get(name) : find(name));
  if (platform !== "windows") return { get };
  return {
    get(name) {
      if (name === "HOME") return get("USERPROFILE") ?? get(name);
      // What other systems' shells have put there names no program of Windows.
      return name === "SHELL" ? findPowerShell() ?? get("COMSPEC") : get(name);
    },
  };
}

function takeOut(name: string): Value {
  const value = read(name);
  if (value === undefined) return undefined;
  // Where others could look into us, taking it out would hide it from nobody.
  if (PASSPHRASES.includes(name)) protectMemory();
  Deno.env.delete(name);
  return value;
}

const SETTING = /^(AWS_.*|HOME|USERPROFILE)$/;

function asText(name: string, value: Value): string | undefined {
  if (value !== NO_TEXT) return value;
  if (name === "PATH") return readLossily(name);
  if (!SETTING.test(name)) return undefined;
  throw new VaultError("config", `the variable ${name} is not UTF-8`, [
    `set it anew, or do without: unset ${name}`,
  ]);
}

/** A name we may not read counts as absent. */
function read(name: string): Value {
  try {
    return Deno.env.get(name);
  } catch (error) {
    return error instanceof Deno.errors.InvalidData ? NO_TEXT : undefined;
  }
}

/** A name we may not read, or a value that is no text, counts as absent. */
export function readVariable(name: string): string | undefined {
  const value = read(name);
  return value === NO_TEXT ? undefined : value;
}

/** Variables and what they are to be; undefined is absent. */
export type Assignments = readonly (readonly [name: string, value: string | undefined])[];

/** Makes variables of our own environment these; the answer puts back what they were. */
export function exchangeVariables(values: Assignments): () => void {
  const before = values.map(([name]) => [name, readVariable(name)] as const);
  assign(values);
  return () => assign(before);
}

function assign(values: Assignments): void {
  for (const [name, value] of values) {
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
}

function readLossily(name: string): string | undefined {
  const libc = openLibc({
    getenv: { parameters: ["buffer"], result: "usize" },
    strlen: { parameters: ["usize"], result: "usize" },
    memcpy: { parameters: ["buffer", "usize", "usize"], result: "usize" },
  });
  const address = libc?.getenv(toCString(name)) ?? 0n;
  if (libc === undefined || address === 0n) return undefined;
  const bytes = new Uint8Array(Number(libc.strlen(address)));
  libc.memcpy(bytes, address, BigInt(bytes.length));
  return new TextDecoder().decode(bytes);
}
