import type { Command } from "@commander-js/extra-typings";

/** A command line, and what of it belongs to the program that `exec` starts. */
export interface SplitArguments {
  readonly own: readonly string[];
  readonly child: readonly string[];
}

/**
 * Parts `exec`'s own arguments from the child's: those after `--`, or, where the user left that
 * out, from the first word after the profile on, options and all.
 */
export function splitChild(args: readonly string[], program: Command): SplitArguments {
  const takesValue = valueOptions(program);
  const exec = positionAfter(args, 0, takesValue);
  if (args[exec] !== "exec") return { own: args, child: [] };
  const profile = positionAfter(args, exec + 1, takesValue);
  const end = args[profile] === "--" ? profile : positionAfter(args, profile + 1, takesValue);
  const begin = args[end] === "--" ? end + 1 : end;
  return { own: args.slice(0, end), child: args.slice(begin) };
}

/** The index of the next argument that is no option and no option's value, or of `--`, or the end. */
function positionAfter(
  args: readonly string[],
  from: number,
  takesValue: ReadonlySet<string>,
): number {
  let index = from;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--" || arg === "-" || !arg.startsWith("-")) return index;
    if (takesValue.has(arg)) index++;
  }
  return index;
}

/** The options that take the next argument as their value: the program's and those of `exec`. */
function valueOptions(program: Command): ReadonlySet<string> {
  const names = new Set(EXEC_VALUE_OPTIONS);
  for (const option of program.options) {
    if (option.required && option.long) names.add(option.long);
  }
  return names;
}

const EXEC_VALUE_OPTIONS = [
  ...["-d", "--duration", "-t", "--mfa-token", "--region"],
  ...["--session-ttl", "--assume-role-ttl", "--federation-token-ttl"],
];
