import assert from "node:assert/strict";
import { fakeDeno } from "./fake_deno.ts";
import { assertRefused } from "./harness.ts";
import { copyBundle, LAUNCHER, launcherTest, ROOT } from "./launchers.ts";
import { boundByModes, HAS_MODES, IS_ROOT } from "./sandbox.ts";
import { behind, listNames, modeOf } from "./vault.ts";

launcherTest(
  "Deno's cache is in a directory of its own, mode 0700 at any umask, also of ten first starts",
  async (vault) => {
    const { launcher, cache } = await copyBundle(vault.home);
    const command = ["sh", "-c", 'umask 000; exec "$@"', "sh", launcher];
    const start = () => vault.run(["--version"], { command });
    const codes = (await Promise.all(Array.from({ length: 10 }, start))).map(({ code }) => code);
    assert.deepEqual(codes, Array.from({ length: 10 }, () => 0));
    assert.equal(modeOf(cache), "700");
    assert.ok(listNames(cache).includes("v8_code_cache_v2"));
  },
);

launcherTest(
  "at a umask that takes our own rights no cache is made: nobody could read it",
  async (vault) => {
    const { launcher, cache } = await copyBundle(vault.home);
    const start = (umask: string) =>
      vault.run(["--version"], { command: behind(`umask ${umask}`, launcher) });
    assert.equal((await start("777")).code, 0);
    assert.throws(() => Deno.statSync(cache), Deno.errors.NotFound);
    assert.equal((await start("077")).code, 0);
    assert.ok(listNames(cache).includes("v8_code_cache_v2"));
  },
);

launcherTest(
  "what a start has compiled is kept for the next, also of one that asks nobody",
  async (vault) => {
    const { launcher, cache } = await copyBundle(vault.home);
    const lines = [
      ["--version", "quick.js"],
      ["list", "main.js"],
      ["exec work --json", "credential_process.js"],
      ["exec --json work", "credential_process.js"],
    ] as const;
    for (const [line, file] of lines) {
      const args = line.split(" ");
      assert.equal((await vault.run(args, { command: [launcher] })).code, 0);
      const kept = listNames(cache).filter((name) => name.startsWith("v8_code_cache"))
        .map((name) => new TextDecoder("latin1").decode(Deno.readFileSync(`${cache}/${name}`)))
        .join("");
      const { size } = Deno.statSync(`${cache}/../${file}`);
      assert.ok(kept.includes(`/${file}`) && kept.length > 2 * size, `${kept.length} for ${file}`);
    }
  },
);

launcherTest("a cache that others could have written is thrown away, not used", async (vault) => {
  const { launcher, cache } = await copyBundle(vault.home);
  Deno.mkdirSync(cache);
  Deno.chmodSync(cache, 0o777);
  Deno.writeTextFileSync(`${cache}/planted`, "");
  assert.equal((await vault.run(["--version"], { command: [launcher] })).code, 0);
  assert.equal(modeOf(cache), "700");
  assert.ok(!listNames(cache).includes("planted"));
  const elsewhere = vault.home.write("elsewhere/kept", "");
  Deno.removeSync(cache, { recursive: true });
  Deno.symlinkSync(elsewhere.replace("/kept", ""), cache);
  assert.equal((await vault.run(["--version"], { command: [launcher] })).code, 0);
  assert.ok(!Deno.lstatSync(cache).isSymlink);
  assert.deepEqual(listNames(elsewhere.replace("/kept", "")), ["kept"]);
});

launcherTest("a cache of another user is left alone, and not used", async (vault) => {
  const { launcher, cache } = await copyBundle(vault.home);
  Deno.mkdirSync(cache);
  Deno.chmodSync(cache, 0o1700);
  Deno.chownSync(cache, 12345, 12345);
  assert.equal((await vault.run(["--version"], { command: [launcher] })).code, 0);
  assert.deepEqual([Deno.statSync(cache).uid, listNames(cache)], [12345, []]);
}, !IS_ROOT);

launcherTest("root makes no cache in the home and the bundle of another user", async (vault) => {
  const { launcher, cache } = await copyBundle(vault.home);
  for (const path of [vault.home.path, `${vault.home.path}/lib`]) {
    Deno.chownSync(path, 12345, 12345);
  }
  assert.equal((await vault.run(["--version"], { command: [launcher] })).code, 0);
  for (const path of [cache, `${vault.home.path}/.cache`]) {
    assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
  }
}, !IS_ROOT);

launcherTest("without a directory for the cache it runs, and says nothing of it", async (vault) => {
  const { launcher, cache } = await copyBundle(vault.home);
  const ran = await vault.run(["list", "--credentials"], {
    command: [launcher],
    env: { DENO_DIR: "/dev/null" },
  });
  assert.deepEqual([ran.stdout, ran.stderr], ["work\n", ""]);
  assert.throws(() => Deno.statSync(cache), Deno.errors.NotFound);
});

launcherTest("the bundle is found from a copy, and by links of every kind", async (vault) => {
  const at = (name: string) => `${vault.home.path}/${name}`;
  Deno.mkdirSync(at("a b/c"), { recursive: true });
  Deno.copyFileSync(LAUNCHER, at("copy"));
  Deno.symlinkSync(LAUNCHER, at("absolute"));
  Deno.symlinkSync("../absolute", at("a b/relative"));
  Deno.symlinkSync("../relative", at("a b/c/-chain"));
  Deno.symlinkSync(`${ROOT}dist`, at("directory"));
  const { launcher } = await copyBundle(vault.home);
  Deno.symlinkSync(launcher, at("a b/moved"));
  const names = ["copy", "absolute", "a b/relative", "a b/c/-chain", "directory/aws-vault"];
  for (const name of [...names, "a b/moved", "aws-vault"]) {
    const ran = await vault.run(["--version"], { command: [at(name)] });
    assert.match(ran.stdout, /^\d+\.\d+\.\d+\n$/, `${name}: ${ran.stderr}`);
  }
  const named = await vault.run(["--version"], { command: ["sh", "-chain"], cwd: at("a b/c") });
  assert.notEqual(named.code, 0); // an option of sh
  const bare = await vault.run(["--version"], { command: ["sh", "copy"] });
  assert.equal(bare.code, 0);
  for (const command of ["./aws-vault", at("a b/moved")]) { // it is the one beside it
    Deno.removeSync(at("lib/cache"), { recursive: true });
    assert.equal((await vault.run(["--version"], { command: [command] })).code, 0);
    assert.ok(listNames(at("lib/cache")).length > 0);
  }
});

launcherTest(
  "the Deno that built the bundle goes before PATH's; DENO goes before it",
  async (vault) => {
    const fake = fakeDeno(vault.home, Deno.version.deno);
    const PATH = `${vault.home.path}/fake`; // a script, which none that is a program goes before
    const own = await vault.run(["--version"], { env: { PATH, DENO: undefined } });
    assert.match(own.stdout, /^\d+\.\d+\.\d+\n$/);
    const named = await vault.run(["--version"], { env: { DENO: fake } });
    assert.match(named.stdout, /^DENO_DIR=/m);
  },
);

launcherTest(
  "of PATH's a Deno that is a program goes before one that is a script",
  async (vault) => {
    const { launcher, cache } = await copyBundle(vault.home);
    const start = cache.replace(/cache$/, "start.sh");
    const text = Deno.readTextFileSync(start).replace(/^ {2}_deno=.*$/m, "  _deno=");
    Deno.writeTextFileSync(start, text);
    fakeDeno(vault.home, Deno.version.deno);
    Deno.mkdirSync(`${vault.home.path}/real`);
    for (const name of ["env", "mkdir"]) {
      Deno.symlinkSync(`/usr/bin/${name}`, `${vault.home.path}/fake/${name}`);
    }
    const run = (PATH: string) =>
      vault.run(["--version"], { command: [launcher], env: { PATH, DENO: undefined } });
    for (const name of ["deno", "env"]) { // no programs
      Deno.mkdirSync(`${vault.home.path}/dirs/${name}`, { recursive: true });
      vault.home.write(`texts/${name}`, "#!/bin/sh\n");
    }
    const scripts = ["dirs", "texts", "fake"].map((name) => `${vault.home.path}/${name}`).join(":");
    const alone = await run(scripts);
    assert.match(alone.stdout, /^DENO_DIR=/m, alone.stderr);
    Deno.symlinkSync(Deno.execPath(), `${vault.home.path}/real/deno`);
    const both = await run(`${scripts}:${vault.home.path}/real`);
    assert.match(both.stdout, /^\d+\.\d+\.\d+\n$/, both.stderr);
  },
);

launcherTest(
  "a Deno of another major or an older minor version is refused, both named",
  async (vault) => {
    const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];
    for (
      const version of [
        `${major}.${minor - 1}.9`,
        `${major - 1}.${minor}.0`,
        `${major + 1}.0.0`,
        "?",
      ]
    ) {
      const DENO = fakeDeno(vault.home, version);
      const { code, stderr, stdout } = await vault.run(["list"], { env: { DENO } });
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.ok(stderr.includes(version === "?" ? "unknown" : version), stderr);
      assert.ok(stderr.includes(`built with ${Deno.version.deno}`), stderr);
      assert.ok(stderr.includes(DENO), stderr);
    }
    for (const version of [`${major}.${minor}.0`, `${major}.${minor + 1}.0-rc.1`]) {
      const { code } = await vault.run(["list"], { env: { DENO: fakeDeno(vault.home, version) } });
      assert.equal(code, 0, version);
    }
  },
);

launcherTest(
  "a Deno that finds itself by HOME, as a version manager's, finds it",
  async (vault) => {
    Deno.symlinkSync(Deno.execPath(), `${vault.home.path}/theirs`);
    const DENO = fakeDeno(vault.home, Deno.version.deno, { does: 'exec "$HOME/theirs" "$@"' });
    const ran = await vault.run(["exec", "-n", "work", "--", "sh", "-c", "echo $HOME"], {
      env: { DENO },
    });
    assert.deepEqual([ran.stdout, ran.stderr], [`${vault.home.path}\n`, ""]);
  },
);

launcherTest(
  "a bundle that a full disk or a lost power has left empty or cut off is an error, and no success",
  async (vault) => {
    const { launcher } = await copyBundle(vault.home);
    const lines = [
      ["start.sh", "list", /lib\/start\.sh cannot be read, or is empty\n {2}install/],
      ["main.js", "list", /lib\/main\.js cannot be read, or is empty\n {2}install/],
      ["quick.js", "--version", /lib\/quick\.js cannot be read, or is empty/],
    ] as const;
    for (const [name, line, says] of lines) {
      const path = `${vault.home.path}/lib/${name}`;
      const whole = Deno.readTextFileSync(path);
      Deno.writeTextFileSync(path, "");
      assertRefused(await vault.run([line], { command: [launcher] }), says);
      Deno.writeTextFileSync(path, whole);
    }
    const start = `${vault.home.path}/lib/start.sh`;
    const [half] = Deno.readTextFileSync(start).split("# Deno runs what its cache holds");
    Deno.writeTextFileSync(start, half!);
    assertRefused(await vault.run(["list"], { command: [launcher] }), /start\.sh is cut off\n/);
  },
);

launcherTest(
  "a bundle that may not be read is told by its file (setpriv)",
  async (vault) => {
    const { launcher } = await copyBundle(vault.home);
    for (const name of ["main.js", "start.sh"]) {
      Deno.chmodSync(`${vault.home.path}/lib/${name}`, 0);
      const ran = await vault.run(["list"], { command: boundByModes(launcher) });
      assertRefused(ran, new RegExp(`lib/${name} cannot be read, or is empty\n.*owner and mode`));
    }
  },
  !HAS_MODES,
);

launcherTest("DENO has to be a full path to a program", async (vault) => {
  fakeDeno(vault.home, Deno.version.deno, { name: "deno" });
  for (
    const [DENO, says] of [["./deno", /not a full path/], [
      "/no/deno",
      /there is no Deno at/,
    ]] as const
  ) {
    const ran = await vault.run(["list"], { env: { DENO } });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, says);
    assert.ok(ran.stderr.includes(DENO));
  }
});

// As on NixOS, or with musl.
launcherTest(
  "where no C library is found a program gets its credentials and home all the same, and no agent starts",
  async (vault) => {
    const { launcher } = await copyBundle(vault.home);
    const start = `${vault.home.path}/lib/start.sh`;
    const text = Deno.readTextFileSync(start);
    Deno.writeTextFileSync(start, text.replace(/'--allow-ffi=[^']*'/, ""));
    const mint = `echo '{"Version":1,"AccessKeyId":"'"$HOME"'","SecretAccessKey":"s"}'`;
    vault.home.write(".aws/config", `[profile work]\n[profile m]\ncredential_process = ${mint}\n`);
    const env = { AWS_PROFILE: "other", NODE_ENV: "production" };
    const ran = async (...args: string[]) =>
      (await vault.run(args, { command: [launcher], env })).stdout;
    const agent = await vault.run(["agent", "start"], { command: [launcher] });
    assertRefused(agent, /no agent without the C library/);
    assert.equal(JSON.parse(await ran("exec", "m", "--json")).AccessKeyId, vault.home.path);
    for (const server of [[], ["--ecs-server"]]) {
      const got = (await ran("exec", ...server, "work", "--", "env")).split("\n");
      for (const line of ["AWS_VAULT=work", "NODE_ENV=production", `HOME=${vault.home.path}`]) {
        assert.ok(got.includes(line), line);
      }
      const found = /^AWS_(SECRET_ACCESS_KEY|CONTAINER_AUTHORIZATION_TOKEN)=/;
      assert.equal(got.filter((line) => found.test(line)).length, 1);
      assert.deepEqual(got.filter((line) => /KEPT|^DENO_NO_|^AWS_PROFILE/.test(line)), []);
    }
  },
);

launcherTest("an env that cannot block a signal keeps a copy from nothing", async (vault) => {
  const { launcher } = await copyBundle(vault.home);
  const script =
    '#!/bin/sh\ncase $1 in -*) echo odd >&2; exit 125 ;; esac\nexec /usr/bin/env "$@"\n';
  Deno.chmodSync(vault.home.write("bin/env", script), 0o755);
  const env = { PATH: `${vault.home.path}/bin:${Deno.env.get("PATH")}` };
  const ran = await vault.run(["exec", "-n", "work", "--", "echo", "ran"], {
    command: [launcher],
    env,
  });
  assert.deepEqual([ran.stdout, ran.stderr], ["ran\n", ""]);
});
