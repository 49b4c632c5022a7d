import { VaultError } from "../errors.ts";
import type { AskOptions, Context, ProcessResult } from "../types.ts";
import { nameDevice } from "./device.ts";

/** A person may be away for a while; then the run ends rather than hang. */
const TIMEOUT_SECONDS = 300;

/** A program that asks in a window, and how it is called. */
export interface Dialog {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of the session. */
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  /** Whether the program's failure means that the user closed its window. */
  isCancelled(result: ProcessResult): boolean;
}

/**
 * Asks by a program that opens a window and prints what was typed into it; returns that line.
 * Throws `VaultError("prompt")` when the user cancels it or no window can be opened.
 */
export async function askDialog(
  dialog: Dialog,
  options: AskOptions,
  ctx: Pick<Context, "processes">,
): Promise<string> {
  const result = await ctx.processes.run({
    kind: "dialog",
    command: dialog.command,
    args: dialog.args,
    extraEnvironment: dialog.extraEnvironment,
    timeoutSeconds: TIMEOUT_SECONDS,
    signal: options.signal,
  });
  if (result.code === 0) return new TextDecoder().decode(result.stdout).replace(/\r?\n$/, "");
  if (dialog.isCancelled(result)) {
    throw new VaultError("prompt", `the window of ${dialog.command} was closed without an answer`);
  }
  const said = result.stderr.trim().split("\n").at(-1);
  throw new VaultError(
    "prompt",
    `an MFA code is needed, and ${dialog.command} failed with exit code ${result.code}` +
      (said ? `: ${said}` : ""),
    [
      ...nameDevice(options),
      "ask another way: --prompt terminal, --mfa-token, or mfa_process in the config file",
    ],
  );
}

/** zenity and kdialog end with 1 when they are cancelled, and also when there is no display. */
export function isClosedWindow(result: ProcessResult): boolean {
  return result.code === 1 && !/display/i.test(result.stderr);
}
