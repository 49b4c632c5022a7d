import assert from "node:assert/strict";
import { makeTemporary } from "../contract/context.ts";
import { pack } from "../../scripts/pack.ts";
import { ROOT } from "../../scripts/task.ts";
import { requireProgram } from "../require.ts";
import { DENO, DENO_HERE, Guest, HAS_WINE, type Ran, windowsPath } from "./wine.ts";
import { COMSPEC, WindowsVault } from "./vault.ts";
import { listNames } from "../scenarios/vault.ts";

const ignore = !HAS_WINE || !requireProgram("npm");

const place = ignore ? undefined : makeTemporary();
if (place !== undefined) addEventListener("unload", () => place[Symbol.dispose]());

interface Archives {
  /** Our package for Windows, as programs there name it. */
  readonly ours: string;
  /** What any of Deno's packages holds here. */
  readonly denos: Uint8Array<ArrayBuffer>;
}

let made: Promise<Archives> | undefined;
const makeArchivesOnce = () => made ??= makeArchives(place!.path);

async function makeArchives(directory: string): Promise<Archives> {
  const [, ours] = await pack();
  Deno.mkdirSync(`${directory}/package`);
  Deno.writeTextFileSync(`${directory}/package/package.json`, '{"name":"x","version":"1.0.0"}');
  await runHere("tar", "czf", `${directory}/denos.tgz`, "-C", directory, "package");
  return { ours: windowsPath(ours!), denos: Deno.readFileSync(`${directory}/denos.tgz`) };
}

/** npm itself, run by the Windows Deno: it then takes itself for npm on Windows, shims and all. */
class Npm implements AsyncDisposable {
  readonly #guest: Guest;
  readonly #registry: Deno.HttpServer<Deno.NetAddr>;
  readonly #script: string;

  private constructor(guest: Guest, denos: Archives["denos"], script: string) {
    this.#guest = guest;
    this.#registry = startRegistry(denos);
    this.#script = windowsPath(script);
  }

  static async start(guest: Guest, { denos }: Archives): Promise<Npm> {
    const script = await runHere("sh", "-c", 'readlink -f "$(command -v npm)"'); // npm-cli.js
    return new Npm(guest, denos, script.trim());
  }

  async run(...args: string[]): Promise<Ran> {
    const flags = ["-A", "--quiet", "--no-config", "--unstable-detect-cjs"];
    const words = ["run", ...flags, "--node-modules-dir=manual", this.#script, ...args];
    const ran = await this.#guest.run(DENO, words, { env: this.#env, timeoutSeconds: 120 });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    return ran;
  }

  get #env(): Record<string, string> {
    return {
      npm_config_registry: `http://127.0.0.1:${this.#registry.addr.port}/`,
      npm_config_cache: `${this.#guest.profile}\\npm-cache`,
      npm_config_ignore_scripts: "true", // there is no Node to run Deno's, and it is not needed
      npm_config_update_notifier: "false",
      npm_config_audit: "false",
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#registry.shutdown();
  }
}

/** Has Deno's packages as npm's registry has them, but for the program of 97 MB. */
function startRegistry(archive: Uint8Array<ArrayBuffer>): Deno.HttpServer<Deno.NetAddr> {
  const version = Deno.version.deno;
  const programs = Object.fromEntries(["win32-x64", "win32-arm64", "linux-x64-glibc"].map(
    (target) => [`@deno/${target}`, version],
  ));
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname, origin } = new URL(url);
    if (pathname.endsWith(".tgz")) return new Response(archive);
    const name = decodeURIComponent(pathname.slice(1));
    const [, os, cpu] = /^@deno\/([^-]+)-([^-]+)/.exec(name) ?? [];
    const manifest = {
      ...{ name, version, dist: { tarball: `${origin}/${version}.tgz` } },
      ...os === undefined ? { optionalDependencies: programs } : { os: [os], cpu: [cpu] },
    };
    return Response.json({ name, "dist-tags": {}, versions: { [version]: manifest } });
  });
}

async function runHere(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "npm's install of the package has a Deno of its own, and works in an empty home (Wine)",
  ignore,
  async fn() {
    await using vault = await WindowsVault.start("");
    const archives = await makeArchivesOnce();
    await using npm = await Npm.start(vault.guest, archives);
    const prefix = "npm (x86) Söhne";
    await npm.run("install", "-g", "--prefix", `${vault.guest.profile}\\${prefix}`, archives.ours);
    const program = `${prefix}/node_modules/aws-vault/node_modules/@deno/win32-x64/deno.exe`;
    Deno.symlinkSync(DENO_HERE, `${vault.guest.home}/${program}`);

    const shim = `${vault.guest.profile}\\${prefix}\\aws-vault.cmd`;
    const act = (words: string, env = {}) => {
      const line = `${COMSPEC} /d /s /c ""${shim}" ${words}"`; // as other programs start a batch file
      return vault.guest.run(vault.tool, ["start", line], { env });
    };
    assert.match((await act("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
    const keys = { AWS_ACCESS_KEY_ID: "AKIAWORK", AWS_SECRET_ACCESS_KEY: "secret" };
    const added = await act("add work --env", keys);
    assert.equal(added.code, 0, added.stderr);
    assert.match((await act("list")).stdout, /^work +work/m);
    const set = await act("exec -n work -- cmd /c set AWS_");
    assert.match(set.stdout, /^AWS_ACCESS_KEY_ID=AKIAWORK$/m, set.stderr);
    const words = await act(`exec -n work -- "${vault.tool}" args "a b" ü --x=y`);
    assert.equal(words.stdout, "[a b]\n[ü]\n[--x=y]\n", words.stderr);
    assert.equal((await act('exec -n work -- cmd /c "exit 7"')).code, 7);
  },
});

Deno.test({
  name: "deno task install says what to do in its place on Windows, and makes nothing (Wine)",
  ignore,
  async fn() {
    const script = windowsPath(`${ROOT}/scripts/install.ts`);
    const words = ["run", "-A", "--no-lock", "--node-modules-dir=manual", script, "install"];
    const guest = new Guest();
    const { code, stderr } = await guest.run(DENO, [...words, "--prefix", "C:\\x"], { cwd: ROOT });
    assert.equal(code, 1);
    assert.match(stderr, /On Windows: deno task pack, then npm install -g dist\\npm\\aws-vault-/);
    assert.deepEqual([listNames(ROOT).includes("C:"), listNames(guest.drive).includes("x")], [
      false,
      false,
    ]);
  },
});

Deno.test({
  name: "npx starts the package of a project with the project's Deno (Wine)",
  ignore,
  async fn() {
    await using vault = await WindowsVault.start("");
    const archives = await makeArchivesOnce();
    await using npm = await Npm.start(vault.guest, archives);
    vault.guest.write("package.json", "{}");
    await npm.run("install", archives.ours);
    const program = "node_modules/@deno/win32-x64/deno.exe";
    Deno.symlinkSync(DENO_HERE, `${vault.guest.home}/${program}`);
    const { stdout } = await npm.run("exec", "--offline", "--", "aws-vault", "--version");
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  },
});
