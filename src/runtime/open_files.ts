import type { Env } from "../types.ts";
import { openLibc } from "./libc.ts";
import { readProcFile } from "./proc_file.ts";

const RLIMIT_NOFILE = Deno.build.os === "darwin" ? 8 : 7;
/** What systems begin with; programs that loop over all descriptors or use `select` count on it. */
const USUAL_LIMIT = Deno.build.os === "darwin" ? 256n : 1024n;

/**
 * Puts the soft limit of open files back, which Deno raises to the hard one when it starts, for a
 * program about to be started. The answer raises it for us again.
 *
 * The original is what the launcher noted in AWS_VAULT_NOFILE (`ulimit -Sn`), else our parent's,
 * else the usual one.
 */
export function restoreOpenFilesLimit(env: Env): () => void {
  const libc = openLibc({
    getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
    setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  });
  const limits = new BigUint64Array(2); // soft, hard
  if (libc === undefined || libc.getrlimit(RLIMIT_NOFILE, limits) !== 0) return () => {};
  const [soft, hard] = limits as unknown as [bigint, bigint];
  const original = noted(env.get("AWS_VAULT_NOFILE")) ?? parents() ?? USUAL_LIMIT;
  const set = (value: bigint) => libc.setrlimit(RLIMIT_NOFILE, new BigUint64Array([value, hard]));
  if (original >= soft) return () => {};
  set(original);
  return () => void set(soft);
}

function noted(value: string | undefined): bigint | undefined {
  return value !== undefined && /^\d{1,10}$/.test(value) ? BigInt(value) : undefined;
}

function parents(): bigint | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const limits = new TextDecoder().decode(readProcFile(`/proc/${Deno.ppid}/limits`, 4096));
  return noted(limits.match(/^Max open files +(\d+)/m)?.[1]);
}
