import assert from "node:assert/strict";
import { COMMAND, type Home } from "./harness.ts";
import { startVault, type Vault } from "./vault.ts";

export const ROOT = new URL("../..", import.meta.url).pathname;
/** The launcher that is built. */
export const LAUNCHER = `${ROOT}dist/aws-vault`;
/** What is said here of the launcher does not hold of another command by AWS_VAULT_TEST_CMD. */
const ofLauncher = COMMAND === LAUNCHER;

/** A test in a vault of its own; `ignore` where it cannot hold. */
export function launcherTest(
  name: string,
  body: (vault: Vault) => Promise<void>,
  ignore = false,
): void {
  Deno.test(name, { ignore: ignore || !ofLauncher }, async () => {
    await using vault = await startVault();
    await body(vault);
  });
}

/** The launcher and its bundle elsewhere: nothing the tests of others use is touched. */
export async function copyBundle(home: Home): Promise<{ launcher: string; cache: string }> {
  const copied = new Deno.Command("cp", {
    args: ["-R", `${ROOT}dist/lib`, LAUNCHER, home.path],
  });
  assert.ok((await copied.output()).success);
  const cache = `${home.path}/lib/cache`;
  await Deno.remove(cache, { recursive: true }).catch(() => {});
  return { launcher: `${home.path}/aws-vault`, cache };
}
