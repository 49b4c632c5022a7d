/** The built command. */
export const LAUNCHER = new URL("../../dist/aws-vault", import.meta.url).pathname;

/** A program to be timed, with all of its environment. */
export interface TimedRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds from start to end of one run; one that fails ends the bench. */
export function measure(run: TimedRun): number {
  const command = commandOf(run, "null");
  const before = performance.now();
  const output = command.outputSync();
  const took = performance.now() - before;
  check(run, output);
  return took;
}

function commandOf({ command, args, env }: TimedRun, stdout: "null" | "piped"): Deno.Command {
  const streams = { stdin: "null", stdout, stderr: "piped" } as const;
  return new Deno.Command(command, { args: [...args], env, clearEnv: true, ...streams });
}

function check({ args }: TimedRun, { success, stderr }: Deno.CommandOutput): void {
  if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Runs a program and counts; of its children the kernel knows what they held at most. */
const PEAK = `
import json, resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
took = time.monotonic() - began
print(json.dumps([took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
`;

/**
 * What one run took, and the most memory that was ever resident, by way of python3; whoever it asks
 * may be in this process.
 */
export async function measurePeak(
  { command, args, env }: TimedRun,
): Promise<{ readonly seconds: number; readonly mebibytes: number }> {
  const python = { command: "python3", args: ["-c", PEAK, command, ...args], env };
  const output = await commandOf(python, "piped").output();
  check(python, output);
  const [seconds, kilobytes] = JSON.parse(new TextDecoder().decode(output.stdout));
  return { seconds, mebibytes: kilobytes / 1024 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** The median of so many measurements, after one that fills caches. */
export function medianOf(rounds: number, measureOnce: () => number): number {
  measureOnce();
  return median(Array.from({ length: rounds }, measureOnce));
}

/**
 * Prints medians of runs that alternate with another program's, so that a drifting machine weighs on
 * both alike, and of how many times as long each took as the other beside it.
 */
export function printPaired(
  name: string,
  rounds: number,
  run: TimedRun,
  other: TimedRun,
  wanted?: number,
): void {
  const pairs = Array.from({ length: rounds + 1 }, () => [measure(run), measure(other)] as const)
    .slice(1); // the first fills caches
  const columns = [
    name.padEnd(34),
    median(pairs.map(([a]) => a)).toFixed(1).padStart(5),
    median(pairs.map(([, b]) => b)).toFixed(1).padStart(8),
    median(pairs.map(([a, b]) => a / b)).toFixed(2).padStart(8),
    wanted === undefined ? "" : `≤ ${wanted}`.padStart(8),
  ];
  console.log(columns.join("  "));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How often a process' threads have gone to sleep of themselves in so many seconds from now. */
export async function countWakeUps(pid: number, seconds: number): Promise<number> {
  const before = readSwitches(pid);
  await sleep(seconds * 1000);
  const after = [...readSwitches(pid)];
  return after.reduce((sum, [thread, count]) => sum + count - (before.get(thread) ?? 0), 0);
}

function readSwitches(pid: number): Map<string, number> {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  return new Map(threads.map((thread) => [
    thread,
    readStatus(`/proc/${pid}/task/${thread}`, "voluntary_ctxt_switches"),
  ]));
}

/** What a process holds in memory now, in MiB. */
export function readResident(pid: number): number {
  return readStatus(`/proc/${pid}`, "VmRSS") / 1024;
}

function readStatus(directory: string, name: string): number {
  const status = Deno.readTextFileSync(`${directory}/status`);
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
}
