/** A command line, and what of it belongs to the program that `exec` starts. */
export interface SplitArguments {
  readonly own: readonly string[];
  readonly child: readonly string[];
  /** The first word that is no option: the name of a command, where it is one. */
  readonly command?: string;
}

/**
 * Parts `exec`'s own arguments from the child's: those after `--`, or, where the user left that
 * out, from the first word after the profile on, options and all.
 */
export function splitChild(args: readonly string[]): SplitArguments {
  const called = positionAfter(args, 0);
  const command = args[called];
  if (command !== "exec") return { own: args, child: [], command };
  const profile = positionAfter(args, called + 1);
  const end = args[profile] === "--" ? profile : positionAfter(args, profile + 1);
  const begin = args[end] === "--" ? end + 1 : end;
  return { own: args.slice(0, end), child: args.slice(begin), command };
}

/** The index of the next argument that is no option and no option's value, or of `--`, or the end. */
function positionAfter(args: readonly string[], from: number): number {
  let index = from;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--" || arg === "-" || !arg.startsWith("-")) return index;
    if (VALUE_OPTIONS.has(arg)) index++;
  }
  return index;
}

/** The options that take the next argument as their value: the global ones and those of `exec`. */
export const VALUE_OPTIONS: ReadonlySet<string> = new Set([
  ...["--backend", "--prompt", "--keychain", "--secret-service-collection", "--helper"],
  ...["--pass-dir", "--pass-cmd", "--pass-prefix", "--file-dir"],
  ...["-d", "--duration", "-t", "--mfa-token", "--region"],
  ...["--session-ttl", "--assume-role-ttl", "--federation-token-ttl"],
]);
