import { requireProgram } from "../require.ts";
import { COMMAND } from "./harness.ts";
import type { Vault } from "./vault.ts";

export const HAS_STRACE = Deno.build.os === "linux" && requireProgram("strace");

/** The system calls of a run, in the order they were made, threads and children included. */
export async function traceCalls(
  vault: Vault,
  names: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const path = `${vault.home.path}/trace`;
  const options = ["-f", "-qq", "-s", "200", "-e", `trace=${names.join(",")}`, "-o", path];
  const ran = await vault.run(args, { command: ["strace", ...options, COMMAND], env });
  if (ran.code !== 0) throw new Error(`it failed under strace: ${ran.stderr}`);
  return Deno.readTextFileSync(path).split("\n");
}
