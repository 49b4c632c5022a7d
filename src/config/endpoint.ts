import { VaultError } from "../errors.ts";

/** An address of AWS's services, as it is written; throws `VaultError("config")` where it is none. */
export function parseEndpoint(text: string, where: string): string {
  if (isAddress(text)) return text;
  throw new VaultError("config", `${where}: \`${showFaulty(text)}\` is no address`, [
    "write it with http:// or https:// and no blank in it, such as http://localhost:4566",
  ]);
}

/** One with a blank in it is none, as for curl: where its password ends nobody could tell. */
export function isAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "") && !/\S\s+\S/.test(text);
}

/** What is no address, as it may be shown: there may be a password in it. */
export function showFaulty(text: string): string {
  return text.replace(/^(.*?:\/\/)?.*@/s, "$1").slice(0, 100);
}
