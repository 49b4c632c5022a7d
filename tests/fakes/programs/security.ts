/**
 * A stand-in for macOS' `security`, for machines that are no Mac: the commands, options, output and
 * exit codes that its manual page security(1) and Apple's published source tell, as far as a
 * keychain of generic passwords needs them. Keychains are JSON files where macOS has its own.
 *
 * `$HOME/security-fails` = `CODE MESSAGE` makes every command but dump-keychain fail so.
 */
interface Item {
  account: string;
  service: string;
  label: string;
  /** Absent where none was given. */
  kind?: string;
  /** Hexadecimal. */
  data: string;
}

class Failure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Apple's error numbers; a process ends with their last byte. */
const NOT_FOUND = [44, "The specified item could not be found in the keychain."] as const;
const NO_KEYCHAIN = [50, "The specified keychain could not be found."] as const;
const EXISTS = [45, "The specified item already exists in the keychain."] as const;
const KEYCHAIN_EXISTS = [48, "A keychain with the same name already exists."] as const;
const USAGE = [2, "Usage"] as const;
/** Lines of `security -i` are cut at this many bytes; what follows is the next command. */
const MAX_LINE = 4095;
/** What follows so many words of a line is not read. */
const MAX_WORDS = 32;

const home = Deno.env.get("HOME")!;
const directory = `${home}/Library/Keychains`;

function main(args: string[]): number {
  const flags = [];
  while (args[0]?.startsWith("-")) flags.push(args.shift()!);
  if (!flags.includes("-i")) {
    // A real one would take it, and show it to every process of the machine.
    if (args[0] === "add-generic-password") return report(new Failure(99, "secret in arguments"));
    return run(args);
  }
  let code = 0;
  for (const line of readLines()) {
    const words = splitLine(line);
    if (words.length > 0) code = run(words);
    if (code !== 0 && !flags.includes("-q")) console.error(`${words[0]}: returned ${code}`);
  }
  return code;
}

function readLines(): string[] {
  const bytes = new Uint8Array(1 << 20);
  let length = 0;
  for (let count; (count = Deno.stdin.readSync(bytes.subarray(length))) !== null;) length += count;
  const lines: string[] = [];
  for (let start = 0; start < length;) {
    const newline = bytes.indexOf(10, start);
    // A last line without an end is not run.
    if (newline < 0 || newline >= length) break;
    const end = Math.min(newline, start + MAX_LINE);
    lines.push(new TextDecoder().decode(bytes.subarray(start, end)));
    start = end === newline ? end + 1 : end;
  }
  return lines;
}

/** Words apart by white space; quotes of both kinds, and a backslash in or out of them. */
function splitLine(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    const quote = /["']/.test(line[at]!) ? line[at++]! : undefined;
    let word = "";
    for (; at < line.length; at++) {
      if (line[at] === "\\") at++;
      else if (quote === undefined ? /\s/.test(line[at]!) : line[at] === quote) break;
      word += line[at] ?? "";
    }
    at++;
    words.push(word);
  }
  return words.slice(0, MAX_WORDS);
}

function run(words: string[]): number {
  const [command, ...args] = words;
  try {
    if (command !== "dump-keychain") failIfTold();
    switch (command) {
      case "create-keychain":
        return createKeychain(args);
      case "add-generic-password":
        return addPassword(args);
      case "find-generic-password":
        return findPassword(args);
      case "delete-generic-password":
        return deletePassword(args);
      case "dump-keychain":
        return dumpKeychain(args);
      default:
        throw new Failure(1, `unknown command "${command}"`);
    }
  } catch (error) {
    if (error instanceof Failure) return report(error);
    throw error;
  }
}

function report({ code, message }: Failure): number {
  console.error(`security: ${message}`);
  return code;
}

function failIfTold(): void {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${home}/security-fails`);
  } catch {
    return;
  }
  const [, code, message] = /^(\d+) (.*)$/.exec(text.trim())!;
  throw new Failure(Number(code), message!);
}

function createKeychain(args: string[]): number {
  // -P: the password is asked for in a dialog; without a Mac somebody typed one.
  if (args[0] !== "-P" || args.length !== 2) throw new Failure(...USAGE);
  Deno.mkdirSync(directory, { recursive: true });
  try {
    Deno.writeTextFileSync(pathOf(args[1]!), "[]", { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new Failure(KEYCHAIN_EXISTS[0], `SecKeychainCreate ${args[1]}: ${KEYCHAIN_EXISTS[1]}`);
  }
  return 0;
}

function addPassword(args: string[]): number {
  const { options, keychain } = parse(args, "a:s:l:D:w:X:U");
  const { a: account, s: service, l: label, D: kind } = options;
  if (account === undefined || service === undefined) throw new Failure(...USAGE);
  if (options.X === undefined && options.w === undefined) throw new Failure(99, "it would ask");
  // A real one reads what is no digit as a zero.
  if (!/^([\da-f]{2})*$/i.test(options.X ?? "")) throw new Failure(99, "no hexadecimal");
  const data = options.X ?? new TextEncoder().encode(options.w).toHex();
  const call = "SecKeychainItemCreateFromContent";
  using store = openKeychain(keychain, call);
  const item = { account, service, data };
  const existing = store.items.find((other) => isSame(other, item));
  if (existing && options.U === undefined) {
    throw new Failure(EXISTS[0], `${call} (${keychain}): ${EXISTS[1]}`);
  }
  // What is not given stays as it is.
  if (existing) Object.assign(existing, { data, ...label && { label }, ...kind && { kind } });
  else store.items.push({ ...item, label: label ?? service, kind });
  store.write();
  return 0;
}

function findPassword(args: string[]): number {
  const { options, keychain } = parse(args, "a:s:w");
  // A real one shows the attributes.
  if (options.w === undefined) throw new Failure(99, "the password is not asked for");
  const item = lookUp(options, keychain);
  const bytes = Uint8Array.fromHex(item.data);
  const isPrintable = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  console.log(isPrintable ? new TextDecoder().decode(bytes) : item.data);
  return 0;
}

function deletePassword(args: string[]): number {
  const { options, keychain } = parse(args, "a:s:");
  const item = lookUp(options, keychain);
  using store = openKeychain(keychain, "SecKeychainSearchCopyNext");
  store.items.splice(store.items.findIndex((other) => isSame(other, item)), 1);
  store.write();
  printItem(item, keychain);
  console.error("password has been deleted.");
  return 0;
}

function dumpKeychain(args: string[]): number {
  if (args.length !== 1) throw new Failure(99, "another keychain's items too");
  using store = openKeychain(args[0]!, "SecKeychainSearchCopyNext");
  for (const item of store.items) printItem(item, args[0]!);
  return 0;
}

function printItem({ account, service, label, kind }: Item, keychain: string): void {
  console.log(`keychain: "${pathOf(keychain)}"\nversion: 512\nclass: "genp"\nattributes:`);
  console.log(`    0x00000007 <blob>=${printBuffer(label)}`);
  console.log(`    0x00000008 <blob>=<NULL>\n    "acct"<blob>=${printBuffer(account)}`);
  console.log(`    "cdat"<timedate>=0x32303236313132313033303030305A00  "20261121030000Z\\000"`);
  console.log(`    "desc"<blob>=${kind === undefined ? "<NULL>" : printBuffer(kind)}`);
  console.log(`    "gena"<blob>=<NULL>`);
  console.log(`    "svce"<blob>=${printBuffer(service)}\n    "type"<uint32>=<NULL>`);
}

/** In hexadecimal too, where not all is printable ASCII; a backslash counts as not printable. */
function printBuffer(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  const isPlain = (byte: number) => byte >= 0x20 && byte <= 0x7e && byte !== 0x5c;
  const shown = bytes.map((byte) =>
    isPlain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`
  ).join("");
  if (bytes.every(isPlain)) return bytes.length === 0 ? "" : `"${shown}"`;
  const hex = `0x${Uint8Array.from(bytes).toHex().toUpperCase()}`;
  return bytes.some(isPlain) ? `${hex}  "${shown}"` : `${hex} `;
}

function parse(args: string[], spec: string) {
  const options: Record<string, string> = {};
  let at = 0;
  for (; args[at]?.startsWith("-"); at++) {
    const letter = args[at]!.slice(1);
    if (!spec.includes(letter) || letter.length !== 1) throw new Failure(...USAGE);
    options[letter] = spec.includes(`${letter}:`) ? args[++at] ?? "" : "";
  }
  if (args.length !== at + 1) throw new Failure(...USAGE);
  return { options, keychain: args[at]! };
}

function lookUp(options: Record<string, string>, keychain: string): Item {
  // A real one takes the first of any account, or of any service.
  if (options.a === undefined || options.s === undefined) throw new Failure(99, "any item");
  let items: Item[] = [];
  try {
    using store = openKeychain(keychain, "");
    items = store.items;
  } catch { /* a keychain that is not there has no items */ }
  const item = items.find(({ account, service }) => account === options.a && service === options.s);
  if (item === undefined) {
    throw new Failure(NOT_FOUND[0], `SecKeychainSearchCopyNext: ${NOT_FOUND[1]}`);
  }
  return item;
}

function isSame(a: Item, b: Pick<Item, "account" | "service">): boolean {
  return a.account === b.account && a.service === b.service;
}

/** A name without a directory is of the user's own. */
function pathOf(name: string): string {
  return name.includes("/") ? name : `${directory}/${name}`;
}

/** The keychain's items, kept from others until the end of the scope. */
function openKeychain(name: string, call: string) {
  const path = pathOf(name);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true });
  } catch {
    throw new Failure(NO_KEYCHAIN[0], `${call} (${name}): ${NO_KEYCHAIN[1]}`);
  }
  file.lockSync(true);
  const items: Item[] = JSON.parse(Deno.readTextFileSync(path));
  return {
    items,
    write: () => Deno.writeTextFileSync(path, JSON.stringify(items)),
    [Symbol.dispose]: () => file.close(),
  };
}

Deno.exit(main([...Deno.args]));
