import { VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { configPath, keepDelivered } from "./load.ts";

/** Whoever fills a pipe may have to decrypt something first. */
const PATIENCE_SECONDS = 10;
const NOTICE_MS = 2_000;

type PipeContext = Pick<Context, "env" | "processes" | "clock" | "note">;

/** Has a config file that is a pipe (`AWS_CONFIG_FILE=<(…)`) ready for `loadConfig`. */
export async function readPipe(ctx: PipeContext): Promise<void> {
  const path = configPath(ctx.env);
  const source = { name: "config file", option: "AWS_CONFIG_FILE", mayBeNone: true };
  const bytes = await readOnce(path, source, ctx);
  if (bytes !== undefined) keepDelivered(path, bytes);
}

/** What is read, and what another one is named by. */
interface Source {
  readonly name: string;
  readonly option: string;
  /** One does without it. */
  readonly mayBeNone?: boolean;
}

/**
 * What comes through a pipe: it delivers once, and to open it waits for whoever fills it, which a
 * program of the system does for us. `undefined` where the path leads to something that can be read
 * at once.
 *
 * Throws `VaultError("config")` where nothing comes, or the file is a device, which has no end.
 */
export async function readOnce(
  path: string,
  source: Source,
  ctx: PipeContext,
): Promise<Uint8Array | undefined> {
  const { isFifo, isCharDevice, isBlockDevice, rdev } = Deno.statSync(path);
  if (isFifo) return await drain(path, source, ctx);
  const isEmpty = isCharDevice && rdev === Deno.statSync("/dev/null").rdev;
  if (isEmpty || !(isCharDevice || isBlockDevice)) return undefined;
  throw new VaultError("config", `${path} is a device, and no ${source.name}`, [
    `name a file with ${source.option}${source.mayBeNone ? ", or /dev/null for none" : ""}`,
  ]);
}

async function drain(
  path: string,
  source: Source,
  { processes, clock, note }: PipeContext,
): Promise<Uint8Array> {
  const beganAtMs = clock.now();
  const done = new AbortController();
  clock.sleep(NOTICE_MS, done.signal)
    .then(() => note(`Waiting for the ${source.name}: ${path} is a pipe`), () => {});
  try {
    const { code, stdout, stderr } = await processes.run({
      kind: "system",
      command: "cat",
      args: ["--", path],
      timeoutSeconds: PATIENCE_SECONDS,
    });
    if (code === 0) return stdout;
    throw new VaultError("config", `${path} cannot be read: ${stderr.trim()}`);
  } catch (error) {
    throw clock.now() - beganAtMs < PATIENCE_SECONDS * 1000 ? error : nothingCame(path, source);
  } finally {
    done.abort();
  }
}

function nothingCame(path: string, { name, option }: Source): VaultError {
  return new VaultError(
    "config",
    `${path} is a pipe, and in ${PATIENCE_SECONDS} seconds no whole ${name} came through it`,
    [`see what is to write into it, and end it, or name a file with ${option}`],
  );
}
