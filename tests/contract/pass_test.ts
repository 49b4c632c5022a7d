import assert from "node:assert/strict";
import { openPass, type PassOptions } from "../../backends/pass.ts";
import { requireProgram } from "../require.ts";
import { createTestContext, makeTemporary, runToEnd, writeProgram } from "./context.ts";
import { makePasswordStore } from "./gpg.ts";
import { ignore, open, test } from "./pass_store.ts";
import { encode, isErrorWith, testBackend } from "./suite.ts";

testBackend("pass (pass, gpg)", {
  ignore,
  startsForKeys: 0,
  startsForGet: 1,
  async make() {
    const store = await makePasswordStore();
    const ctx = createTestContext(store.variables);
    const options = { directory: store.directory, command: "pass", prefix: "aws-vault" };
    return {
      ctx,
      variables: store.variables,
      open: () => openPass(options, ctx),
      writer: ["pass", `passDir=${store.directory}`, "passPrefix=aws-vault"],
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  },
});

test("pass keeps and reads items where the Go tool does", async () => {
  await using store = await makePasswordStore();
  const { variables, directory } = store;
  const backend = open(store, { prefix: "aws" });
  await backend.set({ key: "team/prod", data: encode("ours"), label: "aws-vault (team/prod)" });
  const shown = JSON.parse(await runToEnd("pass", ["show", "aws/team/prod"], variables));
  assert.deepEqual([shown.Key, atob(shown.Data)], ["team/prod", "ours"]);
  // As the Go tool's keyring library cleans the path of a start URL.
  const url = "oidc:https://d-1.awsapps.com/start";
  await backend.set({ key: url, data: encode("token") });
  assert.ok(Deno.statSync(`${directory}/aws/oidc:https:/d-1.awsapps.com/start.gpg`).isFile);
  assert.deepEqual(await backend.keys(), [url, "team/prod"]);
  assert.equal(await backend.remove("team"), false); // a folder
  assert.deepEqual(await open(store, { prefix: "/aws/" }).keys(), [url, "team/prod"]);
});

test("an entry that stays, of a store that is read-only, was not removed", async () => {
  await using store = await makePasswordStore();
  await open(store).set({ key: "work", data: encode("x") });
  const bin = `${store.directory}/../bin`;
  Deno.mkdirSync(bin);
  writeProgram(
    bin,
    "rm",
    '#!/bin/sh\necho "rm: cannot remove it: Read-only file system" >&2\nexit 1\n',
  );
  const variables = { ...store.variables, PATH: `${bin}:${store.variables.PATH}` };
  const removal = open({ ...store, variables }).remove("work");
  await assert.rejects(
    removal,
    isErrorWith("/work.gpg cannot be removed: rm: cannot remove it: Read"),
  );
  assert.deepEqual(await open(store).keys(), ["work"]);
});

test("pass takes for entries what are files of the store, and nothing else", async () => {
  await using store = await makePasswordStore();
  const backend = open(store);
  await backend.set({ key: "work", data: encode("x") });
  const { directory } = store;
  Deno.mkdirSync(`${directory}/folder.gpg`);
  Deno.mkdirSync(`${directory}/.git/refs`, { recursive: true });
  Deno.writeTextFileSync(`${directory}/.git/refs/branch.gpg`, "");
  Deno.writeTextFileSync(`${directory}/file`, "");
  assert.deepEqual(await backend.keys(), ["work"]);
  for (const key of ["folder", "file/below", ".git/refs/branch"]) {
    assert.equal(await backend.get(key), undefined, key);
  }
  Deno.symlinkSync("loop.gpg", `${directory}/loop.gpg`);
  await assert.rejects(backend.get("loop"), (error) => {
    assert.match(String((error as { hints: string[] }).hints), /owner and mode, .*--pass-dir$/);
    return isErrorWith(`the password store cannot be read: ${directory}/loop.gpg: `)(error);
  });
});

test("pass reads, replaces and removes items of the Go tool whose names begin with -", async () => {
  await using store = await makePasswordStore();
  const envelope = JSON.stringify({ Key: "-rf", Data: btoa("Go's") });
  // An item of the Go tool; without a prefix, what a person made, for that tool cannot.
  for (const [prefix, entry] of [["aws", "aws/-rf"], ["-p", "-p/-rf"], ["", "-rf"]] as const) {
    const insert = 'printf %s "$1" | pass insert -m -- "$2"';
    await runToEnd("sh", ["-c", insert, "sh", envelope, entry], store.variables);
    const backend = open(store, { prefix });
    assert.deepEqual((await backend.get("-rf"))?.data, encode("Go's"), entry);
    await backend.set({ key: "-rf", data: encode("ours") });
    assert.ok((await runToEnd("pass", ["show", "--", entry], store.variables)).includes('"-rf"'));
    assert.deepEqual((await backend.get("-rf"))?.data, encode("ours"), entry);
    assert.deepEqual((await backend.keys()).filter((key) => key.endsWith("-rf")), ["-rf"]);
    assert.equal(await backend.remove("-rf"), true, entry);
    assert.equal(await backend.get("-rf"), undefined, entry);
  }
});

test("pass shows gpg's own last line when no key opens an entry", async () => {
  await using store = await makePasswordStore();
  await using stranger = await makePasswordStore();
  await open(store).set({ key: "work", data: encode("x") });
  const { GNUPGHOME } = stranger.variables;
  const backend = open({ ...store, variables: { ...store.variables, GNUPGHOME: GNUPGHOME! } });
  const error = isErrorWith("pass show work", "exit code 2", "decryption failed: No secret key");
  await assert.rejects(backend.get("work"), error);
});

test("pass tells what gpg said when nobody gives the key's passphrase", async () => {
  await using store = await makePasswordStore("locked");
  const { directory, variables } = store;
  const backend = open({ directory, variables: { ...variables, PINENTRY_USER_DATA: "USE_TTY" } });
  await backend.set({ key: "work", data: encode("x") });
  assert.deepEqual(await backend.keys(), ["work"]);
  await assert.rejects(backend.get("work"), (error) => {
    assert.match((error as { hints: string[] }).hints.join(), /GPG_TTY/);
    return isErrorWith("pass show work", "exit code 2", "gpg: ")(error);
  });
  assert.equal(Deno.readTextFileSync(`${variables.HOME}/pinentry.told`), "USE_TTY\n");
});

Deno.test({
  name: "pass commits to git as whom the environment names (pass, gpg, git)",
  ignore: ignore || !requireProgram("git"),
  async fn() {
    await using store = await makePasswordStore();
    const author = { GIT_AUTHOR_NAME: "Jon", GIT_AUTHOR_EMAIL: "jon@example.com" };
    const committer = { GIT_COMMITTER_NAME: "Jon", GIT_COMMITTER_EMAIL: "jon@example.com" };
    const variables = { ...store.variables, ...author, ...committer };
    await runToEnd("pass", ["git", "init"], variables);
    await open({ ...store, variables }).set({ key: "work", data: encode("x") });
    const log = await runToEnd("pass", ["git", "log", "--format=%an %s"], variables);
    assert.match(log, /^Jon .*work.* to store\.\n/);
  },
});

test("pass says that a store was never initialised", async () => {
  await using store = await makePasswordStore();
  Deno.removeSync(`${store.directory}/.gpg-id`);
  await assert.rejects(open(store).set({ key: "work", data: encode("x") }), (error) => {
    assert.match(String((error as { hints: string[] }).hints), /`pass init`/);
    return isErrorWith("pass insert work")(error);
  });
});

test("pass is known to have no store before anything is asked, however the store is set", async () => {
  using home = makeTemporary("vpass-");
  const [directory, prefix] = [`${home.path}/store`, "aws"];
  Deno.mkdirSync(`${directory}/aws`, { recursive: true });
  const check = (options: Partial<PassOptions> = {}, more = {}) => {
    const variables = { PATH: Deno.env.get("PATH")!, HOME: home.path, ...more };
    return open({ directory, variables }, { prefix, ...options }).checkWritable!("keys");
  };
  await assert.rejects(check(), (error) => {
    const line = `PASSWORD_STORE_DIR=${directory} pass init`; // as it is not where pass looks itself
    assert.deepEqual((error as { hints: string[] }).hints, [
      `\`${line}\` with your GPG key makes it one`,
    ]);
    return isErrorWith(`${directory} is no password store`)(error);
  });
  await check({}, { PASSWORD_STORE_KEY: "0123ABCD" });
  await check({ command: "sh" }); // another program keeps its keys where it likes
  await assert.rejects(check({ command: "no-such-pass" }), isErrorWith("no-such-pass is not inst"));
  for (const place of ["aws/.gpg-id", ".gpg-id"]) {
    Deno.writeTextFileSync(`${directory}/${place}`, "0123ABCD\n");
    await check();
    Deno.removeSync(`${directory}/${place}`);
  }
});

const SAYINGS: readonly [string, RegExp][] = [
  ["gpg: error writing: No space left on device", /^its disk is full: make room/],
  ["gpg: can't create 'work.gpg': Disk quota exceeded", /^its disk is full: make room/],
  ["gpg: problem with the agent: Inappropriate ioctl for device", /passphrase: set GPG_TTY/],
  ["gpg: public key decryption failed: No pinentry", /passphrase: set GPG_TTY/],
  ["gpg: cannot open '/dev/tty': No such device or address", /passphrase: set GPG_TTY/],
  ["gpg: public key decryption failed: Timeout", /passphrase: set GPG_TTY/],
  ["gpg: public key decryption failed: Operation cancelled", /passphrase: set GPG_TTY/],
  ["gpg: decryption failed: No secret key", /gpg --list-secret-keys[^]*cancelled[^]*GPG_TTY/],
  [
    "gpg: can't connect to the agent: Configuration error\ngpg: decryption failed: No secret key",
    /^gpg reaches no gpg-agent, .*gpgconf --launch gpg-agent/,
  ],
  ["    gp init your-gpg-id", /is no password store yet: `.*pass init` with your GPG key/],
  ['Error: password store is empty. Try "pass init".', /is no password store yet: /],
  ["Password encryption aborted.", /\.gpg-id names: are they here.* `gpg --list-keys`/],
  ["gpg: Entschlüsselung fehlgeschlagen: Kein geheimer Schlüssel", /passphrase.*GPG_TTY/],
  [
    "gpg: decryption failed: Bad session key",
    /^see all it says by hand: PASSWORD_STORE_DIR=\S+ \S+\/pass show work$/m,
  ],
];

test("pass has a way out for each of gpg's sayings", async () => {
  using home = makeTemporary("vpass-");
  Deno.writeTextFileSync(`${home.path}/work.gpg`, "an entry");
  const store = { directory: home.path, variables: { PATH: "/usr/bin:/bin", HOME: home.path } };
  for (const [saying, wayOut] of SAYINGS) {
    const script = `#!/bin/sh\ncat >&2 <<'END'\n${saying}\nEND\nexit 2\n`;
    const command = writeProgram(home.path, "pass", script);
    await assert.rejects(open(store, { command }).get("work"), (error) => {
      assert.match((error as { hints: string[] }).hints.join("\n"), wayOut);
      return isErrorWith(saying.trim().split("\n").at(-1)!)(error);
    });
  }
});

test("pass removes what another process is just removing", async () => {
  await using store = await makePasswordStore();
  await open(store).set({ key: "work", data: encode("x") });
  using program = makeTemporary("vpass-");
  const script = '#!/bin/sh\nrm "$PASSWORD_STORE_DIR/work.gpg"\nexec pass "$@"\n';
  const command = writeProgram(program.path, "pass", script);
  assert.equal(await open(store, { command }).remove("work"), false);
});

test("pass refuses entries that are no items, or were moved", async () => {
  await using store = await makePasswordStore();
  const backend = open(store);
  await backend.set({ key: "test", data: encode("x") });
  await runToEnd("pass", ["mv", "test", "prod"], store.variables);
  await assert.rejects(backend.get("prod"), (error) => {
    assert.match(String((error as { hints: string[] }).hints), /give it its old name back/);
    return isErrorWith("prod", "another name, test")(error);
  });
  await runToEnd("sh", ["-c", "echo hunter2 | pass insert -e Email/me"], store.variables);
  await assert.rejects(backend.get("Email/me"), (error) => {
    assert.ok(!String(error).includes("hunter2"));
    return isErrorWith("Email/me", "holds no keyring item")(error);
  });
  assert.deepEqual(await backend.keys(), ["Email/me", "prod"]);
});

test("pass tells a damaged entry from an absent one", async () => {
  await using store = await makePasswordStore();
  Deno.writeTextFileSync(`${store.directory}/torn.gpg`, "");
  await assert.rejects(open(store).get("torn"), isErrorWith("pass show torn", "exit code 2"));
  const prefix = "/team/";
  Deno.mkdirSync(`${store.directory}/team`);
  Deno.writeTextFileSync(`${store.directory}/team/torn.gpg`, "");
  await assert.rejects(open(store, { prefix }).get("torn"), isErrorWith("`pass show team/torn`"));
  assert.equal(await open(store).get("absent"), undefined);
});

test("pass lists no name that is not UTF-8, and calls a link that leads nowhere that", async () => {
  await using store = await makePasswordStore();
  await open(store).set({ key: "work", data: encode("x") });
  const script = `cp "$1/work.gpg" "$1/$(printf 'not\\377text').gpg"`;
  await runToEnd("sh", ["-c", script, "sh", store.directory], store.variables);
  assert.equal([...Deno.readDirSync(store.directory)].length, 3); // .gpg-id, and two entries
  assert.deepEqual(await open(store).keys(), ["work"]);
  const directory = `${store.directory}/link`;
  Deno.symlinkSync("nowhere", directory);
  const error = isErrorWith(`be read: ${directory} is a link that leads nowhere`);
  await assert.rejects(open(store, { directory }).keys(), error);
});
