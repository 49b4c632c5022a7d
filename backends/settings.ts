import { asWord, VaultError } from "../src/errors.ts";
import { beginsAtHome, expandHome, homeOf, joinPath } from "../src/paths.ts";
import type { Context, Env } from "../src/types.ts";

/** What the command line says of backends; what it leaves out is taken from the environment. */
export interface BackendSettings {
  /** `--backend`, AWS_VAULT_BACKEND. */
  readonly backend?: string;
  /** `--session-backend`, AWS_VAULT_SESSION_BACKEND: where sessions go, if not to the same. */
  readonly sessionBackend?: string;
  /** `--file-dir`, AWS_VAULT_FILE_DIR. */
  readonly fileDir?: string;
  /** `--pass-dir`, AWS_VAULT_PASS_PASSWORD_STORE_DIR. */
  readonly passDir?: string;
  /** `--pass-cmd`, AWS_VAULT_PASS_CMD. */
  readonly passCmd?: string;
  /** `--pass-prefix`, AWS_VAULT_PASS_PREFIX. */
  readonly passPrefix?: string;
  /** `--keychain`, AWS_VAULT_KEYCHAIN_NAME. */
  readonly keychain?: string;
  /** `--secret-service-collection`, AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME. */
  readonly secretServiceCollection?: string;
  /** `--helper`, AWS_VAULT_HELPER. */
  readonly helper?: string;
}

const VARIABLES: Readonly<Record<keyof BackendSettings, string>> = {
  backend: "AWS_VAULT_BACKEND",
  sessionBackend: "AWS_VAULT_SESSION_BACKEND",
  fileDir: "AWS_VAULT_FILE_DIR",
  passDir: "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
  passCmd: "AWS_VAULT_PASS_CMD",
  passPrefix: "AWS_VAULT_PASS_PREFIX",
  keychain: "AWS_VAULT_KEYCHAIN_NAME",
  secretServiceCollection: "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME",
  helper: "AWS_VAULT_HELPER",
};

/** A setting from its flag, else its variable; empty counts as not given. */
export function readSetting(
  name: keyof BackendSettings,
  settings: BackendSettings,
  env: Env,
): string | undefined {
  return settings[name] || env.get(VARIABLES[name]) || undefined;
}

/** The directory of the `file` backend. */
export function fileDirectory(settings: BackendSettings, env: Env): string {
  return expand(readSetting("fileDir", settings, env) ?? joinPath("~", ".awsvault", "keys"), env);
}

/** The store of `pass`: its own variable counts after ours. */
export function passDirectory(settings: BackendSettings, env: Env): string {
  const directory = readSetting("passDir", settings, env) || env.get("PASSWORD_STORE_DIR");
  return expand(directory || "~/.password-store", env);
}

/** The program of pass as it is typed for a store, which it may not find by itself. */
export function typePass(command: string, directory: string, env: Env): string {
  const found = env.get("PASSWORD_STORE_DIR") || `${env.get("HOME")}/.password-store`;
  const variable = directory === found ? "" : `PASSWORD_STORE_DIR=${asWord(directory)} `;
  return variable + asWord(command);
}

/** The program of a docker credential helper, which is named by what stands behind that, or by a path. */
export function helperProgram(helper: string, platform: Context["platform"]): string {
  const isPath = helper.includes("/") || platform === "windows" && helper.includes("\\");
  return isPath ? helper : `docker-credential-${helper}`;
}

/** PBKDF2 rounds of new items in the `file` backend. */
export function fileRounds(env: Env): number {
  const text = env.get("AWS_VAULT_FILE_P2C");
  if (!text) return MIN_ROUNDS;
  const rounds = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (rounds >= MIN_ROUNDS && rounds <= MAX_ROUNDS) return rounds;
  throw new VaultError(
    "config",
    `AWS_VAULT_FILE_P2C is ${text}; it takes a number from ${MIN_ROUNDS} to ${MAX_ROUNDS}`,
    ["unset it for the default"],
  );
}

/**
 * PBKDF2 rounds that the Go tool writes, and the most that are read back (SPEC §2): more would only
 * hang the reader.
 */
export const MIN_ROUNDS = 8192;
export const MAX_ROUNDS = 1_300_000;

/** A path with `~` at its start replaced, and no slash at its end. */
function expand(path: string, env: Env): string {
  const trimmed = trimEnd(path, Deno.build.os === "windows");
  return expandHome(trimmed, beginsAtHome(trimmed) ? homeDirectory(env) : "~");
}

/** A path without slashes at its end; a root keeps its own. */
function trimEnd(path: string, windows: boolean): string {
  if (windows) return path.replace(/(?<=[^:\\/])[\\/]+$/, "").replace(/^\/+$/, "/");
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

function homeDirectory(env: Env): string {
  const home = homeOf(env);
  if (home) return home;
  throw new VaultError("config", "HOME is not set, and the keyring's directory lies below it", [
    "set HOME, or name directories in full (--file-dir, --pass-dir)",
  ]);
}

/** What backends need of the world. */
export type BackendContext = Pick<
  Context,
  | "platform"
  | "clock"
  | "env"
  | "processes"
  | "terminal"
  | "note"
  | "tell"
  | "debug"
  | "remote"
  | "passphrases"
>;
