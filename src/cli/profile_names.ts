import type { IniFile } from "../config/ini.ts";
import { hintAtNearest } from "../config/nearest.ts";
import { VaultError } from "../errors.ts";
import { isCredentialsKey } from "../credentials/session_key.ts";
import type { App } from "./app.ts";

/** The profile a command is for: the argument, AWS_PROFILE, or one picked on the terminal. */
export async function chooseProfile(argument: string | undefined, app: App): Promise<string> {
  const named = argument || app.ctx.env.get("AWS_PROFILE");
  if (named) return named;
  if (!app.ctx.terminal.available()) {
    throw new VaultError("usage", "no profile is given, and there is no terminal to pick one on", [
      "name one on the command line or set AWS_PROFILE",
    ]);
  }
  const { pickProfile } = await import("../prompt/picker.ts");
  return await pickProfile(app.config().names("profile"), app.ctx);
}

/** Refuses a name that is neither in the config file nor in the keyring, telling the nearest. */
export function checkProfile(profile: string, file: IniFile, keys: readonly string[]): void {
  if (file.has("profile", profile) || keys.includes(profile)) return;
  const known = new Set([...file.names("profile"), ...keys.filter(isCredentialsKey)]);
  const nearest = hintAtNearest(profile, [...known]);
  throw new VaultError(
    "profile",
    `profile \`${profile}\` is neither in ${file.path} nor in the keyring`,
    nearest.length > 0 ? nearest : ["see the profiles there are with: aws-vault list"],
  );
}
