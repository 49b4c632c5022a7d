import assert from "node:assert/strict";
import { bundle } from "../../scripts/build.ts";
import { flagsFor } from "../../scripts/compile.ts";
import { chooseTargets, TARGETS } from "../../scripts/targets.ts";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const ELSEWHERE = "http://sts.elsewhere.invalid:8443";

Deno.test("compile knows Deno's six targets by our names and by Deno's", () => {
  assert.equal(chooseTargets(["--all"], "").length, 6);
  for (const target of TARGETS) {
    assert.deepEqual(chooseTargets(["--target", target.name], ""), [target]);
    assert.deepEqual(chooseTargets([`--target=${target.triple}`], ""), [target]);
  }
  assert.equal(chooseTargets([], Deno.build.target)[0]!.triple, Deno.build.target);
  assert.throws(() => chooseTargets(["--target", "amiga"], ""), /no target amiga.*linux-x64/);
});

Deno.test("where Deno's base program cannot be had, compile says so once and leaves nothing", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}/scripts/compile.ts`, "--target", "macos-arm64"],
    env: { DENORT_BIN: "/nowhere/denort" },
  }).output();
  assert.equal(success, false);
  const [first, cause, ...rest] = new TextDecoder().decode(stderr).trim().split("\n");
  assert.match(first!, /^error: aws-vault was not compiled for macos-arm64: .*\/nowhere\/denort/);
  assert.match(cause!, /No such file/);
  assert.deepEqual(rest, []);
  const left = await Array.fromAsync(Deno.readDir(`${ROOT}/dist/bin`)).catch(() => []);
  assert.deepEqual(left.filter(({ name }) => name.includes("macos-arm64")), []);
});

Deno.test("a compiled program reads no code from the temporary directory, where anyone may put some", () => {
  for (const target of TARGETS) assert.ok(flagsFor(target).includes("--no-code-cache"));
});

/** The compiled program's files with the compiled program's permissions, under `deno run`. */
async function bundleCompiled(home: Home): Promise<string[]> {
  await bundle(ROOT, `${home.path}/compiled`, "compiled.ts");
  const flags = flagsFor(chooseTargets([], Deno.build.target)[0]!);
  return [Deno.execPath(), "run", ...flags, `${home.path}/compiled/compiled.js`];
}

Deno.test("the compiled program asks the hosts its environment names, and no other", async () => {
  using home = new Home();
  await using aws = await startFakeAws();
  const command = await bundleCompiled(home);
  const { accessKeys: [key] } = aws.addUser({ name: "jon" });
  home.write(".aws/config", `[profile work]\nregion = eu-west-1\nendpoint_url = ${ELSEWHERE}\n`);
  const added = await run(["add", "work", "--env", "--no-add-config"], {
    home,
    command,
    env: { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret },
  });
  assert.equal(added.code, 0, added.stderr);
  const ask = (env: Record<string, string>) =>
    run(["exec", "work", "--json"], { home, command, env });

  const refused = await ask({});
  assert.match(refused.stderr, /the sandbox does not allow sts.elsewhere.invalid:8443/);
  assert.match(refused.stderr, /AWS_VAULT_ALLOW_NET/);
  const named = await ask({ AWS_VAULT_ALLOW_NET: "sts.elsewhere.invalid" });
  assert.doesNotMatch(named.stderr, /the sandbox/);
  const asked = await ask({ AWS_ENDPOINT_URL: aws.url });
  assert.match(asked.stdout, /ASIA/, asked.stderr);
});
