import assert from "node:assert/strict";
import { FIXED_FLAGS, NET_HOSTS } from "../../scripts/permissions.ts";
import { ISOLATION_FLAGS } from "../../src/runtime/deno_flags.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";

const SPY = new URL("permissions_spy.ts", import.meta.url).pathname;
const MAIN = new URL("../../dist/lib/main.js", import.meta.url).pathname;
const CONFIG = `[profile work]
region = eu-west-1
[profile mfa]
source_profile = work
mfa_serial = arn:aws:iam::111111111111:mfa/jon
[profile process]
credential_process = /bin/echo '{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}'
`;

/** A home with keys for `work`, and the built tool under its permissions, seen from inside. */
async function prepare(home: Home) {
  home.write(".aws/config", CONFIG);
  const start = [Deno.execPath(), "run", ...ISOLATION_FLAGS, `--preload=${SPY}`, ...FIXED_FLAGS];
  const scoped = [`--allow-net=${NET_HOSTS}`, `--allow-write=${home.path}`];
  const wide = ["--allow-net", "--allow-write"]; // as a compiled program has them
  const see = async (args: readonly string[], flags = scoped) => {
    const ran = await run(args, { home, command: [...start, ...flags, MAIN] });
    assert.equal(ran.code, 0, ran.stderr);
    const lines = ran.stderr.split("\n").filter((line) => line.startsWith('{"at"'));
    const told = lines.map((line) => JSON.parse(line) as Record<string, boolean | string>);
    const names = (at: string) => {
      const found = told.find((seen) => seen.at === at);
      assert.ok(found, `nothing was seen at ${at}: ${ran.stderr}`);
      return ["net", "run", "write", "ffi"].filter((name) => found[name]);
    };
    return { names, stdout: ran.stdout };
  };
  const added = await run(["add", "work", "--env", "--no-add-config"], {
    home,
    env: { AWS_ACCESS_KEY_ID: "AKIAWORK", AWS_SECRET_ACCESS_KEY: "secret" },
  });
  assert.equal(added.code, 0, added.stderr);
  return { see, wide };
}

Deno.test("list on a file keyring has no network, no programs, no writing, no C library", async () => {
  using home = new Home();
  const { see, wide } = await prepare(home);
  assert.deepEqual((await see(["list"])).names("answer"), []);
  assert.deepEqual((await see(["list"], wide)).names("answer"), []);
});

Deno.test("export of stored keys reads them without network, programs and writing", async () => {
  using home = new Home();
  const { see, wide } = await prepare(home);
  for (const flags of [undefined, wide]) {
    const { names, stdout } = await see(["export", "--no-session", "work"], flags);
    assert.match(stdout, /AKIAWORK/);
    assert.deepEqual(names("secret"), ["ffi"]);
  }
});

Deno.test("export runs programs where the profile names one, and then has no network", async () => {
  using home = new Home();
  const { see } = await prepare(home);
  const { names, stdout } = await see(["export", "--no-session", "process"]);
  assert.match(stdout, /AKIAPROCESS/);
  assert.deepEqual(names("answer"), ["run", "write", "ffi"]);
});

Deno.test("an agent can start no program", { ignore: Deno.build.os === "windows" }, async () => {
  using home = new Home();
  const { see, wide } = await prepare(home);
  const { names } = await see(["agent", "start", "--foreground", "--lifetime", "1s"], wide);
  assert.deepEqual(names("end"), ["net", "write", "ffi"]);
});

Deno.test("exec of stored keys has what starts its program, and nothing else", async () => {
  using home = new Home();
  const { see } = await prepare(home);
  const { names, stdout } = await see([
    "exec",
    "-n",
    "work",
    "--",
    "sh",
    "-c",
    "echo $AWS_ACCESS_KEY_ID",
  ]);
  assert.equal(stdout, "AKIAWORK\n");
  assert.deepEqual(names("secret"), ["run", "ffi"]);
});

Deno.test({
  name: "a server starts no program once that of exec runs, and still ends as it does (curl)",
  ignore: !requireProgram("curl"),
  async fn() {
    using home = new Home();
    const { see } = await prepare(home);
    const ask = 'curl -s -o "$HOME/answer" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"';
    const { names } = await see(["exec", "--ecs-server", "--lazy", "work", "--", "sh", "-c", ask]);
    assert.deepEqual(names("served"), ["net", "write", "ffi"]);
  },
});

Deno.test({
  name: "a server starts programs that ask for a code, after one that was given too (curl)",
  ignore: !requireProgram("curl"),
  async fn() {
    using home = new Home();
    const { see } = await prepare(home);
    const server = ["exec", "--ecs-server", "--lazy", "-t", "123456", "mfa"];
    const ask = 'curl -s -o "$HOME/answer" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"';
    const { names } = await see([...server, "--", "sh", "-c", ask]);
    assert.deepEqual(names("served"), ["net", "run", "write", "ffi"]);
  },
});
