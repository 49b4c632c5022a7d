/** Where the service keeps its collections, and under which name (the Secret Service API). */
export const COLLECTIONS_PATH = "/org/freedesktop/secrets/collection";

/** A collection's path; gnome-keyring writes what is not a letter or digit as `_` and hex. */
export function collectionPath(name: string): string {
  const encoded = Array.from(
    new TextEncoder().encode(name),
    (byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    },
  );
  return `${COLLECTIONS_PATH}/${encoded.join("")}`;
}

/** A collection of the service, by its path, and the items it tells of. */
export interface Collection {
  readonly path: string;
  isLocked: boolean;
  readonly items: StoredItem[];
}

/** An item as the service tells of it without unlocking it. */
export interface StoredItem {
  readonly path: string;
  isLocked: boolean;
  attributes: ReadonlyMap<string, string>;
  modifiedSeconds: number;
}

/** What `gdbus introspect --recurse --only-properties` prints; `undefined` if it is something else. */
export function parseTree(text: string): Collection[] | undefined {
  if (!text.trimStart().startsWith(`node ${COLLECTIONS_PATH} {`)) return undefined;
  const collections: Collection[] = [];
  let current: Collection | StoredItem | undefined;
  for (const line of text.split("\n")) {
    const path = /^\s*node (\S+) \{$/.exec(line)?.[1];
    if (path !== undefined) current = addNode(path, collections);
    if (current === undefined) continue;
    const locked = /^\s*readonly b Locked = (true|false);$/.exec(line)?.[1];
    if (locked !== undefined) current.isLocked = locked === "true";
    const attributes = /^\s*readwrite a\{ss\} Attributes = (.*);$/.exec(line)?.[1];
    const modified = /^\s*readonly t Modified = (\d+);$/.exec(line)?.[1];
    if (!("attributes" in current)) continue;
    if (attributes !== undefined) current.attributes = parseDictionary(attributes);
    if (modified !== undefined) current.modifiedSeconds = Number(modified);
  }
  return collections;
}

function addNode(path: string, collections: Collection[]): Collection | StoredItem | undefined {
  if (!path.startsWith(`${COLLECTIONS_PATH}/`)) return undefined;
  const names = path.slice(COLLECTIONS_PATH.length + 1).split("/");
  if (names.length === 1) {
    const collection = { path, isLocked: false, items: [] };
    collections.push(collection);
    return collection;
  }
  const owner = collections.find((collection) => path.startsWith(`${collection.path}/`));
  const attributes = new Map<string, string>();
  const item = { path, isLocked: false, attributes, modifiedSeconds: 0 };
  owner?.items.push(item);
  return item;
}

/** A dictionary of strings in GVariant's text form: `{'a': 'b', "it's": '\u00e4'}`. */
export function parseDictionary(text: string): Map<string, string> {
  const strings = [...text.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/g)]
    .map(([, single, double]) => unescape(single ?? double ?? ""));
  const dictionary = new Map<string, string>();
  for (let at = 0; at + 1 < strings.length; at += 2) dictionary.set(strings[at]!, strings[at + 1]!);
  return dictionary;
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
    (_, short?: string, long?: string, letter?: string) => {
      const code = short ?? long;
      if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
      return CONTROLS[letter!] ?? letter!;
    },
  );
}

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** One item of `secret-tool search`. */
export interface FoundItem {
  /** The last part of its path, with the slash; unique in its collection only. */
  readonly id: string;
  readonly label?: string;
  readonly schema?: string;
  /** `2026-11-21 03:05:18`, in the time zone it was asked for. */
  readonly modified?: string;
  /** Absent while it is locked. */
  readonly secret?: string;
}

/** What `secret-tool search` prints on standard output; `undefined` if it is something else. */
export function parseSearch(text: string): FoundItem[] | undefined {
  const found: Record<string, string>[] = [];
  for (const line of text.split("\n")) {
    const id = /^\[(.*)\]$/.exec(line)?.[1];
    if (id !== undefined) {
      found.push({ id });
      continue;
    }
    const current = found.at(-1);
    if (current === undefined && line !== "") return undefined;
    const [, name, value] = /^(label|schema|modified|secret) = (.*)$/.exec(line) ?? [];
    if (name !== undefined) current![name] = value!;
  }
  return found as unknown as FoundItem[];
}
