import type { AccessKeyInfo } from "../../aws/iam.ts";
import { asExec, AwsRefusal } from "../../errors.ts";
import type { Context, Credentials } from "../../types.ts";

/**
 * What is asked of AWS. `keys` are long-term keys that last beyond the call; they sign it where
 * no session or role does.
 */
export interface RotationCalls {
  /** Gets the credentials that sign the rest, so that nothing is asked half-way. */
  prepare(keys: Credentials): Promise<void>;
  createKey(keys: Credentials): Promise<Credentials>;
  deleteKey(id: string, keys: Credentials): Promise<void>;
  listKeys(keys: Credentials): Promise<AccessKeyInfo[]>;
  /** Asks AWS who `keys` belong to: it answers whoever it knows. */
  identify(keys: Credentials): Promise<void>;
}

/** How long a new key may be unknown here and there in AWS, and how often it is tried. */
const LATE_MS = 20_000;
const PAUSE_MS = 2_000;

/** Around its begin, within which a rotation that was interrupted may have made its key. */
const MAKING_MS = 5 * 60_000;

/** AWS has decided, and done nothing. */
export function isRefusal(error: unknown): error is AwsRefusal {
  return error instanceof AwsRefusal && (error.httpStatus ?? 500) < 500;
}

/** A key that AWS does not know (any more), or not everywhere yet. */
export function isUnknownKey(error: unknown): error is AwsRefusal {
  return error instanceof AwsRefusal && error.awsCode === "InvalidClientTokenId";
}

/** Makes a request again while AWS does not know the key that signs it, as new ones are late. */
export async function whileLate(
  ctx: Pick<Context, "clock" | "debug">,
  request: () => Promise<void>,
): Promise<void> {
  for (let waitedMs = 0;; waitedMs += PAUSE_MS) {
    try {
      return await request();
    } catch (error) {
      if (!isUnknownKey(error) || waitedMs >= LATE_MS) throw error;
      ctx.debug(`a key is not known everywhere yet, trying again: ${error.message}`);
      await ctx.clock.sleep(PAUSE_MS);
    }
  }
}

/** Whether AWS knows a key; a new one is given time to become known. */
export async function isKnown(
  keys: Credentials,
  calls: RotationCalls,
  ctx: Pick<Context, "clock" | "debug">,
): Promise<boolean> {
  try {
    await whileLate(ctx, () => calls.identify(keys));
    return true;
  } catch (error) {
    if (isUnknownKey(error)) return false;
    throw error;
  }
}

/** The user's keys; `undefined` where we may not list them. */
export async function listKeys(
  keys: Credentials,
  calls: RotationCalls,
  ctx: Pick<Context, "debug">,
): Promise<AccessKeyInfo[] | undefined> {
  try {
    return await calls.listKeys(keys);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    ctx.debug(error.message);
    return undefined;
  }
}

/** The key that a rotation begun then has made, and whose secret nobody got to know. */
export function findOrphan(
  keys: readonly AccessKeyInfo[],
  storedId: string,
  beganAtMs: number | undefined,
): AccessKeyInfo | undefined {
  return keys.find(({ id, createdAtMs, lastUsed }) =>
    id !== storedId && lastUsed === "never" &&
    Math.abs(createdAtMs - (beganAtMs ?? createdAtMs)) <= MAKING_MS
  );
}

/**
 * The refusal of a third key with what helps: which two there are, and how one is freed.
 *
 * @param listed the user's keys, where they may be listed
 */
export function explainLimit(
  error: AwsRefusal,
  profile: string,
  stored: Credentials,
  listed: readonly AccessKeyInfo[] | undefined,
): AwsRefusal {
  const other = listed?.find(({ id }) => id !== stored.accessKeyId);
  const hints = [`a user has two keys at most; ${stored.accessKeyId} is the one stored here`];
  if (other !== undefined) hints.push(`${other.id} is the other one, ${describeUse(other)}`);
  hints.push(
    "when nothing uses the other one any more, free it: " +
      deleteCommand(profile, other?.id ?? "ID"),
  );
  return new AwsRefusal(error.awsCode, error.httpStatus, error.message, hints);
}

/** What deletes a key by hand, with the stored ones of its user. */
export function deleteCommand(profile: string, id: string): string {
  return `${asExec(profile, "-n ")} aws iam delete-access-key --access-key-id ${id}`;
}

/** The key is not there; the SDK's own names for codes end in `Exception`. */
export function isMissingKey(error: unknown): boolean {
  return error instanceof AwsRefusal && /^NoSuchEntity/.test(error.awsCode);
}

/** IAM has other limits by the same code; the keys' one is told by its name in the message. */
export function isKeyLimit(error: AwsRefusal): boolean {
  return /^LimitExceeded/.test(error.awsCode) && /AccessKeysPerUser/.test(error.message);
}

function describeUse({ createdAtMs, lastUsed }: AccessKeyInfo): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const made = `made on ${day(createdAtMs)}`;
  if (lastUsed === "unknown") return made;
  if (lastUsed === "never") return `${made} and never used`;
  return `${made}, last used on ${day(lastUsed.atMs)}${
    lastUsed.service ? ` (${lastUsed.service})` : ""
  }`;
}
