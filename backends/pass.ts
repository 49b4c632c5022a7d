import { asWord, BackendError, describeCause, WRITABLE_ADVICE } from "../src/errors.ts";
import { exists, findDanglingLink } from "../src/files.ts";
import { baseName } from "../src/paths.ts";
import type { ProcessResult, SecretBackend, SecretItem } from "../src/types.ts";
import { formatEnvelope, parseEnvelope } from "./envelope.ts";
import { checkKey } from "./key.ts";
import { PassLock } from "./pass_lock.ts";
import { decodeEntry, encodeKey } from "./pass_names.ts";
import {
  hasFolder,
  isEmpty,
  isFolder,
  originalOf,
  previousOf,
  scriptFor,
} from "./pass_previous.ts";
import { describeFailure, type Program, runProgram } from "./program.ts";
import { type BackendContext, typePass } from "./settings.ts";

export interface PassOptions {
  /** The password store. */
  readonly directory: string;
  /** The program, or another with the same commands. */
  readonly command: string;
  /** The folder within the store; empty for none. */
  readonly prefix: string;
  readonly timeoutSeconds?: number;
}

/** One entry a key in a store of `pass` (https://www.passwordstore.org), as the Go tool keeps them. */
export function openPass(options: PassOptions, ctx: BackendContext): SecretBackend {
  return new PassBackend(options, ctx);
}

class PassBackend implements SecretBackend {
  readonly name = "pass";
  readonly #options: PassOptions;
  readonly #ctx: BackendContext;
  readonly #program: Program;
  /** Where the entries lie. */
  readonly #directory: string;
  readonly #lock: PassLock;

  constructor(options: PassOptions, ctx: BackendContext) {
    this.#options = options;
    this.#ctx = ctx;
    const prefix = options.prefix.replace(/^\/+|\/+$/g, "");
    this.#directory = prefix === "" ? options.directory : `${options.directory}/${prefix}`;
    const stores = [options.directory, this.#directory];
    const store = stores.find((place) => exists(`${place}/.gpg-id`)) ?? options.directory;
    this.#lock = new PassLock(store, ctx);
    this.#program = {
      backend: "pass",
      command: options.command,
      extraEnvironment: { PASSWORD_STORE_DIR: options.directory },
      timeoutSeconds: options.timeoutSeconds,
      hint: "name the program with --pass-cmd, or choose another keyring with --backend",
    };
  }

  /** From the store's directory alone: no program is started, nothing decrypted. */
  keys(): Promise<string[]> {
    return Promise.try(() => {
      const found: string[] = [];
      this.#walk("", found);
      const entries = new Set(found);
      for (const entry of found) {
        const original = originalOf(entry);
        if (original === undefined) continue;
        entries.delete(entry);
        if (isEmpty(`${this.#directory}/${entry}.gpg`)) entries.delete(original);
        else entries.add(original);
      }
      return [...entries].map(decodeEntry).sort();
    });
  }

  async get(key: string): Promise<SecretItem | undefined> {
    const entry = this.#find(key);
    if (entry === undefined) return undefined;
    const before = this.#stamp(entry);
    try {
      return await this.#show(entry, key);
    } catch (error) {
      // It may have been removed in the meantime, or is just being replaced.
      const now = this.#find(key);
      const isSame = now === entry && this.#stamp(now) === before;
      if (!isSame) return await this.get(key);
      throw error;
    }
  }

  /** What tells one file of an entry from the next; `undefined` where it has gone. */
  #stamp(entry: string): string | undefined {
    try {
      const { ino, mtime } = Deno.statSync(this.#pathOf(entry));
      return `${ino} ${mtime?.getTime()}`;
    } catch {
      return undefined;
    }
  }

  async #show(entry: string, key: string): Promise<SecretItem> {
    const result = await this.#run(["show"], entry);
    if (result.code !== 0) throw this.#failure(`show ${asWord(entry)}`, result);
    const text = new TextDecoder().decode(result.stdout);
    const item = parseEnvelope(text, `the entry ${entry} of ${this.#options.directory}`, "pass");
    if (item.key === key) return item;
    throw new BackendError(
      "pass",
      `the entry ${entry} holds the item of another name, ${item.key}`,
      [
        "it was moved or put in place of another; give it its old name back",
      ],
    );
  }

  async set(item: SecretItem): Promise<void> {
    const entry = this.#entry(item.key);
    this.#requireProgram();
    using _lock = await this.#lock.take();
    // One that stands aside already was left by a writer that was killed: the entry may not be whole.
    if (!this.#has(previousOf(entry))) await this.#do("set aside", entry);
    try {
      await this.#insert(entry, formatEnvelope(item));
    } catch (error) {
      await this.#do("put back", entry).catch(() => {}); // where it stays aside, it counts there
      throw error;
    }
    await this.#do("drop", entry);
  }

  async #insert(entry: string, envelope: string): Promise<void> {
    const result = await this.#run(["insert", "-m", "-f"], entry, envelope);
    if (result.code !== 0) throw this.#failure(`insert ${asWord(entry)}`, result);
  }

  /** Copies what an entry was before the write that is under way, puts it back, or lets it go. */
  async #do(what: Parameters<typeof scriptFor>[0], entry: string): Promise<void> {
    const path = this.#pathOf(entry);
    const shell = { ...this.#program, command: "sh" };
    const result = await runProgram(shell, scriptFor(what, path), this.#ctx);
    if (result.code === 0) return;
    throw new BackendError(
      "pass",
      `${path} cannot be replaced, what was there before is kept: ${result.stderr.trim()}`,
      [WRITABLE_ADVICE],
    );
  }

  /**
   * That there is a program, and a store of `pass` itself: others with its commands keep theirs
   * otherwise. Whether gpg has the keys shows when it encrypts.
   */
  checkWritable(): Promise<void> {
    return Promise.try(() => {
      const { directory, command } = this.#options;
      this.#requireProgram();
      const isPass = baseName(command) === "pass" && !this.#ctx.env.get("PASSWORD_STORE_KEY");
      const places = [directory, this.#directory];
      if (!isPass || places.some((place) => exists(`${place}/.gpg-id`))) return;
      throw new BackendError("pass", `${directory} is no password store yet`, [
        adviseInit(this.#typed()),
      ]);
    });
  }

  #requireProgram(): void {
    const { command } = this.#options;
    if (this.#ctx.processes.find(command) !== undefined) return;
    throw new BackendError("pass", `the program ${command} is not installed, or not in PATH`, [
      this.#program.hint,
    ]);
  }

  async remove(key: string): Promise<boolean> {
    using _lock = await this.#lock.take();
    const entry = this.#entry(key);
    if (hasFolder(this.#pathOf(entry))) await this.#do("put back", entry);
    if (!this.#has(entry)) return false;
    const result = await this.#run(["rm", "-f"], entry);
    if (!this.#has(entry)) return result.code === 0;
    if (result.code !== 0) throw this.#failure(`rm ${asWord(entry)}`, result);
    // `pass` ends well though its `rm` has failed.
    throw new BackendError(
      "pass",
      `${this.#pathOf(entry)} cannot be removed: ${result.stderr.trim()}`,
      [WRITABLE_ADVICE],
    );
  }

  #entry(key: string): string {
    checkKey("pass", key);
    const prefix = this.#directory.slice(this.#options.directory.length + 1);
    return prefix === "" ? encodeKey(key) : `${prefix}/${encodeKey(key)}`;
  }

  /** Where a key's item is to be read from. */
  #find(key: string): string | undefined {
    const entry = this.#entry(key);
    const previous = previousOf(entry);
    // Looked for twice: between two looks it may have been set aside.
    const found = [previous, entry, previous].find((name) => this.#has(name));
    return found === previous && isEmpty(this.#pathOf(previous)) ? undefined : found;
  }

  #has(entry: string): boolean {
    const path = this.#pathOf(entry);
    try {
      return !Deno.statSync(path).isDirectory;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      if (error instanceof Deno.errors.NotADirectory) return false;
      throw unreadable(path, error);
    }
  }

  #pathOf(entry: string): string {
    return `${this.#options.directory}/${entry}.gpg`;
  }

  #walk(folder: string, entries: string[], isAgain = false): void {
    const path = `${this.#directory}/${folder}`;
    try {
      for (const { name, isDirectory } of Deno.readDirSync(path)) {
        const before = entries.length;
        if (!isDirectory && name.endsWith(".gpg") && isText(name, path)) {
          entries.push(folder + name.slice(0, -4));
        } else if (isDirectory && name !== ".git") this.#walk(`${folder}${name}/`, entries);
        // What stood aside is back, and was perhaps not there when we looked.
        const isBack = isDirectory && isFolder(name) && entries.length === before;
        if (isBack && !isAgain) return this.#walk(folder, entries, true);
      }
    } catch (error) {
      // No entry yet, or a folder that went with its last entry.
      const link = error instanceof Deno.errors.NotFound ? findDanglingLink(path) : undefined;
      if (error instanceof Deno.errors.NotFound && link === undefined) return;
      if (link !== undefined) throw leadsNowhere(link);
      throw error instanceof BackendError ? error : unreadable(path, error);
    }
  }

  /** An entry that begins with `-` would be taken for options. */
  #run(command: readonly string[], entry: string, stdin?: string): Promise<ProcessResult> {
    const end = entry.startsWith("-") ? ["--"] : [];
    return runProgram(this.#program, [...command, ...end, entry], this.#ctx, stdin);
  }

  #failure(action: string, result: ProcessResult): BackendError {
    const { directory } = this.#options;
    const hints = /pass init|init your-gpg-id/.test(result.stderr)
      ? [`${directory} is no password store yet: ${adviseInit(this.#typed())}`]
      : ADVICE.find(([said]) => said.test(result.stderr))?.[1];
    const byHand = [`see all it says by hand: ${this.#typed()} ${action}`];
    // By gpg itself, perhaps in another language than ours.
    if (result.code === 2) {
      byHand.push(`if it asks for a passphrase there, it could not here: ${UNLOCK}`);
    }
    return describeFailure(this.#program, action, result, hints ?? byHand);
  }

  #typed(): string {
    return typePass(this.#options.command, this.#options.directory, this.#ctx.env);
  }
}

/**
 * Whether a file's name is text: of one that is not UTF-8 we get another, which has U+FFFD and leads
 * to no file.
 */
function isText(name: string, directory: string): boolean {
  if (!name.includes("\ufffd")) return true;
  try {
    Deno.lstatSync(`${directory}/${name}`);
    return true;
  } catch {
    return false;
  }
}

const UNLOCK = "set GPG_TTY=$(tty), or unlock the key first (any `gpg --decrypt` does)";

/** Ways out, by what `pass` or its gpg has said; the first that fits. */
const ADVICE: readonly (readonly [said: RegExp, hints: readonly string[]])[] = [
  [/No space left|quota exceeded/i, [
    "its disk is full: make room, and run this again; what was there before is kept",
  ]],
  [/ioctl|pinentry|No such device|timeout|cancel/i, [
    `gpg could not ask for the key's passphrase: ${UNLOCK}`,
  ]],
  [/connect to the (gpg-)?agent|start (gpg-)?agent/i, [
    "gpg reaches no gpg-agent, and could not start one: see what " +
    "`gpgconf --launch gpg-agent` says",
  ]],
  // gpg says the same of a key that is absent and of one it was not given the passphrase of.
  [/No secret key/i, [
    "is the key here that it is encrypted for? see `gpg --list-secret-keys` and GNUPGHOME",
    `if it is, its passphrase was cancelled, wrong, or nobody could be asked: ${UNLOCK}`,
  ]],
  [/encryption aborted/i, [
    "gpg does not encrypt for the keys that the store's .gpg-id names: are they here, trusted " +
    "and not expired? see `gpg --list-keys`",
  ]],
];

function adviseInit(pass: string): string {
  return `\`${pass} init\` with your GPG key makes it one`;
}

function leadsNowhere(link: string): BackendError {
  const place = link.replace(/\/$/, "");
  return new BackendError(
    "pass",
    `the password store cannot be read: ${place} is a link that leads nowhere`,
    ["mount or make what it leads to, or name another with --pass-dir"],
  );
}

function unreadable(path: string, error: unknown): BackendError {
  return new BackendError(
    "pass",
    `the password store cannot be read: ${path.replace(/\/$/, "")}: ${describeCause(error)}`,
    ["check its owner and mode, or name another with --pass-dir"],
    error,
  );
}
