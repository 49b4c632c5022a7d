import { BackendError, WrongPassphraseError } from "../../src/errors.ts";
import { changeItems, finishChange } from "./change.ts";
import { type DirectoryContext, KeyringDirectory } from "./directory.ts";
import { type AskPassphrase, findPassphrase, opens } from "./unlock.ts";

export interface ChangeOptions {
  readonly directory: string;
  /** PBKDF2 rounds of the items as they are written. */
  readonly p2c: number;
  /** Asks for the one the keyring has. */
  readonly passphrase: AskPassphrase;
  /** The one it is to have, where that is known without asking. */
  readonly given?: string;
  /** Asks for it. */
  choose(): Promise<string>;
}

/** How a change ended: `finished` is one of an earlier run, which was stopped. */
export type ChangeOutcome =
  /** `isAnother`: and not the old one with other rounds. */
  | { readonly state: "changed"; readonly items: number; readonly isAnother: boolean }
  | { readonly state: "finished" | "already" };

/**
 * Gives a file keyring another passphrase. One that was stopped is finished first; as it was decided
 * then, that takes no passphrase. A script that is run again finds its work done.
 */
export async function changePassphrase(
  options: ChangeOptions,
  ctx: DirectoryContext,
): Promise<ChangeOutcome> {
  const directory = new KeyringDirectory(options.directory, ctx);
  const { given } = options;
  const isFinished = await finishChange(directory);
  if ((await directory.itemNames()).length === 0) throw emptyKeyring(options.directory);
  if (isFinished && (given === undefined || await opens(given, directory))) {
    return { state: "finished" };
  }
  let old: string;
  try {
    old = (await findPassphrase({ name: "" }, directory, options.passphrase)).passphrase;
  } catch (error) {
    if (!(error instanceof WrongPassphraseError) || given === undefined) throw error;
    if (!await opens(given, directory)) throw error;
    return { state: "already" };
  }
  const chosen = given ?? await options.choose();
  const items = await changeItems(directory, { old, chosen, p2c: options.p2c });
  return { state: "changed", items, isAnother: chosen !== old };
}

function emptyKeyring(path: string): BackendError {
  return new BackendError(
    "file",
    `the keyring in ${path} holds nothing yet, and has no passphrase`,
    [
      "it is chosen when the first keys are stored: aws-vault add PROFILE",
      "another directory is named with --file-dir (AWS_VAULT_FILE_DIR)",
    ],
  );
}
