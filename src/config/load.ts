import { describeCause, VaultError } from "../errors.ts";
import { expandHome, homeOf, joinPath } from "../paths.ts";
import type { Env } from "../types.ts";
import { IniFile } from "./ini.ts";
import { REPLACED } from "./ini_text.ts";

/** AWS_CONFIG_FILE, or `~/.aws/config`. */
export function configPath(env: Env): string {
  const named = env.get("AWS_CONFIG_FILE");
  const home = homeOf(env);
  if (named) return expandHome(named, home);
  if (home) return joinPath(home, ".aws", "config");
  throw new VaultError(
    "config",
    "neither AWS_CONFIG_FILE nor HOME is set: no config file is known",
    ["set HOME, or name the file with AWS_CONFIG_FILE"],
  );
}

/** What came through pipes, by their paths: they deliver once. */
const delivered = new Map<string, Uint8Array>();

export function keepDelivered(path: string, bytes: Uint8Array): void {
  delivered.set(path, bytes);
}

/** Whether the config file is one that `loadConfig` can read at once; pipes and devices are not. */
export function isReadAtOnce(env: Env): boolean {
  try {
    const { isFile, isDirectory } = Deno.statSync(configPath(env));
    return isFile || isDirectory;
  } catch {
    return true; // what is wrong shows when it is read
  }
}

/** The config file; one that is not there has no sections. */
export function loadConfig(env: Env): IniFile {
  const path = configPath(env);
  const { text, isUtf8 } = readConfigText(path);
  return new IniFile(path, text, isUtf8);
}

/** What the config file says; nothing where it is not there. */
export function readConfigText(path: string): DecodedConfig {
  const bytes = delivered.get(path);
  if (bytes !== undefined) return decodeConfig(bytes);
  const text = readText(path);
  // Whether it is all UTF-8 is seen from its bytes: the mark of what is not may stand in it itself.
  const isUtf8 = !text.includes(REPLACED) || decodeConfig(Deno.readFileSync(path)).isUtf8;
  return { text, isUtf8 };
}

/** What the bytes of a config file say; `path` is for errors. */
export function parseConfig(path: string, bytes: Uint8Array): IniFile {
  const { text, isUtf8 } = decodeConfig(bytes);
  return new IniFile(path, text, isUtf8);
}

export interface DecodedConfig {
  readonly text: string;
  /** False where bytes that are no UTF-8 are U+FFFD in the text. */
  readonly isUtf8: boolean;
}

export function decodeConfig(bytes: Uint8Array): DecodedConfig {
  const decode = (fatal: boolean) =>
    new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(bytes);
  try {
    return { text: decode(true), isUtf8: true };
  } catch {
    return { text: decode(false), isUtf8: false };
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    const obstacle = error instanceof Deno.errors.IsADirectory
      ? "move that directory away"
      : "check its owner and mode";
    throw new VaultError("config", `${path} cannot be read: ${describeCause(error)}`, [
      `${obstacle}, or name another with AWS_CONFIG_FILE`,
    ]);
  }
}
