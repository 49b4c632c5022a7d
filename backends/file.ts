import { BackendError } from "../src/errors.ts";
import type { SecretBackend, SecretItem } from "../src/types.ts";
import { formatEnvelope, parseEnvelope } from "./envelope.ts";
import { type DirectoryContext, KeyringDirectory } from "./file/directory.ts";
import { decodeName } from "./file/names.ts";
import {
  type AskPassphrase,
  checkStill,
  findPassphrase,
  type FirstItem,
  type Proof,
  type Unlocked,
} from "./file/unlock.ts";
import type { KeyringWriter } from "./file/writer.ts";
import { open, type OpenedItems } from "./file/jwe.ts";
import { MIN_ROUNDS } from "./settings.ts";

export interface FileOptions {
  /** Where the items lie; made when the first is written. */
  readonly directory: string;
  /** PBKDF2 rounds of new items; the Go tool's unless told. */
  readonly p2c?: number;
  /** Asks for the passphrase: once a run, and again where one opens nothing. */
  readonly passphrase: AskPassphrase;
  /** Told of the one that opens the keyring, or is its first. */
  readonly onUnlock?: (passphrase: string) => void;
  /** Items that another run has opened, kept for this one. */
  readonly opened?: OpenedItems;
}

/** One encrypted file a key, as the Go tool keeps them (SPEC §2). */
export function openFile(options: FileOptions, ctx: DirectoryContext): SecretBackend {
  return new FileBackend(options, ctx);
}

class FileBackend implements SecretBackend {
  readonly name = "file";
  readonly #options: FileOptions;
  readonly #directory: KeyringDirectory;
  #unlocked: Promise<Unlocked> | undefined;
  #writer: KeyringWriter | undefined;
  /** An item that was opened or written with the passphrase: as long as it is so, that is right. */
  #seen: Pick<Proof, "name" | "jwe"> | undefined;

  constructor(options: FileOptions, ctx: DirectoryContext) {
    this.#options = options;
    this.#directory = new KeyringDirectory(options.directory, ctx);
  }

  async keys(): Promise<string[]> {
    const names = await this.#directory.itemNames();
    return names.map(decodeName).filter((key) => key !== undefined).sort();
  }

  async get(key: string): Promise<SecretItem | undefined> {
    const name = this.#directory.nameOf(key);
    const jwe = await this.#directory.read(name);
    if (jwe === undefined) return undefined;
    const path = this.#directory.pathOf(name);
    const item = parseEnvelope(await this.#open(name, jwe), path);
    if (item.key === key) return item;
    throw new BackendError("file", `${path} holds the item of another name, \`${item.key}\``, [
      "the file was renamed or put in place of another; give it its old name back",
    ]);
  }

  async set(item: SecretItem): Promise<void> {
    const writer = await this.#openWriter();
    writer.create();
    const name = this.#directory.nameOf(item.key);
    this.#directory.has(name); // what is no item is not written over
    const { passphrase } = await this.#unlock({ name });
    const { seal } = await import("./file/seal.ts");
    const jwe = await seal(formatEnvelope(item), passphrase, this.#options.p2c ?? MIN_ROUNDS);
    using _lock = await writer.lock();
    await this.#finishChange();
    if (!this.#isProven()) await checkStill(passphrase, name, this.#directory);
    writer.write(name, jwe);
    this.#seen = { name, jwe };
  }

  async remove(key: string): Promise<boolean> {
    const name = this.#directory.nameOf(key);
    if (!this.#directory.has(name)) return false;
    const writer = await this.#openWriter();
    using _lock = await writer.lock();
    await this.#finishChange(); // which would write it once more
    return writer.remove(name);
  }

  async checkWritable(purpose: "keys" | "sessions"): Promise<void> {
    const writer = await this.#openWriter();
    writer.create();
    using _lock = await writer.lock();
    writer.tryWriting(purpose);
  }

  async unlock(): Promise<void> {
    await this.#unlock({ name: "" });
  }

  async #openWriter(): Promise<KeyringWriter> {
    const { KeyringWriter } = await import("./file/writer.ts");
    return this.#writer ??= new KeyringWriter(this.#directory);
  }

  async #open(name: string, jwe: string): Promise<string> {
    const { passphrase, proof } = await this.#unlock({ name, jwe });
    const path = this.#directory.pathOf(name);
    const text = proof?.jwe === jwe
      ? proof.text
      : await open(jwe, passphrase, path, this.#options.opened);
    if (text !== undefined) return text;
    throw new BackendError(
      "file",
      `${path} does not open with the passphrase that opens the others`,
      [
        "it was stored with another passphrase, or is damaged; where the passphrase was changed just " +
        "now, run this again",
        "put it back from a backup, or store it anew, which replaces it",
      ],
    );
  }

  /** Asked for once; a refusal is final too, so that nobody is asked again for the next item. */
  #unlock(first: FirstItem): Promise<Unlocked> {
    this.#unlocked ??= this.#findPassphrase(first);
    return this.#unlocked;
  }

  async #findPassphrase(first: FirstItem): Promise<Unlocked> {
    const { passphrase, opened } = this.#options;
    const unlocked = await findPassphrase(first, this.#directory, passphrase, opened);
    this.#seen = unlocked.proof;
    this.#options.onUnlock?.(unlocked.passphrase);
    return unlocked;
  }

  /** A change of the passphrase writes every item anew: one that is as it was tells of none. */
  #isProven(): boolean {
    const { name, jwe } = this.#seen ?? {};
    return name !== undefined && this.#directory.holdsNow(name, (now) => now === jwe);
  }

  /** What a killed `change-passphrase` has left to do, by whoever holds the lock to write. */
  async #finishChange(): Promise<void> {
    if (this.#directory.readChange() === undefined) return;
    await (await import("./file/change.ts")).finishHolding(this.#directory);
  }
}
