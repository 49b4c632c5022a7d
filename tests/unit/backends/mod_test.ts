import { createFakeEnv } from "../../fakes/env.ts";
import assert from "node:assert/strict";
import {
  BACKEND_NAMES,
  describeKeyring,
  findElsewhere,
  openBackend,
  openKeyring,
} from "../../../backends/mod.ts";
import {
  fileDirectory,
  fileRounds,
  helperProgram,
  passDirectory,
} from "../../../backends/settings.ts";
import { describeNonsense } from "../../../backends/program.ts";
import type { BackendContext } from "../../../backends/settings.ts";
import { readPassphrase } from "../../../backends/file/passphrase.ts";
import { VaultError, WrongPassphraseError } from "../../../src/errors.ts";

Deno.test("the backend is the flag's, else the variable's, else the platform's first usable", async () => {
  const env = { HOME: "/nonexistent", AWS_VAULT_BACKEND: "pass" };
  assert.equal((await openBackend({ backend: "file" }, makeContext({ env }).ctx)).name, "file");
  assert.equal((await openBackend({}, makeContext({ env }).ctx)).name, "pass");
  assert.equal((await openBackend({}, makeContext({ env }).ctx, "helper")).name, "helper");
  const bare = makeContext({ env: { HOME: "/nonexistent", AWS_VAULT_BACKEND: "" } });
  assert.equal((await openBackend({}, bare.ctx)).name, "file");
});

Deno.test("a backend of no such name is refused with those there are", async () => {
  for (const backend of ["kwallet", "toString"]) {
    await assert.rejects(openBackend({ backend }, makeContext({}).ctx), (error) => {
      assert.ok(error instanceof VaultError && error.code === "usage");
      assert.ok(BACKEND_NAMES.every((name) => error.hints.join().includes(name)));
      return true;
    });
  }
});

Deno.test("Linux takes the secret service only with a bus, its programs and a service", async () => {
  using home = makeHome();
  const share = `${home.path}/.local/share`;
  Deno.mkdirSync(`${share}/dbus-1/services`, { recursive: true });
  Deno.writeTextFileSync(`${share}/dbus-1/services/org.freedesktop.secrets.service`, "");
  Deno.mkdirSync(`${home.path}/store`);
  Deno.writeTextFileSync(`${home.path}/store/.gpg-id`, "me\n");
  const env = {
    HOME: `${home.path}/me`,
    XDG_DATA_DIRS: share,
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/x",
  };
  const programs = ["secret-tool", "gdbus"];
  const cases: [string, Record<string, string>, string[], RegExp?][] = [
    ["secret-service", env, programs],
    ["secret-service", { ...env, PASSWORD_STORE_DIR: `${home.path}/store` }, ["pass", ...programs]],
    ["secret-service", { ...env, XDG_DATA_DIRS: `/nonexistent:${env.XDG_DATA_DIRS}` }, programs],
    ["secret-service", { ...env, XDG_DATA_DIRS: "", XDG_DATA_HOME: env.XDG_DATA_DIRS }, programs],
    ["secret-service", { ...env, XDG_DATA_DIRS: "", HOME: home.path }, programs],
    ["file", env, ["secret-tool"], /gdbus is not in PATH/],
    ["file", env, ["gdbus"], /secret-tool is not in PATH/],
    ["file", { ...env, DBUS_SESSION_BUS_ADDRESS: "" }, programs, /no D-Bus session/],
    ["file", { ...env, XDG_DATA_DIRS: "/nonexistent" }, programs, /no secret service is installed/],
  ];
  for (const [name, variables, found, reason] of cases) {
    const { ctx, debugged } = makeContext({ env: variables, programs: found });
    assert.equal((await openBackend({}, ctx)).name, name);
    assert.match(debugged.join("\n"), new RegExp(`backend ${name}: the first`));
    if (reason !== undefined) assert.match(debugged.join("\n"), reason);
  }
});

Deno.test("Linux, and macOS without its own, take pass where there is a password store", async () => {
  using home = makeHome();
  const env = { HOME: home.path };
  const without = makeContext({ env, programs: ["pass"] });
  assert.equal((await openBackend({}, without.ctx)).name, "file");
  assert.match(without.debugged.join("\n"), /is no password store \(`pass init` makes one\)/);
  Deno.mkdirSync(`${home.path}/.password-store`);
  Deno.writeTextFileSync(`${home.path}/.password-store/.gpg-id`, "me\n");
  assert.equal((await openBackend({}, makeContext({ env, programs: ["pass"] }).ctx)).name, "pass");
  assert.equal((await openBackend({}, makeContext({ env }).ctx)).name, "file");
  const mac = makeContext({ env, platform: "darwin", programs: ["pass"] });
  assert.equal((await openBackend({}, mac.ctx)).name, "pass");
  assert.match(mac.debugged.join("\n"), /backend keychain passed over: security is not in PATH/);
  const renamed = makeContext({ env, programs: ["gopass"] });
  assert.equal((await openBackend({ passCmd: "gopass" }, renamed.ctx)).name, "pass");
});

Deno.test("a keyring is described with the backend of its sessions, and whose passphrase opens it", () => {
  const env = { HOME: "/h", AWS_VAULT_FILE_PASSPHRASE: "x" };
  const describe = (backend: string, sessionBackend?: string, variables = env) =>
    describeKeyring({ backend, sessionBackend }, makeContext({ env: variables }).ctx);
  const own = "the backend's own";
  assert.deepEqual(describe("pass", "helper"), {
    ...{ name: "pass", sessions: "helper", passphrase: own },
  });
  assert.deepEqual(describe("pass", "pass"), { name: "pass", passphrase: own });
  const directory = "/h/.awsvault/keys";
  const file = { passphrase: "AWS_VAULT_FILE_PASSPHRASE", directory };
  assert.deepEqual(describe("pass", "file"), { name: "pass", sessions: "file", ...file });
  assert.deepEqual(describe("file", "pass"), { name: "file", sessions: "pass", ...file });
});

Deno.test("macOS takes the keychain", async () => {
  const env = { HOME: "/nonexistent" };
  const mac = makeContext({ env, platform: "darwin", programs: ["security"] });
  assert.equal((await openBackend({}, mac.ctx)).name, "keychain");
});

Deno.test("a docker credential helper is named by its name, or by a path as the platform has them", () => {
  assert.equal(helperProgram("wincred", "windows"), "docker-credential-wincred");
  for (const path of ["C:\\tools\\store.exe", "./store"]) {
    assert.equal(helperProgram(path, "windows"), path);
  }
  assert.equal(helperProgram("a\\b", "linux"), "docker-credential-a\\b");
  for (const command of ["C:\\tools\\store.exe", "./store"]) {
    const { hints } = describeNonsense({ backend: "helper", command, hint: "" }, "get");
    assert.doesNotMatch(hints.join(), /PATH/, "it is not looked for there");
  }
});

Deno.test("Windows takes its Credential Manager, which is said not to be elsewhere", async () => {
  const env = { HOME: "/nonexistent" };
  const windows = makeContext({ env, platform: "windows" });
  await assert.rejects(openBackend({}, windows.ctx), /the Credential Manager cannot be reached/);
  const { ctx } = makeContext({ env });
  await assert.rejects(
    openBackend({ backend: "wincred" }, ctx),
    {
      message: /cannot be used here: the Credential Manager is a part of Windows/,
      hints: ["name another with --backend (AWS_VAULT_BACKEND)"],
    },
  );
  const sessions = openKeyring({ backend: "file", sessionBackend: "wincred" }, ctx, () => false);
  await assert.rejects(sessions, {
    hints: ["name another with --session-backend (AWS_VAULT_SESSION_BACKEND)"],
  });
});

Deno.test("choosing a backend starts no program and asks nothing", async () => {
  const programs = ["secret-tool", "gdbus", "pass"];
  const { ctx, debugged } = makeContext({ env: { HOME: "/nonexistent" }, programs, answers: [] });
  assert.equal((await openBackend({}, ctx)).name, "file");
  assert.doesNotMatch(debugged.join("\n"), /no program is to be run/);
});

Deno.test("keys in another usable backend are found without unlocking it", async () => {
  using home = makeHome();
  Deno.mkdirSync(`${home.path}/.password-store/team`, { recursive: true });
  Deno.writeTextFileSync(`${home.path}/.password-store/.gpg-id`, "me\n");
  Deno.writeTextFileSync(`${home.path}/.password-store/team/prod.gpg`, "");
  const { ctx } = makeContext({ env: { HOME: home.path }, programs: ["pass"] });
  assert.deepEqual(await findElsewhere("team/prod", { backend: "file" }, ctx), [
    "the pass keyring has keys for team/prod: --backend=pass",
  ]);
  assert.deepEqual(await findElsewhere("absent", { backend: "file" }, ctx), []);
  assert.deepEqual(await findElsewhere("team/prod", { backend: "pass" }, ctx), []);
});

Deno.test("a backend that cannot tell its keys is left out, and told under --debug", async () => {
  const env = { HOME: "/nonexistent" };
  const { ctx, debugged } = makeContext({ env, platform: "darwin", programs: ["security"] });
  assert.deepEqual(await findElsewhere("work", { backend: "file" }, ctx), []);
  assert.match(debugged.join("\n"), /backend keychain was not searched: .*no program is to be run/);
});

Deno.test("directories come from flags, variables and the home directory, in that order", () => {
  const get = (variables: Record<string, string>) => ({ get: (name: string) => variables[name] });
  const env = { HOME: "/home/me", AWS_VAULT_FILE_DIR: "~/elsewhere/" };
  assert.equal(fileDirectory({ fileDir: "/flag" }, get(env)), "/flag");
  assert.equal(fileDirectory({}, get(env)), "/home/me/elsewhere");
  assert.equal(fileDirectory({}, get({ HOME: "/home/me" })), "/home/me/.awsvault/keys");
  assert.equal(fileDirectory({}, get({ USERPROFILE: "C:\\me" })), "C:\\me/.awsvault/keys");
  assert.throws(() => fileDirectory({}, get({})), /HOME is not set/);
  assert.equal(passDirectory({}, get({ HOME: "/h" })), "/h/.password-store");
  const pass = { HOME: "/h", PASSWORD_STORE_DIR: "/own" };
  assert.equal(passDirectory({}, get(pass)), "/own");
  assert.equal(
    passDirectory({}, get({ ...pass, AWS_VAULT_PASS_PASSWORD_STORE_DIR: "/ours" })),
    "/ours",
  );
});

Deno.test("AWS_VAULT_FILE_P2C takes rounds that are written and read, and nothing else", () => {
  const rounds = (text: string) => fileRounds({ get: () => text });
  assert.equal(rounds("600000"), 600_000);
  assert.equal(rounds(""), 8_192);
  for (const text of ["8191", "1300001", "1e5", "-1", "many", "99999999999"]) {
    assert.throws(() => rounds(text), /AWS_VAULT_FILE_P2C/, text);
  }
});

Deno.test("the passphrase comes from its variable, even an empty one, before the terminal", async () => {
  for (const AWS_VAULT_FILE_PASSPHRASE of ["horse", ""]) {
    const { ctx } = makeContext({ env: { AWS_VAULT_FILE_PASSPHRASE } });
    assert.equal(await readPassphrase("/d", ctx, { isNew: true }), AWS_VAULT_FILE_PASSPHRASE);
  }
});

Deno.test("a passphrase is asked once, and twice for a new keyring", async () => {
  const once = makeContext({ answers: ["horse"] });
  assert.equal(await readPassphrase("/d", once.ctx, { isNew: false }), "horse");
  assert.deepEqual([once.asked, once.noted], [["Enter passphrase to unlock /d: "], []]);
  const twice = makeContext({ answers: ["horse", "horse"] });
  assert.equal(await readPassphrase("/d", twice.ctx, { isNew: true }), "horse");
  assert.equal(twice.asked.length, 2);
});

Deno.test("a new keyring's passphrase is asked for until both are alike, and is not empty", async () => {
  const { ctx, asked, noted } = makeContext({
    answers: ["horse", "house", "", "battery", "battery"],
  });
  assert.equal(await readPassphrase("/d", ctx, { isNew: true }), "battery");
  assert.match(asked[0]!, /choose a passphrase for the new keyring \/d: $/);
  assert.match(asked[1]!, /^Enter it again/);
  assert.equal(asked.length, 5);
  assert.match(noted[0]!, /differ; nothing is lost/);
  assert.match(noted[1]!, /empty/);
});

Deno.test("a passphrase that was refused is asked for again, where it was typed", async () => {
  const { ctx, asked, noted } = makeContext({ answers: ["horse"] });
  const request = { isNew: false, refused: "/d/work" };
  assert.equal(await readPassphrase("/d", ctx, request), "horse");
  assert.equal(asked.length, 1);
  assert.match(noted.join(), /does not open \/d\/work/);
});

Deno.test("a variable that was refused is no other the next time, and is named", async () => {
  const { ctx, asked } = makeContext({ env: { AWS_VAULT_FILE_PASSPHRASE: "p" }, answers: ["q"] });
  await assert.rejects(
    readPassphrase("/d", ctx, { isNew: false, refused: "/d/work" }),
    (error) =>
      error instanceof WrongPassphraseError && error.hints.join().includes("check AWS_VAULT_FILE"),
  );
  assert.deepEqual(asked, []);
});

Deno.test("no passphrase and no terminal is an error that names the variable", async () => {
  await assert.rejects(readPassphrase("/d", makeContext({}).ctx, { isNew: false }), (error) => {
    assert.ok(error instanceof VaultError && error.code === "passphrase");
    assert.match(error.hints.join(), /AWS_VAULT_FILE_PASSPHRASE/);
    return true;
  });
});

interface Made {
  env?: Record<string, string>;
  programs?: string[];
  platform?: BackendContext["platform"];
  answers?: string[];
}

function makeContext({ env = {}, programs = [], platform = "linux", answers }: Made) {
  const debugged: string[] = [];
  const noted: string[] = [];
  const asked: string[] = [];
  const ctx: BackendContext = {
    platform,
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    env: createFakeEnv(env),
    processes: {
      find: (name) => programs.includes(name) ? `/bin/${name}` : undefined,
      run: () => Promise.reject(new VaultError("process", "no program is to be run")),
    },
    terminal: {
      available: () => answers !== undefined,
      ask(message, { secret }) {
        assert.equal(secret, true);
        asked.push(message);
        return Promise.resolve(answers!.shift()!);
      },
      isOutput: () => false,
    },
    note: (text) => noted.push(text),
    tell: (text) => noted.push(text),
    debug: (text) => debugged.push(text),
  };
  return { ctx, debugged, noted, asked };
}

function makeHome() {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
