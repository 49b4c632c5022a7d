import { describeCause, VaultError } from "../errors.ts";
import type { Companion, CompanionRequest, Companions, Env } from "../types.ts";
import { absoluteEntries, findProgram } from "./find_program.ts";
import { ISOLATION_FLAGS } from "./deno_flags.ts";
import { openLibc } from "./libc.ts";
import { waitAtMost } from "./timer.ts";

const END_TIMEOUT_MS = 5000;

const RUN_FLAGS = ["run", ...ISOLATION_FLAGS, "--no-prompt", "--no-code-cache"];

/** `main` is what is run a second time: this very program. */
export function createCompanions(
  env: Env,
  platform: string,
  main: string = Deno.mainModule,
): Companions {
  return {
    startAsRoot(request) {
      const [program, ...args] = [...elevation(env, platform), ...ownCommand(request, main)];
      return watch(start(program!, args, env));
    },
  };
}

function ownCommand({ args, permissions }: CompanionRequest, main: string): string[] {
  if (Deno.build.standalone) return [Deno.execPath(), ...args];
  const flags = [...RUN_FLAGS, `--allow-read=${directoryOf(main)}`, ...permissions];
  return [Deno.execPath(), ...flags, main, ...args];
}

/** Where our own chunks are read from, as a list of paths has it: with commas doubled. */
function directoryOf(main: string): string {
  const { pathname } = new URL(".", main);
  return decodeURIComponent(pathname).replace(/^\/(?=[A-Z]:)/, "").replaceAll(",", ",,");
}

/**
 * With `-b` sudo asks for the password on the terminal and then lets go of it: the companion is in
 * a process group of its own, where the keys that are meant for the user's program do not reach it.
 */
function elevation(env: Env, platform: string): string[] {
  if (platform === "windows" || isRoot()) return [];
  const sudo = findProgram("sudo", absoluteEntries(env.get("PATH") ?? ""));
  if (sudo.refused === undefined) return [sudo.path, "-b", "--"];
  throw new VaultError("process", "this needs root, and sudo is not installed", [
    "run it as root, or use --ecs-server, which does not need to be",
  ]);
}

function isRoot(): boolean {
  return openLibc({ geteuid: { parameters: [], result: "u32" } })?.geteuid() === 0;
}

function start(program: string, args: readonly string[], env: Env): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      clearEnv: true,
      env: { PATH: absoluteEntries(env.get("PATH") ?? ""), DENO_NO_UPDATE_CHECK: "1" },
      // A session of its own keeps the terminal's keys away, as `sudo -b` does; under sudo it would
      // take away the terminal to ask on.
      detached: program === Deno.execPath(),
    }).spawn();
  } catch (error) {
    throw new VaultError("process", `${program} cannot be started: ${describeCause(error)}`);
  }
}

function watch(child: Deno.ChildProcess): Companion {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  const readLine = async () => {
    while (!pending.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      pending += value;
    }
    const line = pending.slice(0, pending.indexOf("\n"));
    pending = pending.slice(line.length + 1);
    return line;
  };
  return { readLine, end: () => endCompanion(child, readLine) };
}

async function endCompanion(
  child: Deno.ChildProcess,
  readLine: () => Promise<string | undefined>,
): Promise<void> {
  await child.stdin.close().catch(() => {}); // it has ended already
  const outputClosed = async () => {
    while (await readLine() !== undefined);
    await child.status;
  };
  await waitAtMost(END_TIMEOUT_MS, outputClosed());
}
