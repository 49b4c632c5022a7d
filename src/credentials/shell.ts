import { VaultError } from "../errors.ts";
import type { Context, ProcessResult } from "../types.ts";

/** Such commands may ask a person for a touch or a password: minutes, but never for ever. */
const TIMEOUT_SECONDS = 300;

/**
 * The standard output of a command line of the config file (`credential_process`, `mfa_process`,
 * `web_identity_token_process`), run by the shell as the Go tool runs it: in our environment, on
 * our standard input, with its standard error reaching the user as it comes.
 *
 * Throws `VaultError("process")` naming `setting` and the command line when it cannot be run,
 * fails, or takes longer than five minutes; what it printed is never part of an error.
 */
export async function runShell(
  line: string,
  setting: string,
  ctx: Pick<Context, "platform" | "processes" | "debug">,
  extraEnvironment?: Readonly<Record<string, string>>,
): Promise<string> {
  ctx.debug(`running ${setting} \`${line}\``);
  const result = await start(line, setting, ctx, extraEnvironment);
  if (result.signal !== undefined) {
    throw new VaultError("process", `${setting} \`${line}\` was ended by ${result.signal}`);
  }
  if (result.code !== 0) {
    throw new VaultError("process", `${setting} \`${line}\` failed with exit code ${result.code}`, [
      hintFor(result.code),
    ]);
  }
  return new TextDecoder().decode(result.stdout);
}

async function start(
  line: string,
  setting: string,
  ctx: Pick<Context, "platform" | "processes">,
  extraEnvironment: Readonly<Record<string, string>> | undefined,
): Promise<ProcessResult> {
  const [command, flag] = ctx.platform === "windows" ? ["cmd.exe", "/C"] : ["/bin/sh", "-c"];
  try {
    return await ctx.processes.run({
      command,
      args: [flag, line],
      stdin: "inherit",
      stderr: "inherit",
      environment: "inherit",
      extraEnvironment,
      timeoutSeconds: TIMEOUT_SECONDS,
    });
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "process") throw error;
    const message = `${setting} \`${line}\`: ${error.message}`;
    throw new VaultError("process", message, error.hints, error);
  }
}

/** The two codes by which a POSIX shell says that it could not run the command at all. */
function hintFor(code: number): string {
  if (code === 127) return "the shell did not find a program of that name: see its message above";
  if (code === 126) return "the shell may not run that program: is it executable?";
  return "what it said itself stands above; run the command by hand to see more";
}
