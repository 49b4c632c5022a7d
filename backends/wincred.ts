import { shortHash } from "../src/digest.ts";
import { BackendError } from "../src/errors.ts";
import type { SecretBackend, SecretItem } from "../src/types.ts";
import { checkKey } from "./key.ts";
import { cutData, joinParts, notWhole, parseHead, type Part, type PartList } from "./value.ts";
import type { Credential, CredentialManager } from "./wincred_api.ts";

/** What the Go tool's keyring calls its credentials; the item's key follows. */
const PLAIN = "aws-vault:aws-vault:";
/** For an item whose name no plain credential can have; its user name is the key. A hash follows. */
const ASIDE = "aws-vault:aws-vault-aside:";
/** For pieces of long items: the Go tool would list what begins as its own does. */
const PART = "aws-vault:aws-vault-part:";
/** What each of these begins with. */
const OURS = "aws-vault:aws-vault";
const MAX_BLOB_BYTES = 2_560;
const MAX_USER_LENGTH = 513;
/** How often an item is read anew that another process is replacing. */
const READS = 5;
/** An item has a place under its name and one aside; a writer that was killed has left it in both. */
const PLACES = 2;
/** No writer takes so long from its first part to the item that leads to it. */
const STALE_MS = 24 * 3600 * 1000;

/**
 * Windows' Credential Manager, with the items of the Go tool: generic credentials whose blob is the
 * item's bytes. A longer item is spread over numbered credentials, and the one of its own name says
 * so; each writing has numbers of its own, so that an item is replaced at the moment that one is.
 *
 * Windows looks targets up without regard to case. Of two keys that differ in case alone the second
 * is put aside, under a hash of its name.
 */
export function openWincred(manager: CredentialManager): SecretBackend {
  return new WincredBackend(manager);
}

class WincredBackend implements SecretBackend {
  readonly name = "wincred";
  readonly #manager: CredentialManager;

  constructor(manager: CredentialManager) {
    this.#manager = manager;
  }

  // deno-lint-ignore require-await -- failures are rejections, as those of all backends
  async keys(): Promise<string[]> {
    const keys = this.#manager.list(OURS).map(keyOf);
    return [...new Set(keys.filter((key) => key !== undefined))].sort();
  }

  async get(key: string): Promise<SecretItem | undefined> {
    for (let read = 0; read < READS; read++) {
      const head = (await this.#find(key))?.blob;
      const parts = head && partsOf(head);
      if (head === undefined || parts === undefined) return head && { key, data: head };
      const data = await this.#join(key, parts.names);
      if (data !== undefined) return { key, data };
    }
    throw notWhole(this.name, key, "the Credential Manager");
  }

  async set({ key, data }: SecretItem): Promise<void> {
    checkKey(this.name, key);
    const older = await this.#find(key);
    const { head, parts } = split(data);
    const place = await placeOfParts(key);
    for (const { name, value } of parts) {
      this.#write({ target: place + name, user: "", blob: new TextEncoder().encode(value) });
    }
    if (parts.length > 0) this.#sweep(place + parts[0]!.name);
    const target = await this.#writeHead(key, head);
    if (older === undefined) return;
    if (older.target !== target) this.#manager.remove(older.target);
    for (const name of partsOf(older.blob)?.names ?? []) this.#manager.remove(place + name);
  }

  async remove(key: string): Promise<boolean> {
    let isRemoved = false;
    for (let place = 0; place < PLACES; place++) {
      const found = await this.#find(key);
      if (found === undefined) break;
      this.#manager.remove(found.target);
      isRemoved = true;
    }
    for (const { target } of this.#manager.list(await placeOfParts(key))) {
      this.#manager.remove(target);
    }
    return isRemoved;
  }

  /** What killed writers have left: parts that no item leads to, much older than one of just now. */
  #sweep(part: string): void {
    const all = this.#manager.list(OURS);
    const named = new Set(all.flatMap(({ blob }) => partsOf(blob)?.names ?? []));
    const nowMs = all.find(({ target }) => target === part)?.writtenMs ?? 0;
    for (const { target, writtenMs = nowMs } of all) {
      const isPart = target.startsWith(PART);
      if (!isPart || named.has(target.replace(/^.*:/s, ""))) continue;
      if (nowMs - writtenMs > STALE_MS) this.#manager.remove(target);
    }
  }

  /** The credential of exactly this name: the one that Windows finds may be of another. */
  async #find(key: string): Promise<Credential | undefined> {
    const plain = this.#manager.read(PLAIN + key);
    if (plain?.target === PLAIN + key) return plain;
    const aside = this.#manager.read(ASIDE + await shortHash(key));
    return aside?.user === key ? aside : undefined;
  }

  /** Writes it under its own name where no other item has that; returns its target. */
  async #writeHead(key: string, blob: Uint8Array): Promise<string> {
    const plain = { target: PLAIN + key, user: "", blob };
    const other = this.#manager.read(plain.target);
    if (other === undefined || other.target === plain.target) {
      if (this.#manager.write(plain)) return plain.target;
    }
    if (key.length > MAX_USER_LENGTH) throw nameRefused(key);
    const aside = { target: ASIDE + await shortHash(key), user: key, blob };
    this.#write(aside);
    return aside.target;
  }

  #write(credential: Credential): void {
    if (!this.#manager.write(credential)) throw nameRefused(credential.target);
  }

  async #join(key: string, names: readonly string[]): Promise<Uint8Array | undefined> {
    const place = await placeOfParts(key);
    const blobs = names.map((name) => this.#manager.read(place + name)?.blob);
    return joinParts(blobs.map((blob) => blob && new TextDecoder().decode(blob)));
  }
}

function keyOf({ target, user }: Credential): string | undefined {
  if (target.startsWith(PLAIN)) return target.slice(PLAIN.length);
  return target.startsWith(ASIDE) ? user : undefined;
}

/** An item whose bytes read as a list of parts is cut too, however short. */
function split(data: Uint8Array): { head: Uint8Array; parts: readonly Part[] } {
  if (data.length <= MAX_BLOB_BYTES && partsOf(data) === undefined) {
    return { head: data, parts: [] };
  }
  const { head, parts } = cutData(data, MAX_BLOB_BYTES);
  return { head: new TextEncoder().encode(head), parts };
}

function partsOf(blob: Uint8Array): PartList | undefined {
  return parseHead(new TextDecoder().decode(blob));
}

async function placeOfParts(key: string): Promise<string> {
  return `${PART}${await shortHash(key)}:`;
}

function nameRefused(name: string): BackendError {
  return new BackendError("wincred", `the Credential Manager keeps no credential named ${name}`, [
    "choose a shorter profile name, or --backend file",
  ]);
}
