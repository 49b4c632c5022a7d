import { requireProgram } from "../require.ts";
import { COMMAND, type Ran, type RunOptions } from "./harness.ts";
import type { Vault } from "./vault.ts";

export const HAS_STRACE = Deno.build.os === "linux" && requireProgram("strace");

/** The system calls of a run, in the order they were made, threads and children included. */
export async function traceCalls(
  vault: Vault,
  names: readonly string[],
  args: readonly string[],
  env: RunOptions["env"] = {},
): Promise<string[]> {
  const path = `${vault.home.path}/trace`;
  const options = ["-f", "-qq", "-s", "200", "-e", `trace=${names.join(",")}`, "-o", path];
  const ran = await vault.run(args, { command: ["strace", ...options, COMMAND], env });
  if (ran.code !== 0) throw new Error(`it failed under strace: ${ran.stderr}`);
  return Deno.readTextFileSync(path).split("\n");
}

/** The command with such faults of system calls: `bind:error=EPERM`. */
export function withFaults(...faults: string[]): string[] {
  const injected = faults.flatMap((fault) => ["-e", `inject=${fault}`]);
  return ["strace", "-f", "-qq", "-o", "/dev/null", ...injected, COMMAND];
}

/** What a file system that has no locks says. */
export const NO_LOCKS = "flock:error=ENOLCK";

/** What changes files. A write into an open one has its `fsync` next: killed there, it is done. */
const CHANGES = ["fsync", "rename", "unlink", "mkdir", "chmod"];

/**
 * Kills a command at every change of a file that it makes, each time in a world of its own: when it
 * is about to make the nth of a kind. `attempt` runs the command it is given and says how that
 * ended. Returns how many kills there were.
 */
export async function killAtEachChange(
  attempt: (command: readonly string[], where: string) => Promise<Ran>,
): Promise<number> {
  let kills = 0;
  for (const call of CHANGES) {
    for (let n = 1;; n++) {
      const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
      const options = ["-f", "-qq", "-e", `trace=${call}`, "-e", inject, "-o", "/dev/null"];
      // Without Deno's cache: what that changes at a run's end is done behind all of the command's.
      const command = ["env", "DENO_DIR=/dev/null", "strace", ...options, COMMAND];
      const ran = await attempt(command, `${call} ${n}`);
      if (ran.code === 0) break;
      if (ran.signal !== "SIGKILL") throw new Error(`${call} ${n}: ${ran.stderr}`);
      kills++;
    }
  }
  return kills;
}
