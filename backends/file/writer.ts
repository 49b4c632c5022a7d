import { asWord, BackendError } from "../../src/errors.ts";
import {
  makeDirectory,
  onceFree,
  randomSuffix,
  replaceFile,
  sweepTemporary,
} from "../../src/files.ts";
import { type Change, CHANGE_RECORD } from "./change_record.ts";
import { fault, type KeyringDirectory } from "./directory.ts";
import { narrowKeyring } from "./modes.ts";
import { isTemporary, TEMPORARY } from "./names.ts";

const NOT_WRITTEN = "cannot be written, what was there before is kept";
/**
 * What items take on the disk, and room to spare: with its registration and its two tokens a sign-in
 * is some 10 kB, encoded twice.
 */
const ITEM_BYTES = { keys: 4_096, sessions: 16_384 };

/**
 * Writes in a file keyring's directory, beside other processes. What fails throws `BackendError`
 * naming the file, and leaves what was there before.
 */
export class KeyringWriter {
  readonly #directory: KeyringDirectory;
  #isTidy = false;

  constructor(directory: KeyringDirectory) {
    this.#directory = directory;
  }

  /**
   * The keyring's lock. Throws where another keeps it: one that is stopped may be about to give all
   * items another passphrase, and what is written beside it would have the old one.
   */
  async lock(): Promise<Disposable> {
    const lock = await this.#directory.lock();
    if (lock !== undefined) return lock;
    const { path } = this.#directory;
    throw new BackendError(
      "file",
      `another aws-vault has been writing to ${path} for ten seconds`,
      [
        Deno.build.os === "windows"
          ? "try again when it is done"
          : `see what it waits for, or end it: \`fuser ${asWord(path)}\` tells its process id`,
      ],
    );
  }

  /** Makes the directory where there is none. */
  create(): void {
    const { path } = this.#directory;
    this.#directory.fileNames(); // tells what else may be in its place
    try {
      makeDirectory(path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return;
      throw fault(path, "cannot be created", error);
    }
  }

  /** Throws where a file of an item's size cannot be written. */
  tryWriting(purpose: "keys" | "sessions"): void {
    const path = this.#directory.pathOf(TEMPORARY + randomSuffix());
    try {
      replaceFile(path, new Uint8Array(ITEM_BYTES[purpose]));
      Deno.removeSync(path);
    } catch (error) {
      throw fault(this.#directory.path, "cannot be written to", error);
    }
  }

  /** To a temporary file, to the disk, and only then under its name: a kill leaves old or new. */
  write(name: string, text: string): void {
    this.#tidy(name);
    this.replace(name, text);
  }

  /** Once is enough, as it looks at every file. */
  #tidy(name: string): void {
    if (this.#isTidy) return;
    const { path, ctx } = this.#directory;
    sweepTemporary(path, isTemporary, ctx.clock.now());
    try {
      narrowKeyring(path, ctx);
    } catch (error) {
      throw fault(this.#directory.pathOf(name), NOT_WRITTEN, error);
    }
    this.#isTidy = true;
  }

  /** The same, of many in a row. */
  replace(name: string, text: string): void {
    const path = this.#directory.pathOf(name);
    try {
      replaceFile(path, text, this.#directory.pathOf(TEMPORARY + randomSuffix()));
    } catch (error) {
      throw fault(path, NOT_WRITTEN, error);
    }
  }

  /** False where there is no such item. */
  remove(name: string): boolean {
    const path = this.#directory.pathOf(name);
    try {
      onceFree(() => Deno.removeSync(path));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw fault(path, "cannot be removed", error);
    }
  }

  /** Decides a change of the passphrase: from now on the new one counts. */
  writeChange(change: Change): void {
    this.write(CHANGE_RECORD, JSON.stringify(change));
  }

  /** The change is done. */
  removeChange(): void {
    const path = this.#directory.pathOf(CHANGE_RECORD);
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw fault(path, "cannot be removed", error);
    }
  }
}
