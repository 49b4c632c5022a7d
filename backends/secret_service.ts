import { BackendError } from "../src/errors.ts";
import type { SecretBackend, SecretItem } from "../src/types.ts";
import { formatEnvelope, parseEnvelope } from "./envelope.ts";
import { checkPrintableKey } from "./program.ts";
import {
  type Collection,
  collectionPath,
  type FoundItem,
  type StoredItem,
} from "./secret_service_output.ts";
import { describeLocked, GENERIC_SCHEMA, SecretPrograms } from "./secret_service_programs.ts";
import type { BackendContext } from "./settings.ts";
import { cutData, joinParts, notWhole, parseHead, type SplitValue } from "./value.ts";

export interface SecretServiceOptions {
  /**
   * The name of a collection that somebody has chosen, who is told where it is not there: `login`
   * takes its place then, as that of the usual one.
   */
  readonly collection?: string;
  /** False: locked items are passed over, nobody is asked to unlock them. */
  readonly unlock?: boolean;
  readonly timeoutSeconds?: number;
}

/**
 * The desktop's keyring (gnome-keyring, KWallet, KeePassXC) through `secret-tool` and `gdbus`.
 *
 * An item has the attribute `profile` and no other: so the Go tool keeps them, and either tool
 * then replaces what the other stored. `secret-tool` can only search for known values, so what
 * there is is read from the service's object tree, which holds no secret.
 */
export function openSecretService(
  options: SecretServiceOptions,
  ctx: BackendContext,
): SecretBackend {
  return new SecretServiceBackend(options, ctx);
}

/** `secret-tool` cuts what it stores at 8,192 bytes, and says nothing. */
const MAX_BYTES = 8000;
const USUAL = "awsvault";
const FALLBACK = "login";
/** Attributes of the parts of a long item: its own name, that of them all, and their item's. */
const PART = "aws-vault-part";
const PART_ID = "aws-vault-parts";
const PART_OF = "aws-vault-part-of";
/** No writer takes so long from its first part to the item that leads to it. */
const STALE_MS = 24 * 3600 * 1000;

class SecretServiceBackend implements SecretBackend {
  readonly name = "secret-service";
  readonly #options: SecretServiceOptions;
  readonly #collection: string;
  readonly #ctx: BackendContext;
  readonly #programs: SecretPrograms;
  #hasToldFallback = false;
  /** What `keys` has found, as long as nothing is stored here. */
  #listed: readonly StoredItem[] = [];

  constructor(options: SecretServiceOptions, ctx: BackendContext) {
    this.#options = options;
    this.#collection = options.collection ?? USUAL;
    this.#ctx = ctx;
    this.#programs = new SecretPrograms(options, ctx);
  }

  async keys(): Promise<string[]> {
    let items = listItems(await this.#readCollections());
    if (items.some(isHidden) && this.#options.unlock !== false) {
      await this.#programs.unlock(["xdg:schema", GENERIC_SCHEMA]);
      items = listItems(await this.#readCollections());
      if (items.some(isHidden)) throw describeLocked();
    }
    this.#listed = items;
    const keys = items.map(itemKey).filter((key) => key !== undefined);
    return [...new Set(keys)].sort();
  }

  async get(key: string): Promise<SecretItem | undefined> {
    checkPrintableKey(this.name, key);
    const secret = await this.#readSecret(key);
    if (secret === undefined) return undefined;
    const envelope = parseEnvelope(secret, `the item ${key} of the secret service`, this.name);
    const item = { ...envelope, key };
    const parts = parseHead(new TextDecoder().decode(item.data));
    if (parts === undefined) return item;
    const found = await this.#programs.search([PART_ID, parts.id]);
    const values = parts.names.map((name) => found.find(({ label }) => label === name)?.secret);
    const data = joinParts(values);
    if (data !== undefined) return { ...item, data };
    // It may have been replaced in the meantime, and its parts removed.
    if (await this.#readSecret(key) !== secret) return await this.get(key);
    throw notWhole(this.name, key, "the secret service");
  }

  async set(item: SecretItem): Promise<void> {
    checkPrintableKey(this.name, item.key);
    this.#listed = [];
    const collections = await this.#readUnlocked();
    const collection = this.#chooseTarget(collections, item.key);
    const olderParts = await this.#findOlderParts(collections, item.key);
    const { head, parts } = splitItem(item);
    for (const { name, value } of parts) {
      const id = parseHead(head)!.id;
      const attributes = [PART, name, PART_ID, id, PART_OF, item.key];
      await this.#programs.store(collection, name, attributes, value);
    }
    const data = parts.length === 0 ? item.data : new TextEncoder().encode(head);
    const secret = formatSecret({ ...item, data });
    await this.#programs.store(collection, item.key, ["profile", item.key], secret);
    const outdated = new Set(this.#findLeft(listItems(collections), item.key));
    if (olderParts !== undefined) outdated.add(olderParts);
    for (const id of outdated) await this.#programs.clear([PART_ID, id]);
  }

  /**
   * Parts that killed writers have left: of `key`, which is written just now, and of items that are not
   * there. Of others the item alone could tell.
   */
  #findLeft(items: readonly StoredItem[], key: string): string[] {
    if (items.some(isHidden)) return [];
    const keys = new Set(items.map(itemKey));
    const sinceSeconds = (this.#ctx.clock.now() - STALE_MS) / 1000;
    return items.flatMap(({ attributes, modifiedSeconds }) => {
      const owner = attributes.get(PART_OF);
      const isLeft = owner !== undefined && (owner === key || !keys.has(owner));
      const isOld = modifiedSeconds > 0 && modifiedSeconds < sinceSeconds; // else it is not told
      return isLeft && isOld ? attributes.get(PART_ID) ?? [] : [];
    });
  }

  async remove(key: string): Promise<boolean> {
    checkPrintableKey(this.name, key);
    const items = await this.#isListed(key) ? this.#listed : await this.#listFor(key);
    const found = itemsOf(items, key);
    for (const { path } of found) await this.#programs.delete(path);
    for (const id of partIds(items, key)) await this.#programs.clear([PART_ID, id]);
    return found.length > 0;
  }

  /**
   * Whether what was listed has a key, and that is so still: of hundreds that are removed in a row
   * each would take the time to list them all.
   */
  async #isListed(key: string): Promise<boolean> {
    const found = itemsOf(this.#listed, key);
    for (const item of found) {
      const attributes = await this.#programs.readAttributes(item.path);
      if (attributes === undefined || itemKey({ ...item, attributes }) !== key) return false;
    }
    return found.length > 0 && !this.#listed.some(isHidden);
  }

  /** All there is, unlocked where a key's item needs that. */
  async #listFor(key: string): Promise<StoredItem[]> {
    let items = listItems(await this.#readCollections());
    if (items.some(isHidden)) {
      const found = await this.#programs.unlock(["profile", key]);
      items = listItems(await this.#readCollections());
      if (found.some(isOurs) && items.some(isHidden)) throw describeLocked();
    }
    return items;
  }

  /** Who unlocks it is asked before anybody types what is to be stored. */
  async checkWritable(): Promise<void> {
    const [target] = await this.#readUnlocked();
    if (target?.isLocked) throw describeLocked();
  }

  /** Locked is the one that is written to, or one that hides names which may be ours. */
  async findLock(): Promise<BackendError | undefined> {
    const collections = await this.#readCollections();
    const isLocked = collections[0]?.isLocked || listItems(collections).some(isHidden);
    return isLocked ? describeLocked() : undefined;
  }

  /** The collections our items can be in: the one that is set and `login`; if neither is there, any. */
  async #readCollections(): Promise<Collection[]> {
    const collections = await this.#programs.readTree();
    const wanted = [collectionPath(this.#collection), collectionPath(FALLBACK)];
    const own = wanted.flatMap((path) => collections.find((found) => found.path === path) ?? []);
    if (own[0]?.path !== wanted[0]) this.#tellFallback(own[0]);
    return own.length > 0 ? own : collections.filter(({ path }) => !path.endsWith("/session"));
  }

  /** The same, the one that is written to unlocked where somebody unlocks it. */
  async #readUnlocked(): Promise<Collection[]> {
    const collections = await this.#readCollections();
    if (!collections[0]?.isLocked) return collections;
    await this.#programs.unlock(["xdg:schema", GENERIC_SCHEMA]);
    return await this.#readCollections();
  }

  #tellFallback(used: Collection | undefined): void {
    if (this.#hasToldFallback) return;
    this.#hasToldFallback = true;
    const instead = used === undefined ? "the default one" : `\`${FALLBACK}\``;
    const message =
      `the secret service has no collection \`${this.#collection}\`, which takes a desktop ` +
      `dialog to make; using ${instead}`;
    // Its label, by which desktops show it, is `Login`: that is the one that was meant.
    const isMeant = used !== undefined && this.#collection.toLowerCase() === FALLBACK;
    const isChosen = this.#options.collection !== undefined;
    if (isChosen && !isMeant) this.#ctx.note(`aws-vault: warning: ${message}`);
    else this.#ctx.debug(message);
  }

  /** Where a new item goes: the path of a collection, or none for the service's default. */
  #chooseTarget(collections: Collection[], key: string): string | undefined {
    const isOwn = [this.#collection, FALLBACK].map(collectionPath)
      .includes(collections[0]?.path ?? "");
    const target = isOwn ? collections[0]! : undefined;
    // The service replaces any item that has our attribute, whatever others it has.
    const items = target === undefined ? listItems(collections) : target.items;
    if (items.some((item) => item.attributes.get("profile") === key && itemKey(item) !== key)) {
      throw new BackendError(
        this.name,
        `another program keeps an item with the attribute profile=${key} in the secret service`,
        ["it would be overwritten: name another collection with --secret-service-collection"],
      );
    }
    return target?.path;
  }

  /** The item's secret text; of items in several collections, that of the first of ours. */
  async #readSecret(key: string): Promise<string | undefined> {
    const found = (await this.#programs.search(["profile", key])).filter(isOurs);
    const secrets = new Set(found.flatMap(({ secret }) => secret ?? []));
    if (secrets.size === 0 && found.length > 0) throw describeLocked();
    if (secrets.size <= 1) return [...secrets][0];
    // Rare. The answer does not say which collection an item is in; the object tree does.
    const items = listItems(await this.#readCollections());
    const first = items.find((item) => itemKey(item) === key);
    const chosen = found.filter((item) => first !== undefined && isSame(item, first));
    if (chosen.length === 1) return chosen[0]!.secret;
    throw new BackendError(this.name, `several collections of the secret service keep ${key}`, [
      "remove all but one in your keyring program (such as Seahorse)",
    ]);
  }

  async #findOlderParts(collections: Collection[], key: string): Promise<string | undefined> {
    if (partIds(listItems(collections), key).size === 0) return undefined;
    const secret = await this.#readSecret(key);
    if (secret === undefined) return undefined;
    const { data } = parseEnvelope(secret, `the item ${key} of the secret service`, this.name);
    return parseHead(new TextDecoder().decode(data))?.id;
  }
}

function listItems(collections: readonly Collection[]): StoredItem[] {
  return collections.flatMap(({ items }) => items);
}

/**
 * The key of an item of ours or of the Go tool's: its only attribute is `profile`, save for the
 * schema that gnome-keyring adds when it reads items from disk.
 */
function itemKey({ attributes }: StoredItem): string | undefined {
  const schema = attributes.get("xdg:schema");
  const isPlain = attributes.size === (schema === undefined ? 1 : 2);
  return isPlain && (schema === undefined || schema === GENERIC_SCHEMA)
    ? attributes.get("profile")
    : undefined;
}

function itemsOf(items: readonly StoredItem[], key: string): StoredItem[] {
  return items.filter((item) => itemKey(item) === key);
}

/** gnome-keyring tells only hashes of the attributes of what was never unlocked. */
function isHidden({ isLocked, attributes }: StoredItem): boolean {
  return isLocked && [...attributes.keys()].some((name) => name.includes(":hashed:profile"));
}

function isOurs({ schema }: FoundItem): boolean {
  return schema === undefined || schema === GENERIC_SCHEMA;
}

/** Whether both programs speak of one item, as far as they tell. */
function isSame(found: FoundItem, stored: StoredItem): boolean {
  const modified = new Date(stored.modifiedSeconds * 1000).toISOString().slice(0, 19);
  return stored.path.endsWith(found.id) && found.modified === modified.replace("T", " ");
}

function partIds(items: readonly StoredItem[], key: string): Set<string> {
  const parts = items.filter(({ attributes }) => attributes.get(PART_OF) === key);
  return new Set(parts.flatMap(({ attributes }) => attributes.get(PART_ID) ?? []));
}

/** As it is where the envelope of it is short enough, else in parts. */
function splitItem(item: SecretItem): SplitValue {
  const { length } = new TextEncoder().encode(formatSecret(item));
  if (length <= MAX_BYTES) return { head: "", parts: [] };
  return cutData(item.data, MAX_BYTES);
}

/**
 * The item's name stands in it for people alone, and without the characters that JSON escapes:
 * keyrings of GNOME's that have no password lose backslashes when they are read from disk.
 */
function formatSecret(item: SecretItem): string {
  const clean = (text?: string) => text?.replace(/["\\]/g, "'");
  const { key, label, description } = item;
  return formatEnvelope({
    data: item.data,
    key: clean(key)!,
    label: clean(label),
    description: clean(description),
  });
}
