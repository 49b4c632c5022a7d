import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { makeTemporary, writeProgram } from "./context.ts";
import { makePasswordStore, type TestStore } from "./gpg.ts";

const ignore = !["pass", "gpg"].every(requireProgram);
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

Deno.test({
  name: "migrate-backend moves keys from files to pass, and can be run again (pass, gpg)",
  ignore,
  async fn() {
    await using store = await makePasswordStore();
    const run = makeRunner(store);
    for (const profile of ["work", "team/prod"]) {
      const added = await run(["--backend=file", "add", profile, "--env", "--no-add-config"]);
      assert.equal(added.code, 0, added.stderr);
    }
    const migration = ["migrate-backend", "--from=file", "--to=pass"];
    const dry = await run([...migration, "--dry-run"]);
    assert.equal(
      dry.stdout,
      "team/prod: would be copied\nwork: would be copied\nNothing was changed.\n",
    );
    const copied = await run(migration);
    assert.equal(
      copied.stdout,
      "team/prod: copied and verified\nwork: copied and verified\n",
      copied.stderr,
    );
    const moved = await run([...migration, "--delete-source"]);
    assert.equal(
      moved.stdout,
      "team/prod: already in pass, the same, removed from file\n" +
        "work: already in pass, the same, removed from file\n",
    );
    assert.equal((await run(["--backend=file", "list", "--credentials"])).stdout.trim(), "");
    const again = await run([...migration, "--delete-source"]);
    assert.equal(again.stdout, "The file backend has no keys to copy.\n");
    const child = ["exec", "--no-session", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
    const used = await run(["--backend=pass", ...child]);
    assert.equal(used.stdout, "AKIATEST\n", used.stderr);
    const missed = await run(["--backend=file", "exec", "work", "--json"]);
    assert.equal(missed.code, 1);
    assert.match(missed.stderr, /the pass keyring has keys for work: --backend=pass/);
    assert.equal((await run(["migrate-backend", "--from=pass", "--to=pass"])).code, 1);
  },
});

Deno.test({
  name: "migrate-backend leaves other keys alone, and fails where some cannot be read (pass, gpg)",
  ignore,
  async fn() {
    await using store = await makePasswordStore();
    const run = makeRunner(store);
    const add = ["add", "work", "--env", "--no-add-config"];
    assert.equal((await run(["--backend=pass", ...add])).code, 0);
    const other = makeRunner(store, { AWS_ACCESS_KEY_ID: "AKIAOTHER" });
    assert.equal((await other(["--backend=file", ...add])).code, 0);
    const migration = ["migrate-backend", "--from=file", "--to=pass"];
    for (
      const [options, told] of [
        [["--dry-run"], "already in pass"],
        [["--dry-run", "--overwrite"], "would be compared and overwritten"],
        [[], "left alone: pass has other keys for it (--overwrite replaces them)"],
        [["--overwrite"], "overwritten and verified"],
      ] as const
    ) {
      const { code, stdout } = await run([...migration, ...options]);
      assert.equal(code, 0);
      assert.equal(stdout.split("\n")[0], `work: ${told}`);
    }
    const keys = `${store.variables.HOME}/.awsvault/keys`;
    Deno.writeTextFileSync(`${keys}/cut`, Deno.readTextFileSync(`${keys}/work`).slice(0, -20));
    const { code, stdout, stderr } = await run(migration);
    assert.equal(code, 1, "no script takes it for done");
    assert.match(stdout, /^cut: not copied: .+\nwork: already in pass, the same\n$/);
    assert.match(stderr, /1 of 2 cannot be copied to pass; see above\n.* can be run again\n$/);
  },
});

Deno.test({
  name: "a cached exec --json from pass starts one program of it (pass, gpg)",
  ignore,
  async fn() {
    await using store = await makePasswordStore();
    using counted = makeTemporary();
    const log = `${counted.path}/log`;
    const spy = `#!/bin/sh\necho "$1" >> '${log}'\nexec /usr/bin/env pass "$@"\n`;
    const program = writeProgram(counted.path, "counting-pass", spy);
    const run = makeRunner(store, {
      AWS_VAULT_BACKEND: "pass",
      AWS_VAULT_PASS_CMD: program,
      AWS_VAULT_PASS_PREFIX: "aws",
    });
    assert.equal((await run(["add", "work", "--env", "--no-add-config"])).code, 0);
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    const session = {
      AccessKeyId: "ASIACACHED",
      SecretAccessKey: "s",
      SessionToken: "t",
      Expiration: new Date(expiry * 1000).toISOString(),
    };
    const key = `sts.GetSessionToken,d29yaw,,${expiry}`;
    const envelope = { Key: key, Data: btoa(JSON.stringify(session)), Label: "", Description: "" };
    const insert = `pass insert -m -f 'aws/${key}' > /dev/null`;
    const stored = await new Deno.Command("sh", {
      args: ["-c", `printf %s '${JSON.stringify(envelope)}' | ${insert}`],
      env: store.variables,
      clearEnv: true,
    }).output();
    assert.equal(stored.code, 0);
    Deno.writeTextFileSync(log, "");
    const cached = await run(["exec", "--json", "work"]);
    assert.equal(JSON.parse(cached.stdout).AccessKeyId, "ASIACACHED", cached.stderr);
    assert.deepEqual(Deno.readTextFileSync(log).trim().split("\n"), ["show"]);
  },
});

/** Runs the command in the store's home. */
function makeRunner(store: TestStore, more: Readonly<Record<string, string>> = {}) {
  const config = `${store.directory}/../config`;
  Deno.writeTextFileSync(config, "[profile work]\nregion = eu-west-1\n");
  const env = {
    ...store.variables,
    AWS_CONFIG_FILE: config,
    AWS_VAULT_FILE_PASSPHRASE: "correct horse",
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "secret",
    ...more,
  };
  return async (args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", MAIN, ...args],
      env,
      clearEnv: true,
      stdin: "null",
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  };
}
