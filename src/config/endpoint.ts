import { VaultError } from "../errors.ts";

/** An address of AWS's services, as it is written; throws `VaultError("config")` where it is none. */
export function parseEndpoint(text: string, where: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "") return text;
  throw new VaultError("config", `${where}: \`${showFaulty(text)}\` is no address`, [
    "write it with http:// or https://, such as http://localhost:4566",
  ]);
}

/** What is no address, as it may be shown: there may be a password in it. */
export function showFaulty(text: string): string {
  return text.replace(/^(.*?:\/\/)?.*@/s, "$1").slice(0, 100);
}
