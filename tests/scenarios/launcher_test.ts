import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { makeCertificate } from "./certificate.ts";
import { fakeDeno } from "./fake_deno.ts";
import { COMMAND, hasTerminalTests, type Home } from "./harness.ts";
import { LAUNCHER, launcherTest, ROOT } from "./launchers.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { behind, listNames, MFA_SERIAL, ROLE, startVault, storeKeys, type Vault } from "./vault.ts";

const LINUX = Deno.build.os === "linux";

/**
 * Writes which signals it began with blocked. It starts no program for that: `sh` would have taken
 * them all from its children.
 */
const TELL_MASK = 'while read -r k v; do [ "$k" != SigBlk: ] || echo "$v" >>"$HOME/mask"; done' +
  " </proc/$$/status";
const CREDENTIALS = '{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}';

launcherTest(
  "every program begins with the signals blocked that the caller has blocked, and no other",
  async (vault) => {
    const { home } = vault;
    const addProgram = (name: string, does: string) =>
      Deno.chmodSync(home.write(`bin/${name}`, `#!/bin/sh\n${TELL_MASK}; ${does}\n`), 0o755);
    addProgram("mfa", "echo no code");
    addProgram("ykman", "exit 1");
    addProgram("process", `echo '${CREDENTIALS}'`);
    addProgram("pass", "exit 1");
    home.write(".password-store/.gpg-id", "x\n");
    home.write(
      ".aws/config",
      `[profile tap]\nmfa_serial = ${MFA_SERIAL}\n[profile work]\nmfa_serial = ${MFA_SERIAL}\n` +
        `mfa_process = exec ${home.path}/bin/mfa\n` +
        `[profile process]\ncredential_process = exec ${home.path}/bin/process\n`,
    );
    await storeKeys(vault.keyring, "tap", "AKIATAP", "s");
    const env = {
      PATH: `${home.path}/bin:${Deno.env.get("PATH")}`,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "s",
    };
    const usr2 = 1n << 11n;
    const lines: readonly (readonly [words: string[], masks: bigint[]])[] = [
      [["exec", "work", "--json"], [usr2]],
      [["exec", "tap", "--json", "--prompt=ykman"], [usr2]],
      [["add", "new", "--env", "--no-add-config", "--backend=pass"], [usr2]],
      [["exec", "process", "--", "sh", "-c", TELL_MASK], [usr2, usr2]],
      [["exec", "--ecs-server", "process", "--", "sh", "-c", TELL_MASK], [usr2, usr2]],
    ];
    const command = ["env", "--block-signal=USR2", COMMAND];
    for (const [words, masks] of lines) {
      home.write("mask", "");
      const ran = await vault.run(words, { command, env });
      const told = Deno.readTextFileSync(`${home.path}/mask`).trim().split("\n");
      const shown = `${words.join(" ")}: ${ran.stderr}`;
      assert.deepEqual(told.map((text) => BigInt(`0x${text}`)), masks, shown);
    }
  },
  !LINUX || !knowsBlockSignal(),
);

launcherTest(
  "SIGUSR1 opens no debugger while one program is started after another",
  async (vault) => {
    const { home } = vault;
    home.write(".aws/config", `[profile work]\nmfa_serial = ${MFA_SERIAL}\n`);
    const asked = home.write("bin/ykman", "#!/bin/sh\nkill -USR1 $PPID; echo no code\n");
    Deno.chmodSync(asked, 0o755);
    const PATH = `${home.path}/bin:${Deno.env.get("PATH")}`;
    const ran = await vault.run(["exec", "work", "--json", "--prompt=ykman"], { env: { PATH } });
    assert.deepEqual([ran.code, ran.signal], [1, null]);
    assert.match(
      ran.stderr,
      /^(An MFA code is six digits\.\n){3}aws-vault: error: no six-digit MFA code/,
    );
  },
  !LINUX || !knowsBlockSignal(),
);

/** Sends the signal once Deno has had the time to listen for it, and looks for who listens on 9229. */
const LATE =
  "sleep 0.8; kill -USR1 $PPID; sleep 0.3; grep ':240D 0.* 0A ' /proc/net/tcp; echo none";

launcherTest(
  "SIGUSR1 opens no debugger in exec PROFILE --json, which starts without env, however long it waits",
  async (vault) => {
    const { home } = vault;
    const look = `(${LATE}) > ${home.path}/listening`;
    const config = `[profile work]\nmfa_serial = ${MFA_SERIAL}\nmfa_process = ${look}\n`;
    home.write(".aws/config", config);
    const ran = await vault.run(["exec", "work", "--json"]);
    assert.deepEqual([ran.code, ran.signal], [1, null], ran.stderr);
    assert.equal(Deno.readTextFileSync(`${home.path}/listening`), "none\n");
  },
  !LINUX,
);

function knowsBlockSignal(): boolean {
  return requireProgram("env") &&
    new Deno.Command("env", { args: ["--block-signal=USR1", "true"], stderr: "null" })
      .outputSync().success;
}

/** Runs what follows with exactly these entries (base64) as its environment. */
const WITH_BYTES = `
import base64, ctypes, json, sys
entries = [base64.b64decode(entry) for entry in json.load(open(sys.argv[1]))]
array = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*texts, None)
argv = [argument.encode(errors="surrogateescape") for argument in sys.argv[2:]]
ctypes.CDLL(None).execve(argv[0], array(argv), array(entries))`;

const READ_ENVIRON = 'import sys; sys.stdout.buffer.write(open("/proc/self/environ", "rb").read())';

const bytes = (text: string) => new TextEncoder().encode(text);
const EVERY_BYTE = new Uint8Array(255).map((_, i) => i + 1);

/** What programs meet in the world, and what no \`sh\` keeps. */
function oddEntries(): Uint8Array[] {
  return [
    ...["a.b=dotted", "//registry.npmjs.org/:_authToken=x=y", "BASH_FUNC_f%%=() {  echo f\n}"],
    ...["1st=digit", "IFS=:", "PS1=$ ", "OLDPWD=/nowhere", "PWD=/not/here", "OPTIND=7", "_=/bin/x"],
    ...["TWICE=1", "TWICE=2", "EMPTY=", "SHLVL=7", "PPID=3", "net=mine", "_lib=mine", "rest=mine"],
    ...["NODE_OPTIONS=--max-old-space-size=512", "DENO_DIR=/their/own", "DENO_TLS_CA_STORE=system"],
    ...["OTEL_SERVICE_NAME=web", "V8_X=1", "NODE_EXTRA=line\nexport DENO_FAKE=1", "DENO_CERT="],
    ...["AWS_VAULT_KEPT_X=theirs", `BIG=${"x".repeat(100_000)}`],
  ].map(bytes).concat([
    new Uint8Array([...bytes("every.byte="), ...EVERY_BYTE]),
    new Uint8Array([...bytes("EVERY="), ...EVERY_BYTE]),
    new Uint8Array([...bytes("NODE_EVERY="), ...EVERY_BYTE]),
  ]);
}

// Rows 25 and 28.
for (const server of [[], ["--ecs-server"]]) {
  const manner = server.length === 0 ? "in our place" : "beside a server";
  launcherTest(
    `a program ${manner} gets its environment byte for byte, whatever \`sh\` makes of it (python3)`,
    async (vault) => {
      const own = { ...vault.env, HOME: vault.home.path, PATH: "/usr/local/bin:/usr/bin:/bin" };
      const keyring = { AWS_VAULT_BACKEND: "file", AWS_VAULT_FILE_PASSPHRASE: "correct horse" };
      const set = Object.entries({ ...own, ...keyring }).map(([name, value]) => `${name}=${value}`);
      const given = [...oddEntries(), ...set.map(bytes)];
      const encoded = JSON.stringify(given.map((entry) => entry.toBase64()));
      const file = vault.home.write("entries", encoded);
      // Of the program's own words none is an option of exec, with a -- before them or without.
      const program = server.length === 0
        ? ["python3", "-c", READ_ENVIRON, "--json"]
        : ["--", "cat", "/proc/self/environ"];
      const ran = await vault.run(["exec", ...server, "work", ...program], {
        command: ["python3", "-c", WITH_BYTES, file, COMMAND],
      });
      assert.equal(ran.stderr, "");
      const latin = (entry: Uint8Array) => new TextDecoder("latin1").decode(entry);
      const got = latin(ran.stdoutBytes).split("\0").slice(0, -1);
      const kept = given.map(latin).filter((entry) =>
        !/^AWS_(VAULT_FILE_PASS|REG|END)/.test(entry)
      );
      assert.deepEqual(got.slice(0, kept.length), kept);
      const added = got.slice(kept.length).map((entry) => entry.split("=")[0]!);
      assert.ok(added.length > 3);
      assert.deepEqual(added.filter((name) => !name.startsWith("AWS_")), []);
      assert.deepEqual(added.filter((name) => /KEPT|ENVIRON|NOFILE|PASSPHRASE/.test(name)), []);
    },
    !hasTerminalTests || !LINUX,
  );
}

// Row 28.
for (const [sizeKilobytes, isWhole] of [[300, true], [600, false], [1500, false]] as const) {
  const odd = isWhole ? "odd names and all" : "odd names are lost";
  launcherTest(
    `a program starts in an environment of ${sizeKilobytes} kB: ${odd}`,
    async (vault) => {
      const names = Array.from({ length: sizeKilobytes / 100 }, (_, index) => `BIG${index}`);
      const big = Object.fromEntries(names.map((name) => [name, "y".repeat(100_000)]));
      const ran = await vault.run(["exec", "work", "--", "cat", "/proc/self/environ"], {
        env: { ...big, NODE_ENV: "production" },
        command: ["env", "a.b=odd", COMMAND],
      });
      const got = ran.stdout.split("\0");
      for (const name of names) assert.ok(got.includes(`${name}=${big[name]}`), name);
      assert.ok(got.includes("NODE_ENV=production"));
      assert.equal(got.includes("a.b=odd"), isWhole);
      assert.ok(!got.some((entry) => entry.startsWith("AWS_VAULT_ENVIRON_")));
    },
    !LINUX,
  );
}

launcherTest(
  "a command of the config file gets what was kept from Deno too, and so does the next",
  async (vault) => {
    const program = vault.home.write(
      "mint",
      '#!/bin/sh\necho "$NODE_ENV|$DENO_DIR|$DENO_CERT|${DENO_FAKE+set}|$(env | grep -c "KEPT\\|_SHIM\\|DENO_LOG\\|DENO_NO\\|DENO_TLS")" >> "$HOME/seen"\n' +
        'echo \'{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"s"}\'\n',
    );
    Deno.chmodSync(program, 0o755);
    vault.home.write(
      ".aws/config",
      `[profile minted]\ncredential_process = ${program}\n` +
        `[profile coded]\nrole_arn = ${ROLE}\nsource_profile = minted\nmfa_serial = x\nmfa_process = ${program}\n`,
    );
    const see = async (profile: string, DENO_DIR?: string) => {
      vault.home.write("seen", "");
      const { stderr } = await vault.run(["exec", profile, "--json"], {
        env: { NODE_ENV: "production", NODE_EXTRA: "line\nexport DENO_FAKE=1", DENO_DIR },
      });
      return { stderr, seen: Deno.readTextFileSync(`${vault.home.path}/seen`) };
    };
    assert.deepEqual(await see("minted"), { stderr: "", seen: "production||||0\n" });
    const { seen, stderr } = await see("coded", "/dev/null"); // what it says is no code
    assert.equal(seen, "production|/dev/null|||0\n".repeat(2), stderr);
  },
);

// Deno starts no program of a list of permitted ones while an LD_ variable is set.
launcherTest(
  "LD_LIBRARY_PATH keeps nothing from starting, and reaches what is started (curl)",
  async (vault) => {
    const told = '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"\'$LD_LIBRARY_PATH\'"}';
    vault.home.write(".aws/config", `[profile told]\ncredential_process = echo '${told}'\n`);
    const script =
      'curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"';
    const ran = await vault.run(
      [
        "exec",
        "told",
        "--ecs-server",
        "--lazy",
        "--",
        "sh",
        "-c",
        `${script}; echo $LD_LIBRARY_PATH`,
      ],
      { env: { LD_LIBRARY_PATH: "/nowhere" } },
    );
    assert.match(ran.stdout, /"SecretAccessKey":"\/nowhere".*\}\/nowhere\n$/, ran.stderr);
  },
  !requireProgram("curl"),
);

// Row 32.
launcherTest(
  "no variable of Deno's, Node's, V8's or OpenTelemetry's reaches Deno",
  async (vault) => {
    const DENO = fakeDeno(vault.home, Deno.version.deno);
    const hostile = {
      ...{ DENO_DIR: ".deno", DENO_X: "1", OTEL_DENO: "true", NODE_CHANNEL_FD: "3", V8_X: "1" },
      ...{ DENO_PERMISSION_BROKER_PATH: "/x", DENO_AUDIT_PERMISSIONS: "/x", NODE_V: "a\nDENO_Y=1" },
    };
    const env = { ...hostile, DENO, AWS_CA_BUNDLE: "/etc/ca.pem" };
    const { stdout } = await vault.run(["list"], { env });
    const reached = stdout.split("\n").filter((line) => /^(DENO|NODE|V8|OTEL)_/.test(line)).sort();
    assert.deepEqual(reached, [
      "DENO_CERT=/etc/ca.pem",
      `DENO_DIR=${ROOT}dist/lib/cache`,
      "DENO_DISABLE_NODE_SHIM=1",
      "DENO_NO_UPDATE_CHECK=1",
      "DENO_TLS_CA_STORE=mozilla,system",
      "DENO_Y=1", // a line of a value
    ]);
  },
);

launcherTest("no line of a value is run by the launcher, whatever it looks like", async (vault) => {
  const mark = `${vault.home.path}/ran`;
  const env = {
    LINES:
      `a\nexport DENO_X}$(touch ${mark})=1\nexport NODE_X$(touch ${mark})=1\nexport V8_\`id\`=`,
  };
  const ran = await vault.run(["list", "--credentials"], { env });
  assert.deepEqual([ran.stdout, ran.stderr], ["work\n", ""]);
  assert.throws(() => Deno.lstatSync(mark), Deno.errors.NotFound);
});

launcherTest(
  "an environment that its caller makes up is not what a program gets (env)",
  async (vault) => {
    // Without `od` the launcher hands over none of its own.
    Deno.mkdirSync(`${vault.home.path}/bin`);
    Deno.symlinkSync("/usr/bin/env", `${vault.home.path}/bin/env`);
    const made = "4d 41 44 45 3d 75 70 00"; // MADE=up
    for (
      const env of [
        { AWS_VAULT_ENVIRON_0: made, PATH: `${vault.home.path}/bin` },
        { AWS_VAULT_ENVIRON_1: made },
      ]
    ) {
      const ran = await vault.run(["exec", "-n", "work", "--", "env"], { env });
      assert.match(ran.stdout, /^HOME=/m, ran.stderr);
      assert.doesNotMatch(ran.stdout, /^MADE=|^AWS_VAULT_ENVIRON_0/m);
    }
  },
);

const HOSTILE_PROGRAMS = [
  ...["deno", "env", "od", "readlink", "mkdir", "rm", "sudo", "sh", "ps", "tr", "stty", "tty"],
  ...["pass", "gpg", "secret-tool", "dbus-send", "security", "zenity", "kdialog", "ykman"],
];

const HOSTILE_ENVIRONMENT = {
  ...{ DENO_DIR: ".deno", DENO_V8_FLAGS: "--no-such-flag", DENO_CONNECTED: "tcp:127.0.0.1:9" },
  ...{ OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", NODE_CHANNEL_FD: "3" },
  ...{
    DENO_PERMISSION_BROKER_PATH: "/no/such",
    DENO_AUDIT_PERMISSIONS: "audit",
    DENO_LOG: "trace",
  },
  ...{ DENO_COVERAGE_DIR: "coverage", DENO_TRACE_PERMISSIONS: "1", NODE_OPTIONS: "--no-such" },
};

// Row 32: the directory a repository was cloned to, and an environment that came with it.
launcherTest(
  "a hostile directory and environment change nothing, and nothing is left there",
  async (vault) => {
    const cwd = `${vault.home.path}/cloned`;
    for (const name of HOSTILE_PROGRAMS) {
      const path = vault.home.write(
        `cloned/${name}`,
        `#!/bin/sh\ntouch ${cwd}/ran-${name}\nexit 3\n`,
      );
      Deno.chmodSync(path, 0o755);
    }
    for (
      const name of [
        "deno.json",
        "deno.jsonc",
        ".npmrc",
        "package.json",
        "deno.lock",
        "import_map.json",
      ]
    ) {
      vault.home.write(`cloned/${name}`, "{{ no JSON");
    }
    vault.home.write("cloned/.env", "AWS_PROFILE=evil\n");
    vault.home.write(".npmrc", "registry=${NOWHERE}\n"); // npm would fail by it when it is used
    vault.home.write("cloned/.deno/v8_code_cache_v2", "no database");
    const before = [listNames(cwd), listNames(`${cwd}/.deno`)];
    for (const PATH of [`.:${Deno.env.get("PATH")}`, `:${Deno.env.get("PATH")}:`]) {
      const env = { ...HOSTILE_ENVIRONMENT, PATH };
      const within = (...args: string[]) => vault.run(args, { cwd, env });
      const listed = await within("list", "--credentials");
      assert.deepEqual([listed.stderr, listed.code], ["", 0]);
      assert.match(listed.stdout, /^work$/m);
      const script = 'echo "$PATH $OTEL_DENO $HOME"';
      const child = await within("exec", "work", "--", "/bin/sh", "-c", script);
      assert.deepEqual([child.stdout, child.stderr], [`${PATH} true ${vault.home.path}\n`, ""]);
      const pass = await within("list", "--backend", "pass");
      assert.ok(pass.code === 0 || pass.code === 1);
      const added = await vault.add("new", "AKIANEW", { cwd, env });
      assert.equal(added.code, 0, added.stderr);
      assert.deepEqual([listNames(cwd), listNames(`${cwd}/.deno`)], before);
    }
  },
);

// Row 32.
launcherTest(
  "a cache that another Deno has locked does not hold a start up (python3)",
  async (vault) => {
    const theirs = `${vault.home.path}/theirs`;
    const lock = `
import os, sqlite3, subprocess, sys
os.makedirs(sys.argv[1])
held = []
for name in ["v8_code_cache_v2", "dep_analysis_cache_v2", "node_analysis_cache_v2"]:
    base = sqlite3.connect(f"{sys.argv[1]}/{name}", isolation_level=None)
    base.execute("pragma locking_mode=exclusive")
    base.execute("create table t (a)")
    held.append(base)
sys.exit(subprocess.run(sys.argv[2:]).returncode)`;
    const ran = await vault.run(["list", "--credentials"], {
      command: ["python3", "-c", lock, theirs, COMMAND],
      env: { DENO_DIR: theirs },
      timeoutSeconds: 20,
    });
    assert.deepEqual([ran.stdout, ran.code], ["work\n", 0]);
  },
  !hasTerminalTests,
);

launcherTest(
  "the program has the limit of open files that the launcher began with",
  async (vault) => {
    const command = behind("ulimit -Sn 300", COMMAND);
    for (const server of [[], ["-s"]]) {
      const args = ["exec", ...server, "work", "--", "sh", "-c", "ulimit -Sn"];
      assert.equal((await vault.run(args, { command })).stdout, "300\n");
    }
  },
);

launcherTest(
  "where the directory was removed all works but starting a program, which is told",
  async (vault) => {
    const command = behind("mkdir gone && cd gone && rmdir ../gone", COMMAND);
    const json = await vault.run(["exec", "work", "--json"], { command });
    assert.match(JSON.parse(json.stdout).AccessKeyId, /^ASIA/);
    const child = await vault.run(["exec", "work", "--", "pwd"], { command });
    assert.deepEqual([child.code, child.stdout], [1, ""]);
    assert.match(
      child.stderr,
      /aws-vault: error: the current directory was removed\n {2}start the/,
    );
  },
);

// As in root's home after `sudo -u`.
launcherTest(
  "where the directory may not be entered all works, and the program starts there",
  async (vault) => {
    const process = 'printf \'%s\' \'{"Version":1,"AccessKeyId":"AKIAX","SecretAccessKey":"s"}\'';
    vault.home.write(".aws/config", `[profile process]\ncredential_process = ${process}\n`);
    const command = boundByModes(...behind("mkdir -m 700 in; cd in; chmod 0 .", COMMAND));
    const child = await vault.run(["exec", "process", "--", "pwd"], { command });
    assert.deepEqual([child.stdout, child.stderr], [`${vault.home.path}/in\n`, ""]);
    Deno.removeSync(`${vault.home.path}/in`);
    const agent = await vault.run(["agent", "start"], { command });
    await vault.run(["agent", "stop"]);
    Deno.removeSync(`${vault.home.path}/in`);
    assert.match(agent.stderr, /^The agent is running/);
  },
  !HAS_MODES,
);

Deno.test("an address that is none is called that, and keeps no other command from starting", async () => {
  await using vault = await startVault();
  const addresses = [
    "http://[::1",
    "http://localhost:99999",
    "127.0.0.1:4566",
    "http://[]",
    "x:y:z",
  ];
  for (const address of addresses) {
    const env = { AWS_ENDPOINT_URL: address };
    const ran = await vault.run(["exec", "work", "--", "true"], { env });
    assert.match(ran.stderr, /^aws-vault: error: AWS_ENDPOINT_URL: `.*` is no address\n/);
    const list = await vault.run(["list", "--credentials"], { env });
    assert.equal(list.stdout, "work\n", list.stderr);
  }
  const env = { AWS_VAULT_ALLOW_NET: "a..b,[::1,*,x:y,localhost:99999, ,-,*.*" };
  assert.equal((await vault.run(["exec", "work", "--", "true"], { env })).code, 0);
});

/** Runs the command with a variable that holds the byte 0xff. */
function withBroken(vault: Vault, name: string, ...args: string[]) {
  const script = `export ${name}="\${${name}-}$(printf 'a\\377b')"; exec "$@"`;
  return vault.run(args, { command: ["sh", "-c", script, "sh", COMMAND] });
}

for (
  const name of [
    ...["AWS_REGION", "AWS_VAULT_BACKEND", "AWS_VAULT_FILE_PASSPHRASE", "AWS_CONFIG_FILE", "HOME"],
    ...["AWS_VAULT_FILE_DIR", "AWS_MIN_TTL", "AWS_ENDPOINT_URL"],
  ]
) {
  launcherTest(
    `${name} that is not UTF-8 is an error that names it, where it is needed`,
    async (vault) => {
      const ran = await withBroken(vault, name, "exec", "work", "--json");
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, "");
      assert.match(
        ran.stderr,
        new RegExp(`^aws-vault: error: the variable ${name} is not UTF-8\n`),
      );
      assert.equal((await withBroken(vault, name, "--version")).code, 0);
    },
  );
}

for (
  const name of ["LANG", "TERM", "TZ", "EDITOR", "XDG_CONFIG_HOME", "GPG_TTY", "AWS_VAULT_PROMPT"]
) {
  launcherTest(`${name} that is not UTF-8 is left alone`, async (vault) => {
    const ran = await withBroken(vault, name, "exec", "work", "--", "printenv", name);
    assert.deepEqual([ran.stderr, ran.code], ["", 0]);
    assert.deepEqual([...ran.stdoutBytes.slice(-4)], [0x61, 0xff, 0x62, 0x0a]);
  });
}

for (
  const name of [
    ...["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    ...["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_VAULT_DISABLE_HELP_MESSAGE"],
  ]
) {
  launcherTest(
    `${name} that is not UTF-8 is in the way of nobody who does not need it`,
    async (vault) => {
      for (const args of [["exec", "work", "--", "true"], ["list"], ["explain", "work"]]) {
        const ran = await withBroken(vault, name, ...args);
        assert.deepEqual([ran.stderr, ran.code], ["", 0], args.join(" "));
      }
    },
  );
}

launcherTest("a profile in AWS_PROFILE that is not UTF-8 is one plain error", async (vault) => {
  for (const args of [["exec", "--json"], ["exec", "--", "true"], ["export"], ["explain"]]) {
    const ran = await withBroken(vault, "AWS_PROFILE", ...args);
    assert.equal(ran.stdout, "");
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /^aws-vault: error: the variable AWS_PROFILE is not UTF-8\n {2}set .*\n$/,
    );
  }
});

launcherTest(
  "doctor tells of variables that are not UTF-8, and looks at the rest",
  async (vault) => {
    for (const name of ["AWS_REGION", "AWS_PROFILE", "AWS_MIN_TTL", "AWS_ACCESS_KEY_ID"]) {
      const ran = await withBroken(vault, name, "doctor", "--json");
      const { findings, facts } = JSON.parse(ran.stdout);
      const told = findings.filter(({ id }: { id: string }) => id === "environment.encoding");
      assert.deepEqual(told.map(({ message }: { message: string }) => message), [
        `the variable ${name} is not UTF-8`,
      ]);
      assert.equal(facts.config.profiles, 1);
      assert.equal(ran.code, 1);
    }
  },
);

launcherTest("a PATH with an entry that is not UTF-8 serves with its others", async (vault) => {
  const script = `PATH="$(printf '/a\\377b'):$PATH"; exec "$@"`;
  const command = ["sh", "-c", script, "sh", COMMAND];
  const ran = await vault.run(["exec", "work", "--", "printenv", "PATH"], { command });
  assert.equal(ran.stderr, "");
  assert.deepEqual([...ran.stdoutBytes.slice(0, 4)], [0x2f, 0x61, 0xff, 0x62]);
});

launcherTest("a helper is found in such a PATH too", async (vault) => {
  vault.home.write(".aws/config", `[profile work]\nmfa_serial = ${MFA_SERIAL}\n`);
  const ykman = vault.home.write("bin/ykman", '#!/bin/sh\necho asked > "$HOME/asked"; exit 1\n');
  Deno.chmodSync(ykman, 0o755);
  const script = `PATH="$(printf '/a\\377b'):$HOME/bin:$PATH"; exec "$@"`;
  const command = ["sh", "-c", script, "sh", COMMAND];
  await vault.run(["exec", "work", "--json", "--prompt=ykman"], { command });
  assert.equal(Deno.readTextFileSync(`${vault.home.path}/asked`), "asked\n");
});

/** A server on this machine, and the file of the authority that vouches for it. */
async function serveTls(home: Home): Promise<Deno.HttpServer<Deno.NetAddr> & { ca: string }> {
  const { cert, key, path } = await makeCertificate(home.path, ["localhost"]);
  const body =
    "<ErrorResponse><Error><Code>Reached</Code><Message>x</Message></Error></ErrorResponse>";
  const answer = () => new Response(body, { status: 403 });
  const options = { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} };
  return Object.assign(Deno.serve(options, answer), { ca: path });
}

launcherTest(
  "certificates count that SSL_CERT_FILE, AWS_CA_BUNDLE or DENO_CERT name (openssl)",
  async (vault) => {
    await using server = await serveTls(vault.home);
    const AWS_ENDPOINT_URL = `https://localhost:${server.addr.port}`;
    const ask = async (env: Record<string, string>) =>
      (await vault.run(["exec", "work", "--json"], { env: { AWS_ENDPOINT_URL, ...env } })).stderr;
    assert.match(await ask({}), /UnknownIssuer\n.*AWS_CA_BUNDLE/);
    assert.match(await ask({ SSL_CERT_FILE: server.ca }), /AWS refused .*Reached/);
    assert.match(await ask({ AWS_CA_BUNDLE: server.ca }), /AWS refused .*Reached/);
    const first = { DENO_CERT: server.ca, AWS_CA_BUNDLE: "/no/such.pem" };
    assert.match(await ask(first), /AWS refused .*Reached/);
    const both = { DENO_TLS_CA_STORE: "mozilla", SSL_CERT_FILE: server.ca };
    assert.match(await ask(both), /UnknownIssuer/);
    const none = await ask({ AWS_CA_BUNDLE: "/no/such.pem" });
    assert.match(none, /certificates cannot be read \(No such file.*\n.*AWS_CA_BUNDLE/);
    assert.match(await ask({ DENO_TLS_CA_STORE: "moon" }), /certificates cannot be read/);
  },
  !requireProgram("openssl"),
);

for (const shell of ["bash", "busybox", "dash", "mksh", "zsh"]) {
  Deno.test(`${shell} starts it too, called by its own name (${shell})`, {
    ignore: !requireProgram(shell),
  }, async () => {
    await using vault = await startVault();
    const command = [shell, ...shell === "busybox" ? ["sh"] : [], COMMAND];
    const words = ["", "a  b", "*", "c\nd"];
    const args = ["exec", "-n", "work", "--", "printf", "<%s>", ...words];
    const ran = await vault.run(args, { command, env: { DENO_NO_PROMPT: "1" } });
    assert.deepEqual([ran.stderr, ran.code], ["", 0]);
    assert.equal(ran.stdout, words.map((word) => `<${word}>`).join(""));
  });
}

Deno.test("shellcheck finds nothing to say of the launcher", {
  ignore: !requireProgram("shellcheck"),
}, async () => {
  const args = [LAUNCHER, `${ROOT}dist/lib/start.sh`];
  const checked = await new Deno.Command("shellcheck", { args }).output();
  assert.equal(new TextDecoder().decode(checked.stdout), "");
});
