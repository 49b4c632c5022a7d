import { BackendError, describeCause, VaultError, WrongPassphraseError } from "../src/errors.ts";
import { randomSuffix, replaceFile } from "../src/files.ts";
import type { Context, SecretBackend, SecretItem } from "../src/types.ts";
import { formatEnvelope, parseEnvelope } from "./envelope.ts";
import { DEFAULT_P2C, isJwe, open, seal } from "./jwe.ts";

export interface FileOptions {
  readonly directory: string;
  /** PBKDF2 rounds of new items. */
  readonly p2c?: number;
  /** Asks for the passphrase, once a run; `confirm` for a keyring that has no items yet. */
  passphrase(options: { confirm: boolean }): Promise<string>;
}

/** One encrypted file a key, as the Go tool keeps them (SPEC §2). */
export function openFile(
  options: FileOptions,
  ctx: Pick<Context, "platform" | "clock" | "debug">,
): SecretBackend {
  return new FileBackend(options, ctx);
}

/** How many items a new passphrase is tried on: torn ones say nothing of it. */
const MAX_PROBES = 8;
const TEMPORARY = ".tmp-";
const STALE_MS = 60_000;

class FileBackend implements SecretBackend {
  readonly name = "file";
  readonly #options: FileOptions;
  readonly #ctx: Pick<Context, "platform" | "clock" | "debug">;
  #passphrase: Promise<string> | undefined;
  /** An item was opened or written with the passphrase: it is the right one. */
  #proven = false;

  constructor(options: FileOptions, ctx: Pick<Context, "platform" | "clock" | "debug">) {
    this.#options = options;
    this.#ctx = ctx;
  }

  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for (const name of this.#list()) {
      const key = decodeName(name);
      if (key !== undefined && this.#isItem(name)) keys.push(key);
    }
    return await Promise.resolve(keys.sort());
  }

  async get(key: string): Promise<SecretItem | undefined> {
    const path = this.#path(key);
    if (this.#inspect(path) === undefined) return undefined;
    const item = await this.#open(path);
    if (item.key === key) return item;
    throw new BackendError("file", `${path} holds the item of another name, \`${item.key}\``, [
      "the file was renamed or put in place of another; give it its old name back or delete it",
    ]);
  }

  async set(item: SecretItem): Promise<void> {
    const path = this.#path(item.key);
    this.#makeDirectory();
    // An empty file is what the Go tool leaves when it is killed: that may be replaced.
    const there = this.#inspect(path);
    if (there !== undefined && there.size > 0 && !this.#isItem(encodeName(item.key))) {
      throw this.#foreign(path);
    }
    const confirm = !this.#proven && !(await this.#provePassphrase(item.key));
    const passphrase = await this.#ask(confirm);
    const jwe = await seal(formatEnvelope(item), passphrase, this.#options.p2c ?? DEFAULT_P2C);
    this.#write(path, jwe);
    this.#proven = true;
  }

  async remove(key: string): Promise<boolean> {
    const path = this.#path(key);
    if (this.#inspect(path) === undefined) return false;
    if (!this.#isItem(encodeName(key))) throw this.#foreign(path);
    try {
      await Deno.remove(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw this.#fault(path, "cannot be removed", error);
    }
  }

  #path(key: string): string {
    if (key === "" || key.includes("\0")) {
      throw new BackendError("file", "an item's name is empty or holds a NUL");
    }
    return `${this.#options.directory}/${encodeName(key)}`;
  }

  /** The names of the regular files; a directory that is not there yet has none. */
  #list(): string[] {
    const { directory } = this.#options;
    try {
      this.#tighten(directory, Deno.lstatSync(directory), 0o700);
      const names: string[] = [];
      for (const entry of Deno.readDirSync(directory)) if (entry.isFile) names.push(entry.name);
      return names;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw new BackendError(
        "file",
        `the keyring directory ${directory} cannot be read: ${describeCause(error)}`,
        ["check its owner and mode (0700), or name another with --file-dir (AWS_VAULT_FILE_DIR)"],
        error,
      );
    }
  }

  /** Whether a file begins as our items do; others are somebody else's. */
  #isItem(name: string): boolean {
    try {
      using file = Deno.openSync(`${this.#options.directory}/${name}`);
      const start = new Uint8Array(4);
      return file.readSync(start) === 4 && isJwe(start);
    } catch {
      return true;
    }
  }

  /** What lies at an item's path: nothing, or a file of ours; a link or a directory is refused. */
  #inspect(path: string): Deno.FileInfo | undefined {
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#fault(path, "cannot be read", error);
    }
    if (!info.isFile) throw this.#foreign(path);
    this.#tighten(path, info, 0o600);
    return info;
  }

  async #open(path: string): Promise<SecretItem> {
    let text: string;
    try {
      text = Deno.readTextFileSync(path);
    } catch (error) {
      throw this.#fault(path, "cannot be read", error);
    }
    const opened = await open(text, await this.#ask(false), path);
    if (opened === undefined) throw this.#wrongPassphrase(path);
    this.#proven = true;
    return parseEnvelope(opened, path);
  }

  /**
   * Refuses a passphrase that opens none of the items there are, so that a keyring is never split
   * in two (the Go tool splits it). False where there is no item to try it on.
   */
  async #provePassphrase(next: string): Promise<boolean> {
    const names = (await this.keys()).sort((a, b) => Number(b === next) - Number(a === next));
    let refused: string | undefined;
    for (const key of names.slice(0, MAX_PROBES)) {
      const path = this.#path(key);
      try {
        await this.#open(path);
        return true;
      } catch (error) {
        if (error instanceof WrongPassphraseError) refused ??= path;
        else if (error instanceof VaultError && error.code !== "backend") throw error;
      }
    }
    if (refused !== undefined) throw this.#wrongPassphrase(refused);
    return false;
  }

  #ask(confirm: boolean): Promise<string> {
    this.#passphrase ??= this.#options.passphrase({ confirm });
    return this.#passphrase;
  }

  #makeDirectory(): void {
    const { directory } = this.#options;
    try {
      Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return;
      throw this.#fault(directory, "cannot be created", error);
    }
  }

  /** To a temporary file, to the disk, and only then under its name: a kill leaves old or new. */
  #write(path: string, text: string): void {
    this.#sweep();
    try {
      const temporary = `${this.#options.directory}/${TEMPORARY}${randomSuffix()}`;
      replaceFile(path, text, temporary);
    } catch (error) {
      throw this.#fault(path, "cannot be written, what was there before is kept", error);
    }
  }

  /** Temporary files of writers that were killed. */
  #sweep(): void {
    for (const name of this.#list()) {
      if (!name.startsWith(TEMPORARY)) continue;
      const path = `${this.#options.directory}/${name}`;
      try {
        const writtenMs = Deno.lstatSync(path).mtime?.getTime() ?? 0;
        if (this.#ctx.clock.now() - writtenMs > STALE_MS) Deno.removeSync(path);
      } catch { /* another process swept it */ }
    }
  }

  /** Modes wider than ours are narrowed, and told when that fails. */
  #tighten(path: string, info: Deno.FileInfo, mode: number): void {
    if (this.#ctx.platform === "windows" || info.mode === null || (info.mode & 0o077) === 0) return;
    try {
      Deno.chmodSync(path, mode);
      this.#ctx.debug(`${path} was open to others; its mode is now 0${mode.toString(8)}`);
    } catch (error) {
      this.#ctx.debug(`${path} is open to others and stays so: ${describeCause(error)}`);
    }
  }

  #wrongPassphrase(path: string): WrongPassphraseError {
    return new WrongPassphraseError(
      `wrong passphrase: it does not open ${path}`,
      [
        "check AWS_VAULT_FILE_PASSPHRASE, or unset it to be asked",
        "should the file be damaged, remove it and store its keys anew",
      ],
    );
  }

  #foreign(path: string): BackendError {
    return new BackendError("file", `${path} is no item of the keyring; it is left alone`, [
      "it is a directory, a link or another program's file: move it elsewhere",
    ]);
  }

  #fault(path: string, what: string, error: unknown): BackendError {
    return new BackendError("file", `${path} ${what}: ${describeCause(error)}`, [], error);
  }
}

/** The file's name of a key, as the Go tool encodes it; `.` and `..` can be no file's name. */
function encodeName(key: string): string {
  const name = key.replaceAll("%", "%25").replaceAll("/", "%2F");
  return name === "." || name === ".." || name.startsWith(TEMPORARY)
    ? name.replace(".", "%2E")
    : name;
}

/** The key of a file's name; `undefined` for a name that no key gets. */
function decodeName(name: string): string | undefined {
  if (name.startsWith(TEMPORARY)) return undefined;
  try {
    return decodeURIComponent(name.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch {
    return undefined;
  }
}
