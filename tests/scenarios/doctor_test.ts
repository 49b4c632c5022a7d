import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { makeCertificate } from "./certificate.ts";
import { COMMAND, hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";
import { examine } from "./examine.ts";
import { Recorder } from "./recorder.ts";
import { startVault } from "./vault.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { HAS_STRACE, withFaults } from "./strace.ts";

Deno.test("doctor names file and line of what is wrong, and ends with 1 for an error", async () => {
  using home = new Home();
  const path = home.write(
    ".aws/config",
    "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n[c]\nregion = eu-west-1\n",
  );
  const { findings, code } = await examine(home);
  assert.equal(code, 1);
  assert.deepEqual(
    findings.map(({ id, severity, file, line }) => ({ id, severity, file, line })),
    [
      { id: "config.loop", severity: "error", file: path, line: 2 },
      { id: "config.loop", severity: "error", file: path, line: 4 },
      { id: "config.section", severity: "error", file: path, line: 5 },
    ],
  );
  const shown = await run(["doctor"], { home });
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /config, line 5\n {2}\[c\] is no section that is read\n/);
  assert.match(shown.stdout, /way out: +if it is meant as a profile, write \[profile c\]/);
  assert.match(shown.stdout, /^3 errors$/m);
});

Deno.test("doctor finds nothing in a home where all is well, nor in an empty one", async () => {
  using home = new Home();
  const empty = await examine(home);
  assert.deepEqual([empty.findings, empty.code], [[], 0]);
  const text = "[default]\nregion = eu-west-1\n\n[profile work]\nregion=us-east-1\n";
  Deno.mkdirSync(`${home.path}/.aws`);
  Deno.symlinkSync(home.write("dotfiles/config", text), `${home.path}/.aws/config`);
  const env = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };
  assert.equal((await run(["add", "work", "--env"], { home, env })).code, 0);
  const { findings, code, facts } = await examine(home);
  assert.deepEqual([findings, code], [[], 0]);
  assert.equal(facts.passphrase, "AWS_VAULT_FILE_PASSPHRASE");
  assert.equal(facts.directory, `${home.path}/.awsvault/keys`);
  assert.match((await run(["doctor"], { home })).stdout, /^Nothing is wrong\.$/m);
  assert.deepEqual((await examine(home, [], { PATH: undefined })).ids, []);
  const flags = ["--no-config", "--no-prompt", "--allow-env", "--allow-read"]; // and no program
  const main = new URL("../../dist/lib/main.js", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", ...flags, main];
  assert.deepEqual((await examine(home, [], {}, { command })).ids, []);
});

Deno.test("doctor reads every line of a config file, whatever stands before its first section", async () => {
  using home = new Home();
  home.write(
    ".aws/config",
    "\ufeffjunk\r\nx=1\nmore junk\n[profile a]\njunk\n[profile b]\nregion=no\n",
  );
  const { findings } = await examine(home);
  assert.deepEqual(findings.map(({ id, line }) => `${id} ${line}`), [
    ...["config.line 1", "config.byte-order-mark 1", "config.outside 2", "config.line 3"],
    ...["config.line 5", "config.region 7"],
  ]);
  assert.match(findings[3]!.message, /^`more junk` is no /);
  assert.match(
    findings[3]!.effect,
    /^no command that needs the config file works, and the AWS CLI/,
  );
  assert.match(findings[4]!.effect, /^no profile of its section can be used/);
});

for (const how of ["named as both", "linked"]) {
  Deno.test(`doctor finds no settings in the wrong file where one is config and credentials, ${how}`, async () => {
    using home = new Home();
    const path = home.write(".aws/config", "[default]\nregion = eu-west-1\n");
    if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
    if (how === "linked") Deno.symlinkSync(path, `${home.path}/.aws/credentials`);
    const env = how === "linked" ? {} : { AWS_SHARED_CREDENTIALS_FILE: path };
    assert.deepEqual((await examine(home, [], env)).ids, []);
  });
}

Deno.test("doctor tells helper programs under a heading of their own", async () => {
  using home = new Home();
  const gpg = home.write("bin/gpg", "#!/bin/sh\necho gpg 2.9.1\n");
  Deno.chmodSync(gpg, 0o755);
  const PATH = `${home.path}/bin:/usr/bin:/bin`;
  const { stdout } = await run(["doctor"], { home, env: { PATH } });
  assert.match(stdout, /^MFA codes by .*\nhelper programs\n(?: {2}\S.*\n)* {2}gpg +2\.9\.1, /m);
});

Deno.test("doctor says why each backend that is not used cannot be, and of one that is named", async () => {
  using home = new Home();
  const bare = { PATH: "/usr/bin:/bin", AWS_VAULT_BACKEND: undefined };
  const { facts, ids } = await examine(home, [], bare);
  assert.equal(facts.backend, "file");
  assert.deepEqual(ids, []);
  for (const { name, obstacle } of facts.backends) {
    if (name !== "file") assert.match(obstacle, /not in PATH|no D-Bus|no secret|no password store/);
  }
  const named = await examine(home, [], { AWS_VAULT_BACKEND: "pass" });
  assert.deepEqual([named.ids, named.code], [["backend.unusable"], 1]);
  const sessions = await examine(home, [], { AWS_VAULT_SESSION_BACKEND: "pass" });
  assert.deepEqual([sessions.ids, sessions.code], [["backend.unusable"], 1]);
  for (
    const [options, id] of [
      [["--backend", "keychain"], "backend.unusable"],
      [["--backend", "wincred"], "backend.unusable"],
      [["--backend", "helper", "--helper", "nowhere"], "backend.unusable"],
      [["--backend", "kwallet"], "backend.unknown"],
      [["--session-backend", "kwallet"], "backend.unknown"],
    ] as const
  ) {
    const other = await examine(home, [...options]);
    assert.deepEqual([other.ids, other.code], [[id], 1], options.join(" "));
  }
  const old = await examine(home, [], { AWS_VAULT_BACKEND: "keyctl" });
  assert.match(
    old.findings[0]!.wayOut,
    /file.*; only the Go tool has that one, .* add PROFILE --env$/,
  );
});

Deno.test("doctor tells of keys that a killed run of the Go tool left without a byte", async () => {
  using home = new Home();
  home.write(".aws/config", "[profile a/b]\n[profile c]\n[profile d]\n");
  const empty = home.write(".awsvault/keys/a%2Fb", "");
  home.write(".awsvault/keys/c", "eyJhbGciOi, or so");
  const other = home.write(".awsvault/keys/notes", "");
  const written = home.write(".awsvault/keys/d", "");
  for (const path of [empty, other]) Deno.utimeSync(path, new Date(0), new Date(0));
  Deno.utimeSync(written, new Date(), new Date(Date.now() + 60_000));
  const { findings, code } = await examine(home);
  const [told, ...others] = findings.filter(({ id }) => id === "keyring.empty-item");
  assert.deepEqual([told!.file, told!.fixable, others, code], [empty, false, [], 1]);
  assert.match(told!.wayOut, /aws-vault add a\/b$/);
});

Deno.test("doctor --fix shows what it mends, mends it, and leaves the rest", async () => {
  using home = new Home();
  home.write(".aws/config", "[profile a]\nsource_profile = gone\n");
  const credentials = home.write(".aws/credentials", "[x]\noutput = text\n");
  const old = home.write(".awsvault/keys/session,d29yaw,,1600000000", "eyJhbGciOi, or so");
  const left = home.write(".awsvault/keys/.tmp-0123456789abcdef", "half");
  const scrubbed = home.write(".aws/credentials.aws-vault.tmp-0123456789abcdef", "[x]\n");
  const token = home.write(".aws/sso/cache/0ab.json.tmp-0123456789abcdef", "{}");
  Deno.chmodSync(token, 0o600);
  for (const path of [left, scrubbed, token]) Deno.utimeSync(path, new Date(0), new Date(0));
  const beingWritten = home.write(".awsvault/keys/.tmp-fedcba9876543210", "half");
  for (const path of [`${home.path}/.awsvault/keys`, credentials]) Deno.chmodSync(path, 0o755);
  const before = await examine(home);
  assert.deepEqual([
    ...new Set(before.findings.filter(({ fixable }) => fixable).map(({ id }) => id)),
  ], [
    "file.mode",
    "keyring.old-sessions",
    "file.leftover",
  ]);
  const { ids, stderr, code } = await examine(home, ["--fix"]);
  assert.match(stderr, /^Mending:\n {2}chmod 0700 .*credentials$/m);
  assert.match(stderr, /^ {2}rm .*\.tmp-0123456789abcdef$/m);
  assert.deepEqual([ids, code], [["config.missing-source"], 1]);
  assert.equal(Deno.statSync(credentials).mode! & 0o777, 0o700);
  assert.throws(() => Deno.statSync(left), Deno.errors.NotFound);
  assert.equal(Deno.readTextFileSync(beingWritten), "half");
  assert.throws(() => Deno.statSync(scrubbed), Deno.errors.NotFound);
  assert.throws(() => Deno.statSync(token), Deno.errors.NotFound);
  assert.throws(() => Deno.statSync(old), Deno.errors.NotFound);
});

// As on a drive of Windows under WSL.
Deno.test("doctor --fix says where a mode stays as it is (strace)", {
  ignore: !HAS_STRACE,
}, async () => {
  using home = new Home();
  Deno.chmodSync(home.write(".aws/config", ""), 0o666);
  const command = withFaults("/chmod:retval=0");
  const { ids, stderr } = await examine(home, ["--fix"], {}, { command });
  assert.match(
    stderr,
    /^aws-vault: warning: chmod 0644 .*config: nothing changed: its file system/m,
  );
  assert.deepEqual(ids, ["file.mode"]);
});

Deno.test("doctor --fix leaves the mode of a directory that is not the keyring's alone", async () => {
  for (const [mode, other] of [[0o1777, ".keep"], [0o755, "notes.txt"]] as const) {
    using home = new Home();
    const directory = `${home.path}/shared`;
    const note = home.write(`shared/${other}`, "not ours");
    Deno.chmodSync(note, 0o644);
    const item = home.write("shared/work", "eyJhbGciOi, or so");
    Deno.chmodSync(item, 0o644);
    Deno.chmodSync(directory, mode);
    const foreign = home.write("shared/.tmp-of-another", "not ours");
    Deno.utimeSync(foreign, new Date(0), new Date(0));
    const args = ["--fix", "--file-dir", directory];
    const { findings } = await examine(home, args);
    assert.deepEqual(findings.map(({ id, file, fixable }) => [id, file, fixable]), [
      ["file.mode", directory, false],
    ]);
    const modeOf = (path: string) => Deno.statSync(path).mode! & 0o7777;
    assert.deepEqual([directory, note, item].map(modeOf), [mode, 0o644, 0o600]);
    assert.equal(Deno.readTextFileSync(foreign), "not ours");
  }
});

Deno.test("doctor tells of the mode of what a config file leads to by a link, and leaves it", async () => {
  using home = new Home();
  const target = home.write("dotfiles/aws/config", "[profile a]\noutput = text\n");
  Deno.chmodSync(target, 0o664);
  Deno.mkdirSync(`${home.path}/.aws`);
  Deno.symlinkSync("../dotfiles/aws/config", `${home.path}/.aws/config`);
  const { findings } = await examine(home, ["--fix"]);
  const told = findings.filter(({ id }) => id === "file.mode");
  assert.deepEqual(told.map(({ file, fixable }) => [file, fixable]), [[target, false]]);
  assert.equal(told[0]!.wayOut, `chmod 0644 ${target}`);
  assert.equal(Deno.statSync(target).mode! & 0o777, 0o664);
});

Deno.test("doctor points at plain-text keys by their line, and shows no secret", async () => {
  using home = new Home();
  const path = home.write(
    ".aws/credentials",
    "# mine\n[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = verysecret\n",
  );
  Deno.chmodSync(path, 0o600);
  const { findings, stdout, code } = await examine(home);
  assert.deepEqual(findings.map(({ id, file, line }) => ({ id, file, line })), [
    { id: "credentials.plain-keys", file: path, line: 2 },
  ]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /verysecret/);
});

Deno.test("doctor tells who may read what the AWS CLI keeps, and of an `aws login` in plain text", async () => {
  using home = new Home();
  const sign = home.write(".aws/login/cache/0a.json", "{}");
  const old = home.write(".aws/login/cache/0b.json", "{}");
  const [sso, cli] = ["sso", "cli"].map((of) => home.write(`.aws/${of}/cache/1.json`, "{}"));
  for (const path of [sign, old, cli!]) Deno.chmodSync(path, 0o600);
  Deno.chmodSync(sso!, 0o644);
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  Deno.utimeSync(old, yesterday, yesterday);
  const before = await examine(home);
  assert.ok(
    before.findings.some(({ id, file, fixable }) => id === "file.mode" && file === sso && fixable),
  );
  const { findings } = await examine(home, ["--fix"]);
  assert.deepEqual(findings.map(({ id, file }) => [id, file]), [
    ["credentials.plain-sign-in", sign],
  ]);
  Deno.chmodSync(cli!, 0o640);
  const told = (await examine(home)).findings;
  assert.deepEqual(told.map(({ id, file }) => [id, file]), [
    ["file.mode", cli],
    ["credentials.plain-sign-in", sign],
  ]);
});

Deno.test({
  name: "doctor tells of keys that it may not read, and nothing else of where it may not look",
  ignore: !HAS_MODES,
  async fn() {
    using home = new Home();
    const [cache, keyring] = [".aws/login/cache/0a.json", ".awsvault/keys/work"].map((name) => {
      const path = home.write(name, "");
      return path.slice(0, path.lastIndexOf("/"));
    });
    for (const path of [cache!, keyring!]) Deno.chmodSync(path, 0o600);
    const bound = { command: boundByModes(COMMAND) };
    const { findings, stderr } = await examine(home, [], {}, bound);
    for (const path of [cache!, keyring!]) Deno.chmodSync(path, 0o700);
    const found = findings.map(({ id, file }) => [id, file]);
    assert.deepEqual([found, stderr], [[["keyring.unreadable", `${keyring}/work`]], ""]);
  },
});

Deno.test({
  name: "a session that may not be read is a warning of doctor, as no run ends for it (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    await using vault = await startVault();
    assert.equal((await vault.run(["exec", "work", "--", "true"])).code, 0);
    const session = `${vault.keyring}/${vault.sessionNames()[0]}`;
    Deno.chmodSync(session, 0);
    const bound = { command: boundByModes(COMMAND) };
    const { findings, code } = await examine(vault.home, [], {}, bound);
    const told = findings.map(({ id, severity, file }) => [id, severity, file]);
    assert.deepEqual([told, code], [[["keyring.unreadable", "warning", session]], 0]);
    assert.match(findings[0]!.effect, /^it is not used/);
  },
});

Deno.test("doctor tells of variables that fight each other", async () => {
  using home = new Home();
  const { ids } = await examine(home, [], {
    AWS_PROFILE: "nowhere",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "Frankfurt",
    AWS_MIN_TTL: "5",
    AWS_CA_BUNDLE: undefined,
    AWS_ACCESS_KEY_ID: "AKIAHALF",
    AWS_ROLE_ARN: "arn:aws:iam::111111111111:role/x",
    AWS_VAULT_PROMPT: "pigeon",
  });
  assert.deepEqual(ids, [
    "prompt.driver",
    "environment.half-keys",
    "environment.profile",
    "environment.regions",
    "environment.region",
    "environment.duration",
    "environment.role",
  ]);
});

Deno.test("doctor tells of variables whose values every run would refuse", async () => {
  using home = new Home();
  const { ids, code } = await examine(home, [], {
    AWS_ENDPOINT_URL: "localhost:4566",
    AWS_ENDPOINT_URL_STS: "http://localhost:4566",
    AWS_USE_FIPS_ENDPOINT: "1",
    AWS_USE_DUALSTACK_ENDPOINT: "TRUE",
    AWS_STS_REGIONAL_ENDPOINTS: "global",
    AWS_SESSION_TAGS: "team=core,",
    AWS_VAULT_AUDIT_LOG: "~/nowhere/audit.log",
  });
  assert.deepEqual(ids, [
    "environment.endpoint",
    "environment.boolean",
    "environment.sts-endpoints",
    "environment.session-tags",
    "environment.audit-log",
  ]);
  assert.equal(code, 1);
  for (const AWS_VAULT_AUDIT_LOG of ["~/audit.log", "/dev/null"]) {
    assert.deepEqual((await examine(home, [], { AWS_VAULT_AUDIT_LOG })).ids, []);
  }
});

for (const name of ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "DENO_CERT"]) {
  Deno.test(`doctor tells of what ${name} names and that cannot be read`, async () => {
    using home = new Home();
    const tell = async (path: string) => {
      const { ids, findings } = await examine(home, [], { [name]: path });
      assert.deepEqual(ids, ["environment.certificates"]);
      return findings[0]!.message;
    };
    const begin = `${name} names /nowhere/authorities.pem, which cannot be read: no such file`;
    assert.ok((await tell("/nowhere/authorities.pem")).startsWith(begin));
    assert.match(await tell(home.path), /, which cannot be read: it is a directory$/);
  });
}

Deno.test("doctor takes temporary keys in the config file for no long-term ones", async () => {
  using home = new Home();
  const set = (name: string, value: string) => `aws_${name} = ${value}\n`;
  const secret = set("secret_access_key", "s");
  home.write(
    ".aws/config",
    `[profile a]\n${set("access_key_id", "ASIAX")}${secret}${set("session_token", "t")}` +
      `[profile b]\n${set("access_key_id", "AKIAX")}${secret}`,
  );
  const { findings } = await examine(home);
  assert.deepEqual(findings.map(({ id, line }) => [id, line]), [["credentials.plain-keys", 7]]);
});

Deno.test({
  name:
    "doctor tells of a socket (python3) where no agent answers, and of one that others may reach",
  ignore: !hasTerminalTests,
}, async () => {
  using home = new Home();
  const directory = `${home.path}/run/aws-vault`;
  const path = `${directory}/agent.sock`;
  const env = { XDG_RUNTIME_DIR: `${home.path}/run` };
  const leaveSocket = async () => {
    const script = `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(path)})`;
    const { success } = await new Deno.Command("python3", { args: ["-c", script] }).output();
    assert.ok(success);
  };
  const none = await examine(home, [], env);
  assert.deepEqual([none.ids, none.facts.agent.running], [[], false]);
  Deno.mkdirSync(directory, { recursive: true });
  Deno.chmodSync(directory, 0o1700); // as an agent makes it
  await leaveSocket();
  assert.deepEqual((await examine(home, [], env)).ids, ["agent.silent"]);
  {
    using agent = Deno.openSync(`${directory}/lock`, { create: true, write: true });
    agent.lockSync(true);
    const { ids, findings, stderr } = await examine(home, ["--fix"], env);
    assert.deepEqual(ids, ["agent.silent"]);
    assert.equal(findings[0]?.message, "the agent does not answer");
    assert.equal(findings[0].fixable, false);
    assert.equal(stderr, "Nothing here can be mended without a risk.\n");
  }
  assert.deepEqual((await examine(home, ["--fix"], env)).ids, []);
  assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
  await leaveSocket();
  Deno.chmodSync(directory, 0o755);
  assert.deepEqual((await examine(home, [], env)).ids, ["agent.place"]);
});

Deno.test("doctor --online compares the clock, and without it no request is made", async () => {
  using home = new Home();
  await using aws = new Recorder();
  const env = { AWS_ENDPOINT_URL: aws.url };
  assert.deepEqual((await examine(home, [], env)).ids, []);
  assert.deepEqual(aws.requests, []);
  assert.deepEqual((await examine(home, ["--online"], env)).ids, []);
  assert.equal(aws.requests.length, 1);
  aws.clockOffMs = 600_000;
  const { ids, findings, code } = await examine(home, ["--online"], env);
  assert.deepEqual([ids, code], [["online.clock"], 1]);
  assert.match(findings[0]!.message, /clock is 10 min behind AWS'$/);
  const gone = await examine(home, ["--online"], { AWS_ENDPOINT_URL: "http://127.0.0.1:9" });
  assert.deepEqual([gone.ids, gone.code], [["online.unreachable"], 1]);
  const proxied = { AWS_ENDPOINT_URL: "http://sts.invalid", HTTP_PROXY: "http://127.0.0.1:9" };
  const { findings: [unproxied] } = await examine(home, ["--online"], proxied);
  assert.match(unproxied!.wayOut, /the proxy that HTTP_PROXY names, 127\.0\.0\.1:9: check/);
  const odd = await examine(home, ["--online"], { ...proxied, HTTP_PROXY: "http://127.0.0.1:9 " });
  assert.equal(odd.findings[0]!.message, "HTTP_PROXY holds no address of a proxy");
});

Deno.test({
  name: "doctor --online tells of a certificate that nobody vouches for (openssl)",
  ignore: !requireProgram("openssl"),
}, async () => {
  using home = new Home();
  const { cert, key, path } = await makeCertificate(home.path, ["localhost"]);
  const server = Deno.serve({
    ...{ hostname: "127.0.0.1", port: 0, onListen() {} },
    cert,
    key,
  }, () => new Response("ok"));
  const env = { AWS_ENDPOINT_URL: `https://localhost:${server.addr.port}` };
  const { ids } = await examine(home, ["--online"], env);
  const trusted = await examine(home, ["--online"], { ...env, AWS_CA_BUNDLE: path });
  await server.shutdown();
  assert.deepEqual([ids, trusted.ids], [["online.certificate"], []]);
});

Deno.test({
  name: "on a terminal (python3) doctor has colours, and not with NO_COLOR or --color=never",
  ignore: !hasTerminalTests,
}, async () => {
  using home = new Home();
  const show = async (args: readonly string[], env: Record<string, string | undefined>) =>
    (await runInTerminal(["doctor", ...args], { home, env, steps: [] })).screen;
  const colour = { TERM: "xterm", NO_COLOR: undefined };
  assert.ok((await show([], colour)).includes("\x1b[1mNothing is wrong.\x1b[0m"));
  for (
    const plain of [
      await show([], { ...colour, NO_COLOR: "1" }),
      await show(["--color=never"], colour),
      await show([], { ...colour, TERM: "dumb" }),
      (await run(["doctor"], { home, env: colour })).stdout,
    ]
  ) assert.ok(!plain.includes("\x1b"), plain);
  const told = await run(["doctor", "--color=always"], { home, env: { NO_COLOR: "1" } });
  assert.ok(told.stdout.includes("\x1b[1mNothing"));
});
