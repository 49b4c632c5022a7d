import { describeCause, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { waitFor } from "../waiting.ts";
import { addressProgram, hasAddress, removeAddress } from "./metadata_address.ts";

/**
 * Where a running proxy says which process it is; Windows is refused before. Only root writes in
 * these directories, so that nobody else can put a file or link in the way.
 */
export function proxyLockPath(platform: Context["platform"]): string {
  return platform === "darwin" ? "/var/run/aws-vault-proxy.pid" : "/run/aws-vault-proxy.pid";
}

type LockContext = Pick<Context, "platform" | "processes" | "clock">;

/** Runs `work` as this machine's one proxy: the file is locked while it runs, and names its process. */
export async function withProxyLock(ctx: LockContext, work: () => Promise<void>): Promise<void> {
  const path = proxyLockPath(ctx.platform);
  using file = open(path);
  if (!await file.tryLock(true)) {
    const pid = await waitFor(() => readPid(path), ctx.clock, PATIENCE_MS);
    throw new VaultError(
      "process",
      `a proxy is running already${pid ? `, as process ${pid}` : ""}`,
      [
        "it belongs to another `exec --ec2-server`, or is stopped with: sudo aws-vault proxy --stop",
      ],
    );
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  await work();
}

/** A proxy writes its number a moment after it has the lock, and another that is just being stopped goes. */
const PATIENCE_MS = 500;

/** Ends the running proxy, or clears up after one that was killed; says what it did. */
export async function stopProxy(ctx: LockContext): Promise<string> {
  const path = proxyLockPath(ctx.platform);
  const look = async () => isLocked(path) ? await findProxy(path, ctx) : "nobody";
  const found = await waitFor(look, ctx.clock, PATIENCE_MS);
  if (found === undefined) throw foreignLock(path);
  if (found !== "nobody") {
    Deno.kill(found, "SIGTERM");
    return `stopped the proxy (process ${found})`;
  }
  if (!hasAddress()) return "no proxy is running";
  await removeAddress(ctx);
  return `no proxy is running; what one had left (${addressProgram(ctx.platform)}) is taken away`;
}

/** The process that holds the lock, where it is a proxy. */
async function findProxy(path: string, ctx: LockContext): Promise<number | undefined> {
  const pid = readPid(path);
  return pid !== undefined && await isProxy(pid, ctx) ? pid : undefined;
}

function isLocked(path: string): boolean {
  using file = open(path);
  return !file.tryLockSync(true);
}

/**
 * The file, which none but root can read or lock. One that others can, an older version's, may be
 * held locked by anybody: it is put away for a new one.
 */
function open(path: string): Deno.FsFile {
  const options = { read: true, write: true, create: true, mode: 0o600 };
  try {
    const file = Deno.openSync(path, options);
    if (((file.statSync().mode ?? 0) & 0o077) === 0) return file;
    file.close();
    Deno.removeSync(path);
    return Deno.openSync(path, { ...options, createNew: true });
  } catch (error) {
    throw new VaultError("file", `${path}: ${describeCause(error)}`, [
      "the proxy is root's: run it with sudo",
    ], error);
  }
}

/** The process that holds the lock, or held it last; `undefined` where none is told. */
function readPid(path: string): number | undefined {
  const [pid] = /^[1-9]\d{0,9}$/.exec(Deno.readTextFileSync(path)) ?? [];
  return Number(pid) > 1 ? Number(pid) : undefined;
}

const TELL_ARGUMENTS = 'cat "/proc/$1/cmdline" 2>/dev/null || ps -o args= -p "$1"';

/** Whether a process is one of ours by its command line: another may have got its number. */
async function isProxy(pid: number, { processes }: LockContext): Promise<boolean> {
  const { stdout } = await processes.run({
    kind: "system",
    command: "/bin/sh",
    args: ["-c", TELL_ARGUMENTS, "sh", String(pid)],
    timeoutSeconds: 5,
  });
  return /[\0 ]proxy([\0 \n]|$)/.test(new TextDecoder().decode(stdout));
}

function foreignLock(path: string): VaultError {
  return new VaultError("process", `${path} is locked by a process that is no proxy of aws-vault`, [
    `nothing was stopped; see who it is with: sudo fuser -v ${path}`,
  ]);
}
