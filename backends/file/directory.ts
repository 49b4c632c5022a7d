import { hash } from "../../src/digest.ts";
import { BackendError, describeCause, WRITABLE_ADVICE } from "../../src/errors.ts";
import { findDanglingLink } from "../../src/files.ts";
import { joinPath } from "../../src/paths.ts";
import type { Context } from "../../src/types.ts";
import { waitForLock } from "../../src/waiting.ts";
import { checkKey } from "../key.ts";
import { type Change, CHANGE_RECORD } from "./change_record.ts";
import { isComplete, kindOf, mayBecomeJwe } from "./kinds.ts";
import { tellOpenness } from "./modes.ts";
import { encodeAmong, encodeName, TEMPORARY } from "./names.ts";

export type DirectoryContext = Pick<Context, "clock" | "debug" | "note" | "remote">;

/** How often, and how far apart, a file that may be half written is looked at: a third of a second. */
const LOOKS = 33;
const PAUSE_MS = 10;
/** A file that was changed within this time may be in the middle of being written. */
const RECENT_MS = 2_000;

const IS_WINDOWS = Deno.build.os === "windows";

/**
 * The directory of a file keyring: which of its files are items, and how they are read beside other
 * processes that write (`writer.ts`). It knows nothing of passphrases, and changes no file.
 */
export class KeyringDirectory {
  readonly path: string;
  readonly ctx: DirectoryContext;
  #isOpennessTold = false;
  #hasRead = false;
  /** Names of files that were items when they were listed: none is opened for each list. */
  readonly #items = new Set<string>();

  constructor(path: string, ctx: DirectoryContext) {
    this.path = path;
    this.ctx = ctx;
  }

  /** The name of a key's file, whether it is there or not. */
  nameOf(key: string): string {
    checkKey("file", key);
    return IS_WINDOWS ? encodeAmong(key, this.fileNames()) : encodeName(key);
  }

  pathOf(name: string): string {
    return joinPath(this.path, name);
  }

  /**
   * The names of the files that begin as our items do; a directory that is not there yet has none.
   * A file that is empty at this moment may be one that the Go tool, which writes in place, is just
   * writing: it is looked at again.
   */
  async itemNames(): Promise<string[]> {
    const items: string[] = [];
    const sort = (name: string) => {
      const kind = this.#items.has(name) ? "item" : kindOf(this.pathOf(name));
      if (kind === "item") {
        items.push(name);
        this.#items.add(name);
      }
      return kind === "unsettled";
    };
    let unsettled = this.fileNames().filter((name) => !name.startsWith(TEMPORARY) && sort(name));
    for (let look = 1; look < LOOKS; look++) {
      unsettled = unsettled.filter((name) => this.#isRecent(name));
      if (unsettled.length === 0) break;
      await this.ctx.clock.sleep(PAUSE_MS);
      unsettled = unsettled.filter(sort);
    }
    if (items.length > 0 && !this.#isOpennessTold) tellOpenness(this.path, this.ctx);
    this.#isOpennessTold = true;
    return items;
  }

  /** Whether there is an item of that name; what is there and is none of ours is refused. */
  has(name: string): boolean {
    const path = this.pathOf(name);
    try {
      if (!Deno.lstatSync(path).isFile || kindOf(path) === "foreign") {
        throw foreign(path);
      }
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error instanceof BackendError ? error : fault(path, "cannot be read", error);
    }
  }

  /**
   * The text of an item; `undefined` where there is none. Where a change of the passphrase is
   * decided and not yet done, it is the item as it will be. What is there and is none of ours is
   * refused.
   */
  async read(name: string): Promise<string | undefined> {
    // By the names that are there, but once: an error that says one is not takes 0.4 ms the first time.
    const names = this.#hasRead ? undefined : this.fileNames();
    this.#hasRead = true;
    // First: once it is done, the item is the new one.
    const change = names?.includes(CHANGE_RECORD) === false ? undefined : this.readChange();
    if (!names?.includes(name) && !this.has(name)) return undefined; // links, directories
    const text = await this.#readWhole(name);
    const changed = change?.[name];
    if (text === undefined || changed === undefined) return text;
    return await hash(text) === changed.from ? changed.to : text;
  }

  /**
   * One that is not whole is looked at again before it is called damaged: the Go tool, or a copy,
   * may be writing it.
   */
  async #readWhole(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    this.ctx.remote?.noteReading(path);
    try {
      for (let look = 1; look <= LOOKS; look++) {
        const text = Deno.readTextFileSync(path);
        if (!mayBecomeJwe(text)) throw foreign(path);
        if (isComplete(text.trim())) return text.trim();
        if (look > 1 && !this.#isRecent(name)) break;
        await this.ctx.clock.sleep(PAUSE_MS);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error instanceof BackendError ? error : fault(path, "cannot be read", error);
    }
    throw new BackendError("file", `${path} is no whole item, and nothing is writing it`, [
      "put it back from a backup, or store it anew, which replaces it",
    ]);
  }

  /** What is in an item's file at this moment; `undefined` where there is none. */
  readNow(name: string): string | undefined {
    const path = this.pathOf(name);
    try {
      return Deno.readTextFileSync(path).trim();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw fault(path, "cannot be read", error);
    }
  }

  /** Whether a file holds such an item at this moment; one that cannot be read does not. */
  holdsNow(name: string, isIt: (jwe: string) => boolean): boolean {
    try {
      return isIt(this.readNow(name) ?? "");
    } catch {
      return false;
    }
  }

  /** The change of the passphrase that is decided and not yet done. */
  readChange(): Change | undefined {
    const path = this.pathOf(CHANGE_RECORD);
    try {
      return JSON.parse(Deno.readTextFileSync(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || !this.fileNames().includes(CHANGE_RECORD)) {
        return undefined;
      }
      throw fault(path, "cannot be read, and a change of the passphrase is under way", error);
    }
  }

  /**
   * Keeps our writers apart, for as long as one takes to look and write: the lock is on the
   * directory itself, for any file in it would be an item to the Go tool. Windows locks no
   * directories: there it is a file beside it. Where none can be had (some network file systems) the
   * work is done without. `undefined` where another keeps it for ten seconds.
   */
  async lock(): Promise<Disposable | undefined> {
    let handle: Deno.FsFile | undefined;
    let isOurs = true;
    try {
      handle = IS_WINDOWS
        ? Deno.openSync(`${this.path}.lock`, { create: true, write: true })
        : Deno.openSync(this.path, { read: true });
      isOurs = await waitForLock(handle, this.ctx.clock);
    } catch (error) {
      this.ctx.debug(`writing to ${this.path} without a lock: ${describeCause(error)}`);
    }
    const lock = { [Symbol.dispose]: () => handle?.close() };
    if (isOurs) return lock;
    lock[Symbol.dispose]();
    return undefined;
  }

  /** The names of all files in it; none where it is not there yet. */
  fileNames(): string[] {
    this.ctx.remote?.noteReading(this.path);
    try {
      const names: string[] = [];
      for (const entry of Deno.readDirSync(this.path)) if (entry.isFile) names.push(entry.name);
      return names;
    } catch (error) {
      const link = error instanceof Deno.errors.NotFound ? findDanglingLink(this.path) : undefined;
      if (error instanceof Deno.errors.NotFound && link === undefined) return [];
      const why = link === undefined
        ? describeCause(error)
        : `${link} is a link that leads nowhere`;
      throw new BackendError(
        "file",
        `the keyring directory ${this.path} cannot be read: ${why}`,
        [adviseOn(error), OTHER_DIRECTORY],
        error,
      );
    }
  }

  #isRecent(name: string): boolean {
    try {
      const changedMs = Deno.lstatSync(this.pathOf(name)).mtime?.getTime() ?? -Infinity;
      return Math.abs(this.ctx.clock.now() - changedMs) < RECENT_MS;
    } catch {
      return false;
    }
  }
}

function foreign(path: string): BackendError {
  return new BackendError("file", `${path} is no item of the keyring; it is left alone`, [
    "it is a directory, a link or another program's file: move it elsewhere",
  ]);
}

/** What came of touching a file, with ways out. */
export function fault(path: string, what: string, error: unknown): BackendError {
  return new BackendError("file", `${path} ${what}: ${describeCause(error)}`, [
    error instanceof Deno.errors.NotCapable && path.includes(",")
      ? "rename it,"
      : what.startsWith("cannot be read")
      ? "check its owner (root's, where sudo aws-vault has stored it) and mode (0600),"
      : `${WRITABLE_ADVICE},`,
    OTHER_DIRECTORY,
  ], error);
}

const OTHER_DIRECTORY = "or name another directory with --file-dir (AWS_VAULT_FILE_DIR)";

function adviseOn(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "mount or make what it leads to,";
  if (error instanceof Deno.errors.NotADirectory) return "move the file that is in its place,";
  return "check its owner and mode (0700),";
}
