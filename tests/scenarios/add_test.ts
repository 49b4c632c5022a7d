import assert from "node:assert/strict";
import {
  assertRefused,
  canLeaveTerminal,
  COMMAND,
  hasTerminalTests,
  runInTerminal,
  type Step,
  WITHOUT_TERMINAL,
} from "./harness.ts";
import { boundByModes, FULL_DISK, HAS_MODES, HAS_MOUNTS, KEYS, withMounts } from "./sandbox.ts";
import { requireProgram, requirePython } from "../require.ts";
import { HAS_STRACE, withFaults } from "./strace.ts";
import { listNames, MFA_SERIAL, modeOf, ROLE, startVault, type Vault } from "./vault.ts";

function readConfig(vault: Vault): string {
  return Deno.readTextFileSync(vault.config);
}

// Row 3. One file, however it is called and whatever HOME is.
Deno.test("twenty `add` at once that call the file by five names are all recorded", async () => {
  await using vault = await startVault("[profile old]\n");
  const home = vault.home.path;
  Deno.symlinkSync(`${home}/.aws`, `${home}/linked`);
  Deno.symlinkSync(home, `${home}/.aws/round`);
  const ways = [
    {},
    { AWS_CONFIG_FILE: ".aws/config" },
    { AWS_CONFIG_FILE: `${home}/linked/config` },
    { AWS_CONFIG_FILE: `${home}/.aws/round/.aws/./config` },
    { AWS_CONFIG_FILE: vault.config, HOME: undefined, AWS_VAULT_FILE_DIR: vault.keyring },
  ];
  for (let round = 0; round < Number(Deno.env.get("VAULT_TEST_ROUNDS") ?? 1); round++) {
    const names = Array.from({ length: 20 }, (_, i) => `r${round}p${i}`);
    const ran = await Promise.all(
      names.map((name, i) => vault.add(name, `AKIA${name}`, { env: ways[i % ways.length] })),
    );
    assert.deepEqual(ran.map(({ code, stderr }) => code === 0 ? 0 : stderr), names.map(() => 0));
    const sections = readConfig(vault).split("\n").filter((line) => line !== "");
    assert.deepEqual(
      sections.filter((line) => line.startsWith(`[profile r${round}p`)).sort(),
      names.map((name) => `[profile ${name}]`).sort(),
    );
    assert.equal(sections.length, 1 + 20 * (round + 1));
  }
  assert.deepEqual(listNames(`${home}/.aws`), ["config", "round"]);
});

Deno.test("a config file without a directory in its path is made where we are", async () => {
  await using vault = await startVault();
  const ran = await vault.add("new", "AKIANEW", { env: { AWS_CONFIG_FILE: "config" } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(Deno.readTextFileSync(`${vault.home.path}/config`), "[profile new]\n");
  assert.deepEqual(listNames(vault.home.path), [".aws", ".awsvault", "config"]);
});

// Row 39.
Deno.test("every byte of the config file and its mode stay, UTF-8 or not", async () => {
  await using vault = await startVault();
  const old = new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode("# caf"), 0xe9, 10]);
  Deno.writeFileSync(vault.config, old);
  for (const mode of [0o640, 0o600, 0o664]) {
    Deno.chmodSync(vault.config, mode);
    assert.equal((await vault.add(`new${mode}`, "AKIANEW")).code, 0);
    assert.equal(modeOf(vault.config), mode.toString(8));
    assert.deepEqual(Deno.readFileSync(vault.config).subarray(0, old.length), old);
  }
  assert.match(readConfig(vault), /\n\n\[profile new416\]\n\n\[profile new384\]\n\n/);
});

// As on a drive of Windows under WSL, where each file has the same mode.
Deno.test("a config file whose mode cannot be changed is written where it need not be (strace)", {
  ignore: !HAS_STRACE,
}, async () => {
  await using vault = await startVault();
  Deno.chmodSync(vault.config, 0o600);
  const ran = await vault.add("new", "AKIANEW", { command: withFaults("/chmod:error=EPERM") });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(readConfig(vault), "[profile work]\n\n[profile new]\n");
});

Deno.test("a config file that a container has mounted by itself is told (mount)", {
  ignore: !HAS_MOUNTS,
}, async () => {
  await using vault = await startVault();
  const command = withMounts(`mount --bind ${vault.config} ${vault.config}`, COMMAND);
  const ran = await vault.add("new", "AKIANEW", { command });
  assert.match(
    ran.stderr,
    /config cannot be written, it is left as it was: it is mounted by itself/,
  );
  assert.match(
    ran.stderr,
    /^ {2}mount the directory.*\n {2}add this section .*: \[profile new\]$/m,
  );
});

Deno.test({
  name: "a config file that may not be written is refused before the keys are stored",
  ignore: !HAS_MODES,
  fn: async () => {
    await using vault = await startVault();
    Deno.chmodSync(vault.config, 0o400);
    const before = vault.snapshot();
    const command = boundByModes(COMMAND);
    const ran = await vault.add("new", "AKIANEW", { command });
    assertRefused(
      ran,
      /\.aws\/config cannot be written: permission denied\n {2}check the owner and mode of it/,
    );
    assert.deepEqual(vault.snapshot(), before);
    assert.equal(modeOf(vault.config), "400");
  },
});

// Row 38.
Deno.test("`add` whose output goes nowhere has stored the keys and dropped the old sessions", async () => {
  for (const output of [">/dev/full", "| true", ">&-"]) {
    await using vault = await startVault();
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
    assert.equal(vault.sessionNames().length, 1);
    const command = ["sh", "-c", `"$0" "$@" ${output}`, COMMAND];
    const ran = await vault.add("work", "AKIAOTHER", { command });
    assert.doesNotMatch(ran.stderr, /bug/);
    if (output === ">/dev/full") assert.match(ran.stderr, /^aws-vault: error: standard output /m);
    await vault.add("new", "AKIANEW", { command });
    assert.equal(await vault.readKeyId("work"), "AKIAOTHER", output);
    assert.deepEqual(vault.sessionNames(), [], output);
    assert.match(readConfig(vault), /\[profile new\]/, output);
  }
});

/** A credential helper that keeps what it is given, and gives nothing up. */
const KEEPER = `#!/usr/bin/env python3
import json, os, sys
path = __file__ + ".json"
items = json.load(open(path)) if os.path.exists(path) else {}
verb = sys.argv[1]
given = "" if verb == "list" else sys.stdin.read()
if verb == "store":
    item = json.loads(given)
    items[item["ServerURL"]] = item
    json.dump(items, open(path, "w"))
elif verb == "list":
    print(json.dumps({url: item["Username"] for url, item in items.items()}))
elif verb == "get" and given.strip() in items:
    print(json.dumps(items[given.strip()]))
else:
    print("credentials not found in native keychain" if verb == "get" else "the store is locked")
    sys.exit(1)
`;

// Row 38.
Deno.test({
  name: "old sessions that cannot be dropped are told, and how to drop them (python3)",
  ignore: !requireProgram("python3"),
  fn: async () => {
    await using vault = await startVault();
    const helper = vault.home.write("bin/keeper", KEEPER);
    Deno.chmodSync(helper, 0o700);
    const env = { AWS_VAULT_BACKEND: "helper", AWS_VAULT_HELPER: helper };
    const [key] = vault.user.accessKeys;
    const secret = { AWS_SECRET_ACCESS_KEY: key!.secret };
    const first = await vault.add("work", key!.id, { env: { ...env, ...secret } });
    assert.equal(first.code, 0, first.stderr);
    assert.equal((await vault.run(["exec", "work", "--json"], { env })).code, 0);
    const ran = await vault.add("work", "AKIAOTHER", { env });
    assertRefused(ran, /the keys of work are stored, but sessions made with older ones are left: /);
    assert.match(ran.stderr, /the store is locked/);
    assert.match(ran.stderr, /aws-vault clear work$/m);
    const stored = await vault.run(["exec", "-n", "work", "--json"], { env });
    assert.equal(JSON.parse(stored.stdout).AccessKeyId, "AKIAOTHER");
  },
});

Deno.test("names that some program could not read are refused, and nothing is stored", async () => {
  await using vault = await startVault();
  const before = vault.snapshot();
  for (const name of ["a#b", "a;b", "a\nb", "x".repeat(151)]) {
    assertRefused(await vault.add(name, "AKIANEW"), /can be no profile's name: /);
    assertRefused(await vault.add(name, "AKIANEW", {}, "--no-add-config"), /can be no profile's/);
  }
  assert.deepEqual(vault.snapshot(), before);
});

Deno.test("a name with a bracket or a blank is added, and its keys are found", async () => {
  await using vault = await startVault();
  for (const [name, header] of [["a]b", "[profile a]b]"], ["a b", '[profile "a b"]']] as const) {
    assert.equal((await vault.add(name, "AKIANEW")).code, 0);
    assert.ok(readConfig(vault).includes(`${header}\n`));
    const ran = await vault.run(["exec", "-n", name, "--json"]);
    assert.equal(JSON.parse(ran.stdout).AccessKeyId, "AKIANEW", ran.stderr);
  }
});

Deno.test({
  name: "boto3 reads every name that `add` writes, and the file as a whole (python3, boto3)",
  ignore: !requirePython("boto3"),
  fn: async () => {
    await using vault = await startVault();
    const names = [
      "a]b",
      "team/ops 100%",
      "zoë",
      "a\tb",
      "it's it",
      'say "hi"',
      "a+b@c:d=e",
      "[a]",
    ];
    for (const name of names) assert.equal((await vault.add(name, "AKIANEW")).code, 0, name);
    const script = "import boto3, json; print(json.dumps(boto3.Session().available_profiles))";
    const { stdout } = await new Deno.Command("python3", {
      args: ["-c", script],
      env: { AWS_CONFIG_FILE: vault.config, AWS_SHARED_CREDENTIALS_FILE: "/dev/null" },
    }).output();
    const read = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual(read.sort(), [...names, "work"].sort());
  },
});

Deno.test("temporary keys are refused, and nothing is stored", async () => {
  await using vault = await startVault();
  const before = vault.snapshot();
  assertRefused(await vault.add("new", "ASIATEMPORARY"), /ASIATEMPORARY is the id of a temporary/);
  assert.deepEqual(vault.snapshot(), before);
});

Deno.test({
  name: "on a terminal (python3) a temporary key is refused before its secret is asked for",
  ignore: !hasTerminalTests,
  fn: async () => {
    await using vault = await startVault();
    const { env, home } = vault;
    const steps = [{ expect: "Enter Access Key ID: ", type: "ASIATEMPORARY\r" }];
    const ran = await runInTerminal(["add", "new"], { home, env, steps });
    assert.equal(ran.code, 1);
    assert.match(ran.screen, /ASIATEMPORARY is the id of a temporary key/);
    assert.doesNotMatch(ran.screen, /Secret Access Key: /);
  },
});

for (
  const [answer, isRemoved] of [
    ...[["y", true], ["YES", true]] as const,
    ...[["n", false], ["", false], ["yesterday", false]] as const,
  ]
) {
  Deno.test({
    name: `on a terminal (python3) \`remove\` ${isRemoved ? "removes" : "leaves"} keys at ${
      JSON.stringify(answer)
    }`,
    ignore: !hasTerminalTests,
    fn: async () => {
      await using vault = await startVault();
      const { env, home } = vault;
      const expect = 'Delete credentials for profile "work"? (y|N) ';
      const ran = await runInTerminal(["remove", "work"], {
        home,
        env,
        steps: [{ expect, type: `${answer}\r` }],
      });
      assert.equal(ran.code, 0, ran.screen);
      assert.equal(ran.screen.includes("Deleted credentials."), isRemoved);
      assert.deepEqual(await vault.open().keys(), isRemoved ? [] : ["work"]);
    },
  });
}

Deno.test({
  name: "`remove` without a terminal (setsid) removes nothing, and names --force",
  ignore: !canLeaveTerminal,
  fn: async () => {
    await using vault = await startVault();
    const ran = await vault.run(["remove", "work"], { command: WITHOUT_TERMINAL });
    assertRefused(ran, /no terminal to ask on whether to delete\n.*--force/);
    assert.deepEqual(await vault.open().keys(), ["work"]);
  },
});

Deno.test("blanks around keys are cut off, which is told", async () => {
  await using vault = await startVault();
  const env = { AWS_SECRET_ACCESS_KEY: "hidden" };
  const ran = await vault.add("new", " AKIANEW\n", { env });
  assert.equal(await vault.readKeyId("new"), "AKIANEW");
  assert.match(ran.stderr, /^The blanks around AWS_ACCESS_KEY_ID were cut off\.$/m);
  assert.doesNotMatch(ran.stderr, /SECRET/);
});

Deno.test("what can be no access key id is refused unseen, and one that AWS refuses is told", async () => {
  await using vault = await startVault();
  const before = vault.snapshot();
  const refused = await vault.add("new", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  assertRefused(
    refused,
    /AWS_ACCESS_KEY_ID: an access key id has letters and digits alone, and this/,
  );
  assert.doesNotMatch(refused.stderr, /wJalr/);
  const twoLines = { AWS_SECRET_ACCESS_KEY: "wJalr\nsecond" };
  const both = await vault.add("new", "AKIANEW", { env: twoLines });
  assertRefused(both, /AWS_SECRET_ACCESS_KEY has a line end or another control character in it/);
  assert.doesNotMatch(both.stderr, /wJalr/);
  assert.deepEqual(vault.snapshot(), before);
  const told = await vault.add("new", "AKIANEW");
  assert.equal(told.code, 0);
  assert.match(
    told.stderr,
    /warning: an access key id has 16 to 128 characters, and this one 7: AWS/,
  );
  const good = await vault.add("new", "AKIAIOSFODNN7EXAMPLE");
  assert.doesNotMatch(good.stderr, /warning/);
});

Deno.test({
  name: "on a terminal (python3) a mistyped MFA device is asked for again, and the keys are not",
  ignore: !hasTerminalTests,
  fn: async () => {
    await using vault = await startVault();
    const { env, home } = vault;
    const ran = await runInTerminal(["add", "new"], {
      home,
      env,
      steps: [
        { expect: "Enter Access Key ID: ", type: "my key\r" },
        { expect: "has others", type: "" },
        { expect: "Enter Access Key ID: ", type: "AKIAIOSFODNN7EXAMPLE\r" },
        { expect: "Enter Secret Access Key: ", type: "hidden\r" },
        { expect: "leave this blank): ", type: "GAHT 12345678 # mine\r" },
        { expect: "has others", type: "" },
        { expect: "leave this blank): ", type: "GAHT12345678\r" },
      ],
    });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(readConfig(vault), /\[profile new\]\nmfa_serial=GAHT12345678\n/);
    assert.equal(await vault.readKeyId("new"), "AKIAIOSFODNN7EXAMPLE");
  },
});

const QUESTIONS: readonly Step[] = [
  { expect: "Enter Access Key ID: ", type: "AKIANEW\r" },
  { expect: "Enter Secret Access Key: ", type: " hidden \r" },
];

for (
  const [what, profile, flags, wanted] of [
    ["a profile that is there", "there", [], /add to .*config: \[profile there\], mfa_serial = /],
    ["--no-add-config", "new", ["--no-add-config"], /add to .*config: \[profile new\], mfa_serial/],
    ["a profile with a device", "guarded", [], undefined],
  ] as const
) {
  Deno.test({
    name: `on a terminal (python3) no MFA device is asked for ${what}: it would be written nowhere`,
    ignore: !hasTerminalTests,
    fn: async () => {
      await using vault = await startVault(
        `[profile there]\n[profile guarded]\nmfa_serial = ${MFA_SERIAL}\n`,
      );
      const before = readConfig(vault);
      const { env, home } = vault;
      const args = ["add", profile, ...flags];
      const ran = await runInTerminal(args, { home, env, steps: QUESTIONS });
      assert.equal(ran.code, 0, ran.screen);
      assert.doesNotMatch(ran.screen, /MFA Device ARN/);
      assert.match(ran.screen, /The blanks around the Secret Access Key were cut off\./);
      assert.match(ran.screen, /Stored in the file keyring\./);
      if (wanted === undefined) assert.doesNotMatch(ran.screen, /mfa_serial/);
      else assert.match(ran.screen, wanted);
      assert.equal(readConfig(vault), before);
    },
  });
}

/** What stands in the way of what is typed, and how it is told. */
const OBSTACLES: readonly {
  readonly name: string;
  readonly ignore: boolean;
  readonly command: string[];
  readonly env?: Record<string, string>;
  readonly says: RegExp;
}[] = [
  {
    name: "a read-only keyring (mount)",
    ignore: !HAS_MOUNTS,
    command: withMounts(
      `mount --bind ${KEYS} ${KEYS}; mount -o remount,ro,bind ${KEYS}; cd /`,
      COMMAND,
    ),
    says: /\.awsvault\/keys cannot be written to: read-only[^]*check the owner and mode of it/i,
  },
  {
    name: "a full disk (mount)",
    ignore: !HAS_MOUNTS,
    command: withMounts(FULL_DISK, COMMAND),
    says: /\.awsvault\/keys cannot be written to: no space left/i,
  },
  {
    name: "a store that `pass` has not made (pass)",
    ignore: !requireProgram("pass"),
    command: [COMMAND],
    env: { AWS_VAULT_BACKEND: "pass" },
    says: /\.password-store is no password store\b[^]*`pass init`/,
  },
];

for (const { name, ignore, command, env, says } of OBSTACLES) {
  Deno.test({
    name: `on a terminal (python3) ${name} is told before the first question`,
    ignore: ignore || !hasTerminalTests,
    fn: async () => {
      await using vault = await startVault();
      for (const profile of ["work", "new"]) {
        const ran = await runInTerminal(["add", profile], {
          home: vault.home,
          env: { ...vault.env, ...env },
          command,
          steps: [],
        });
        assert.equal(ran.code, 1);
        assert.match(ran.screen, says);
        assert.doesNotMatch(ran.screen, /Enter /);
      }
      assert.equal(readConfig(vault), "[profile work]\n");
    },
  });
}

Deno.test({
  name: "on a terminal (python3) typed keys that a keyring does not take at first are not lost",
  ignore: !hasTerminalTests,
  fn: async () => {
    await using vault = await startVault();
    const { home } = vault;
    const locked = 'if verb == "store":\n';
    const once = `    if not os.path.exists(path + ".tried"):\n` +
      `        open(path + ".tried", "w")\n        print("it is locked")\n        sys.exit(1)\n`;
    const helper = home.write("bin/keeper", KEEPER.replace(locked, locked + once));
    Deno.chmodSync(helper, 0o700);
    const env = { ...vault.env, AWS_VAULT_BACKEND: "helper", AWS_VAULT_HELPER: helper };
    const ran = await runInTerminal(["add", "new", "--no-add-config"], {
      home,
      env,
      steps: [...QUESTIONS, { expect: "give up what you typed: ", type: "\r" }],
    });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(ran.screen, /warning: .*keeper store.* failed with exit code 1: it is locked/);
    const stored = await vault.run(["exec", "-n", "new", "--json"], { env });
    assert.equal(JSON.parse(stored.stdout).AccessKeyId, "AKIANEW");
  },
});

const CHAIN = `[profile work]\n[profile admin]\nrole_arn = ${ROLE}\nsource_profile = work\n` +
  `[profile other]\nrole_arn = ${ROLE}\nsource_profile = keys\n`;

// Row 42.
Deno.test("`remove` takes the sessions of roles that were made with the keys, and no others", async () => {
  await using vault = await startVault(CHAIN);
  const [key] = vault.user.accessKeys;
  await vault.add("keys", key!.id, { env: { AWS_SECRET_ACCESS_KEY: key!.secret } });
  for (const profile of ["work", "admin", "other"]) {
    assert.equal((await vault.run(["exec", profile, "--json"])).code, 0);
  }
  const names = vault.sessionNames();
  assert.equal(names.length, 3);
  const ran = await vault.run(["remove", "work", "--force"]);
  assert.equal(ran.stdout, "Deleted credentials.\n");
  assert.match(ran.stderr, /Deleted 2 sessions made with them/);
  const others = names.filter((name) => name.split(",")[1] === "b3RoZXI"); // other
  assert.deepEqual(vault.sessionNames(), others);
});

// Row 42.
Deno.test("keys that the Go tool keeps under a longer name than `add` takes can be removed", async () => {
  await using vault = await startVault();
  const name = "x".repeat(200);
  await vault.open().set({ key: name, data: new TextEncoder().encode("{}") });
  const ran = await vault.run(["remove", name, "--force"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stderr, "");
  assert.deepEqual(await vault.open().keys(), ["work"]);
});

// Row 42.
Deno.test("`clear` drops the sign-in a profile's credentials begin with, not one it never uses", async () => {
  const url = "https://d-1.awsapps.com/start";
  await using vault = await startVault(
    `[default]\nsso_start_url = ${url}\nsso_region = eu-west-1\nsso_account_id = 1\n` +
      "sso_role_name = r\n[profile work]\n[profile sso]\n",
  );
  const data = new TextEncoder().encode("{}");
  await vault.open().set({ key: `oidc:${url}`, data });
  assert.equal((await vault.run(["clear", "work"])).stdout, "Cleared 0 sessions.\n");
  assert.equal((await vault.run(["clear", "sso"])).stdout, "Cleared 1 sessions.\n");
  assert.equal((await vault.run(["clear", "sso"])).stdout, "Cleared 0 sessions.\n");
});

for (
  const [about, config, env, fault] of [
    [
      "a loop of source profiles",
      "[profile work]\nsource_profile = b\n[profile b]\nsource_profile = work\n",
      {},
      "loop",
    ],
    ["a line that cannot be read", "[profile work]\nregion\n", {}, "line 2"],
    [
      "a variable that says nothing",
      "[profile work]\n",
      { AWS_SESSION_TOKEN_TTL: "x" },
      "AWS_SESSION_TOKEN_TTL",
    ],
  ] as const
) {
  Deno.test(`\`clear\` removes a profile's sessions in spite of ${about}, and tells it`, async () => {
    await using vault = await startVault(config);
    const session = "sts.GetSessionToken,d29yaw,,1999999999";
    await vault.open().set({ key: session, data: new TextEncoder().encode("{}") });
    const ran = await vault.run(["clear", "work"], { env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stdout, "Cleared 1 sessions.\n");
    assert.match(ran.stderr, /^aws-vault: warning: .*work/);
    assert.ok(ran.stderr.includes(fault), ran.stderr);
    assert.deepEqual(await vault.open().keys(), ["work"]);
  });
}
