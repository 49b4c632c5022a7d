import { VaultError } from "../errors.ts";

/** An address of AWS's services, as it is written; throws `VaultError("config")` where it is none. */
export function parseEndpoint(text: string, where: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "") return text;
  const shown = text.replace(/^(.*?:\/\/)?.*@/s, "$1"); // a password may stand there
  throw new VaultError("config", `${where}: \`${shown.slice(0, 100)}\` is no address`, [
    "write it with http:// or https://, such as http://localhost:4566",
  ]);
}
