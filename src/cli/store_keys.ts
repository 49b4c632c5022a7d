import type { IniFile } from "../config/ini.ts";
import { checkNewName } from "../config/names.ts";
import { UNTIL_ROTATED, withKeysOf } from "../credentials/lock.ts";
import { isCredentialsKey } from "../credentials/session_key.ts";
import { removeSessions } from "../credentials/sessions.ts";
import {
  type AccessKey,
  isSameKey,
  readStoredKeys,
  writeStoredKeys,
} from "../credentials/stored_keys.ts";
import { asArgument, BackendError, VaultError } from "../errors.ts";
import type { App } from "./app.ts";
import { listDependants } from "./dependants.ts";

/**
 * Stores a profile's keys and drops the sessions made with older ones; returns how many of its own
 * those were.
 */
export async function storeKeys(profile: string, keys: AccessKey, app: App): Promise<number> {
  const store = () => storeAlone(profile, keys, app);
  return await withKeysOf(profile, app.ctx, store, UNTIL_ROTATED);
}

async function storeAlone(profile: string, keys: AccessKey, app: App): Promise<number> {
  const backend = await app.keyring();
  await writeStoredKeys(backend, profile, keys);
  try {
    const names = await backend.keys();
    const [own, ...others] = listDependants(profile, app, names);
    const removed = await removeSessions(backend, [own!], names);
    await removeSessions(backend, others, names);
    return removed;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new VaultError(
      error.code,
      `the keys of ${profile} are stored, but sessions made with older ones are left: ${error.message}`,
      [
        ...error.hints,
        `until they are gone they are handed out: aws-vault clear ${asArgument(profile)}`,
      ],
    );
  }
}

/**
 * The same, and the keys are read back: what has them in plain text may let go of them then. False
 * where the keyring has other keys for the profile by now, which are left unless told.
 */
export async function storeAndVerify(
  profile: string,
  keys: AccessKey,
  app: App,
  overwrite = false,
): Promise<boolean> {
  const backend = await app.keyring();
  const store = async () => {
    if (!overwrite && !isSameKey(await readStoredKeys(backend, profile) ?? keys, keys)) {
      return false;
    }
    await storeAlone(profile, keys, app);
    if (isSameKey(await readStoredKeys(backend, profile), keys)) return true;
    throw new BackendError(
      backend.name,
      `the ${backend.name} keyring does not give back the keys of ${profile}`,
      ["what was read back differs from what was written; the file they came from has them still"],
    );
  };
  return await withKeysOf(profile, app.ctx, store, UNTIL_ROTATED);
}

/** Refuses profiles whose stored keys would never be used, and names that are no profile's. */
export function checkTarget(profile: string, file: IniFile): void {
  const source = file.section("profile", profile)?.get("source_profile");
  if (source !== undefined && source.value !== "" && source.value !== profile) {
    throw new VaultError(
      "config",
      `profile ${profile} has the source_profile ${source.value}: keys added to it would have no effect`,
      [
        `add them to that one: aws-vault add ${asArgument(source.value)}`,
        `see ${file.path}, line ${source.line}`,
      ],
    );
  }
  if (!isCredentialsKey(profile)) {
    throw new VaultError("usage", `\`${profile}\` is a name the keyring keeps sessions under`, [
      "choose another name for the profile",
    ]);
  }
  checkNewName(profile);
}
