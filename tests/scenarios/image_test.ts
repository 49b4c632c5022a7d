import assert from "node:assert/strict";
import { pack } from "../../scripts/pack.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const canBuild = Deno.uid() === 0 && ["buildah", "mmdebstrap", "npm"].every(requireProgram);

/** Runs buildah with all that it keeps below the home; throws when it fails. */
async function buildah(home: Home, ...args: string[]): Promise<string> {
  const at = ["--root", `${home.path}/images`, "--runroot", `${home.path}/run`];
  const command = ["buildah", ...at, "--storage-driver", "vfs"];
  const env = { BUILDAH_ISOLATION: "chroot" };
  const ran = await run(args, { home, command, env, cwd: ROOT, timeoutSeconds: 240 });
  assert.equal(ran.code, 0, ran.stderr.slice(-2000));
  return ran.stdout.trim();
}

/** What stands in for Deno's own image, which lies in a registry: Debian, with Deno in it. */
async function makeBase(home: Home): Promise<string> {
  const tar = `${home.path}/base.tar`;
  const args = ["--quiet", "--variant=apt", "bookworm", tar];
  const made = await run(args, { home, command: ["mmdebstrap"], timeoutSeconds: 240 });
  assert.equal(made.code, 0, made.stderr);
  const container = await buildah(home, "from", "scratch");
  await buildah(home, "add", "--quiet", container, tar, "/");
  await buildah(home, "copy", "--quiet", container, Deno.execPath(), "/usr/bin/deno");
  await buildah(home, "commit", "--quiet", "--rm", container, "base");
  return "localhost/base";
}

Deno.test({
  name: "the Dockerfile's image has the command, for a user without root's rights (buildah)",
  ignore: !canBuild,
  async fn() {
    using home = new Home();
    await pack();
    const base = `BASE=${await makeBase(home)}`;
    await buildah(home, "build", "--quiet", "--network=host", "--build-arg", base, "-t", "ci", ".");
    const container = await buildah(home, "from", "localhost/ci");
    const job = `set -e
      export AWS_VAULT_FILE_PASSPHRASE=p
      id -un
      AWS_ACCESS_KEY_ID=AKIAWORK AWS_SECRET_ACCESS_KEY=s aws-vault add work --env
      aws-vault exec -n work -- printenv AWS_ACCESS_KEY_ID
      unset AWS_VAULT_FILE_PASSPHRASE
      aws-vault export -n work 2>&1 || echo "ended with $?"`;
    const said = await buildah(home, "run", "--network=host", container, "--", "sh", "-c", job);
    await buildah(home, "rm", container);
    assert.match(said, /^ci\n/);
    assert.match(said, /^AKIAWORK$/m);
    assert.match(said, /no terminal to ask on[^]*ended with 1$/);
  },
});
