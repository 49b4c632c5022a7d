/** A program to be timed, with all of its environment. */
export interface TimedRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** Milliseconds from start to end of one run; one that fails ends the bench. */
export function measure({ command, args, env }: TimedRun): number {
  const before = performance.now();
  const { code, stderr } = new Deno.Command(command, {
    args: [...args],
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  const took = performance.now() - before;
  if (code !== 0) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return took;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
