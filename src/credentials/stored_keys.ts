import { asArgument, VaultError } from "../errors.ts";
import type { Credentials, SecretBackend } from "../types.ts";

/** The long-term keys kept under a profile's name; `undefined` where there are none. */
export async function readStoredKeys(
  backend: SecretBackend,
  profile: string,
): Promise<Credentials | undefined> {
  const item = await backend.get(profile);
  if (item === undefined) return undefined;
  const fields = parseFields(item.data);
  const accessKeyId = fields?.AccessKeyID;
  const secretAccessKey = fields?.SecretAccessKey;
  if (isFilled(accessKeyId) && isFilled(secretAccessKey)) return { accessKeyId, secretAccessKey };
  throw new VaultError(
    "credentials",
    `what the keyring (${backend.name}) holds for profile ${profile} are no access keys`,
    [`store them anew with: aws-vault add ${asArgument(profile)}`],
  );
}

function isFilled(field: unknown): field is string {
  return typeof field === "string" && field !== "";
}

/** An access key, by both of its parts. */
export type AccessKey = Pick<Credentials, "accessKeyId" | "secretAccessKey">;

/** Whether what was found is that very key. */
export function isSameKey(found: AccessKey | undefined, key: AccessKey): boolean {
  return found?.accessKeyId === key.accessKeyId && found.secretAccessKey === key.secretAccessKey;
}

/** Keeps long-term keys as the Go tool does, so that either tool reads them. */
export async function writeStoredKeys(
  backend: SecretBackend,
  profile: string,
  keys: AccessKey,
): Promise<void> {
  const text = JSON.stringify({
    AccessKeyID: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    SessionToken: "",
    Source: "",
    CanExpire: false,
    Expires: "0001-01-01T00:00:00Z",
  });
  await backend.set({
    key: profile,
    data: new TextEncoder().encode(text),
    label: `aws-vault (${profile})`,
    description: "aws-vault credentials",
  });
}

/** A key id with none but its last four characters, as the Go tool shows it. */
export function maskKeyId(id: string): string {
  return "*".repeat(16) + id.slice(-4);
}

function parseFields(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const fields = JSON.parse(new TextDecoder().decode(data));
    return typeof fields === "object" && fields !== null ? fields : undefined;
  } catch {
    return undefined;
  }
}
