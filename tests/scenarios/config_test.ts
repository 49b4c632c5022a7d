import assert from "node:assert/strict";
import { assertRefused, COMMAND, type Ran } from "./harness.ts";
import { HAS_STRACE, NO_LOCKS, withFaults } from "./strace.ts";
import { behind, listNames, startVault, type Vault } from "./vault.ts";
import { until } from "../until.ts";

/** A config file of forty profiles, with things in it that a rewrite would lose. */
const FORTY = Array.from(
  { length: 40 },
  (_, i) =>
    `; number ${i}, by hand\r\n[profile old${i}]\r\nregion=eu-west-1   # why\r\n` +
    `  indented = 1\r\n${"#".repeat(80)}\r\n\r\n`,
).join("");

function isPrefixWith(text: string, section: string): boolean {
  return text === FORTY || text.startsWith(FORTY) && text.includes(section);
}

// Row 3, at the one moment that matters: the kernel kills whoever writes past the first kilobyte,
// which an item of the keyring does not reach and the config file does.
Deno.test("a kill while `add` writes the config file leaves every byte of it", async () => {
  await using vault = await startVault(FORTY);
  const killed = await vault.add("new", "AKIANEW", {
    command: behind("ulimit -c 0; ulimit -f 3", COMMAND),
    env: { DENO_DIR: "/dev/null" },
  });
  assert.equal(killed.signal, "SIGXFSZ");
  assert.equal(Deno.readTextFileSync(vault.config), FORTY);
  assert.equal(await vault.readKeyId("new"), "AKIANEW");
});

// Row 3.
Deno.test("kill -9 at any moment of `add` leaves the config file as it was, or with the new section", async () => {
  await using vault = await startVault(FORTY);
  const begin = performance.now();
  await vault.add("first", "AKIA0");
  const typicalMs = performance.now() - begin;
  for (let round = 0; round < 25; round++) {
    Deno.writeTextFileSync(vault.config, FORTY);
    const afterSeconds = typicalMs * (0.5 + Math.random() * 0.7) / 1000;
    const command = ["timeout", "-s", "KILL", afterSeconds.toFixed(4), COMMAND];
    await vault.add(`p${round}`, "AKIANEW", { command });
    assert.ok(
      isPrefixWith(Deno.readTextFileSync(vault.config), `[profile p${round}]\r\n`),
      Deno.readTextFileSync(vault.config).slice(FORTY.length),
    );
  }
});

// Row 3.
Deno.test("twenty `add` at once are all recorded, and forty old profiles kept byte for byte", async () => {
  await using vault = await startVault(FORTY);
  const names = Array.from({ length: 20 }, (_, i) => `new${i}`);
  const ran = await Promise.all(names.map((name) => vault.add(name, `AKIA${name}`)));
  assert.deepEqual(ran.map(({ code }) => code), names.map(() => 0));
  const text = Deno.readTextFileSync(vault.config);
  assert.ok(text.startsWith(FORTY));
  const added = text.slice(FORTY.length).split("\r\n").filter((line) => line !== "");
  assert.deepEqual(added.sort(), names.map((name) => `[profile ${name}]`).sort());
  for (const name of names) assert.equal(await vault.readKeyId(name), `AKIA${name}`);
  assert.deepEqual(listNames(`${vault.home.path}/.aws`), ["config"]);
});

Deno.test({
  name: "on a file system without locks three `add` at once are all recorded too (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault(FORTY);
    const command = withFaults(NO_LOCKS, "fsync:delay_exit=300000"); // so that they meet
    const names = ["new1", "new2", "new3"];
    const ran = await Promise.all(names.map((name) => vault.add(name, "AKIA", { command })));
    assert.deepEqual(ran.map(({ code }) => code), [0, 0, 0], ran[0]!.stderr);
    const added = Deno.readTextFileSync(vault.config).slice(FORTY.length).match(/new\d/g);
    assert.deepEqual(added?.sort(), names);
    assert.deepEqual(listNames(`${vault.home.path}/.aws`), ["config"]);
  },
});

// Row 3. Whoever has opened the lock's file just before its holder was done has taken a file that is
// gone: another may hold the one that is there.
Deno.test({
  name: "the config file's lock is not taken by a file that is not there any more (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault(FORTY);
    const path = `${vault.config}.aws-vault.lock`;
    const trace = `${vault.home.path}/trace`;
    const looks = () => Deno.readTextFileSync(trace).match(/openat\(.* = \d/g)?.length ?? 0;
    const opened = (times: number) => until(() => isEnded || looks() >= times);
    let isEnded = false;
    Deno.writeTextFileSync(trace, "");
    using first = takeLock(path);
    const slow = ["-e", "trace=openat,flock", "-e", "inject=flock:delay_enter=1000000:when=1"];
    const command = ["strace", "-f", "-qq", "-P", path, ...slow, "-A", "-o", trace, COMMAND];
    const ended = vault.add("new", "AKIANEW", { command }).finally(() => isEnded = true);
    await opened(1);
    {
      using _second = takeLock(`${path}.next`);
      Deno.renameSync(`${path}.next`, path);
      first.unlockSync();
      await opened(3);
      assert.equal(Deno.readTextFileSync(vault.config), FORTY);
      Deno.removeSync(path);
    }
    assert.equal((await ended).code, 0);
    assert.match(Deno.readTextFileSync(vault.config), /\[profile new\]/);
  },
});

function takeLock(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { write: true, createNew: true });
  file.lockSync(true);
  return file;
}

// Row 11.
Deno.test("nothing is written through a config file that is a symbolic link", async () => {
  await using vault = await startVault();
  const target = vault.home.write("dotfiles/config", "[profile other]\n");
  Deno.removeSync(vault.config);
  Deno.symlinkSync(target, vault.config);
  const before = vault.snapshot();
  assertRefused(
    await vault.add("new", "AKIANEW"),
    /\.aws\/config is a symbolic link.*--no-add-config/s,
  );
  const signin = await vault.run(["signin", "new"]);
  assertRefused(signin, /is a symbolic link/);
  assert.doesNotMatch(signin.stderr, /add/);
  assert.deepEqual(vault.snapshot(), before);
  assert.equal(Deno.readTextFileSync(target), "[profile other]\n");
  // What the error advises works.
  assert.equal((await vault.add("new", "AKIANEW", {}, "--no-add-config")).code, 0);
  const env = { AWS_CONFIG_FILE: target };
  assert.equal((await vault.add("newer", "AKIANEW", { env })).code, 0);
  assert.match(Deno.readTextFileSync(target), /^\[profile other\]\n\n\[profile newer\]\n$/);
});

Deno.test("every command that takes a profile tells what was meant by a misspelt one", async () => {
  await using vault = await startVault("[profile work]\n[profile role]\nsource_profile = wrok\n");
  const before = vault.snapshot();
  for (
    const args of [
      ...[["exec", "wrok", "--", "true"], ["exec", "wrok", "--json"], ["export", "wrok"]],
      ...[["login", "wrok"], ["rotate", "wrok"], ["remove", "wrok", "-f"], [
        "remove",
        "-s",
        "wrok",
      ]],
      ...[["clear", "wrok"], ["migrate-backend", "--from=file", "--to=pass", "--profile=wrok"]],
      ...[["exec", "role", "--json"]],
    ]
  ) {
    const ran = await vault.run(args);
    assertRefused(ran, /`wrok`/);
    assert.match(ran.stderr, /^ {2}did you mean work\?$/m, args.join(" "));
  }
  assert.deepEqual(vault.snapshot(), before);
  assert.deepEqual(vault.aws.calls, []);
});

Deno.test("an empty home is told how to begin, by `list` and `exec`", async () => {
  await using vault = await startVault("");
  const env = { AWS_VAULT_FILE_DIR: `${vault.home.path}/none` };
  Deno.mkdirSync(env.AWS_VAULT_FILE_DIR);
  const list = await vault.run(["list"], { env });
  assert.equal(list.code, 0);
  assert.match(list.stderr, /aws-vault add/);
  assert.equal((await vault.run(["list", "--json"], { env })).stderr, "");
  assertRefused(
    await vault.run(["exec", "work", "--json"], { env }),
    /begin with aws-vault add work/,
  );
  assert.equal((await vault.run(["list"])).stderr, "");
});

Deno.test("keys in the credentials file are pointed at where a profile has none", async () => {
  await using vault = await startVault("[profile plain]\nregion = eu-west-1\n");
  const path = vault.home.write(".aws/credentials", "[plain]\naws_access_key_id = AKIAPLAIN\n");
  const ran = await vault.run(["exec", "plain", "--json"]);
  assertRefused(ran, /credentials missing/);
  assert.ok(ran.stderr.includes(`${path}, line 1 has keys for it in plain text`), ran.stderr);
  assert.doesNotMatch(ran.stderr, /AKIAPLAIN/);
});

/** `exec PROFILE` with such a config file: what a malformed one ends in. */
async function execWith(config: string, profile = "work"): Promise<[Ran, Vault]> {
  await using vault = await startVault(config);
  return [await vault.run(["exec", profile, "--json"], { timeoutSeconds: 10 }), vault];
}

// Row 23. No time is measured: a hang ends by the runner's limit.
for (
  const [what, config, message] of [
    [
      "a duration_seconds with a unit",
      "[profile work]\nduration_seconds = 1h\n",
      /config, line 2, duration_seconds of \[profile work\]: `1h` is no number of seconds/,
    ],
    [
      "a cycle of source profiles",
      "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n",
      /profile \w: source_profile is a loop: a → b → a/,
    ],
    [
      "a cycle of included profiles",
      "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n",
      /include_profile is a loop: a → b → a/,
    ],
    [
      "a broken line",
      "[profile a]\nregion = eu-west-1\n\n   what is this\n",
      /\.aws\/config, line 4, column 4: cannot read `what is this`/,
    ],
    [
      "an unclosed header",
      "[profile a\nregion = eu-west-1\n",
      /\.aws\/config, line 1, column 1: cannot read `\[profile a`/,
    ],
    [
      "a source profile that is not there",
      "[profile a]\nrole_arn = arn:aws:iam::222222222222:role/r\nsource_profile = nowhere\n",
      /profile a: source_profile names `nowhere`/,
    ],
  ] as const
) {
  Deno.test(`${what} in the config file is an error that says where`, async () => {
    const profile = config.includes("[profile work]") ? "work" : "a";
    const [ran, vault] = await execWith(config, profile);
    assertRefused(ran, message);
    assert.deepEqual(vault.aws.calls, [], "nothing is asked before");
  });
}

// Row 23.
for (
  const [what, setting] of [
    ["a NUL in a region", "region = eu-\0west-1"],
    ["a region with blanks", "region = eu west 1"],
    ["a region that would lead to another host", "region = evil.example/x"],
  ] as const
) {
  Deno.test(`${what} is one clear error before any request`, async () => {
    await using vault = await startVault(`[profile work]\n${setting}\n`);
    const ran = await vault.run(["exec", "work", "--json"], { env: { AWS_REGION: undefined } });
    assertRefused(ran, /config, line 2/);
    assert.deepEqual(vault.aws.calls, []);
  });
}

// Row 23. What 24 roles are bound to took seconds, and 300 ended as a bug.
Deno.test("a chain of 24 roles is gone through, and one of 300 planned", async () => {
  const role = "arn:aws:iam::111111111111:role/chained";
  const chain = (length: number) =>
    Array.from(
      { length },
      (_, i) =>
        `[profile r${i}]\nrole_arn = ${role}\nsource_profile = ${
          i + 1 < length ? `r${i + 1}` : "work"
        }\n`,
    ).join("");
  await using vault = await startVault(chain(24));
  vault.aws.addRole({ arn: role, trusts: ["111111111111"] });
  const ran = await vault.run(["exec", "r0", "--json"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(vault.aws.calls.length, 24);
  vault.home.write(".aws/config", chain(300));
  const off = { AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  assertRefused(await vault.run(["exec", "r0", "--json"], { env: off }), /^aws-vault: error: /);
});

// Row 23.
Deno.test("%(name)s in a value is text, however it refers to itself", async () => {
  const [ran] = await execWith("[profile work]\na = %(b)s\nb = %(a)s\nregion = %(region)s\n");
  assert.equal(ran.code, 0, ran.stderr);
});

// Row 23.
Deno.test("200,000 keys and 5,000 profiles are read, and the profile is found among them", async () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `key${i} = ${i}\n`).join("");
  const profiles = Array.from({ length: 5_000 }, (_, i) => `[profile p${i}]\nregion = x\n`);
  const [ran] = await execWith(`[profile work]\n${keys}${profiles.join("")}`);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
});

Deno.test({
  name: "a credentials file that is a pipe nobody writes to holds nobody up who only looks into it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using vault = await startVault("[profile work]\n[profile none]\n");
    const env = { AWS_SHARED_CREDENTIALS_FILE: `${vault.home.path}/pipe` };
    const command = behind("mkfifo -- pipe 2>/dev/null", COMMAND);
    const ran = (...args: string[]) => vault.run(args, { command, env, timeoutSeconds: 10 });
    assertRefused(await ran("exec", "none", "--json"), /profile none: credentials missing/);
    assert.equal((await ran("exec", "-s", "--lazy", "work", "--", "true")).code, 0);
    assert.equal(JSON.parse((await ran("doctor", "--json")).stdout).facts.config.profiles, 2);
  },
});

const PIPED = "[profile work]\nregion = eu-central-1\n# \xff\n";

/** The command with a config file that is a pipe, which somebody fills. */
function throughPipe(vault: Vault): { command: string[]; env: Record<string, string> } {
  const path = `${vault.home.path}/pipe`;
  const content = vault.home.write("piped", "");
  Deno.writeFileSync(content, Uint8Array.from(PIPED, (sign) => sign.charCodeAt(0)));
  const script = `rm -f ${path}; mkfifo ${path}; { cat ${content} >${path} & }`;
  return { command: behind(script, COMMAND), env: { AWS_CONFIG_FILE: path, AWS_REGION: "" } };
}

Deno.test({
  name: "a config file that is a pipe is read once, as it comes",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using vault = await startVault("[profile other]\n");
    const pipe = throughPipe(vault);
    assert.match((await vault.run(["list"], pipe)).stdout, /^work +work +-/m);
    const ran = await vault.run(["exec", "-n", "work", "--", "printenv", "AWS_REGION"], pipe);
    assert.deepEqual([ran.stdout, ran.stderr], ["eu-central-1\n", ""]);
    const { config } = JSON.parse((await vault.run(["doctor", "--json"], pipe)).stdout).facts;
    assert.equal(config.profiles, 1);
    const added = await vault.add("new", "AKIANEW", pipe);
    assertRefused(added, /pipe is no file that can be written/);
  },
});

Deno.test({
  name: "a config file through which nothing comes, or no end, is an error that names it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using vault = await startVault();
    const path = `${vault.home.path}/pipe`;
    const command = behind(`mkfifo ${path}`, COMMAND);
    const silent = await vault.run(["list"], { command, env: { AWS_CONFIG_FILE: path } });
    assert.equal(silent.code, 1);
    assert.match(silent.stderr, /^Waiting for the config file: \/.*\/pipe is a pipe\n/);
    assert.match(silent.stderr, /pipe is a pipe, and in 10 seconds no whole config file came/);
    const env = { AWS_CONFIG_FILE: "/dev/zero" };
    assertRefused(
      await vault.run(["list"], { env }),
      /\/dev\/zero is a device, and no config file/,
    );
    const none = await vault.run(["list"], { env: { AWS_CONFIG_FILE: "/dev/null" } });
    assert.match(none.stdout, /^- +work +-/m);
    assert.equal((await vault.run(["--completion-names", "profiles"], { env })).stdout, "work\n");
    assert.equal((await vault.run(["version"], { env })).code, 0);
  },
});
