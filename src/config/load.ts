import { describeCause, VaultError } from "../errors.ts";
import type { Env } from "../types.ts";
import { replaceFile } from "../files.ts";
import { appendSection } from "./append.ts";
import { IniFile } from "./ini.ts";

/** AWS_CONFIG_FILE, or `~/.aws/config`. */
export function configPath(env: Env): string {
  const named = env.get("AWS_CONFIG_FILE");
  const home = env.get("HOME") ?? env.get("USERPROFILE");
  if (named) return named.startsWith("~/") && home ? home + named.slice(1) : named;
  if (home) return `${home}/.aws/config`;
  throw new VaultError(
    "config",
    "neither AWS_CONFIG_FILE nor HOME is set: no config file is known",
  );
}

/** The config file; one that is not there has no sections. */
export function loadConfig(env: Env): IniFile {
  const path = configPath(env);
  const text = readText(path);
  const isUtf8 = !text.includes("\ufffd") || isValid(Deno.readFileSync(path));
  return new IniFile(path, text, isUtf8);
}

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Appends a section for a profile and changes no other byte; a kill at any moment leaves the old
 * file or the new one. The caller holds a lock, so that of several at once each gets its own in.
 */
export function addProfileSection(
  env: Env,
  profile: string,
  settings: Readonly<Record<string, string>>,
): void {
  const path = configPath(env);
  checkAppendable(env, profile);
  const directory = path.slice(0, Math.max(path.lastIndexOf("/"), 1));
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const text = readText(path);
    if (new IniFile(path, text).has("profile", profile)) return;
    // One name, for we hold the lock: what a killed writer left there goes with the next.
    const temporary = `${path}.tmp-aws-vault`;
    removeLeftover(temporary);
    replaceFile(path, appendSection(text, profile, settings), temporary);
  } catch (error) {
    if (error instanceof VaultError) throw error;
    throw new VaultError(
      "file",
      `${path} cannot be written, it is left as it was: ${describeCause(error)}`,
      [`add this section to it by hand: [profile ${profile}]`],
    );
  }
}

function removeLeftover(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Refuses, before anything is stored, what could not be appended afterwards. */
export function checkAppendable(env: Env, profile: string): void {
  const path = configPath(env);
  if (/[\]\r\n"]/.test(profile)) {
    throw new VaultError("config", `a profile's name cannot hold \`]\`, quotes or line ends`);
  }
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return;
  }
  if (info.isSymlink) {
    throw new VaultError(
      "config",
      `${path} is a symbolic link, and nothing is written through it`,
      [
        `add \`[profile ${profile}]\` to the file it leads to, or use --no-add-config,`,
        "or set AWS_CONFIG_FILE to the file itself",
      ],
    );
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new VaultError("config", `${path} cannot be read: ${describeCause(error)}`, [
      "check its owner and mode, or name another with AWS_CONFIG_FILE",
    ]);
  }
}
