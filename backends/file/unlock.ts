import { BackendError, WrongPassphraseError } from "../../src/errors.ts";
import type { KeyringDirectory } from "./directory.ts";
import { open, type OpenedItems } from "./jwe.ts";
import { isComplete } from "./kinds.ts";

/** What is asked of the person, or the environment, that knows the passphrase. */
export interface PassphraseRequest {
  /** The keyring has no items yet: any passphrase will do, and a slip would lock it for good. */
  readonly isNew: boolean;
  /** An item that the last answer did not open. */
  readonly refused?: string;
}

/** Rejects where nobody can be asked. */
export type AskPassphrase = (request: PassphraseRequest) => Promise<string>;

/** A passphrase, and what it was seen to open. */
export interface Unlocked {
  readonly passphrase: string;
  /** Absent where there was no item to try it on. */
  readonly proof?: Proof;
}

/** An item that a passphrase opens. */
export interface Proof {
  /** The name of its file. */
  readonly name: string;
  /** The item as it was read. */
  readonly jwe: string;
  readonly text: string;
}

/** The item that is wanted, or is to be written. */
export interface FirstItem {
  readonly name: string;
  /** As it was read, where it was: one that opens tells all, and no other is looked at. */
  readonly jwe?: string;
}

/** A passphrase that is tried on items. */
interface Trial {
  readonly passphrase: string;
  readonly directory: KeyringDirectory;
  readonly opened?: OpenedItems;
  /** An item's text that it was seen not to open: each try costs its rounds of PBKDF2. */
  readonly refused?: string;
}

/** How often a passphrase may be mistyped. */
const MAX_ATTEMPTS = 3;
/** How many items are tried at once. */
const TRIED_AT_ONCE = 16;

/**
 * Asks for the passphrase until it opens an item; `first` is the likeliest to tell.
 *
 * Every item is tried before a passphrase is refused, or taken for a keyring's first: damaged ones
 * say nothing of it, and a keyring must never be split in two (the Go tool splits it).
 *
 * Throws `WrongPassphraseError` after three that open nothing.
 */
export async function findPassphrase(
  { name, jwe }: FirstItem,
  directory: KeyringDirectory,
  ask: AskPassphrase,
  opened?: OpenedItems,
): Promise<Unlocked> {
  let names = jwe === undefined ? await listFrom(name, directory) : undefined;
  const isNew = names !== undefined && !await holdsWhole(names, directory);
  let refused: string | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const passphrase = await ask({ isNew, refused });
    const trial = { passphrase, directory, opened };
    const first = jwe === undefined ? undefined : await tryText({ name, jwe }, trial);
    if (typeof first === "object") return { passphrase, proof: first };
    names ??= await listFrom(name, directory);
    const proof = isNew ? undefined : await prove(names, { ...trial, refused: first && jwe });
    if (proof !== "refused") return { passphrase, proof };
    refused = directory.pathOf(names[0]!);
  }
  throw new WrongPassphraseError(`wrong passphrase: it does not open ${refused}`, [
    "nothing was changed; try again with the one the keyring was made with",
    "a lost one cannot be got back: move the keyring's directory away, and add new keys",
  ]);
}

/** Refuses a passphrase that is another run's no more, or was never: it has stored with another. */
export async function checkStill(
  passphrase: string,
  name: string,
  directory: KeyringDirectory,
): Promise<void> {
  const names = await listFrom(name, directory);
  if (await prove(names, { passphrase, directory }) !== "refused") return;
  throw new WrongPassphraseError(
    `wrong passphrase: another run has made the keyring ${directory.path} with another one, or has ` +
      "changed it",
    ["nothing was stored; run this again with that passphrase"],
  );
}

/** Whether a passphrase opens any item. */
export async function opens(passphrase: string, directory: KeyringDirectory): Promise<boolean> {
  return typeof await prove(await listFrom("", directory), { passphrase, directory }) === "object";
}

async function listFrom(first: string, directory: KeyringDirectory): Promise<string[]> {
  const names = await directory.itemNames();
  return names.sort((a, b) => Number(b === first) - Number(a === first));
}

async function holdsWhole(names: readonly string[], directory: KeyringDirectory): Promise<boolean> {
  if (names.some((name) => directory.holdsNow(name, isComplete))) return true;
  const read = await Promise.all(names.map((name) => readWhole(name, directory)));
  return read.some((jwe) => jwe !== undefined);
}

/**
 * The first item it opens; "refused" where it opens none, `undefined` where none could tell. Throws
 * where all that could have told cannot be read: a keyring is no new one for that.
 */
async function prove(
  names: readonly string[],
  trial: Trial,
): Promise<Proof | "refused" | undefined> {
  let wasRefused = false;
  let fault: BackendError | undefined;
  for (let from = 0; from < names.length;) {
    // The first one alone: it opens nearly always.
    const until = from === 0 ? 1 : from + TRIED_AT_ONCE;
    const verdicts = await Promise.all(
      names.slice(from, until).map((name) => tryItem(name, trial)),
    );
    const proof = verdicts.find((verdict) => isProof(verdict));
    if (proof !== undefined) return proof;
    wasRefused ||= verdicts.includes("refused");
    fault ??= verdicts.find((verdict) => verdict instanceof BackendError);
    from = until;
  }
  if (wasRefused) return "refused";
  if (fault !== undefined) throw fault;
  return undefined;
}

/** What an item tells of a passphrase; the system's fault where it could not be read. */
type Verdict = Proof | "refused" | BackendError | undefined;

function isProof(verdict: Verdict): verdict is Proof {
  return typeof verdict === "object" && !(verdict instanceof BackendError);
}

/** Read anew: it may have been changed while the passphrase was asked for. */
async function tryItem(name: string, trial: Trial): Promise<Verdict> {
  const jwe = await readWhole(name, trial.directory);
  if (typeof jwe !== "string") return jwe;
  return jwe === trial.refused ? "refused" : await tryText({ name, jwe }, trial);
}

async function tryText(
  { name, jwe }: Required<FirstItem>,
  { passphrase, directory, opened }: Trial,
): Promise<Proof | "refused" | undefined> {
  try {
    const text = await open(jwe, passphrase, directory.pathOf(name), opened);
    return text === undefined ? "refused" : { name, jwe, text };
  } catch (error) {
    if (error instanceof BackendError) return undefined;
    throw error;
  }
}

/** The system's fault is given, damage says nothing. */
async function readWhole(
  name: string,
  directory: KeyringDirectory,
): Promise<string | BackendError | undefined> {
  try {
    return await directory.read(name);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return error.cause === undefined ? undefined : error;
  }
}
