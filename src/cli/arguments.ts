/** A command line, and what of it belongs to the program that `exec` starts. */
export interface SplitArguments {
  readonly own: readonly string[];
  readonly child: readonly string[];
  /** The first word that is no option: the name of a command, where it is one. */
  readonly command?: string;
  /** The next one: of a group (`sso login`) the command within it. */
  readonly next?: string;
  /** The profile stands behind `--`, where with AWS_PROFILE the program would. */
  readonly isBehind?: boolean;
}

/**
 * Parts `exec`'s own arguments from the child's: those after `--`, or, where the user left that
 * out, from the first word after the profile on, options and all. `hasProfile`: AWS_PROFILE names
 * one; without it `exec -- PROFILE CMD` has the profile behind the `--`, as in the Go tool, and so
 * has `exec --json -- PROFILE` always, for that starts nothing.
 */
export function splitChild(
  args: readonly string[],
  { hasProfile }: { readonly hasProfile: boolean },
): SplitArguments {
  const called = positionAfter(args, 0);
  const command = args[called];
  const profile = positionAfter(args, called + 1);
  if (command !== "exec") return { own: args, child: [], command, next: args[profile] };
  const isJson = asksForJson(args.slice(called + 1, profile));
  const isBehind = args[profile] === "--" && (isJson || !hasProfile) && profile + 1 < args.length;
  const end = isBehind
    ? profile + 2
    : args[profile] === "--"
    ? profile
    : positionAfter(args, profile + 1);
  const begin = args[end] === "--" ? end + 1 : end;
  const child = args.slice(begin);
  return { own: args.slice(0, end), child, command, isBehind: isBehind && !isJson };
}

/** Whether the last of what says so (`-j`, `--json`, `--no-json`) asks for JSON. */
export function asksForJson(words: readonly string[]): boolean {
  const last = listOptions(words).findLast((option) => /^(-j|--(no-)?json)$/.test(option));
  return last !== undefined && last !== "--no-json";
}

/** The options up to `--`, without their values: of letters together (`-nj`) each by itself. */
export function listOptions(words: readonly string[]): string[] {
  const options: string[] = [];
  for (let index = 0; index < words.length && words[index] !== "--"; index++) {
    const word = words[index]!;
    if (!word.startsWith("-")) continue;
    if (word.startsWith("--")) options.push(word);
    else options.push(...[...word.slice(1, valueLetter(word) + 2)].map((letter) => `-${letter}`));
    if (takesNext(word)) index++;
  }
  return options;
}

/** `--help exec` is `exec --help`, as in the Go tool: help that is asked for before the command. */
export function moveHelp(own: readonly string[]): readonly string[] {
  const called = positionAfter(own, 0);
  const isHelp = (word: string) => word === "-h" || word === "--help";
  const ahead = own.slice(0, called);
  if (called === own.length || !ahead.some(isHelp)) return own;
  const divider = own.indexOf("--");
  const end = divider < 0 ? own.length : divider;
  return [...ahead.filter((word) => !isHelp(word)), ...own.slice(called, end), "--help"];
}

/** The index of the next argument that is no option and no option's value, or of `--`, or the end. */
export function positionAfter(args: readonly string[], from: number): number {
  let index = from;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--" || arg === "-" || !arg.startsWith("-")) return index;
    if (takesNext(arg)) index++;
  }
  return index;
}

/** Whether an option has its value in the next argument: of letters together the last one may. */
function takesNext(arg: string): boolean {
  return arg.startsWith("--") ? VALUE_OPTIONS.has(arg) : valueLetter(arg) === arg.length - 2;
}

/** Of letters together (`-njt`) how many stand before the first that takes a value. */
function valueLetter(arg: string): number {
  const letters = arg.slice(1).split("");
  const found = letters.findIndex((letter) => VALUE_OPTIONS.has(`-${letter}`));
  return found < 0 ? letters.length : found;
}

/** The options that take the next argument as their value: the global ones and those of `exec`. */
export const VALUE_OPTIONS: ReadonlySet<string> = new Set([
  ...[
    "--backend",
    "--session-backend",
    "--prompt",
    "--keychain",
    "--secret-service-collection",
    "--helper",
  ],
  ...["--pass-dir", "--pass-cmd", "--pass-prefix", "--file-dir"],
  ...["-d", "--duration", "-t", "-m", "--mfa-token", "--region", "--server-host"],
  ...["--session-ttl", "--assume-role-ttl", "--federation-token-ttl"],
]);
