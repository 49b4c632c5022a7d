import * as esbuild from "esbuild";
import {
  cleanEnvironment,
  Home,
  runInTerminal,
  type Step,
  type TerminalRun,
} from "../scenarios/harness.ts";
import { requireProgram, requireThat } from "../require.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** What `scripts/wine.sh DIR` has made. */
const WORLD = Deno.env.get("VAULT_TEST_WINE") ?? `${Deno.env.get("HOME")}/.cache/aws-vault-wine`;
const WINE = "/usr/lib/wine/wine64";

/** Whether Windows programs can be run here, by Wine. */
export const HAS_WINE = requireThat(hasWorld(), `scripts/wine.sh has not made ${WORLD}`) &&
  requireProgram("x86_64-w64-mingw32-gcc");

function hasWorld(): boolean {
  try {
    return Deno.statSync(`${WORLD}/deno.exe`).isFile && Deno.statSync(WINE).isFile;
  } catch {
    return false;
  }
}

/** Wine takes the user's directory from the one who started its services. */
const USER = "jörg müller";

/**
 * Wine's own services end when no program is left, and hold the streams of the one that started
 * them until then: a program that waits for us keeps them, for as long as the tests run.
 */
if (HAS_WINE) {
  const keeper = new Deno.Command(WINE, {
    args: ["cmd.exe", "/k", "echo kept"],
    clearEnv: true,
    env: worldVariables(),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = keeper.stdout.getReader();
  await reader.read();
  void reader.cancel();
  keeper.unref();
  addEventListener("unload", () => keeper.kill("SIGKILL"));
}

function worldVariables(): Record<string, string> {
  return {
    ...{ WINEPREFIX: `${WORLD}/prefix`, WINEDEBUG: "-all", WINEDLLOVERRIDES: "mscoree,mshtml=" },
    ...{ HOME: WORLD, USER, LOGNAME: USER, PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
    DENO_DISABLE_NODE_SHIM: "1", // 97 MB that Deno copies at each start without the launcher
  };
}

/** The Windows Deno, as this machine has it. */
export const DENO_HERE = `${WORLD}/deno.exe`;

/** The same, as programs in that world name it. */
export const DENO = windowsPath(DENO_HERE);

/** A path of this machine as Windows programs have it. */
export function windowsPath(path: string): string {
  return "Z:" + path.replaceAll("/", "\\");
}

export interface GuestOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** A directory of this machine; the user's by default. */
  readonly cwd?: string;
  /** 60 by default; then it is killed, and the test fails. */
  readonly timeoutSeconds?: number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The user of Windows, with an empty home directory. */
export class Guest {
  /** `C:\\users\\…`. */
  readonly profile = `C:\\users\\${USER}`;
  /** `C:\\` as this machine sees it. */
  readonly drive = `${WORLD}/prefix/drive_c`;
  /** The user's directory as this machine sees it. */
  readonly home = `${this.drive}/users/${USER}`;

  constructor() {
    Deno.mkdirSync(this.home, { recursive: true });
    for (const { name } of Deno.readDirSync(this.home)) {
      if (name !== "AppData") Deno.removeSync(`${this.home}/${name}`, { recursive: true });
    }
  }

  /** Writes a file below it, its directories too. */
  write(name: string, text: string): string {
    const path = `${this.home}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  }

  /** An empty directory as a drive (`d:`) or a share (`unc/SERVER/SHARE`), until it is disposed of. */
  mount(name: string): Disposable & { readonly path: string } {
    const [device, ...below] = name.split("/");
    const link = `${WORLD}/prefix/dosdevices/${device}`;
    const root = Deno.makeTempDirSync();
    const path = [root, ...below].join("/");
    Deno.mkdirSync(path, { recursive: true });
    removeIfThere(link); // of a run that was killed
    Deno.symlinkSync(root, link);
    return {
      path,
      [Symbol.dispose]() {
        Deno.removeSync(link);
        Deno.removeSync(root, { recursive: true });
      },
    };
  }

  /** What Wine is started with; undefined leaves a variable out. */
  variables(env: GuestOptions["env"] = {}): Record<string, string> {
    const all = { ...worldVariables(), ...env };
    const set = Object.entries(all).filter(([, value]) => value !== undefined);
    return Object.fromEntries(set) as Record<string, string>;
  }

  /** Runs a Windows program in a console of its own, and types there. */
  async runInConsole(
    program: string,
    args: readonly string[],
    steps: readonly Step[],
    env: GuestOptions["env"] = {},
  ): Promise<TerminalRun> {
    using home = new Home();
    const variables = { ...this.variables(env), TERM: "xterm" };
    const clean = Object.keys(cleanEnvironment({ home })).map((name) => [name, undefined]);
    return await runInTerminal(args, {
      home,
      command: [WINE, program],
      env: { ...Object.fromEntries(clean), ...variables },
      cwd: this.home,
      steps,
    });
  }

  /** Starts a Windows program; our own variables stay outside. */
  start(program: string, args: readonly string[], options: GuestOptions = {}): Deno.ChildProcess {
    return new Deno.Command(WINE, {
      args: [program, ...args],
      clearEnv: true,
      env: this.variables(options.env),
      cwd: options.cwd ?? this.home,
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a Windows program to its end. */
  async run(program: string, args: readonly string[], options: GuestOptions = {}): Promise<Ran> {
    return await collect(this.start(program, args, options), options);
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* it is not there */ }
}

/** What a started program writes until its end; `text` of line ends as they are here. */
export async function collect(
  child: Deno.ChildProcess,
  { stdin, timeoutSeconds = 60 }: GuestOptions = {},
): Promise<Ran> {
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  }
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`it did not end in ${timeoutSeconds} s`)); // what it started may go on
    child.kill("SIGKILL");
  }, timeoutSeconds * 1000);
  const { code, stdout, stderr } = await Promise.race([child.output(), late]);
  clearTimeout(timer);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Makes a Windows program of a C file of `guest/`; returns its path as this machine has it. */
export async function compileC(name: string, directory: string): Promise<string> {
  const path = `${directory}/${name}.exe`;
  const source = `${ROOT}/tests/windows/guest/${name}.c`;
  const { success, stderr } = await new Deno.Command("x86_64-w64-mingw32-gcc", {
    args: ["-municode", "-Wall", "-o", path, source, "-ladvapi32", "-lwinhttp"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

/** Puts a module and all it imports into one file, which a Deno without our packages runs. */
export async function bundleForGuest(source: string, outfile: string): Promise<void> {
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "esnext",
    external: ["node:*"],
    logLevel: "error",
  });
  await esbuild.stop();
}
