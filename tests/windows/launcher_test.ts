import assert from "node:assert/strict";
import { writeCliSession } from "../scenarios/cli_login.ts";
import { BARE_LAUNCHER, FILE, test, type WindowsVault } from "./vault.ts";
import { bundle } from "../../scripts/build.ts";
import { flagsFor } from "../../scripts/compile.ts";
import { makeTemporary } from "../contract/context.ts";
import { collect, DENO, windowsPath } from "./wine.ts";
import { listNames } from "../scenarios/vault.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/**
 * What Windows allows in names and cmd.exe makes something of, but for commas, which Deno can be given
 * in no path, and %, which Wine's expands in values too.
 */
const ODD = "R&D (ü)^ sure! 'n' co";
const KEYS = "[prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = secret/of+prod\n";
const JON = "arn:aws:iam::111111111111:user/jon";

test(
  "import takes keys out of the credentials file, of AWS_SHARED_CREDENTIALS_FILE, and of --from",
  async (vault) => {
    const { profile } = vault.guest;
    const places: [string, string[], Record<string, string>][] = [
      [".aws", [], {}],
      [ODD, [], { AWS_SHARED_CREDENTIALS_FILE: `${profile}\\${ODD}\\credentials` }],
      ["my keys", ["--from", `${profile}\\my keys\\credentials`], {}],
      ["one", ["--from=one/credentials"], {}],
      [".", ["--from", "credentials"], {}],
    ];
    for (const [directory, args, env] of places) {
      const path = vault.guest.write(`${directory}/credentials`, KEYS);
      const ran = await vault.run(["import", "--scrub", "--overwrite", ...args], { env });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^Took the keys of 1 profile out of /m);
      const isAdvised = ran.stderr.includes("credential_process = aws-vault.cmd exec --json prod");
      assert.equal(isAdvised, args.length === 0, ran.stderr);
      assert.doesNotMatch(Deno.readTextFileSync(path), /AKIAPROD|secret/);
    }
    const { stdout } = await vault.run(["export", "--no-session", "--format=json", "prod"]);
    assert.equal(JSON.parse(stdout).SecretAccessKey, "secret/of+prod");
  },
  "",
);

test("the audit trail is written where AWS_VAULT_AUDIT_LOG says", async (vault) => {
  await vault.add("work");
  for (const directory of ["Prüf spur", ODD]) {
    vault.guest.write(`${directory}/other`, "");
    const AWS_VAULT_AUDIT_LOG = `${vault.guest.profile}\\${directory}\\audit.log`;
    const ran = await vault.run(["exec", "--json", "work"], { env: { AWS_VAULT_AUDIT_LOG } });
    assert.equal(ran.code, 0, ran.stderr);
    const line = Deno.readTextFileSync(`${vault.guest.home}/${directory}/audit.log`);
    assert.equal(JSON.parse(line).profile, "work");
    assert.equal(JSON.parse(line).accessKeyId, JSON.parse(ran.stdout).AccessKeyId);
  }
});

test("sessions go to a backend of their own, in the directory it has", async (vault) => {
  await vault.add("work");
  const directory = `${vault.guest.profile}\\${ODD}`;
  const env = {
    AWS_VAULT_SESSION_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: FILE.AWS_VAULT_FILE_PASSPHRASE,
    AWS_VAULT_FILE_DIR: directory,
  };
  const first = await vault.run(["exec", "--json", "work"], { env });
  assert.equal(first.code, 0, first.stderr);
  assert.match(sessions(vault, ODD), /^sts\.GetSessionToken%2C|^sts\.GetSessionToken,/);
  const { AWS_VAULT_SESSION_BACKEND: _, AWS_VAULT_FILE_DIR: _dir, ...rest } = env;
  const words = ["--session-backend", "file", "--file-dir", directory, "exec", "--json", "work"];
  const again = await vault.run(words, { env: rest });
  assert.equal(again.stdout, first.stdout, again.stderr);
  assert.equal((await vault.credentials("list")).trim().split("\n").length, 1);
});

test("a sign-in of the AWS CLI is renewed where AWS_LOGIN_CACHE_DIRECTORY says", async (vault) => {
  vault.aws.addConsoleLogin({ approvesAtOnce: true });
  const path = await writeCliSession(vault.aws, `${vault.guest.home}/${ODD}`, {
    arn: JON,
    leftSeconds: -60,
  });
  const before = Deno.readTextFileSync(path);
  const AWS_LOGIN_CACHE_DIRECTORY = `${vault.guest.profile}\\${ODD}`;
  const ran = await vault.run(["exec", "--json", "dev"], { env: { AWS_LOGIN_CACHE_DIRECTORY } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.notEqual(Deno.readTextFileSync(path), before);
}, `[profile dev]\nlogin_session = ${JON}\n`);

test("a config file in a directory of an odd name is read and written", async (vault) => {
  vault.guest.write(`${ODD}/x`, "");
  const env = { AWS_CONFIG_FILE: `${vault.guest.profile}\\${ODD}\\config` };
  const added = await vault.add("work", { env });
  assert.equal(added.code, 0, added.stderr);
  assert.match(Deno.readTextFileSync(`${vault.guest.home}/${ODD}/config`), /\[profile work\]/);
}, "");

test("Deno is looked for in PATH, in directories named in full alone", async (vault) => {
  const env = { SPY_VERSION: Deno.version.deno };
  vault.guest.write("own bin/x", "");
  vault.guest.write("npm/node_modules/deno/x", "");
  vault.guest.write("node_modules/deno/x", "");
  using share = vault.guest.mount("unc/server/team tools");
  await Deno.copyFile(vault.toolPath, `${share.path}/deno.exe`);
  for (const place of ["own bin", ".", "npm/node_modules/deno", "node_modules/deno"]) {
    await Deno.copyFile(vault.toolPath, `${vault.guest.home}/${place}/deno.exe`);
  }
  const list = (WINEPATH: string) =>
    collect(vault.startCmd([BARE_LAUNCHER, "list"], { env: { ...env, WINEPATH } }));
  const directory = `${vault.guest.profile}\\own bin`;
  const slashes = directory.replaceAll("\\", "/");
  const npms = `${vault.guest.profile}\\npm`; // as `npm install -g deno` leaves it
  for (const path of [directory, `.;C:\\no (x86);"${slashes}/"`, npms]) {
    const found = await list(path);
    assert.match(found.stdout, /^\[--quiet\]$/m, found.stderr);
  }
  const shared = await list("\\\\server\\team tools"); // Wine's cmd.exe starts nothing there
  assert.match(
    shared.stdout + shared.stderr,
    /^\[--quiet\]$|the Deno at \\\\server\\team tools\\deno\.exe/m,
  );
  for (const elsewhere of [".", "own bin", "..\\jörg müller"]) {
    const { code, stdout, stderr } = await list(elsewhere);
    assert.equal(code, 1, stdout);
    assert.match(stderr, /there is no Deno in PATH/);
  }
});

test("a program has its caller's variables, whatever the launcher calls its own", async (vault) => {
  await vault.add("work");
  const names = ["here", "place", "write", "net", "VERSION", "name", "profile", "main", "store"];
  const env = {
    ...Object.fromEntries(names.map((name) => [name, `the ${name}'s & "own" ^ %x%`])),
    ...{ DENO_TLS_CA_STORE: "system", NODE_OPTIONS: "--x" },
  };
  const before = await collect(vault.startCmd(["set"], { env }));
  const args = ["exec", "--no-session", "work", "--", "cmd", "/c", "set"];
  const { stdout, stderr } = await vault.run(args, { env });
  const variables = (text: string) => text.split("\n").filter((line) => !/^AWS_/.test(line));
  assert.deepEqual(variables(stdout), variables(before.stdout), stderr);
  for (const name of names) assert.match(stdout, new RegExp(`^${name}=the`, "im"));
});

test("Deno may write there, and nowhere else", async (vault) => {
  const { profile } = vault.guest;
  const rows: [string[], Record<string, string>, string[]][] = [
    [["list"], {}, []],
    [["list"], { AWS_VAULT_AUDIT_LOG: '"D:\\a & (b)\\log"' }, ["D:\\a & (b)\\log"]], // set NAME="…"
    [["list"], { AWS_CONFIG_FILE: "D:\\a, b\\config" }, []], // Deno can be given none
    [["list"], { AWS_CONFIG_FILE: "D:\\config" }, ["D:\\."]],
    [["list"], { AWS_CONFIG_FILE: "\\\\?\\D:\\a\\config" }, ["D:\\a"]],
    [["list"], { AWS_VAULT_FILE_DIR: "//./D:/a/b" }, ["D:\\a\\b"]],
    [["--file-dir", "keys", "list"], {}, [`${profile}\\keys`]],
    [["import", "--from", "D:\\x\\y.csv"], {}, ["D:\\x"]],
    [["import"], { AWS_SHARED_CREDENTIALS_FILE: "~/c/d" }, [`${profile}\\c`]],
    [["list", "--from", "D:\\x\\y"], { AWS_SHARED_CREDENTIALS_FILE: "D:\\c\\d" }, []],
    [["exec", "work", "--", "x", "--file-dir", "D:\\x"], {}, []],
    [["exec", "import"], { AWS_SHARED_CREDENTIALS_FILE: "D:\\c\\d" }, []],
    [["doctor"], { AWS_SHARED_CREDENTIALS_FILE: "D:\\c\\d" }, ["D:\\c"]],
  ];
  for (const [words, more, places] of rows) {
    const env = { ...more, DENO: vault.tool, SPY_VERSION: Deno.version.deno };
    const { stdout, stderr } = await vault.run(words, { env });
    const [, written] = /^\[--allow-write=(.*)\]$/m.exec(stdout) ?? [];
    const always = [`${profile}\\.aws`, `${profile}\\.awsvault`];
    assert.equal(written, [...always, ...places].join(","), words.join(" ") + stderr);
  }
});

test("Deno may ask the hosts that the variables name, and none for what names no host", async (vault) => {
  const ask = async (env: Record<string, string>) => {
    const spied = { ...env, DENO: vault.tool, SPY_VERSION: Deno.version.deno };
    const { stdout, stderr } = await vault.run(["list"], { env: spied });
    const [, named] = /^\[--allow-net=.*,\[fd00:ec2::23\],(.*)\]$/m.exec(stdout) ?? [];
    assert.ok(named !== undefined, stdout + stderr);
    return named.split(",");
  };
  const good = ["sts.example", "*.b.example", "10.0.0.7:99", "[fd00::1]:80", "[::2]"];
  const bad = [
    "a..b",
    ".a",
    "*",
    "*.*",
    "x:y",
    "x:",
    "x:65536",
    "x:123456",
    "x:1-1",
    "*.",
    "a[b",
    "[::g]",
    "[::1]80",
    "a b",
    "[]",
    "[::1",
    "",
  ];
  const aws = vault.aws.url.replace("http://", "");
  assert.deepEqual(await ask({ AWS_VAULT_ALLOW_NET: [...bad, ...good, ...bad].join(",") }), [
    aws,
    ...good,
  ]);
  const variables = {
    AWS_ENDPOINT_URL: "https://user:word@sts.example:8443/path?x=1#y",
    AWS_ENDPOINT_URL_STS: "http://localhost:99999",
    AWS_ENDPOINT_URL_IAM: "http://[::1",
    AWS_ENDPOINT_URL_SSO: "127.0.0.1:4566",
    AWS_ENDPOINT_URL_SSO_OIDC: '"http://q.example?a=1&b=2"',
    AWS_VAULT_ALLOW_NET: "https://c.example/x,",
  };
  assert.deepEqual(await ask(variables), [
    "sts.example:8443",
    "127.0.0.1:4566",
    "q.example",
    "c.example",
  ]);
});

for (const [what, isTaken] of [["an older", false], ["a later", true]] as const) {
  test(`${what} minor version of Deno is ${isTaken ? "taken" : "refused, both named"}`, async (vault) => {
    const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];
    const SPY_VERSION = `${major}.${isTaken ? minor + 1 : minor - 1}.0`;
    // As a version manager's it may be a script that finds the real one by the user's home; what a
    // user has each cmd.exe run (AutoRun) may say something first.
    const script = `@echo Active code page: 850\r\n@echo deno ${SPY_VERSION}\r\n` +
      "@echo home: %USERPROFILE%\r\n";
    vault.guest.write(`${ODD}/deno.cmd`, script);
    await Deno.copyFile(vault.toolPath, `${vault.guest.home}/${ODD}/deno.exe`);
    const DENO = `"${vault.guest.profile}\\${ODD}\\deno.${isTaken ? "cmd" : "exe"}"`;
    const { code, stdout, stderr } = await vault.run(["list"], { env: { DENO, SPY_VERSION } });
    if (isTaken) assert.match(stdout, /^home: C:\\users\\[^\\]+$/m, stderr);
    if (isTaken) return assert.equal(code, 0, stderr);
    assert.equal(code, 1);
    const said =
      `^ sure! 'n' co\\deno.exe is version ${SPY_VERSION}; this aws-vault was built with`;
    assert.ok(stderr.includes(said), stderr);
    const next = { DENO, SPY_VERSION: `${major + 1}.${minor}.0` };
    assert.equal((await vault.run(["list"], { env: next })).code, 1);
    const missing = await vault.run(["list"], { env: { DENO: `${DENO}.not` } });
    assert.match(
      missing.stderr,
      /^aws-vault: error: there is no Deno at C:.*, where DENO says it is/,
    );
    assert.equal(missing.code, 1);
  });
}

test("of what Deno obeys it gets its directory and certificates alone, whatever the case", async (vault) => {
  vault.guest.write("deno.cmd", `@echo deno ${Deno.version.deno}\r\n@set\r\n`);
  const env = {
    ...{ DENO: `${vault.guest.profile}\\deno.cmd`, Deno_V8_Flags: "--x", node_options: "--x" },
    ...{ OTEL_DENO: "true", v8_x: "1", AWS_CA_BUNDLE: '"C:\\our & their\\ca.pem"' },
  };
  const first = await vault.run(["list"], { env });
  const lines = first.stdout.replace(/j.rg m.ller/g, "jon").split("\n"); // of an older code page
  const obeyed = lines.filter((line) => /^(deno|node|otel|v8)_/i.test(line));
  assert.deepEqual(obeyed.toSorted(), [
    "DENO_CERT=C:\\our & their\\ca.pem",
    "DENO_DIR=C:\\users\\jon\\AppData\\Local\\aws-vault\\cache",
    "DENO_DISABLE_NODE_SHIM=1",
    "DENO_NO_UPDATE_CHECK=1",
    "DENO_TLS_CA_STORE=mozilla,system",
  ]);
  const theirs = { DENO_CERT: "C:\\own.pem", DENO_TLS_CA_STORE: "system" };
  const { stdout } = await vault.run(["list"], { env: { ...env, ...theirs } });
  assert.match(stdout, /^DENO_CERT=C:\\own\.pem$/m);
  assert.match(stdout, /^DENO_TLS_CA_STORE=system$/m);
});

test("a bundle that a full disk has left empty is an error, and no success", async (vault) => {
  const cwd = `${vault.guest.home}/${ODD}`;
  for (const [name, word] of [["main.js", "list"], ["quick.js", "--version"]] as const) {
    vault.guest.write(`${ODD}/lib/main.js`, "");
    vault.guest.write(`${ODD}/lib/${name}`, "");
    Deno.copyFileSync(`${ROOT}/dist/aws-vault.cmd`, `${cwd}/aws-vault.cmd`);
    const run = vault.startCmd(["aws-vault.cmd", word], { env: { DENO }, cwd });
    const { code, stderr } = await collect(run);
    assert.match(stderr, new RegExp(`^aws-vault: error: .*lib.${name} is empty *\n {2}install`));
    assert.equal(code, 1);
  }
});

test("with a comma in USERPROFILE Deno may not write to what is before it", async (vault) => {
  const env = { DENO: vault.tool, SPY_VERSION: Deno.version.deno };
  const words = ["set", "USERPROFILE=D:\\a,b&&", BARE_LAUNCHER, "list"];
  const { stdout, stderr } = await collect(vault.startCmd(words, { env }));
  assert.match(stdout, /^\[--allow-write=NUL\]$/m, stderr);
});

test("the compiled program's permissions are enough for the Credential Manager", async (vault) => {
  using place = makeTemporary();
  await bundle(ROOT, place.path, "compiled.ts");
  const flags = flagsFor({ name: "windows-x64", triple: "" });
  const words = ["run", ...flags, windowsPath(`${place.path}/compiled.js`)];
  const [key] = vault.user.accessKeys;
  const env = {
    ...vault.env,
    AWS_ACCESS_KEY_ID: key!.id,
    AWS_SECRET_ACCESS_KEY: key!.secret,
    AWS_CONFIG_FILE: "C:config",
  };
  for (const args of [["add", "work", "--env"], ["export", "--format=json", "work"]]) {
    const { code, stdout, stderr } = await vault.guest.run(DENO, [...words, ...args], { env });
    assert.equal(code, 0, stderr);
    if (args[0] === "export") assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
  }
  assert.match(await vault.credentials("list"), /^aws-vault:aws-vault:work\t/m);
  assert.match(Deno.readTextFileSync(`${vault.guest.home}/config`), /\[profile work\]/);
}, "");

function sessions({ guest }: WindowsVault, directory: string): string {
  return listNames(`${guest.home}/${directory}`).find((name) => name.startsWith("sts.")) ?? "none";
}
