import { BackendError, VaultError } from "../src/errors.ts";
import type { Context, ProcessResult } from "../src/types.ts";
import { checkKey } from "./key.ts";

/** A program that keeps secrets for a backend. */
export interface Program {
  /** The backend's name, for errors. */
  readonly backend: string;
  readonly command: string;
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  /** Absent: two minutes, for a person may be typing a PIN into a window of the program's. */
  readonly timeoutSeconds?: number;
  /** A way out when it cannot be run. */
  readonly hint: string;
}

const TIMEOUT_SECONDS = 120;

/**
 * Runs such a program to its end, whatever its exit code.
 *
 * Throws `BackendError` when it is missing, cannot start, or takes too long.
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  ctx: Pick<Context, "processes" | "debug">,
  stdin?: string,
): Promise<ProcessResult> {
  ctx.debug(`running ${program.command} ${args[0]}`);
  try {
    return await ctx.processes.run({
      kind: "keyring",
      command: program.command,
      args,
      stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
      extraEnvironment: program.extraEnvironment,
      timeoutSeconds: program.timeoutSeconds ?? TIMEOUT_SECONDS,
    });
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "process") throw error;
    throw new BackendError(program.backend, error.message, [...error.hints, program.hint], error);
  }
}

/**
 * The error of a program that ran and failed: its name, how it ended and the last line of its
 * standard error, for secrets go to its standard output.
 */
export function describeFailure(
  program: Program,
  action: string,
  result: ProcessResult,
  hints: readonly string[],
): BackendError {
  const ended = result.signal === undefined
    ? `failed with exit code ${result.code}`
    : `was ended by ${result.signal}`;
  const line = lastLine(result.stderr);
  const tail = line === "" ? " and said nothing" : `: ${line}`;
  return new BackendError(
    program.backend,
    `\`${program.command} ${action}\` ${ended}${tail}`,
    hints,
  );
}

/** The last line with something in it, cut to a length that an error can carry. */
function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  return (lines.at(-1) ?? "").slice(0, MAX_LINE_LENGTH);
}

const MAX_LINE_LENGTH = 300;

/** The error of a program that ended well and printed what nobody can read. */
export function describeNonsense(program: Program, action: string): BackendError {
  const { backend, command } = program;
  return new BackendError(backend, `\`${command} ${action}\` printed what is no answer to that`, [
    /[\\/]/.test(command) ? program.hint : `check which ${command} comes first in PATH`,
  ]);
}

/** Refuses names with control characters too, for stores that are spoken to in lines. */
export function checkPrintableKey(backend: string, key: string): void {
  checkKey(backend, key);
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (!/[\x00-\x1f\x7f]/.test(key)) return;
  const message = `the ${backend} backend cannot keep the name ${JSON.stringify(key)}`;
  throw new BackendError(backend, `${message}: it has control characters`, [
    "choose a name without them, or another backend",
  ]);
}
