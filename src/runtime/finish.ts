import { describeCause } from "../errors.ts";
import type { Exit } from "../types.ts";
import type { Output } from "./output.ts";
import { end } from "./signals.ts";

/**
 * Ends the process as `end` does, but by running out where nothing was started that could go on:
 * Deno keeps a program's compiled code only when it ends so, and the next starts are 5 ms shorter.
 *
 * Where standard output could not be written, this is where it shows: by SIGPIPE, as of every
 * program in a pipe, or as an error.
 */
export function finish(exit: Exit, idle: boolean, output: Output): void {
  const fault = output.fault();
  if (fault instanceof Deno.errors.BrokenPipe) end({ signal: "SIGPIPE" });
  const actual = fault === undefined ? exit : tellFault(exit, fault, output);
  if (idle && "code" in actual) Deno.exitCode = actual.code;
  else end(actual);
}

function tellFault(exit: Exit, fault: Error, output: Output): Exit {
  output.note(
    `aws-vault: error: standard output cannot be written: ${describeCause(fault)}\n` +
      "  what the command has changed is kept; send its output where there is room",
  );
  return "code" in exit && exit.code === 0 ? { code: 1 } : exit;
}
