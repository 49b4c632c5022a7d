import assert from "node:assert/strict";
import { COMMAND } from "./harness.ts";
import { otherReader } from "./sandbox.ts";
import { startVault, type Vault } from "./vault.ts";

const OTHER = 12345;
const LINE = ["exec", "--ec2-server", "work", "--", "true"];
const ignore = Deno.build.os !== "linux" || otherReader(OTHER, COMMAND) === undefined;

/** Runs a line as a user who is not root, with a PATH of his own. */
async function runAsUser(vault: Vault, PATH: string) {
  const give = ["-R", `${OTHER}:${OTHER}`, vault.home.path];
  assert.ok((await new Deno.Command("chown", { args: give }).output()).success);
  return await vault.run(LINE, { command: otherReader(OTHER, "env", `PATH=${PATH}`, COMMAND)! });
}

Deno.test("who is not root starts the EC2 server's proxy by sudo, in the background (setpriv)", {
  ignore,
}, async () => {
  await using vault = await startVault();
  const sudo = vault.home.write(
    "bin/sudo",
    // Older versions of sudo write there what PAM has to say, on lines of its own or not.
    `#!/bin/sh\nprintf 'Touch the reader\\nNow: '\necho "$*" > ${vault.home.path}/asked; shift 2\n` +
      `HOME=${vault.home.path} exec "$@"\n`,
  );
  vault.home.write(".npmrc", "registry=${NOWHERE}\n"); // of the home that root's Deno finds
  Deno.chmodSync(sudo, 0o755);
  const ran = await runAsUser(vault, `${vault.home.path}/bin:${Deno.env.get("PATH")}`);
  const isBegun = /^Touch the reader\nNow: \naws-vault: error: .*\n {2}the proxy is root's/m;
  assert.match(ran.stderr, isBegun);
  const asked = Deno.readTextFileSync(`${vault.home.path}/asked`);
  assert.match(asked, /^-b -- \/\S+ .*proxy --attached$/m);
});

Deno.test("who is not root and has no sudo is told, and of the server that needs none (setpriv)", {
  ignore,
}, async () => {
  await using vault = await startVault();
  Deno.mkdirSync(`${vault.home.path}/bin`);
  for (const name of ["env", "od", "true"]) {
    Deno.symlinkSync(`/usr/bin/${name}`, `${vault.home.path}/bin/${name}`);
  }
  const ran = await runAsUser(vault, `${vault.home.path}/bin`);
  assert.match(ran.stderr, /^aws-vault: error: this needs root, and sudo is not installed\n {2}/m);
  assert.match(ran.stderr, /use --ecs-server/);
  assert.equal(ran.code, 1);
});
