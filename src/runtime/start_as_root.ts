import { VaultError } from "../errors.ts";
import type { Companion, CompanionRequest, Env } from "../types.ts";
import { cannotStart, lineReader } from "./companion.ts";
import { ISOLATION_FLAGS } from "./deno_flags.ts";
import { absoluteEntries, findProgram } from "./find_program.ts";
import { openLibc } from "./libc.ts";
import { spawnAnywhere } from "./spawn_anywhere.ts";
import { waitAtMost } from "./timer.ts";

const END_TIMEOUT_MS = 5000;

const RUN_FLAGS = ["run", ...ISOLATION_FLAGS, "--no-prompt", "--no-code-cache"];

/** @param main what is run a second time: this very program */
export function startAsRoot(
  request: CompanionRequest,
  env: Env,
  main: string = Deno.mainModule,
): Companion {
  const sudo = elevation(env);
  const own = ownCommand(request, main);
  const [program, ...args] = sudo.length === 0 ? own : [...sudo, ...withWorld(own, main, env)];
  const child = start(program!, args, { ...worldOf(main), PATH: searchPath(env) });
  const readLine = lineReader(child.stdout);
  return { readLine, end: () => end(child, readLine) };
}

function ownCommand({ args, permissions }: CompanionRequest, main: string): string[] {
  if (Deno.build.standalone) return [Deno.execPath(), ...args];
  const flags = [...RUN_FLAGS, `--allow-read=${directoryOf(main)}`, ...permissions];
  return [Deno.execPath(), ...flags, main, ...args];
}

/**
 * What root's Deno is to be kept from, as the launcher keeps ours: the `.npmrc` of a home, which it
 * would end by, and a cache there.
 */
function worldOf(main: string): Record<string, string> {
  return {
    HOME: decodeURIComponent(new URL(".", main).pathname),
    DENO_DIR: "/dev/null",
    DENO_LOG: "error,deno::cache=off",
    DENO_NO_UPDATE_CHECK: "1",
  };
}

function searchPath(env: Env): string {
  return absoluteEntries(env.get("PATH") ?? "");
}

/** The same behind sudo, which hands on no such variables. */
function withWorld(command: readonly string[], main: string, env: Env): readonly string[] {
  const found = findProgram("env", searchPath(env));
  if (Deno.build.standalone || found.refused !== undefined) return command;
  const words = Object.entries(worldOf(main)).map(([name, value]) => `${name}=${value}`);
  return [found.path, ...words, ...command];
}

/** Where our own chunks are read from; Deno can be given none with a comma, but what it lies in. */
function directoryOf(main: string): string {
  const { pathname } = new URL(".", main);
  return decodeURIComponent(pathname).replace(/^\/(?=[A-Z]:)/, "").replace(/[^/]*,.*$/s, "");
}

/**
 * With `-b` sudo asks for the password on the terminal and then lets go of it: the companion is in
 * a process group of its own, where the keys that are meant for the user's program do not reach it.
 */
function elevation(env: Env): string[] {
  if (isRoot()) return [];
  const sudo = findProgram("sudo", searchPath(env));
  if (sudo.refused === undefined) return [sudo.path, "-b", "--"];
  throw new VaultError("process", "this needs root, and sudo is not installed", [
    "run it as root, or use --ecs-server, which does not need to be",
  ]);
}

function isRoot(): boolean {
  return openLibc({ geteuid: { parameters: [], result: "u32" } })?.geteuid() === 0;
}

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  try {
    return spawnAnywhere(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      clearEnv: true,
      env,
      // A session of its own keeps the terminal's keys away, as `sudo -b` does; under sudo it would
      // take away the terminal to ask on.
      detached: program === Deno.execPath(),
    });
  } catch (error) {
    throw cannotStart(program, error);
  }
}

async function end(
  child: Deno.ChildProcess,
  readLine: Companion["readLine"],
): Promise<void> {
  await child.stdin.close().catch(() => {}); // it has ended already
  const outputClosed = async () => {
    while (await readLine() !== undefined);
    await child.status;
  };
  await waitAtMost(END_TIMEOUT_MS, outputClosed());
}
