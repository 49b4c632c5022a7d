import { asWord, BackendError } from "../src/errors.ts";
import { exists } from "../src/files.ts";
import type { ProcessResult, SecretBackend, SecretItem } from "../src/types.ts";
import { parseDump, parsePassword, quote } from "./keychain_output.ts";
import {
  checkPrintableKey,
  describeFailure,
  describeNonsense,
  type Program,
  runProgram,
} from "./program.ts";
import type { BackendContext } from "./settings.ts";
import { cutData, encodeValue, notWhole, parseHead, readData } from "./value.ts";

export interface KeychainOptions {
  /** The keychain's name, without `.keychain-db`. */
  readonly keychain: string;
  readonly timeoutSeconds?: number;
}

/**
 * A macOS keychain through `security`: generic passwords of the service `aws-vault`, as the Go tool
 * keeps them. Secrets go to `security -i` on standard input, which reads commands there; its locks
 * and their settings are the user's.
 */
export function openKeychain(options: KeychainOptions, ctx: BackendContext): SecretBackend {
  return new KeychainBackend(options, ctx);
}

const SERVICE = "aws-vault";
/** Parts of long items; the Go tool would list them under the service above. */
const PART_SERVICE = "aws-vault part";
/** `security -i` cuts lines at 4,095 bytes, and takes the rest for a command of its own. */
const MAX_LINE_BYTES = 4000;
/**
 * Exit codes are the last byte of Apple's error numbers (SecBase.h): errSecItemNotFound,
 * errSecInteractionNotAllowed, errSecAuthFailed, errSecUserCanceled, errSecNoSuchKeychain,
 * errSecDuplicateItem.
 */
const EXIT = { absent: 44, noDialog: 36, refused: 51, cancelled: 128, noKeychain: 50, exists: 45 };

class KeychainBackend implements SecretBackend {
  readonly name = "keychain";
  readonly #ctx: BackendContext;
  readonly #keychain: string;
  readonly #program: Program;

  constructor(options: KeychainOptions, ctx: BackendContext) {
    this.#ctx = ctx;
    this.#keychain = `${options.keychain}.keychain-db`;
    checkPrintableKey(this.name, this.#keychain);
    this.#program = {
      backend: "keychain",
      command: "security",
      timeoutSeconds: options.timeoutSeconds,
      hint: "it is part of macOS; elsewhere choose another keyring with --backend",
    };
  }

  /** From the attributes alone, which takes no unlocking. */
  async keys(): Promise<string[]> {
    const result = await this.#run(["dump-keychain", this.#keychain]);
    if (result.code !== 0) {
      if (!this.#exists()) return [];
      throw this.#failure("dump-keychain", result);
    }
    const text = decode(result.stdout);
    if (text !== "" && !text.startsWith("keychain: ")) {
      throw describeNonsense(this.#program, "dump-keychain");
    }
    const items = parseDump(text).filter(({ service }) => service === SERVICE);
    return items.flatMap(({ account }) => account ?? []).sort();
  }

  async get(key: string): Promise<SecretItem | undefined> {
    this.#check(key);
    const data = await readData(
      () => this.#read(SERVICE, key),
      (name) => this.#read(PART_SERVICE, name),
      () => notWhole(this.name, key, this.#keychain),
    );
    return data && { key, data };
  }

  async set(item: SecretItem): Promise<void> {
    this.#check(item.key);
    const line = (value: string) => this.#formatAdd(item, SERVICE, item.key, value);
    const value = encodeValue(item.data);
    const fits = byteLength(line(value)) <= MAX_LINE_BYTES;
    const { head, parts } = fits
      ? { head: value, parts: [] }
      : cutData(item.data, MAX_LINE_BYTES - OVERHEAD);
    const olderParts = await this.#findParts(item.key);
    for (const part of parts) await this.#write(this.#formatPart(part));
    await this.#write(line(head));
    for (const name of olderParts) await this.#delete(PART_SERVICE, name);
  }

  async remove(key: string): Promise<boolean> {
    this.#check(key);
    const parts = await this.#findParts(key);
    const isRemoved = await this.#delete(SERVICE, key);
    for (const name of parts) await this.#delete(PART_SERVICE, name);
    return isRemoved;
  }

  /** A name has to stand on a line of `security -i`, beside an item's first part or all of it. */
  #check(key: string): void {
    checkPrintableKey(this.name, key);
    if (byteLength(key) <= MAX_KEY_BYTES) return;
    throw new BackendError(
      this.name,
      `the name ${key} is longer than the ${MAX_KEY_BYTES} bytes that \`security\` can be given`,
      ["choose a shorter profile name, or another backend"],
    );
  }

  #formatAdd(item: SecretItem, service: string, account: string, value: string): string {
    const words = ["add-generic-password", "-U", "-a", account, "-s", service];
    words.push("-l", item.label || account, "-D", item.description || "aws-vault item");
    return [...words, "-w", value, this.#keychain].map(quote).join(" ") + "\n";
  }

  #formatPart({ name, value }: { name: string; value: string }): string {
    const item = { key: name, data: new Uint8Array(), label: "part of an aws-vault item" };
    return this.#formatAdd(item, PART_SERVICE, name, value);
  }

  async #write(line: string): Promise<void> {
    const add = () => runProgram(this.#program, ["-q", "-i"], this.#ctx, line);
    let result = await add();
    if (result.code === EXIT.noKeychain) {
      await this.#create();
      result = await add();
    }
    // Another process added it between our looking for it and adding it: now it is replaced.
    if (result.code === EXIT.exists) result = await add();
    if (result.code !== 0) throw this.#failure("add-generic-password", result);
  }

  /** macOS asks for the new keychain's password in a dialog of its own. */
  async #create(): Promise<void> {
    this.#ctx.debug(`creating the keychain ${this.#keychain}`);
    const result = await this.#run(["create-keychain", "-P", this.#keychain]);
    if (result.code === 0 || this.#exists()) return;
    throw this.#failure("create-keychain", result, [
      "macOS asks for its password in a dialog; without a desktop make it in a terminal:",
      `security create-keychain ${asWord(this.#keychain)}`,
    ]);
  }

  async #read(service: string, account: string): Promise<string | undefined> {
    const args = ["find-generic-password", "-a", account, "-s", service, "-w", this.#keychain];
    const result = await this.#run(args);
    if (result.code === 0) return parsePassword(decode(result.stdout));
    if (result.code === EXIT.absent || !this.#exists()) return undefined;
    throw this.#failure("find-generic-password", result);
  }

  async #delete(service: string, account: string): Promise<boolean> {
    const args = ["delete-generic-password", "-a", account, "-s", service, this.#keychain];
    const result = await this.#run(args);
    if (result.code === 0) return true;
    if (result.code === EXIT.absent || !this.#exists()) return false;
    throw this.#failure("delete-generic-password", result);
  }

  /** The parts of the item there is now; its secret is read only if the keychain has parts at all. */
  async #findParts(key: string): Promise<readonly string[]> {
    const result = await this.#run(["dump-keychain", this.#keychain]);
    const items = parseDump(decode(result.stdout));
    if (!items.some(({ service }) => service === PART_SERVICE)) return [];
    return parseHead(await this.#read(SERVICE, key) ?? "")?.names ?? [];
  }

  #run(args: readonly string[]): Promise<ProcessResult> {
    return runProgram(this.#program, args, this.#ctx);
  }

  /** Whether the keychain's file is there: that error has no exit code of its own everywhere. */
  #exists(): boolean {
    if (this.#keychain.startsWith("/")) return exists(this.#keychain);
    return exists(`${this.#ctx.env.get("HOME") ?? ""}/Library/Keychains/${this.#keychain}`);
  }

  #failure(action: string, result: ProcessResult, hints?: readonly string[]): BackendError {
    return describeFailure(this.#program, action, result, hints ?? this.#hintsFor(result.code));
  }

  #hintsFor(code: number): string[] {
    const unlock = `security unlock-keychain ${asWord(this.#keychain)}`;
    switch (code) {
      case EXIT.noDialog:
        return ["macOS may show no dialog here (ssh, or no desktop); unlock it first:", unlock];
      case EXIT.refused:
        return ["the keychain's password was wrong; unlock it with the right one:", unlock];
      case EXIT.cancelled:
        return ["the dialog of macOS was cancelled: run it again and allow the access"];
      default:
        return ["run the same command by hand to see all it says"];
    }
  }
}

/** What a command takes beside a part's value. */
const OVERHEAD = 600;
/** A name and a label made of it fit a line twice, each byte escaped. */
const MAX_KEY_BYTES = 600;

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
