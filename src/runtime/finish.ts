import { describeCause } from "../errors.ts";
import type { Exit } from "../types.ts";
import type { Output } from "./output.ts";
import { end } from "./signals.ts";

/**
 * Ends the process as `end` does, but by running out where nothing was started that could go on:
 * Deno keeps a program's compiled code only then, and the next starts are 5 ms shorter.
 *
 * Where standard output could not be written, this is where it shows: by SIGPIPE, as of every
 * program in a pipe, or as an error.
 *
 * @param hasWaited for anything of Deno's, which keeps the code then: no running out is needed
 */
export function finish(exit: Exit, idle: boolean, output: Output, hasWaited: boolean): void {
  const fault = output.fault();
  if (fault instanceof Deno.errors.BrokenPipe) end({ signal: "SIGPIPE" });
  const actual = fault === undefined ? exit : tellFault(exit, fault, output);
  if (idle && "code" in actual) runOut(actual.code, hasWaited);
  else end(actual);
}

/** One run in so many lets Deno tidy up. */
const TIDIES_ONE_IN = 8;

/**
 * Nothing is left to do, and Deno has kept the code. What would follow takes 1.4 ms of each run: it
 * gives back memory that the system takes back anyway, and folds the logs of its cache into it.
 */
function runOut(code: number, hasWaited: boolean): void {
  Deno.exitCode = code;
  if (Math.random() < 1 / TIDIES_ONE_IN) return;
  if (hasWaited) Deno.exit(code);
  addEventListener("beforeunload", () => Deno.exit(code));
}

function tellFault(exit: Exit, fault: Error, output: Output): Exit {
  output.note(
    `aws-vault: error: standard output cannot be written: ${describeCause(fault)}\n` +
      "  what the command has changed is kept; send its output where there is room",
  );
  return "code" in exit && exit.code === 0 ? { code: 1 } : exit;
}
