import { asWord, ChildStartError } from "../errors.ts";
import { exists } from "../files.ts";
import type { ChildRequest, Env, Exit } from "../types.ts";
import { exchangeVariables, OURS_ALONE } from "./env.ts";
import { findProgram, isPath, readPathext } from "./find_program.ts";
import { type InheritedEnvironment, nameOf } from "./inherited_environment.ts";
import { recoverArguments } from "./raw_arguments.ts";
import { replaceProcess } from "./replace_process.ts";
import { stayParent } from "./stay_parent.ts";

/** Where a program is looked for without PATH, by POSIX `confstr`. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** Starts the program of `exec`: in our place, or as our child where that is asked for or needed. */
export async function runChild(
  request: ChildRequest,
  env: Env,
  inherited: InheritedEnvironment,
): Promise<Exit> {
  const { path } = request;
  const argv = recoverArguments([request.command, ...request.args]);
  const environment = changeEntries(inherited.entries(), request);
  const program = { path, argv, environment };
  const putBack = environment === undefined ? lendEnvironment(request, inherited) : () => {};
  if (!request.stay) replaceProcess(program, env);
  const ended = stayParent(program, request, env); // the child is started when this first waits
  putBack();
  return await ended;
}

/** Where that program is; throws what `exec` ends with where there is none. */
export function locate(command: string, env: Env, platform: string): string {
  const found = findProgram(command, env.get("PATH") ?? DEFAULT_PATH, readPathext(env, platform));
  if (found.refused === undefined) return found.path;
  if (found.refused === "not permitted") return command;
  // What cannot be looked at is no missing file: its start tells what is wrong.
  if (found.refused === "missing" && isPath(command, platform === "windows") && exists(command)) {
    return command;
  }
  if (found.refused === "missing") {
    throw new ChildStartError(127, `${command}: command not found`, whyMissing(command, platform));
  }
  throw new ChildStartError(126, `${command}: not a program (${found.path})`, [
    Deno.statSync(found.path).isDirectory
      ? "it is a directory: name a program in it"
      : platform === "windows"
      ? "Windows starts .com, .exe, .bat and .cmd by itself: start it by the program it is for (py, wscript, powershell -File)"
      : `if it is one, permit running it: chmod +x ${asWord(found.path)}`,
  ]);
}

/** What users of cmd.exe take for programs. */
const OF_CMD = /^(copy|del|dir|echo|md|mklink|move|rd|ren|set|start|type)$/i;

/** What a shell would make of it is told too: none reads the line. */
function whyMissing(command: string, platform: string): readonly string[] {
  const windows = platform === "windows";
  const variable = /^[A-Za-z_]\w*=/.exec(command)?.[0];
  if (variable) {
    const line = windows ? `cmd /c "set ${variable}…&& PROGRAM …"` : `env ${variable}… PROGRAM …`;
    return [`only a shell sets variables so; write: ${line}`];
  }
  if (windows && OF_CMD.test(command)) return [`cmd.exe does that by itself: cmd /c ${command}`];
  const missing = isPath(command, windows)
    ? "there is no such file"
    : "it is in none of the directories in PATH";
  if (!/\s/.test(command)) return [missing];
  return [
    `${missing}; it is one word, blanks and all:`,
    `leave its quotes out, or have a shell read it (${windows ? "cmd /c" : "sh -c"})`,
  ];
}

function changeEntries(
  entries: readonly Uint8Array[] | undefined,
  { set, unset }: ChildRequest,
): readonly Uint8Array[] | undefined {
  const gone = new Set([...unset, ...Object.keys(set), ...OURS_ALONE]);
  const encoder = new TextEncoder();
  return entries && [
    ...entries.filter((entry) => !gone.has(nameOf(entry))),
    ...Object.entries(set).map(([name, value]) => encoder.encode(`${name}=${value}`)),
  ];
}

/**
 * Makes our own environment the child's. The answer puts ours back: a credential server that goes
 * on beside the child reads it.
 */
function lendEnvironment(
  { set, unset }: ChildRequest,
  inherited: InheritedEnvironment,
): () => void {
  const putKeptBack = inherited.lend();
  const putBack = exchangeVariables([
    ...unset.map((name) => [name, undefined] as const),
    ...Object.entries(set),
  ]);
  return () => {
    putBack();
    putKeptBack();
  };
}
