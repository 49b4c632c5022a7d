import assert from "node:assert/strict";
import { dirname, relative } from "node:path";
import { pack } from "../../scripts/pack.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";
import { IS_ROOT } from "./sandbox.ts";
import { HAS_STRACE } from "./strace.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const hasNpm = requireProgram("npm") && requireProgram("npx");
let packed: Promise<string[]> | undefined;
/** The packages, made once: that for Linux and macOS, and that for Windows. */
const packOnce = () => packed ??= pack();

const KEYS = { AWS_ACCESS_KEY_ID: "AKIAWORK", AWS_SECRET_ACCESS_KEY: "secret" };

/** Runs a program of this machine in an empty home; throws when it fails. */
async function start(home: Home, program: string, ...args: string[]): Promise<string> {
  const npm = { npm_config_cache: `${home.path}/.npm`, npm_config_update_notifier: "false" };
  const env = { ...npm, ...certificates(), DENO: undefined };
  const ran = await run(args, { home, command: [program], env, timeoutSeconds: 120 });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  return ran.stdout;
}

/** Of a network that has its own, as npm takes them. */
function certificates(): Record<string, string> {
  const file = Deno.env.get("NODE_EXTRA_CA_CERTS");
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

/** Version, a stored key, a program with it: in an empty home, with no other Deno in the PATH. */
async function checkInstalled(home: Home, ...command: string[]): Promise<void> {
  const env = { PATH: "/usr/bin:/bin", DENO: undefined, DENO_DIR: undefined };
  const act = async (args: string[], more = {}) => {
    const ran = await run(args, { home, command, env: { ...env, ...more } });
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout;
  };
  assert.match(await act(["--version"]), /^\d+\.\d+\.\d+\n$/);
  await act(["add", "work", "--env"], KEYS);
  assert.match(await act(["list"]), /^work +work/m);
  const printed = ["exec", "-n", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
  assert.equal(await act(printed), "AKIAWORK\n");
}

Deno.test("what deno task install puts there works, and uninstall leaves nothing of it", async () => {
  using home = new Home();
  const prefix = `${home.path}/prefix`;
  const umasked = ["-c", 'umask 077; exec "$@"', "sh", Deno.execPath()];
  const task = (...args: string[]) =>
    start(home, "sh", ...umasked, "run", "-A", `${ROOT}/scripts/install.ts`, ...args);
  const said = await task("install", "--prefix", prefix);
  // What root installs is for all users.
  if (IS_ROOT) assert.equal(await start(home, "find", prefix, "!", "-perm", "-044"), "");
  assert.match(said, /installed .*\/prefix\/bin\/aws-vault\n/);
  assert.match(said, /\/prefix\/bin is not in PATH/);
  const [functions] = /fpath=.*$/m.exec(said)!;
  const found = [
    "-fc",
    `${functions}; autoload -Uz compinit; compinit -u; echo $_comps[aws-vault]`,
  ];
  if (requireProgram("zsh")) assert.equal(await start(home, "zsh", ...found), "_aws-vault\n");
  await checkInstalled(home, `${prefix}/bin/aws-vault`);
  for (const path of ["bash-completion/completions/aws-vault", "man/man1/aws-vault.1"]) {
    assert.match(Deno.readTextFileSync(`${prefix}/share/${path}`), /aws.*vault/);
  }
  await task("install", "--prefix", prefix); // once more, over the first
  home.write("prefix/share/man/man1/other.1", "of another program");
  await task("uninstall", "--prefix", prefix);
  const left = await start(home, "find", prefix, "-type", "f", "-o", "-empty");
  assert.equal(left, `${prefix}/share/man/man1/other.1\n`);
  Deno.removeSync(prefix, { recursive: true });
  await task("install", "--prefix=~/prefix");
  assert.ok(isThere(`${prefix}/bin/aws-vault`));
  await task("uninstall", "--prefix=~/prefix");
  assert.ok(!isThere(prefix));
});

Deno.test("an install or uninstall that was killed is finished by the next one", async () => {
  using home = new Home();
  const prefix = `${home.path}/prefix`;
  const lib = `${prefix}/lib/aws-vault`;
  const task = (verb: string) =>
    start(
      home,
      Deno.execPath(),
      "run",
      "-A",
      `${ROOT}/scripts/install.ts`,
      verb,
      "--prefix",
      prefix,
    );
  const states: readonly (readonly [after: string, next: string, leave: () => void])[] = [
    ["the new one was begun", "uninstall", () => {
      Deno.renameSync(lib, `${lib}.new`);
      Deno.removeSync(`${lib}.new/aws-vault`);
    }],
    ["the old one was out of the way", "install", () => {
      Deno.renameSync(lib, `${lib}.old`);
      home.write("prefix/lib/aws-vault.new/lib/old.js", "");
      Deno.removeSync(`${prefix}/bin/aws-vault`);
    }],
    ["half of it was taken away", "uninstall", () => Deno.removeSync(`${lib}/lib/main.js`)],
  ];
  for (const [after, next, leave] of states) {
    await task("install");
    leave();
    await task(next);
    if (next === "install") {
      assert.ok(!isThere(`${lib}/lib/old.js`));
      await start(home, `${prefix}/bin/aws-vault`, "--version");
      await task("uninstall");
    }
    assert.ok(!isThere(prefix), after);
  }
});

Deno.test({
  name: "an uninstall that was killed within the program leaves no directory of it (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    using home = new Home();
    const prefix = `${home.path}/prefix`;
    const command = [Deno.execPath(), "run", "-A", `${ROOT}/scripts/install.ts`];
    const kill = ["-e", "trace=unlinkat", "-e", "inject=unlinkat:signal=SIGKILL:when=3"];
    const strace = ["strace", "-f", "-qq", ...kill, "-o", "/dev/null"];
    const task = (verb: string, ...before: string[]) =>
      run([verb, "--prefix", prefix], { home, command: [...before, ...command] });
    assert.equal((await task("install")).code, 0);
    assert.notEqual((await task("uninstall", ...strace)).code, 0);
    assert.ok(isThere(`${prefix}/lib/aws-vault`));
    assert.equal((await task("uninstall")).code, 0);
    assert.ok(!isThere(prefix));
  },
});

Deno.test("install does not go on where another one is at work", async () => {
  using home = new Home();
  Deno.mkdirSync(`${home.path}/prefix/lib`, { recursive: true });
  using other = Deno.openSync(`${home.path}/prefix/lib`);
  other.lockSync(true);
  const command = [Deno.execPath(), "run", "-A", `${ROOT}/scripts/install.ts`];
  const ran = await run(["install", "--prefix", `${home.path}/prefix`], { home, command });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^error: another install or uninstall is at work in .*\/prefix: run/);
});

Deno.test("install asks for a prefix where HOME says none, and puts nothing where one stands", async () => {
  using home = new Home();
  const command = [Deno.execPath(), "run", "-A", `${ROOT}/scripts/install.ts`];
  for (const [HOME, ...args] of [[undefined, "install"], ["home", "install", "--prefix=~/x"]]) {
    const ran = await run(args as string[], { home, command, env: { HOME } });
    assert.match(ran.stderr, /^error: HOME names no directory in full: say with --prefix DIR/);
  }
});

Deno.test("install leaves a program of another's alone", async () => {
  using home = new Home();
  home.write("prefix/bin/aws-vault", "the Go tool");
  const command = [Deno.execPath(), "run", "-A", `${ROOT}/scripts/install.ts`];
  for (const verb of ["install", "uninstall"]) {
    const ran = await run([verb, "--prefix", `${home.path}/prefix`], { home, command });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^error: /);
  }
  assert.equal(Deno.readTextFileSync(`${home.path}/prefix/bin/aws-vault`), "the Go tool");
  Deno.removeSync(`${home.path}/prefix/bin/aws-vault`);
  const man = home.write("prefix/share/man/man1/aws-vault.1", "of the Go tool");
  const ran = await run(["install", "--prefix", `${home.path}/prefix`], { home, command });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^error: .*\/man1\/aws-vault\.1 is not ours: move it away/);
  assert.equal(Deno.readTextFileSync(man), "of the Go tool");
  assert.ok(!isThere(`${home.path}/prefix/lib`));
});

Deno.test({
  name: "the npm package installs with its own Deno, globally and by npx",
  ignore: !hasNpm,
  async fn() {
    using home = new Home();
    const [file] = await packOnce();
    await start(home, "npm", "install", "--silent", "-g", "--prefix", `${home.path}/p`, file!);
    await checkInstalled(home, `${home.path}/p/bin/aws-vault`);
    const there = `${home.path}/p/lib/node_modules/aws-vault`;
    assert.ok(isFile(`${home.path}/p/share/man/man1/aws-vault.1`)); // where `man` looks
    const readme = Deno.readTextFileSync(`${there}/README.md`);
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, link]) => link!);
    assert.deepEqual(links.filter((link) => !isThere(`${there}/${link}`)), []);
    const handbook = Deno.readTextFileSync(`${there}/docs/handbook.md`);
    for (const [, script] of handbook.matchAll(/`(scripts\/aws-[^`]+)`/g)) {
      assert.equal(Deno.statSync(`${there}/${script}`).mode! & 0o777, 0o755);
    }
    const said = await start(home, "npx", "-y", "--package", file!, "aws-vault", "--version");
    assert.match(said, /^\d+\.\d+\.\d+\n$/);
  },
});

/** Where package managers put our package, and below it or beside it that of Deno's program. */
const LAYOUTS: Readonly<Record<string, readonly [ours: string, denos: string]>> = {
  "npm install -g": ["lib/node_modules/aws-vault", "lib/node_modules/aws-vault/node_modules/@deno"],
  "npx": ["node_modules/aws-vault", "node_modules/@deno"],
  "a Deno with packages of its own": [
    "node_modules/aws-vault",
    "node_modules/aws-vault/node_modules/deno/node_modules/@deno",
  ],
};

/** Linked as npm links it, it is found without a program that follows links. */
async function checkLinked(home: Home, there: string): Promise<void> {
  const isGlobal = there.includes("/lib/");
  const directory = `${home.path}/${isGlobal ? "bin" : "node_modules/.bin"}`;
  Deno.mkdirSync(directory, { recursive: true });
  const link = `${directory}/aws-vault`;
  Deno.symlinkSync(`${relative(directory, there)}/aws-vault`, link);
  const path = `${home.path}/env`;
  Deno.mkdirSync(path);
  Deno.symlinkSync("/usr/bin/env", `${path}/env`);
  const ran = await run(["--version"], { home, command: [link], env: { PATH: path } });
  assert.match(ran.stdout, /^\d+\.\d+\.\d+\n$/, ran.stderr);
}

/** Lays a package out by hand, Deno's install script not run; returns where it is. */
async function layOut(home: Home, file: string, layout: string, deno: string): Promise<string> {
  const [ours, denos] = LAYOUTS[layout]!.map((path) => `${home.path}/${path}`) as [string, string];
  Deno.mkdirSync(ours, { recursive: true });
  await start(home, "tar", "xzf", file, "-C", ours, "--strip-components=1");
  Deno.mkdirSync(`${denos}/../deno`, { recursive: true });
  home.write(`${denos}/${deno}`.slice(home.path.length + 1), "");
  Deno.removeSync(`${denos}/${deno}`);
  Deno.symlinkSync(Deno.execPath(), `${denos}/${deno}`); // a Mac's would not start here
  return ours;
}

for (const layout of Object.keys(LAYOUTS)) {
  Deno.test({
    name: `the npm package finds its Deno on macOS and Windows in the layout of ${layout}`,
    ignore: !hasNpm,
    async fn() {
      const [unix, windows] = await packOnce();
      using mac = new Home();
      const there = await layOut(mac, unix!, layout, "darwin-arm64/deno");
      await checkInstalled(mac, `${there}/aws-vault`);
      await checkLinked(mac, there);
      using pc = new Home();
      const place = await layOut(pc, windows!, layout, "win32-x64/deno.exe");
      for (const launcher of [`${there}/aws-vault.cmd`, `${place}/aws-vault`]) {
        assert.ok(isFile(launcher), launcher);
      }
      const script = Deno.readTextFileSync(`${place}/aws-vault.cmd`);
      const named = [...script.matchAll(/exist "%here%([^"]+deno\.exe)"/g)].map(([, path]) =>
        `${place}/${path!.replaceAll("\\", "/")}`
      );
      assert.equal(named.filter(isFile).length, 1, `none of ${named.join(", ")}`);
    },
  });
}

function isThere(path: string): boolean {
  return [...Deno.readDirSync(dirname(path))].some(({ name }) => path.endsWith(`/${name}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
