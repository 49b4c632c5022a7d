import assert from "node:assert/strict";
import { startKeyring } from "../contract/keyring_session.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";

/** A setting of a backend, and what the backend's program is then called like. */
interface Setting {
  readonly option: string;
  readonly variable: string;
  readonly backend: string;
  value(name: string, home: string): string;
  call(name: string): RegExp;
}

const SETTINGS: readonly Setting[] = [
  {
    option: "--pass-dir",
    variable: "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
    backend: "pass",
    value: (name, home) => `${home}/${name}`,
    call: (name) => RegExp(`/pass show work in \\S*/${name}$`, "m"),
  },
  {
    option: "--pass-prefix",
    variable: "AWS_VAULT_PASS_PREFIX",
    backend: "pass",
    value: (name) => name,
    call: (name) => RegExp(`/pass show ${name}/work in \\S*/\\.password-store$`, "m"),
  },
  {
    option: "--pass-cmd",
    variable: "AWS_VAULT_PASS_CMD",
    backend: "pass",
    value: (name) => `${name}-pass`,
    call: (name) => RegExp(`/${name}-pass show work in`, "m"),
  },
  {
    option: "--helper",
    variable: "AWS_VAULT_HELPER",
    backend: "helper",
    value: (name) => name,
    call: (name) => RegExp(`/docker-credential-${name} list in`, "m"),
  },
  {
    option: "--keychain",
    variable: "AWS_VAULT_KEYCHAIN_NAME",
    backend: "keychain",
    value: (name) => name,
    call: (name) => RegExp(`/security dump-keychain ${name}\\.keychain-db in`, "m"),
  },
];

const PROGRAMS = [
  ...["pass", "one-pass", "two-pass", "security"],
  ...["docker-credential-one", "docker-credential-two"],
];
const STORES = [".password-store", ".password-store/one", ".password-store/two", "one", "two"];

/** A home with stores of `pass`, and programs that write down how they are called, and fail. */
function makeHome(): Home {
  const home = new Home();
  home.write(".aws/config", "[profile work]\n");
  for (const store of STORES) home.write(`${store}/work.gpg`, "");
  const script = '#!/bin/sh\necho "$0 $* in $PASSWORD_STORE_DIR" >>"${0%/bin/*}/calls"\nexit 1\n';
  for (const name of PROGRAMS) Deno.chmodSync(home.write(`bin/${name}`, script), 0o755);
  return home;
}

for (const { option, variable, backend, value, call } of SETTINGS) {
  Deno.test(`${option} counts, before ${variable}, which counts too`, async () => {
    for (const way of ["option", "variable", "both"]) {
      using home = makeHome();
      const [one, two] = [value("one", home.path), value("two", home.path)];
      const PATH = `${home.path}/bin:/usr/bin:/bin`;
      const ran = await run(
        [
          `--backend=${backend}`,
          ...way === "variable" ? [] : [option, one],
          "exec",
          "-n",
          "work",
          "-j",
        ],
        { home, env: { PATH, [variable]: way === "variable" ? one : way === "both" ? two : "" } },
      );
      assert.equal(ran.code, 1); // the programs fail
      const calls = Deno.readTextFileSync(`${home.path}/calls`);
      assert.match(calls, call("one"), way);
      assert.doesNotMatch(calls, call("two"), way);
    }
  });
}

Deno.test("keys that are missing where the keyring's place is missing are told with that", async () => {
  using home = new Home();
  home.write(".aws/config", "[profile work]\n");
  const exec = async (profile: string, ...options: string[]) =>
    (await run([...options, "exec", profile, "--json"], { home })).stderr;
  for (const profile of ["work", "nowhere"]) {
    const unmounted = await exec(profile, "--file-dir", `${home.path}/volume/keys`);
    assert.match(unmounted, /^ {2}the file keyring is used, and \S+\/volume\/keys is not there$/m);
    const store = await exec(profile, "--backend", "pass", "--pass-cmd", "/bin/true");
    assert.match(store, /^ {2}the pass keyring is used, and \S+ is no password store/m);
  }
  assert.doesNotMatch(await exec("work"), /keyring is used/);
  const env = { HOME: undefined, AWS_CONFIG_FILE: `${home.path}/.aws/config` };
  const options = ["--backend=pass", `--pass-dir=${home.path}/store`, "--pass-cmd=/bin/true"];
  const homeless = await run([...options, "exec", "work", "--json"], { home, env });
  assert.match(
    homeless.stderr,
    /^ {2}the pass keyring is used, and \S+\/store is no password store/m,
  );
});

Deno.test("an empty list says where the keyring's place or program is missing, and is silent elsewhere", async () => {
  using home = new Home();
  home.write(".aws/config", "[profile work]\n");
  const list = async (...options: string[]) => await run(["list", ...options], { home });
  const store = await list("--backend=pass", "--pass-cmd=/bin/true");
  assert.equal(store.code, 0);
  assert.match(store.stdout, /^work +- +-$/m);
  assert.match(store.stderr, /warning: the pass keyring is used, and \S+ is no password store/);
  const program = await list("--backend=pass", "--pass-cmd=nopass", "--credentials");
  assert.match(program.stderr, /warning: the pass keyring is used, and nopass is not in PATH/);
  assert.equal((await list("--backend=pass", "--pass-cmd=nopass", "--profiles")).stderr, "");
  assert.equal((await list()).stderr, "");
  home.write(".password-store/work.gpg", ""); // of a program that marks its stores otherwise
  assert.equal((await list("--backend=pass", "--pass-cmd=/bin/true")).stderr, "");
});

Deno.test("without HOME the keyring whose place is named is chosen, be pass installed or not", async () => {
  using home = new Home();
  const place = { AWS_CONFIG_FILE: `${home.path}/config`, AWS_VAULT_FILE_DIR: `${home.path}/keys` };
  home.write("bin/pass", "#!/bin/sh\nexit 1\n");
  Deno.chmodSync(`${home.path}/bin/pass`, 0o755);
  const PATH = `${home.path}/bin:/usr/bin:/bin`;
  const env = { ...place, PATH, HOME: undefined, AWS_VAULT_BACKEND: undefined };
  const keys = { AWS_ACCESS_KEY_ID: "AKIAWORK", AWS_SECRET_ACCESS_KEY: "secret" };
  const added = await run(["add", "work", "--env"], { home, env: { ...env, ...keys } });
  assert.equal(added.code, 0, added.stderr);
  assert.deepEqual([...Deno.readDirSync(`${home.path}/keys`)].map(({ name }) => name), ["work"]);
});

const KEYRING = ["secret-tool", "gdbus", "gnome-keyring-daemon", "dbus-daemon"];
const COLLECTION = "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME";

Deno.test({
  name: `--secret-service-collection counts, before ${COLLECTION}, before awsvault (${
    KEYRING.join(", ")
  })`,
  ignore: !KEYRING.every(requireProgram),
  fn: async () => {
    await using session = await startKeyring(["awsvault", "team", "other"]);
    using home = new Home();
    const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = session.variables;
    const keys = { AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST", AWS_SECRET_ACCESS_KEY: "s" };
    const base = { ...keys, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR };
    const add = async (name: string, args: readonly string[], variable: string) => {
      const all = ["--backend=secret-service", ...args, "add", name, "--env", "--no-add-config"];
      const ran = await run(all, { home, env: { ...base, [COLLECTION]: variable } });
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stderr;
    };
    const option = ["--secret-service-collection", "team"];
    for (
      const [name, args, variable] of [
        ["by-both", option, "other"],
        ["by-variable", [], "other"],
        ["by-default", [], ""],
        ["by-label", [], "Login"], // as desktops show it
      ] as const
    ) assert.doesNotMatch(await add(name, args, variable), /warning/);
    // As nobody made that collection: `login`, and whoever has chosen it is told.
    assert.match(
      await add("by-slip", [], "taem"),
      /^aws-vault: warning: the secret service has no collection `taem`.* using `login`$/m,
    );
    const listIn = async (collection: string) => {
      const path = `/org/freedesktop/secrets/collection/${collection}`;
      const args = ["introspect", "--session", "--dest", "org.freedesktop.secrets", "--recurse"];
      const { stdout } = await new Deno.Command("gdbus", {
        args: [...args, "--only-properties", "--object-path", path],
        ...{ env: session.variables, clearEnv: true },
      }).output();
      return new TextDecoder().decode(stdout).match(/by-\w+/g)?.toSorted();
    };
    for (
      const [collection, name] of [
        ["team", "by-both"],
        ["other", "by-variable"],
        ["awsvault", "by-default"],
        ["login", "by-label by-slip"],
      ] as const
    ) assert.equal([...new Set(await listIn(collection))].join(" "), name);
    const listed = await run(["--backend=secret-service", ...option, "list", "--credentials"], {
      home,
      env: base,
    });
    assert.equal(listed.stdout, "by-both\nby-label\nby-slip\n", "its own, and those of login");
  },
});
