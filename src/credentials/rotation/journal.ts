import { BackendError } from "../../errors.ts";
import type { Credentials, SecretBackend } from "../../types.ts";
import { encodePart, ROTATION_PREFIX } from "../session_key.ts";
import { writeStoredKeys } from "../stored_keys.ts";

/**
 * A rotation that is under way, kept in the keyring from before the new key is made until the old
 * one is deleted: whatever stops us in between, the next `rotate` knows where.
 */
export interface Journal {
  readonly profile: string;
  /** Absent, as all the rest, in a journal whose writing was itself interrupted. */
  readonly oldKeyId?: string;
  readonly beganAtMs?: number;
  /** The new key; absent as long as AWS may not have made it yet. */
  readonly newKey?: Credentials;
}

/** 2100: the Go tool clears away what it takes for a session only when it has expired. */
const FAR_FUTURE_SECONDS = 4_102_444_800;

/**
 * The profile stands where a session has its MFA serial: in the profile's place, the Go tool's
 * `add` and `clear` of that profile would take the journal away.
 */
export function journalKey(profile: string): string {
  const owner = encodePart("aws-vault rotate");
  return `${ROTATION_PREFIX}${owner},${encodePart(profile)},${FAR_FUTURE_SECONDS}`;
}

/** Keeps the journal, and reads it back: nothing is done at AWS before it is safe. */
export async function writeJournal(backend: SecretBackend, journal: Journal): Promise<void> {
  const key = journalKey(journal.profile);
  const data = new TextEncoder().encode(JSON.stringify({
    OldAccessKeyId: journal.oldKeyId,
    BeganAtMs: journal.beganAtMs,
    AccessKeyId: journal.newKey?.accessKeyId,
    SecretAccessKey: journal.newKey?.secretAccessKey,
  }));
  await backend.set({
    key,
    data,
    label: `aws-vault rotation of ${journal.profile}`,
    description: "aws-vault rotation that is under way",
  });
  const kept = await backend.get(key);
  if (kept?.data.toHex() === data.toHex()) return;
  throw new BackendError(
    backend.name,
    `the keyring (${backend.name}) does not give back what was written to it`,
  );
}

/** The journal of a profile; one that cannot be read still says that there was a rotation. */
export async function readJournal(
  backend: SecretBackend,
  profile: string,
): Promise<Journal | undefined> {
  const item = await backend.get(journalKey(profile));
  if (item === undefined) return undefined;
  try {
    const fields = JSON.parse(new TextDecoder().decode(item.data));
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = fields;
    return {
      profile,
      oldKeyId: fields.OldAccessKeyId,
      beganAtMs: fields.BeganAtMs,
      newKey: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    };
  } catch {
    return { profile };
  }
}

/** @param keys the names in the keyring, where it may hold none for the profile */
export async function removeJournal(
  backend: SecretBackend,
  profile: string,
  keys: readonly string[] = [journalKey(profile)],
): Promise<void> {
  const key = journalKey(profile);
  if (keys.includes(key)) await backend.remove(key);
}

/** Puts the new key where a profile's item is gone; the rest is the next rotation's. */
export async function restoreFromJournal(
  backend: SecretBackend,
  profile: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.includes(profile) || !keys.includes(journalKey(profile))) return;
  const newKey = (await readJournal(backend, profile))?.newKey;
  if (newKey !== undefined) await writeStoredKeys(backend, profile, newKey);
}
