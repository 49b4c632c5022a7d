import { expirationOf } from "../expiry.ts";
import { describeCause, VaultError } from "../errors.ts";
import { narrowMode, openOwn, whyNotAppended } from "../files.ts";
import { expandHome, homeOf } from "../paths.ts";
import type { Clock, Context, Credentials } from "../types.ts";
import { waitForLock } from "../waiting.ts";

const VARIABLE = "AWS_VAULT_AUDIT_LOG";
const LINE_END = 0x0a;
const LOCK_PATIENCE_MS = 1_000;

/** One giving of credentials to somebody. */
export interface HandOut {
  /** How: `exec --json`, `export`. */
  readonly command: string;
  readonly profile: string;
  readonly credentials: Credentials;
}

/**
 * Appends a line to the audit trail at `path`, in one write, so that many at once each get theirs in
 * whole. It holds no secret.
 *
 * Throws `VaultError("file")` where it cannot: credentials that leave no trace are not handed out.
 */
export async function recordHandOut(
  path: string,
  { command, profile, credentials }: HandOut,
  { clock, env, caller }: Pick<Context, "clock" | "env" | "caller">,
): Promise<void> {
  const entry = {
    time: new Date(clock.now()).toISOString(),
    command,
    profile,
    accessKeyId: credentials.accessKeyId,
    arn: credentials.arn,
    expires: expirationOf(credentials),
    ...await caller(),
  };
  const full = expandHome(path, homeOf(env));
  try {
    await append(full, new TextEncoder().encode(JSON.stringify(entry) + "\n"), clock);
  } catch (error) {
    throw new VaultError(
      "file",
      `${VARIABLE}: ${full} cannot be written, so no credentials are handed out: ${
        describeCause(error)
      }`,
      [`name a file in a directory that is there and yours, with room on its disk, or unset ${VARIABLE}`],
    );
  }
}

async function append(path: string, line: Uint8Array, clock: Clock): Promise<void> {
  const fault = whyNotAppended(path);
  if (fault !== undefined) throw new Error(fault);
  using file = openOwn(path, { append: true });
  if (file.statSync().isFile) {
    narrowMode(path, 0o600);
    if (endsTorn(path)) await endTornLine(file, path, clock);
  }
  write(file, line);
}

/** Of many who find the torn line at once, one ends it: the others would leave empty lines. */
async function endTornLine(file: Deno.FsFile, path: string, clock: Clock): Promise<void> {
  await waitForLock(file, clock, LOCK_PATIENCE_MS).catch(() => {}); // a file system may have none
  if (endsTorn(path)) write(file, Uint8Array.of(LINE_END));
}

function write(file: Deno.FsFile, bytes: Uint8Array): void {
  if (file.writeSync(bytes) !== bytes.length) throw new Error("its disk is full");
}

/** A full disk may have cut the last line short. */
function endsTorn(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const last = new Uint8Array(1);
    file.seekSync(-1, Deno.SeekMode.End);
    return file.readSync(last) === 1 && last[0] !== LINE_END;
  } catch {
    return false; // it is empty, or may be written, and not read
  }
}
