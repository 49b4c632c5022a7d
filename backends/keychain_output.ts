/** The attributes of a keychain's item that name it. */
export interface KeychainItem {
  readonly service: string | undefined;
  readonly account: string | undefined;
}

/** The items in what `security dump-keychain` prints, which holds no secret. */
export function parseDump(text: string): KeychainItem[] {
  return text.split(/^keychain: /m).slice(1).map((item) => ({
    service: parseAttribute(item, "svce"),
    account: parseAttribute(item, "acct"),
  }));
}

/**
 * A value as `security` prints it: in quotes where it is plain ASCII without a backslash,
 * otherwise in hexadecimal with a readable form after it. Quotes within are printed as they are.
 */
function parseAttribute(item: string, name: string): string | undefined {
  const value = new RegExp(`^ *"${name}"<blob>=(.*)$`, "m").exec(item)?.[1];
  const hex = /^0x([0-9A-F]*)/.exec(value ?? "")?.[1];
  if (hex !== undefined) return new TextDecoder().decode(Uint8Array.fromHex(hex));
  return /^"(.*)"$/.exec(value ?? "")?.[1];
}

/** What `security find-generic-password -w` prints: text, or hexadecimal where it is not printable. */
export function parsePassword(text: string): string {
  const line = text.replace(/\n$/, "");
  if (!/^(?:[0-9a-f]{2})+$/.test(line)) return line;
  return new TextDecoder().decode(Uint8Array.fromHex(line));
}

/** A word of a command that `security -i` reads: whatever is in it stays in it. */
export function quote(word: string): string {
  return `'${word.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}
