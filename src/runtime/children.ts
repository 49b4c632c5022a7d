import { ChildStartError } from "../errors.ts";
import type { ChildRequest, Env, Exit } from "../types.ts";
import { findProgram } from "./find_program.ts";
import { recoverArguments } from "./raw_arguments.ts";
import { replaceProcess } from "./replace_process.ts";
import { stayParent } from "./stay_parent.ts";

/** Where a program is looked for without PATH, by POSIX `confstr`. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** Starts the program of `exec`: in our place, or as our child where that is asked for or needed. */
export async function runChild(request: ChildRequest, env: Env, platform: string): Promise<Exit> {
  const path = locate(request.command, env, platform);
  const argv = recoverArguments([request.command, ...request.args]);
  const putBack = lendEnvironment(request);
  if (!request.stay) replaceProcess(path, argv, env);
  const ended = startAndStay(path, argv, request, env);
  putBack();
  return await ended;
}

/** The child is started by the time this first waits. */
async function startAndStay(
  path: string,
  argv: readonly Uint8Array[],
  request: ChildRequest,
  env: Env,
): Promise<Exit> {
  refuseBrokenText(argv);
  return await stayParent(path, request, env);
}

/** Deno starts a child with strings alone: better none than one with other arguments. */
function refuseBrokenText(argv: readonly Uint8Array[]): void {
  const broken = argv.findIndex((arg) => !isUtf8(arg));
  if (broken < 0) return;
  throw new ChildStartError(126, `word ${broken + 1} of the command to run is not UTF-8`, [
    "that cannot be passed on beside a credential server: rename the file, or leave the server out",
  ]);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function locate(command: string, env: Env, platform: string): string {
  const found = findProgram(command, env.get("PATH") ?? DEFAULT_PATH, platform === "windows");
  if (found.refused === undefined) return found.path;
  if (found.refused === "missing") {
    throw new ChildStartError(127, `${command}: command not found`, [
      command.includes("/") ? "there is no such file" : "it is in none of the directories in PATH",
    ]);
  }
  throw new ChildStartError(126, `${command}: not a program (${found.path})`, [
    `if it is one, permit running it: chmod +x ${found.path}`,
  ]);
}

/**
 * Makes our own environment the child's, the rest of it byte for byte. The answer puts ours back:
 * a credential server that goes on beside the child reads it.
 */
function lendEnvironment({ set, unset }: ChildRequest): () => void {
  const names = [...unset, ...Object.keys(set)];
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of unset) Deno.env.delete(name);
  for (const [name, value] of Object.entries(set)) Deno.env.set(name, value);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  };
}
