import { describeSource, type Setting } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { Context, ProcessResult } from "../types.ts";

/** Such commands may ask a person for a touch or a password: minutes, but never for ever. */
const TIMEOUT_SECONDS = 300;

/**
 * The standard output of a command line of the config file (`credential_process`, `mfa_process`,
 * `web_identity_token_process`), run by the shell in our environment. What is piped to us it does
 * not get: that is for the program of `exec`.
 *
 * Throws `VaultError("process")` naming the setting when it cannot be run, fails, or takes longer
 * than five minutes; what it printed is never part of an error.
 */
export async function runShell(
  command: Setting,
  ctx: Pick<Context, "platform" | "env" | "processes" | "debug">,
  extraEnvironment?: Readonly<Record<string, string>>,
): Promise<string> {
  const name = describeCommand(command);
  ctx.debug(`running ${name}`);
  const result = await start(command, name, ctx, extraEnvironment);
  if (result.signal !== undefined) {
    throw new VaultError("process", `${name} was ended by ${result.signal}`);
  }
  if (result.code !== 0) {
    throw new VaultError("process", `${name} failed with exit code ${result.code}`, [
      hintFor(result.code),
    ]);
  }
  return new TextDecoder().decode(result.stdout);
}

async function start(
  command: Setting,
  name: string,
  ctx: Pick<Context, "platform" | "env" | "processes">,
  extraEnvironment: Readonly<Record<string, string>> | undefined,
): Promise<ProcessResult> {
  try {
    return await ctx.processes.run({
      kind: isMfa(command) ? "mfa_command" : "command",
      ...commandOf(command.value, ctx),
      extraEnvironment,
      timeoutSeconds: TIMEOUT_SECONDS,
    });
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "process") throw error;
    throw new VaultError("process", `${name}: ${error.message}`, error.hints, error);
  }
}

/** By the system's shell. What stands between the quotes after `/s /c` cmd.exe takes as it is. */
function commandOf(line: string, { platform, env }: Pick<Context, "platform" | "env">) {
  if (platform !== "windows") return { command: "/bin/sh", args: ["-c", line] };
  const args = ["/d", "/s", "/c", `"${line}"`];
  return { command: env.get("COMSPEC") || "cmd.exe", args, rawArguments: true };
}

/**
 * The one form in which people are told of a command line of the config file: where it stands and
 * its program's name, for what follows that may be a secret (`oathtool … SEED`).
 */
export function describeCommand({ value, source }: Setting): string {
  const program = readProgram(value);
  return describeSource(source) + (program === undefined ? "" : ` (${program})`);
}

/** The name of the program that a command line begins with; none where it begins otherwise. */
function readProgram(line: string): string | undefined {
  const [, quoted, plain] = /^\s*(?:"([^"$`=]+)"|([\w./\\:+@-]+))(?=[\s;|&<>]|$)/.exec(line) ?? [];
  return (quoted ?? plain)?.split(/[/\\]/).at(-1) || undefined;
}

function isMfa({ source }: Setting): boolean {
  return source.from === "file" && source.key === "mfa_process";
}

/** The codes by which POSIX shells, and cmd.exe, say that they could not run the command at all. */
function hintFor(code: number): string {
  if (code === 126) return "the shell may not run that program: is it executable?";
  if (code === 127 || code === 9009) {
    return "the shell did not find a program: is it in PATH, and spelt so?";
  }
  return "what it said itself, if anything, stands above; run the command by hand to see more";
}
