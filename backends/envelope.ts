import { BackendError } from "../src/errors.ts";
import type { SecretItem } from "../src/types.ts";

/**
 * The JSON around an item in `file`, `pass` and `secret-service`: what the Go tool's keyring
 * library writes there (SPEC §1).
 */
export function formatEnvelope(item: SecretItem): string {
  return JSON.stringify({
    Key: item.key,
    Data: item.data.toBase64(),
    Label: item.label ?? "",
    Description: item.description ?? "",
    KeychainNotTrustApplication: false,
    KeychainNotSynchronizable: false,
  });
}

/** `where` names the file or entry for the error, `backend` whose it is. */
export function parseEnvelope(text: string, where: string, backend = "file"): SecretItem {
  try {
    const fields = JSON.parse(text);
    const data = fields.Data === null ? new Uint8Array() : Uint8Array.fromBase64(fields.Data);
    if (typeof fields.Key !== "string") throw new TypeError("no Key");
    return {
      key: fields.Key,
      data,
      label: fields.Label || undefined,
      description: fields.Description || undefined,
    };
  } catch {
    throw new BackendError(backend, `${where} opens, but holds no keyring item`, [
      "another program wrote it, or it is damaged: store it anew, which replaces it",
    ]);
  }
}
