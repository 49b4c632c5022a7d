import { requireProgram, requireRight } from "../require.ts";

/** What runs the EC2 server, its proxy and a client: `... TOKENS CLIENT`. */
export const RUN_EC2 = runScript("ec2_runner.ts");

/** What runs a client under the `exec` of a built command: `... COMMAND FLAGS CLIENT`. */
export const RUN_EXEC = runScript("exec_runner.ts");

function runScript(name: string): string[] {
  const path = new URL(`./clients/${name}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--quiet", "--cached-only", "-A", path];
}

/** Whether tests may have a network of their own: root may, in most containers too. */
export const HAS_NAMESPACES = ["ip", "mount", "timeout"].every(requireProgram) &&
  requireRight("unshare", ["-n", "-m", "true"]);

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No script runs for longer. */
const LIMIT_SECONDS = 120;

/**
 * Runs a shell script with a loopback interface and a /run of its own: nothing of the machine's
 * network is seen or changed, and it all ends with the script. Its process group is its own too: who
 * ends that by mistake ends no test.
 */
export async function runInNamespace(script: string, ...args: readonly string[]): Promise<Ran> {
  const prepare = "ip link set lo up; mount -t tmpfs tmpfs /run;";
  const { stdout, stderr, code } = await new Deno.Command("timeout", {
    args: [
      ...[`${LIMIT_SECONDS}`, "unshare", "-n", "-m"],
      ...["sh", "-c", `${prepare} ${script}`, "sh", ...args],
    ],
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out!, stderr: err! };
}
