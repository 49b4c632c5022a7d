import { describeCause, VaultError } from "../errors.ts";
import type { Context } from "../types.ts";
import { addressProgram, hasAddress, removeAddress } from "./metadata_address.ts";

/** Only root writes in these directories, so that nobody else can put a file or link in the way. */
const LOCK_PATHS: Readonly<Partial<Record<Context["platform"], string>>> = {
  linux: "/run/aws-vault-proxy.pid",
  darwin: "/var/run/aws-vault-proxy.pid",
};

/** Where a running proxy says which process it is; undefined on Windows. */
export function proxyLockPath(platform: Context["platform"]): string | undefined {
  return LOCK_PATHS[platform];
}

/**
 * Runs `work` as this machine's one proxy. The file is locked while it runs, so that the number in
 * it is that of a live process if, and only if, it cannot be locked.
 */
export async function withProxyLock(
  { platform }: Pick<Context, "platform">,
  work: () => Promise<void>,
): Promise<void> {
  const path = proxyLockPath(platform);
  if (path === undefined) return await work();
  using file = open(path);
  if (!await file.tryLock(true)) {
    throw new VaultError("process", `a proxy is running already, as process ${readPid(path)}`, [
      "it belongs to another `exec --ec2-server`, or is stopped with: sudo aws-vault proxy --stop",
    ]);
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  await work();
}

/** Ends the running proxy, or clears up after one that was killed; says what it did. */
export async function stopProxy(
  ctx: Pick<Context, "platform" | "processes" | "clock">,
): Promise<string> {
  const path = proxyLockPath(ctx.platform);
  if (path !== undefined && await isLocked(path)) {
    const pid = readPid(path);
    Deno.kill(pid, "SIGTERM");
    return `stopped the proxy (process ${pid})`;
  }
  if (!hasAddress()) return "no proxy is running";
  await removeAddress(ctx);
  return `no proxy is running; what one had left (${addressProgram(ctx.platform)}) is taken away`;
}

async function isLocked(path: string): Promise<boolean> {
  using file = open(path);
  return !await file.tryLock(true);
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o644 });
  } catch (error) {
    throw new VaultError("file", `${path}: ${describeCause(error)}`, [
      "the proxy is root's: run it with sudo",
    ], error);
  }
}

function readPid(path: string): number {
  return Number(Deno.readTextFileSync(path));
}
