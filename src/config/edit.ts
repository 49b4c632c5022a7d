import { unwritable, VaultError } from "../errors.ts";
import { exists, makeDirectory, randomSuffix, replaceFile } from "../files.ts";
import { baseName, joinPath, parentOf } from "../paths.ts";
import type { Clock, Context } from "../types.ts";
import { toMarks } from "./bytes.ts";
import { removeIfThere, withFileLock } from "./file_lock.ts";
import { configPath } from "./load.ts";

type EditContext = Pick<Context, "env" | "clock">;

/** Given a file's bytes, returns all of its new ones, or `undefined` to leave it. */
export type Edit = (bytes: Uint8Array) => Uint8Array | undefined;

/** Changes the config file as `editFile` does. One that is not there is made for us alone. */
export async function editConfig(ctx: EditContext, edit: Edit): Promise<void> {
  const path = configPath(ctx.env);
  await editFile(path, ctx.clock, edit, WAYS_PAST_LINK);
}

/** What to do about a config file that is a link. */
export const WAYS_PAST_LINK: readonly string[] = [
  "set AWS_CONFIG_FILE to the file it leads to, or change that one by hand",
];

/** Throws what a change would throw, its directory's fault too: before a person types, or signs in. */
export async function checkConfigWritable(ctx: EditContext): Promise<void> {
  await editConfig(ctx, () => undefined);
}

/**
 * Changes a file, one of us at a time. A kill at any moment leaves the old file or the new one; its
 * mode and its owner stay. A file that is not there is empty. What another program writes while
 * `edit` is at work stays: it is called again, with that.
 *
 * Throws `VaultError` for a link, a file that may not be written, and whatever else is in the way;
 * the file is then as it was.
 */
export async function editFile(
  path: string,
  clock: Clock,
  edit: Edit,
  waysPastLink: readonly string[],
): Promise<void> {
  const directory = parentOf(path);
  try {
    makeDirectory(directory);
    await withFileLock(path, clock, () => {
      for (let tries = 1;; tries++) {
        try {
          return editOnce(path, edit, waysPastLink);
        } catch (error) {
          if (!(error instanceof ChangedMeanwhile) || tries === MOST_TRIES) throw error;
        }
      }
    });
  } catch (error) {
    if (error instanceof VaultError) throw error;
    if (isMount(error)) throw mountedAlone(path, error);
    throw unwritable(path, error, AS_IT_WAS);
  }
}

/** An editor or another program, which takes no lock of ours, has written the file since it was read. */
class ChangedMeanwhile extends Error {
  override readonly message = "another program goes on changing it";
}

const MOST_TRIES = 10;

/** Throws `ChangedMeanwhile` where the file is not what was read any more: it is left then. */
function editOnce(path: string, edit: Edit, waysPastLink: readonly string[]): void {
  const info = checkEditable(path, waysPastLink);
  const read = () => exists(path) ? Deno.readFileSync(path) : new Uint8Array();
  const before = read();
  const changed = edit(before);
  if (changed === undefined) return;
  const prefix = `${path}.aws-vault.tmp-`;
  sweep(parentOf(path), baseName(prefix));
  replaceFile(path, changed, prefix + randomSuffix(), info, () => {
    if (toMarks(read()) !== toMarks(before)) throw new ChangedMeanwhile();
  });
}

const AS_IT_WAS = ", it is left as it was";

function isMount(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EBUSY";
}

/** What a container is given of a machine's files one by one: none of them can be replaced there. */
function mountedAlone(path: string, cause: unknown): VaultError {
  const message = `${path} cannot be written${AS_IT_WAS}: it is mounted by itself`;
  return new VaultError("file", message, ["mount the directory it lies in, as a whole"], cause);
}

/** Refuses a file that could not be changed; `undefined` where there is none. */
export function checkEditable(
  path: string,
  waysPastLink: readonly string[],
): Deno.FileInfo | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unwritable(path, error);
  }
  if (info.isSymlink) {
    throw new VaultError(
      "config",
      `${path} is a symbolic link, and nothing is written through it`,
      waysPastLink,
    );
  }
  if (!info.isFile) throw new VaultError("config", `${path} is no file that can be written`);
  checkOpens(path);
  return info;
}

function checkOpens(path: string): void {
  try {
    Deno.openSync(path, { write: true }).close();
  } catch (error) {
    if (!isBeingRead(error)) throw unwritable(path, error);
  }
}

/** Windows lets nobody write what another reads so (error 32): it is waited for when we replace it. */
function isBeingRead(error: unknown): boolean {
  return Deno.build.os === "windows" && /os error 32\b/.test(String(error));
}

/** Temporary files of writers that were killed: nobody else writes while we hold the lock. */
function sweep(directory: string, prefix: string): void {
  for (const { name } of Deno.readDirSync(directory)) {
    if (name.startsWith(prefix)) removeIfThere(joinPath(directory, name));
  }
}
