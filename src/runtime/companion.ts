import { describeCause, VaultError } from "../errors.ts";
import type { CompanionRequest, Companions, Env } from "../types.ts";
import { absoluteEntries, findProgram } from "./find_program.ts";
import type { InheritedEnvironment } from "./inherited_environment.ts";
import { ISOLATION_FLAGS } from "./deno_flags.ts";
import { openLibc } from "./libc.ts";
import { writeAll } from "./output.ts";
import { waitAtMost } from "./timer.ts";

const END_TIMEOUT_MS = 5000;

const RUN_FLAGS = ["run", ...ISOLATION_FLAGS, "--no-prompt", "--no-code-cache"];

/** `main` is what is run a second time: this very program. */
export function createCompanions(
  env: Env,
  main: string = Deno.mainModule,
  inherited?: InheritedEnvironment,
): Companions {
  return {
    startAgain: async (words) => await startAgain(words, env, inherited),
    async startAsRoot(request) {
      const sudo = elevation(env);
      const own = ownCommand(request, main);
      const [program, ...args] = sudo.length === 0 ? own : [...sudo, ...withWorld(own, main, env)];
      return await watch(start(program!, args, { ...worldOf(main), PATH: searchPath(env) }));
    },
  };
}

/** The program that finds Deno, its permissions and our bundle, as `agent` has it told us. */
const LAUNCHER = "AWS_VAULT_LAUNCHER";

type StartedAgain = Awaited<ReturnType<Companions["startAgain"]>>;

function startAgain(
  words: readonly string[],
  env: Env,
  inherited: InheritedEnvironment | undefined,
): StartedAgain {
  const program = Deno.build.standalone ? Deno.execPath() : env.get(LAUNCHER);
  if (program === undefined) {
    throw new VaultError("process", "the program that was started here cannot be found again", [
      "start it in the foreground: aws-vault agent start --foreground",
    ]);
  }
  const passphrase = env.get("AWS_VAULT_FILE_PASSPHRASE"); // no longer in our own environment
  const putBack = inherited?.lend() ?? (() => {});
  try {
    // Nothing of our caller's streams is to stay open in a process that goes on: no pipe that is
    // waited for. A terminal it gives back itself.
    const isTerminal = Deno.stderr.isTerminal();
    const child = new Deno.Command(program, {
      args: [...Deno.args, ...words],
      stdin: "null",
      stdout: "piped",
      stderr: isTerminal ? "inherit" : "piped",
      env: passphrase === undefined ? {} : { AWS_VAULT_FILE_PASSPHRASE: passphrase },
    }).spawn();
    const relayed = isTerminal ? Promise.resolve() : relay(child.stderr);
    const companion = watch(child);
    return { ...companion, ended: relayed.then(() => companion.ended) };
  } catch (error) {
    throw new VaultError("process", `${program} cannot be started: ${describeCause(error)}`);
  } finally {
    putBack();
  }
}

async function relay(errors: ReadableStream<Uint8Array>): Promise<void> {
  for await (const bytes of errors) {
    try {
      writeAll(Deno.stderr, bytes);
    } catch { /* closed, as for `note` */ }
  }
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
    return new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      clearEnv: true,
      env,
      // A session of its own keeps the terminal's keys away, as `sudo -b` does; under sudo it would
      // take away the terminal to ask on.
      detached: program === Deno.execPath(),
    }).spawn();
  } catch (error) {
    throw new VaultError("process", `${program} cannot be started: ${describeCause(error)}`);
  }
}

function watch(child: Deno.ChildProcess): StartedAgain {
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
  const ended = child.status.then(({ code, signal }) => signal === null ? { code } : { signal });
  return { readLine, end: () => endCompanion(child, readLine), ended };
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
