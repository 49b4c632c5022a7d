/** A platform a program is compiled for. */
export interface Target {
  /** As in the names of our files. */
  readonly name: string;
  /** As `deno compile --target` has it. */
  readonly triple: string;
}

export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu" },
  { name: "macos-x64", triple: "x86_64-apple-darwin" },
  { name: "macos-arm64", triple: "aarch64-apple-darwin" },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc" },
  { name: "windows-arm64", triple: "aarch64-pc-windows-msvc" },
];

/**
 * The targets a command line asks for: `--all`, `--target NAME` (ours or Deno's), or this machine.
 * Throws an error that names those there are for anything else.
 */
export function chooseTargets(args: readonly string[], host: string): readonly Target[] {
  if (args.length === 0) return [findTarget(host)];
  if (args.length === 1 && args[0] === "--all") return TARGETS;
  const [, joined] = /^--target=(.*)$/.exec(args[0]!) ?? [];
  if (joined !== undefined && args.length === 1) return [findTarget(joined)];
  if (args[0] === "--target" && args.length === 2) return [findTarget(args[1]!)];
  throw new Error(`${args.join(" ")}: it takes --all or --target NAME, NAME one of ${names()}`);
}

function findTarget(name: string): Target {
  const target = TARGETS.find((target) => target.name === name || target.triple === name);
  if (target === undefined) throw new Error(`there is no target ${name}; it is one of ${names()}`);
  return target;
}

function names(): string {
  return TARGETS.map(({ name }) => name).join(", ");
}
