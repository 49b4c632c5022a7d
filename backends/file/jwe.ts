import { JOSEError, JWEDecryptionFailed } from "jose/errors";
import { compactDecrypt } from "jose/jwe/compact/decrypt";
import { BackendError } from "../../src/errors.ts";
import { MAX_ROUNDS } from "../settings.ts";

export const ALGORITHM = "PBES2-HS256+A128KW";
export const ENCRYPTION = "A256GCM";

/** Items that have been opened before, for whoever opens the same ones again and again. */
export type OpenedItems = Map<string, string>;

const MOST_OPENED = 500;

/**
 * The text of a compact JWE; `undefined` when the passphrase does not open it.
 *
 * Throws `BackendError` for what is no JWE of ours, whatever the passphrase.
 */
export async function open(
  jwe: string,
  passphrase: string,
  path: string,
  opened?: OpenedItems,
): Promise<string | undefined> {
  const key = `${passphrase}\0${jwe}`;
  const known = opened?.get(key);
  if (known !== undefined) return known;
  const text = await decrypt(jwe, passphrase, path);
  if (text === undefined || opened === undefined) return text;
  if (opened.size >= MOST_OPENED) opened.clear();
  opened.set(key, text);
  return text;
}

async function decrypt(
  jwe: string,
  passphrase: string,
  path: string,
): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(jwe, new TextEncoder().encode(passphrase), {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [ENCRYPTION],
      maxPBES2Count: MAX_ROUNDS,
    });
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    if (error instanceof JWEDecryptionFailed) return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): BackendError {
  if (error instanceof JOSEError && /p2c|PBES2 Count/i.test(error.message)) {
    return new BackendError(
      "file",
      `${path} asks for a number of rounds of PBKDF2 (p2c) that is none from 1 to ${MAX_ROUNDS}`,
      [
        "no version of the tool writes that: the file is damaged, or somebody tampered with it",
        "put it back from a backup, or store it anew, which replaces it",
      ],
    );
  }
  return new BackendError("file", `${path} is damaged: it is no encrypted item`, [
    "put it back from a backup, or store it anew, which replaces it",
  ]);
}
