import { shortHash } from "../src/digest.ts";
import { asWord, BackendError } from "../src/errors.ts";
import type { ProcessResult, SecretBackend, SecretItem } from "../src/types.ts";
import { checkKey } from "./key.ts";
import { describeFailure, describeNonsense, type Program, runProgram } from "./program.ts";
import { type BackendContext, helperProgram } from "./settings.ts";
import { notWhole, parseHead, readData, splitData } from "./value.ts";

export interface HelperOptions {
  /** NAME of `docker-credential-NAME`; absent = the platform's usual one. */
  readonly helper?: string;
  readonly timeoutSeconds?: number;
}

/**
 * Any store that has a docker credential helper, spoken to by its protocol
 * (https://github.com/docker/docker-credential-helpers): `get`, `store`, `erase` and `list`, with
 * addresses and JSON on standard input.
 *
 * An item's address is a hash of its key below a host that cannot exist, so that no login of
 * docker's is ever listed, replaced or removed; its user name is the key.
 */
export function openHelper(options: HelperOptions, ctx: BackendContext): SecretBackend {
  return new HelperBackend(options, ctx);
}

const HOST = "https://aws-vault.invalid";
/** Some helpers (osxkeychain) list the path alone. */
const ADDRESS = /^(?:https:\/\/aws-vault\.invalid)?\/aws-vault\/([0-9a-f]{32})(?:\/([0-9a-f-]+))?$/;
/** What a helper says of an address it has not; part of the protocol. */
const NOT_FOUND = "credentials not found in native keychain";
const USUAL: Readonly<Record<BackendContext["platform"], readonly string[]>> = {
  darwin: ["osxkeychain"],
  windows: ["wincred"],
  linux: ["secretservice", "pass"],
};
/** Windows keeps 2,560 bytes; the helpers read lines of 64 KiB, and JSON may double a text. */
const MAX_BYTES = { wincred: 2_500, other: 30_000 };
/** A user name becomes a file's name in `docker-credential-pass`. */
const MAX_NAME_LENGTH = 240;
/** How often, a tenth of a second apart, a list is tried that another process's writing disturbs. */
const LIST_RETRIES = 20;
/** The same where it may as well be that there is no D-Bus session. */
const LIBSECRET_RETRIES = 3;

class HelperBackend implements SecretBackend {
  readonly name = "helper";
  readonly #ctx: BackendContext;
  readonly #program: Program;
  readonly #maxBytes: number;
  #writing: Promise<void> = Promise.resolve();
  /** What was listed last, but for what is removed since; nothing once anything is stored here. */
  #listed: readonly Entry[] = [];

  constructor(options: HelperOptions, ctx: BackendContext) {
    this.#ctx = ctx;
    const helper = options.helper ?? findUsual(ctx);
    this.#maxBytes = isOfWindows(helper) ? MAX_BYTES.wincred : MAX_BYTES.other;
    this.#program = {
      backend: this.name,
      command: helperProgram(helper, ctx.platform),
      timeoutSeconds: options.timeoutSeconds,
      hint:
        "name another helper with --helper (AWS_VAULT_HELPER), or another keyring with --backend",
    };
  }

  async keys(): Promise<string[]> {
    this.#listed = await this.#list();
    return this.#listed.flatMap(({ part, key }) => part === undefined ? [key] : []).sort();
  }

  async get(key: string): Promise<SecretItem | undefined> {
    const address = await this.#address(key);
    const user = this.#user(key);
    const data = await readData(
      () => this.#read(address, user),
      (name) => this.#read(`${address}/${name}`, user),
      () => notWhole(this.name, key, this.#program.command),
    );
    return data && { key, data };
  }

  /** One after the other: a list made while the helper stores an item fails with some helpers. */
  set(item: SecretItem): Promise<void> {
    const stored = this.#writing.then(() => this.#set(item));
    this.#writing = stored.catch(() => {});
    return stored;
  }

  async #set(item: SecretItem): Promise<void> {
    this.#listed = [];
    const address = await this.#address(item.key);
    const user = this.#user(item.key);
    const olderParts = await this.#findOlderParts(address, user);
    const { head, parts } = splitData(item.data, this.#maxBytes);
    for (const { name, value } of parts) await this.#store(`${address}/${name}`, user, value);
    await this.#store(address, user, head);
    for (const name of olderParts) await this.#erase(`${address}/${name}`, user);
  }

  async remove(key: string): Promise<boolean> {
    const address = await this.#address(key);
    const isOf = (entry: Entry) => HOST + entry.path === address;
    // Of hundreds that are removed in a row each would take the time to list them all.
    const entries = this.#listed.some(isOf) ? this.#listed : await this.#list();
    const found = entries.filter(isOf);
    this.#listed = entries.filter((entry) => !isOf(entry));
    for (const { part } of found.sort((a) => a.part === undefined ? -1 : 1)) {
      await this.#erase(part === undefined ? address : `${address}/${part}`, this.#user(key));
    }
    return found.some(({ part }) => part === undefined);
  }

  async #address(key: string): Promise<string> {
    checkKey(this.name, key);
    return `${HOST}/aws-vault/${await shortHash(key)}`;
  }

  /** The key as a user name; a dot first in it would be a step up in a path. */
  #user(key: string): string {
    const name = encodeURIComponent(key).replace(/^\./, "%2E");
    if (name.length <= MAX_NAME_LENGTH) return name;
    throw new BackendError(
      this.name,
      `the name ${key} is too long for a credential helper: ${name.length} characters once encoded, ` +
        `where ${MAX_NAME_LENGTH} fit`,
      ["choose a shorter profile name, or another backend"],
    );
  }

  /** Our entries; those of docker and others are passed over. */
  async #list(): Promise<Entry[]> {
    let result = await runProgram(this.#program, ["list"], this.#ctx);
    for (let attempt = 0; attempt < retriesAfter(result); attempt++) {
      await this.#ctx.clock.sleep(100);
      result = await runProgram(this.#program, ["list"], this.#ctx);
    }
    if (result.code !== 0) throw this.#failure("list", result, explainEmpty(this.#program, result));
    const entries: Entry[] = [];
    for (const [url, user] of Object.entries(this.#parse("list", result))) {
      const [, hash, part] = ADDRESS.exec(url) ?? [];
      if (hash === undefined || typeof user !== "string") continue;
      const key = decodeUser(user);
      if (key !== undefined) entries.push({ path: `/aws-vault/${hash}`, part, key });
    }
    return entries;
  }

  async #read(address: string, user: string): Promise<string | undefined> {
    const result = await runProgram(this.#program, ["get"], this.#ctx, address);
    if (isNotFound(result)) return undefined;
    if (result.code !== 0) throw this.#failure("get", result);
    const { Username, Secret } = this.#parse("get", result);
    if (typeof Secret !== "string") throw describeNonsense(this.#program, "get");
    // So older helpers say that there is none; no text of ours is empty.
    if (Username === "" && Secret === "") return undefined;
    if (Username === user) return Secret;
    throw new BackendError(
      this.name,
      `${address} holds the item of another name, \`${Username}\``,
      [
        "another program put it there: look at it with the store's own tools",
      ],
    );
  }

  async #store(address: string, user: string, secret: string): Promise<void> {
    const request = JSON.stringify({ ServerURL: address, Username: user, Secret: secret });
    const result = await runProgram(this.#program, ["store"], this.#ctx, request);
    if (result.code !== 0) throw this.#failure("store", result);
  }

  async #erase(address: string, user: string): Promise<void> {
    const result = await runProgram(this.#program, ["erase"], this.#ctx, address);
    if (result.code === 0 && !isOfPass(this.#program) || isNotFound(result)) return;
    // Some have other words for what another process has just erased.
    const left = await this.#read(address, user).catch(() => "what cannot be read");
    if (left === undefined) return;
    if (result.code !== 0) throw this.#failure("erase", result);
    throw new BackendError(
      this.name,
      `\`${this.#program.command} erase\` has left the item of \`${user}\` where it was`,
      ["check the owner and mode of the password store, and that its disk is not read-only"],
    );
  }

  /** The parts that the item's present text leads to; read only where the list shows parts. */
  async #findOlderParts(address: string, user: string): Promise<readonly string[]> {
    const entries = await this.#list();
    if (!entries.some(({ path, part }) => HOST + path === address && part !== undefined)) return [];
    return parseHead(await this.#read(address, user) ?? "")?.names ?? [];
  }

  #parse(action: string, result: ProcessResult): Record<string, unknown> {
    try {
      const answer = JSON.parse(decode(result.stdout)) ?? {};
      if (typeof answer === "object" && !Array.isArray(answer)) return answer;
    } catch { /* told below */ }
    throw describeNonsense(this.#program, action);
  }

  /** Helpers tell their errors on standard output, where a broken one may as well print secrets. */
  #failure(action: string, result: ProcessResult, hint = this.#program.hint): BackendError {
    const output = decode(result.stdout).trim();
    const told = isSentence(output) ? { ...result, stderr: output } : result;
    return describeFailure(this.#program, action, told, [hint]);
  }
}

/** Helpers of `pass` and libsecret trip over an item that another process is just storing, or removing. */
function retriesAfter({ stdout }: ProcessResult): number {
  const said = decode(stdout);
  if (/^no usernames for/.test(said)) return LIST_RETRIES;
  return /^Error from list function in secretservice/.test(said) ? LIBSECRET_RETRIES : 0;
}

/** The way out where a list goes on to trip over one place: a store that failed has left it empty. */
function explainEmpty({ command }: Program, { stdout }: ProcessResult): string | undefined {
  const [, place] = /^no usernames for (\S{1,120})\s*$/.exec(decode(stdout)) ?? [];
  return place && "a store that failed has left that place empty; take it away: " +
      `printf %s ${asWord(place)} | ${command} erase`;
}

interface Entry {
  /** The address without its host. */
  readonly path: string;
  /** The part of a long item that it is. */
  readonly part: string | undefined;
  readonly key: string;
}

/** By its name or a path; under WSL it is called with `.exe`. */
function isOfWindows(helper: string): boolean {
  return /(^|[-/\\])wincred(\.exe)?$/i.test(helper);
}

/** It ends well though its `pass` has failed to remove a file. */
function isOfPass({ command }: Program): boolean {
  return /(^|\/)docker-credential-pass$/.test(command);
}

function findUsual(ctx: BackendContext): string {
  const usual = USUAL[ctx.platform];
  const found = usual.find((name) => ctx.processes.find(`docker-credential-${name}`) !== undefined);
  return found ?? usual[0]!;
}

/** Our texts are JSON or have no spaces: what has spaces and no braces is none of them. */
function isSentence(output: string): boolean {
  const words = output.split(/\s+/);
  return words.length > 1 && !/[{}]|base64:/.test(output) &&
    words.every((word) => word.length <= MAX_WORD_LENGTH);
}

/** Longer than any address of ours, shorter than a part of an item. */
const MAX_WORD_LENGTH = 120;

function decodeUser(user: string): string | undefined {
  try {
    return decodeURIComponent(user);
  } catch {
    return undefined;
  }
}

function isNotFound({ code, stdout }: ProcessResult): boolean {
  return code !== 0 && decode(stdout).trim() === NOT_FOUND;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
