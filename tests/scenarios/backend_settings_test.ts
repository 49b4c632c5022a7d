import assert from "node:assert/strict";
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
});
