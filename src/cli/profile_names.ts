import type { IniFile } from "../config/ini.ts";
import { hintAtNearest } from "../config/nearest.ts";
import { formatHeader } from "../config/section_header.ts";
import { asArgument, VaultError } from "../errors.ts";
import { isCredentialsKey } from "../credentials/session_key.ts";
import type { App } from "./app.ts";

/** The profile a command is for: the argument, AWS_PROFILE, or one picked on the terminal. */
export async function chooseProfile(argument: string | undefined, app: App): Promise<string> {
  const named = argument || app.ctx.env.get("AWS_PROFILE");
  if (named) return named;
  if (!app.ctx.terminal.available()) {
    throw new VaultError("usage", "no profile is given, and there is no terminal to pick one on", [
      "name one on the command line or set AWS_PROFILE",
      ...(app.config().names("profile").length === 0
        ? [
          "the config file has none; the keyring's are told by: aws-vault list --credentials",
          ...hintsAtFirst("PROFILE", app.config(), "where there is none either"),
        ]
        : []),
    ]);
  }
  const { pickProfile } = await import("../prompt/picker.ts");
  const { describeKind, sortByUse } = await import("./profile_kinds.ts");
  const [file, keys] = [app.config(), await listWhatShows(app)];
  const names = sortByUse(knownProfiles(file, keys), keys);
  if (names.length === 0) {
    const hints = hintsAtFirst("PROFILE", file, "there is none yet");
    throw new VaultError("config", "no profile is given, and there is none to pick", hints);
  }
  const kinds = new Map(names.map((name) => [name, describeKind(name, file, keys)]));
  return await pickProfile(names, app.ctx, kinds);
}

/**
 * Refuses a name that is neither in the config file nor in the keyring, telling what was meant.
 *
 * @param others what may have been meant beside a profile
 */
export function checkProfile(
  profile: string,
  file: IniFile,
  keys: readonly string[],
  others: readonly string[] = [],
): void {
  if (file.has("profile", profile) || keys.includes(profile)) return;
  const known = knownProfiles(file, keys);
  const hints = hintsFor(profile, file, keys, others);
  if (known.length === 0) {
    hints.push(...hintsAtFirst(profile, file, "neither has any yet"));
  } else if (file.text === "") hints.push(`${file.path} is empty, or not there`);
  throw new VaultError(
    "profile",
    `profile \`${profile}\` is neither in ${file.path} nor in the keyring`,
    hints.length > 0 ? hints : ["see the profiles there are with: aws-vault list"],
  );
}

/** Not everybody has an access key to store. */
function hintsAtFirst(profile: string, file: IniFile, why: string): string[] {
  const hasSession = file.names("sso-session").length > 0;
  return [
    `${why}: begin with ${waysToFirst(asArgument(profile))}`,
    ...hasSession ? ["aws-vault sso profiles --write makes one for each role of a sign-in"] : [],
  ];
}

export function waysToFirst(name: string): string {
  return `aws-vault add ${name}, for an access key, or aws-vault configure ${name}, for IAM ` +
    "Identity Center and others";
}

/** A keyring with a fault is told of where it is needed: one can pick without it. */
async function listWhatShows(app: App): Promise<readonly string[]> {
  try {
    return await app.keyringNames();
  } catch (error) {
    if (error instanceof VaultError) return [];
    throw error;
  }
}

/**
 * Refuses a name that no keys are stored under; `keys` are all names in the keyring.
 *
 * @param backend that was named beside `--backend`
 */
export function checkStored(profile: string, keys: readonly string[], backend?: string): void {
  const stored = keys.filter(isCredentialsKey);
  if (stored.includes(profile)) return;
  const [keyring, option] = backend
    ? [`${backend} keyring`, `--backend=${backend} `]
    : ["keyring", ""];
  throw new VaultError("profile", `the ${keyring} has no credentials for profile \`${profile}\``, [
    ...hintAtNearest(profile, stored),
    `see what it has with: aws-vault ${option}list --credentials`,
  ]);
}

/** What may have been meant by a profile's name that is not known. */
export function hintsFor(
  profile: string,
  file: IniFile,
  keys: readonly string[],
  others: readonly string[] = [],
): string[] {
  const mistaken = file.findMistakenHeader(profile);
  return [
    ...(mistaken === undefined ? [] : [
      `${file.path}, line ${mistaken.line} has ${mistaken.text}: the section of a profile is called ${
        formatHeader(profile)
      }`,
    ]),
    ...hintAtNearest(profile, [...others, ...knownProfiles(file, keys)]),
  ];
}

/** All that the config file has, and that keys are stored under. */
export function knownProfiles(file: IniFile, keys: readonly string[]): string[] {
  return [...new Set([...file.names("profile"), ...keys.filter(isCredentialsKey)])];
}
