import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { parentOf } from "../../src/paths.ts";
import { requireProgram } from "../require.ts";
import { assertRefused, COMMAND, type Ran } from "./harness.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { HAS_STRACE, traceCalls } from "./strace.ts";
import { behind, listNames, modeOf, PASSPHRASE, startVault, type Vault } from "./vault.ts";

function readKeys(vault: Vault, profile = "work"): Promise<Ran> {
  return vault.run(["exec", "-n", profile, "--json"]);
}

// Row 2.
Deno.test("kill -9 at any moment of `add` leaves the old keys or the new ones, 60 times of 60", async () => {
  await using vault = await startVault();
  const begin = performance.now();
  await vault.add("work", "AKIA0");
  const typicalMs = performance.now() - begin;
  let before = "AKIA0";
  for (let round = 1; round <= 60; round++) {
    const id = `AKIA${round}`;
    const child = startAdd(vault, id);
    const waiting = round % 2 === 0
      ? watchForChange(vault.keyring, typicalMs * 4)
      : pause(typicalMs * (0.3 + Math.random() * 0.8));
    await waiting;
    await kill(child);
    const after = await vault.readKeyId("work");
    assert.ok(after === before || after === id, `round ${round}: ${after}`);
    before = after;
  }
  assert.equal((await vault.run(["list", "--credentials"])).stdout, "work\n");
});

function startAdd(vault: Vault, id: string): Deno.ChildProcess {
  return new Deno.Command(COMMAND, {
    args: ["add", "work", "--env", "--no-add-config"],
    env: {
      HOME: vault.home.path,
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: "s",
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Returns at the moment the directory or the item in it changes, or when that takes too long. */
function watchForChange(directory: string, limitMs: number): void {
  const look = () => {
    const { size, mtime } = Deno.statSync(`${directory}/work`);
    return `${size} ${mtime?.getTime()} ${Deno.statSync(directory).mtime?.getTime()}`;
  };
  const before = look();
  const deadline = performance.now() + limitMs;
  while (look() === before && performance.now() < deadline);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch { /* it was faster */ }
  await child.status;
}

// Row 2, at the one moment that matters: the kernel kills whoever writes the item's first byte.
// (Without a cache directory, for Deno writes there earlier.)
Deno.test("a kill at the first byte that `add` writes leaves the old keys", async () => {
  await using vault = await startVault();
  const old = await vault.readKeyId("work");
  const killed = await vault.add("work", "AKIANEW", {
    command: behind("ulimit -c 0; ulimit -f 0", COMMAND),
    env: { DENO_DIR: "/dev/null" },
  });
  assert.equal(killed.signal, "SIGXFSZ");
  assert.equal(await vault.readKeyId("work"), old);
  assert.equal((await vault.run(["list", "--credentials"])).stdout, "work\n");
});

/** Whether what the first of these calls opens is written to the disk. */
function isSynced(calls: readonly string[]): boolean {
  const descriptor = / = (\d+)$/.exec(calls[0] ?? "")?.[1];
  const synced = new RegExp(`f(data)?sync\\(${descriptor}\\) += 0`);
  return calls.some((call) => synced.test(call));
}

// Row 2: a kill finds what was written in the kernel's memory, a power cut what is on the disk.
Deno.test({
  name:
    "an item and the config file are on the disk before and after they get their names (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault();
    const env = { AWS_ACCESS_KEY_ID: "AKIANEW", AWS_SECRET_ACCESS_KEY: "s" };
    const names = ["openat", "fsync", "fdatasync", "rename", "renameat", "renameat2"];
    const calls = await traceCalls(vault, names, ["add", "new", "--env"], env);
    for (const path of [`${vault.keyring}/new`, vault.config]) {
      const renamed = calls.findIndex((call) => /rename/.test(call) && call.includes(`"${path}"`));
      assert.ok(renamed >= 0, `${path} is renamed`);
      const temporary = /"([^"]+)"/.exec(calls[renamed]!)![1]!;
      const opened = calls.findIndex((call) => call.includes(`"${temporary}"`));
      assert.ok(isSynced(calls.slice(opened, renamed)), calls.slice(opened, renamed).join("\n"));
      // The name is in its directory: a rotation deletes the old key at AWS next.
      const named = calls.slice(renamed);
      const directory = named.findIndex((call) => call.includes(`"${parentOf(path)}", `));
      assert.ok(isSynced(named.slice(directory)), named.join("\n"));
    }
  },
});

Deno.test({
  name: "to clear sessions takes no look at all names for each (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault();
    for (let second = 10; second < 60; second++) {
      Deno.copyFileSync(`${vault.keyring}/work`, `${vault.keyring}/session,work,,${second}`);
    }
    const looks = await traceCalls(vault, ["getdents64"], ["clear"]);
    assert.deepEqual(vault.sessionNames(), []);
    assert.ok(looks.length < 50, `${looks.length} looks`);
  },
});

Deno.test({
  name: "to import keys takes no look into every item for each (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault();
    const path = `${vault.home.path}/keys.ini`;
    const section = (name: number) =>
      `[p${name}]\naws_access_key_id = A\naws_secret_access_key = s\n`;
    Deno.writeTextFileSync(path, Array.from({ length: 20 }, (_, name) => section(name)).join(""));
    const calls = await traceCalls(vault, ["openat", "statx"], ["import", "--from", path]);
    const looks = calls.filter((call) => call.includes(`"${vault.keyring}/work"`));
    assert.ok(looks.length > 0 && looks.length < 20, `${looks.length} looks`);
  },
});

// Row 7.
Deno.test({
  name: "a keyring directory, or an item, that cannot be read is an error that names it (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    await using vault = await startVault();
    Deno.chmodSync(`${vault.keyring}/work`, 0o000);
    const item = await vault.run(["exec", "work", "--json"], { command: boundByModes(COMMAND) });
    assertRefused(item, /keys\/work cannot be read: permission denied/);
    assert.match(item.stderr, /^ {2}check its owner .*sudo aws-vault .* and mode \(0600\),$/m);
    Deno.chmodSync(vault.keyring, 0o000);
    for (const args of [["list"], ["exec", "work", "--json"], ["remove", "work", "-f"]]) {
      const ran = await vault.run(args, { command: boundByModes(COMMAND) });
      assertRefused(
        ran,
        /keyring directory .*\/\.awsvault\/keys cannot be read: permission denied/,
      );
    }
    assert.deepEqual(listNames(vault.keyring), ["work"]);
  },
});

// Row 9.
Deno.test({
  name: "no other passphrase is taken where the only item cannot be read just now (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    await using vault = await startVault();
    Deno.chmodSync(`${vault.keyring}/work`, 0o000);
    for (const AWS_VAULT_FILE_PASSPHRASE of ["another one", PASSPHRASE]) {
      const command = boundByModes(COMMAND);
      const added = await vault.add("new", "AKIANEW", {
        command,
        env: { AWS_VAULT_FILE_PASSPHRASE },
      });
      assertRefused(added, /keys\/work cannot be read: permission denied/);
    }
    assert.deepEqual(listNames(vault.keyring), ["work"]);
    Deno.chmodSync(`${vault.keyring}/work`, 0o600);
    assert.equal((await vault.add("new", "AKIANEW")).code, 0);
  },
});

// Row 7.
Deno.test("a file where the keyring directory should be is an error that names it", async () => {
  await using vault = await startVault();
  const path = vault.home.write("not-a-directory", "mine\n");
  for (const args of [["list"], ["exec", "work", "--json"]]) {
    const ran = await vault.run([...args, "--file-dir", path]);
    assertRefused(ran, new RegExp(`${path} cannot be read`));
  }
  const added = await vault.add("new", "AKIANEW", { env: { AWS_VAULT_FILE_DIR: path } });
  assertRefused(added, new RegExp(path));
  assert.equal(Deno.readTextFileSync(path), "mine\n");
});

Deno.test("keyring and config file are made where the directories above them are not there yet", async () => {
  await using vault = await startVault();
  const { path } = vault.home;
  const AWS_CONFIG_FILE = "etc/aws/config";
  const runs = [
    [{}, "--file-dir", ".ci/keys"],
    [{}, `--file-dir=${path}/volume/of/keys`],
    [{ AWS_VAULT_FILE_DIR: "~/vault/keys", AWS_CONFIG_FILE }],
  ] as const;
  for (const [env, ...options] of runs) {
    const added = await vault.add("ci", "AKIANEW", { env }, ...options);
    assert.equal(added.code, 0, added.stderr);
  }
  for (const made of [".ci", ".ci/keys", "volume", "volume/of/keys", "vault/keys"]) {
    assert.equal(Deno.statSync(`${path}/${made}`).mode! & 0o777, 0o700, made);
  }
  assert.equal(Deno.readTextFileSync(`${path}/etc/aws/config`), "[profile ci]\n");
});

// Row 7.
Deno.test("a keyring directory that is a dangling link is an error that names it", async () => {
  await using vault = await startVault();
  const link = `${vault.home.path}/link`;
  Deno.symlinkSync("nowhere", link);
  const env = { AWS_VAULT_FILE_DIR: link };
  for (const args of [["list"], ["exec", "work", "--json"], ["clear"]]) {
    assertRefused(
      await vault.run(args, { env }),
      new RegExp(`${link} is a link that leads nowhere`),
    );
  }
  assertRefused(await vault.add("new", "AKIANEW", { env }), /leads nowhere/);
  assert.equal(Deno.readLinkSync(link), "nowhere");
});

Deno.test("a directory whose name Deno cannot be permitted is an error that says so", async () => {
  await using vault = await startVault();
  const AWS_VAULT_FILE_DIR = `${vault.home.path}/a,b`;
  const ran = await vault.add("new", "AKIANEW", { env: { AWS_VAULT_FILE_DIR } });
  assertRefused(
    ran,
    /a,b cannot be created: the sandbox .* no path with a comma in it\n {2}rename/,
  );
});

// Row 8.
Deno.test("a file name that is not UTF-8 is neither listed nor in the way", async () => {
  await using vault = await startVault();
  const script = `cp "$1/work" "$1/$(printf 'not\\377text')"`;
  await new Deno.Command("sh", { args: ["-c", script, "sh", vault.keyring] }).output();
  assert.equal([...Deno.readDirSync(vault.keyring)].length, 2);
  assert.equal((await vault.run(["list", "--credentials"])).stdout, "work\n");
  assert.equal((await readKeys(vault)).code, 0);
  assert.equal((await vault.add("new", "AKIANEW")).code, 0);
});

// Row 8.
Deno.test("foreign files and directories in the keyring are not listed, removed or written over", async () => {
  await using vault = await startVault();
  const foreign = { "notes.txt": "remember\n", "team/inside": "eyJ0 is how ours begin\n" };
  for (const [name, text] of Object.entries(foreign)) {
    vault.home.write(`.awsvault/keys/${name}`, text);
  }
  const before = vault.snapshot();
  assert.equal((await vault.run(["list", "--credentials"])).stdout, "work\n");
  for (const name of ["notes.txt", "team"]) {
    assertRefused(await vault.run(["remove", name, "--force"]), /no credentials for profile/);
    assertRefused(await readKeys(vault, name), /neither in .* nor in the keyring/);
    assertRefused(await vault.add(name, "AKIANEW"), /is no item of the keyring; it is left alone/);
  }
  assert.deepEqual(vault.snapshot(), before);
});

// Row 9.
Deno.test("`add` with a passphrase that does not open what is there stores nothing", async () => {
  await using vault = await startVault();
  const before = vault.snapshot();
  const env = { AWS_VAULT_FILE_PASSPHRASE: "slip of the fingers" };
  for (const profile of ["new", "work"]) {
    assertRefused(await vault.add(profile, "AKIANEW", { env }), /wrong passphrase/);
  }
  assert.deepEqual(vault.snapshot(), before);
});

// Row 9.
Deno.test("a wrong passphrase is refused however many items are damaged", async () => {
  await using vault = await startVault();
  // So many that the good one is seldom among the first, in whatever order a directory lists them.
  for (let n = 0; n < 100; n++) {
    vault.home.write(`.awsvault/keys/a${n}`, "eyJ.torn");
    Deno.utimeSync(`${vault.keyring}/a${n}`, 1, 1);
  }
  const env = { AWS_VAULT_FILE_PASSPHRASE: "slip of the fingers" };
  assertRefused(await vault.add("new", "AKIANEW", { env }), /wrong passphrase: it does not open/);
  assert.equal((await vault.add("new", "AKIANEW")).code, 0);
});

// Row 9.
Deno.test("of two first `add`s at once with two passphrases one is refused, 8 times of 8", async () => {
  await using vault = await startVault();
  for (let round = 0; round < 8; round++) {
    const AWS_VAULT_FILE_DIR = `${vault.home.path}/keyring-${round}`;
    const added = await Promise.all(["one", "two"].map((name) => {
      const env = { AWS_VAULT_FILE_DIR, AWS_VAULT_FILE_PASSPHRASE: name };
      return vault.add(name, "AKIANEW", { env }, "--no-add-config");
    }));
    assert.deepEqual(added.map(({ code }) => code).sort(), [0, 1]);
    const refused = added.find(({ code }) => code === 1)!;
    assertRefused(refused, /wrong passphrase/);
    assert.equal([...Deno.readDirSync(AWS_VAULT_FILE_DIR)].length, 1);
  }
});

// Row 41.
Deno.test({
  name: "an item that another program (python3) writes in place is never called damaged",
  ignore: !requireProgram("python3"),
  async fn() {
    await using vault = await startVault();
    const writer = new Deno.Command("python3", {
      args: ["-u", "-c", WRITE_IN_PLACE, `${vault.keyring}/work`],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const windowsMs: number[] = [];
    const watching = watchWindows(writer.stdout, windowsMs);
    try {
      for (let read = 0; read < 25;) {
        const before = windowsMs.length;
        const ran = await readKeys(vault);
        if (ran.code === 0) {
          read++;
          continue;
        }
        // Where the machine let the writer stand still, it did look as if nobody wrote the item.
        const seen = windowsMs.length;
        while (windowsMs.length < seen + 2) await delay(10);
        const longestMs = Math.max(...windowsMs.slice(before));
        assert.ok(longestMs > 250, `${ran.stderr} though never half written for ${longestMs} ms`);
      }
    } finally {
      await kill(writer);
      await watching;
    }
  },
});

/** As the Go tool does, which truncates, and writes at the speed of a slow disk. */
const WRITE_IN_PLACE = `
import sys, time
text = open(sys.argv[1]).read()
for _ in range(5000):
    began = time.monotonic()
    with open(sys.argv[1], "w", buffering=1) as file:
        time.sleep(0.004)
        file.write(text[:200]); file.flush()
        time.sleep(0.004)
        file.write(text[200:])
    print(int((time.monotonic() - began) * 1000))
    time.sleep(0.008)
`;

/** Notes for how many milliseconds each time the item was half written. */
async function watchWindows(lines: ReadableStream<Uint8Array>, windowsMs: number[]) {
  for await (const text of lines.pipeThrough(new TextDecoderStream())) {
    windowsMs.push(...text.split("\n").filter((line) => line !== "").map(Number));
  }
}

// Row 10.
Deno.test("a wrong passphrase is called that, and nothing is lost", async () => {
  await using vault = await startVault();
  const before = vault.snapshot();
  const env = { AWS_VAULT_FILE_PASSPHRASE: "wrong" };
  const ran = await vault.run(["exec", "work", "--", "true"], { env });
  assertRefused(ran, /error: wrong passphrase: it does not open .*\/keys\/work\n/);
  assert.match(ran.stderr, /check AWS_VAULT_FILE_PASSPHRASE/);
  assert.deepEqual(vault.snapshot(), before);
});

// Row 11.
Deno.test("nothing is written through a symbolic link in the keyring", async () => {
  await using vault = await startVault();
  const target = vault.home.write("target", "the link's own");
  Deno.symlinkSync(target, `${vault.keyring}/linked`);
  assertRefused(await vault.add("linked", "AKIANEW"), /is no item of the keyring/);
  assertRefused(await vault.run(["remove", "linked", "-f"]), /no credentials for profile/);
  assert.equal(Deno.readTextFileSync(target), "the link's own");
  assert.equal(Deno.readLinkSync(`${vault.keyring}/linked`), target);
});

// Row 12.
Deno.test("directories are 0700 and files 0600 at umask 000, and looser ones are tightened", async () => {
  await using vault = await startVault();
  for (const name of [".aws", ".awsvault"]) {
    Deno.removeSync(`${vault.home.path}/${name}`, { recursive: true });
  }
  const command = behind("umask 000", COMMAND);
  const [key] = vault.user.accessKeys;
  const env = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  assert.equal((await vault.run(["add", "work", "--env"], { command, env })).code, 0);
  assert.equal((await vault.run(["exec", "work", "--json"], { command })).code, 0);
  assertTight(vault);
  loosen(vault);
  assert.equal((await vault.run(["exec", "work", "--json"], { command })).code, 0);
  assert.equal((await vault.add("second", "AKIA2", { command })).code, 0);
  assert.equal((await vault.run(["clear"], { command })).code, 0);
  assert.equal((await vault.run(["exec", "work", "--json"], { command })).code, 0); // takes a lock
  assertTight(vault, (name) => name === "second" || name.startsWith("sts."));
});

// Row 12.
Deno.test({
  name: "directories are 0700 and files 0600 at a umask that takes our own rights too",
  ignore: !HAS_MODES,
  fn: async () => {
    await using vault = await startVault();
    const [key] = vault.user.accessKeys;
    const env = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
    for (const umask of ["177", "777"]) {
      for (const name of [".aws", ".awsvault"]) {
        Deno.removeSync(`${vault.home.path}/${name}`, { recursive: true });
      }
      const command = boundByModes(...behind(`umask ${umask}`, COMMAND));
      const log = `${vault.home.path}/audit-${umask}`;
      assertDone(await vault.run(["add", "work", "--env"], { command, env }));
      const handOut = { command, env: { AWS_VAULT_AUDIT_LOG: log } };
      assertDone(await vault.run(["exec", "work", "--json"], handOut));
      assertTight(vault);
      for (const { name } of Deno.readDirSync(`${vault.home.path}/.awsvault/locks`)) {
        assert.equal(modeOf(`${vault.home.path}/.awsvault/locks/${name}`), "600", name);
      }
      assert.equal(modeOf(log), "600");
    }
  },
});

function assertDone({ code, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
}

/** Modes of what is in the keyring (all of it, or what is used), and around it. */
function assertTight(vault: Vault, used: (name: string) => boolean = () => true): void {
  const { path } = vault.home;
  for (const name of [".aws", ".awsvault", ".awsvault/keys", ".awsvault/locks"]) {
    assert.equal(modeOf(`${path}/${name}`), "700", name);
  }
  assert.equal(modeOf(vault.config), "600", vault.config);
  const names = listNames(vault.keyring).filter(used);
  assert.equal(names.length, 2);
  for (const name of names) assert.equal(modeOf(`${vault.keyring}/${name}`), "600", name);
}

// Row 12.
Deno.test("a look at a directory changes no mode, whatever directory it is, and tells of a keyring's", async () => {
  await using vault = await startVault();
  const other = `${vault.home.path}/other`;
  Deno.mkdirSync(other);
  Deno.chmodSync(`${vault.keyring}/work`, 0o666);
  for (const directory of [other, vault.keyring]) {
    Deno.chmodSync(directory, 0o775);
    const env = { AWS_VAULT_FILE_DIR: directory };
    const told = directory === other ? [] : [`chmod 700 ${directory}`];
    for (const command of [["list"], ["exec", "-n", "work", "--json"]]) {
      const { stderr } = await vault.run(command, { env });
      assert.deepEqual(stderr.match(/chmod .*/g) ?? [], told);
    }
    assert.equal(modeOf(directory), "775");
  }
  assert.equal(modeOf(`${vault.keyring}/work`), "666");
});

// Row 12.
Deno.test("a directory that holds what is not ours is not narrowed by `add`, and that is told", async () => {
  await using vault = await startVault();
  vault.home.write("shared/notes.txt", "somebody's own\n");
  const shared = `${vault.home.path}/shared`;
  Deno.chmodSync(shared, 0o755);
  const added = await vault.add("new", "AKIANEW", {}, "--file-dir", shared);
  assert.equal(added.code, 0);
  assert.match(added.stderr, new RegExp(`warning: ${shared} is open to others`));
  assert.equal(modeOf(shared), "755");
  assert.equal(modeOf(`${shared}/new`), "600");
});

function loosen(vault: Vault): void {
  for (const name of ["", "/keys", "/locks"]) {
    Deno.chmodSync(`${vault.home.path}/.awsvault${name}`, 0o777);
  }
  for (const name of listNames(vault.keyring)) Deno.chmodSync(`${vault.keyring}/${name}`, 0o666);
}

// Row 13.
Deno.test("an item renamed on disk is refused under its new name", async () => {
  await using vault = await startVault("[profile production]\n[profile work]\n");
  Deno.copyFileSync(`${vault.keyring}/work`, `${vault.keyring}/production`);
  assertRefused(await readKeys(vault, "production"), /production holds the item of another name/);
  assert.equal((await readKeys(vault)).code, 0);
});

/** The header of an item's JWE, with changes. */
function rewriteHeader(path: string, changes: Record<string, unknown>): void {
  const [header, ...rest] = Deno.readTextFileSync(path).split(".");
  const fields = { ...parseHeader(header!), ...changes };
  const text = new TextEncoder().encode(JSON.stringify(fields));
  const encoded = text.toBase64({ alphabet: "base64url", omitPadding: true });
  Deno.writeTextFileSync(path, [encoded, ...rest].join("."));
}

function parseHeader(header: string): Record<string, unknown> {
  const bytes = Uint8Array.fromBase64(header, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

// Row 14: an item that would keep the reader busy for an hour.
Deno.test("an item that asks for 2,147,483,647 rounds is refused, not computed", async () => {
  await using vault = await startVault();
  rewriteHeader(`${vault.keyring}/work`, { p2c: 2 ** 31 - 1 });
  assertRefused(
    await readKeys(vault),
    /keys\/work asks for a number of rounds .* from 1 to 1300000/,
  );
});

Deno.test("a file that is no item is pointed at where the keys of its name are missing", async () => {
  await using vault = await startVault();
  for (const text of ["", "notes"]) {
    Deno.writeTextFileSync(`${vault.keyring}/work`, text);
    assertRefused(await readKeys(vault), /credentials missing\n.*keys\/work is there, and no item/);
  }
});

// Row 14.
Deno.test("items are written with 8,192 rounds, or AWS_VAULT_FILE_P2C, and read with either", async () => {
  await using vault = await startVault();
  const roundsOf = (name: string) =>
    parseHeader(Deno.readTextFileSync(`${vault.keyring}/${name}`).split(".")[0]!).p2c;
  for (
    const [name, rounds, env] of [
      ["usual", 8192, {}],
      ["many", 600_000, { AWS_VAULT_FILE_P2C: "600000" }],
    ] as const
  ) {
    assert.equal((await vault.add(name, "AKIANEW", { env })).code, 0);
    assert.equal(roundsOf(name), rounds);
    assert.equal(JSON.parse((await readKeys(vault, name)).stdout).AccessKeyId, "AKIANEW");
  }
  for (const P2C of ["1000", "2147483647", "many"]) {
    const env = { AWS_VAULT_FILE_P2C: P2C };
    assertRefused(await vault.add("new", "AKIANEW", { env }), /AWS_VAULT_FILE_P2C is /);
  }
  assert.ok(!listNames(vault.keyring).includes("new"));
});
