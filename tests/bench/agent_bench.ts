/**
 * `deno task bench`: what a cached `exec --json`, and a program, cost through an agent, each run in
 * turn with an empty Deno program, and with another aws-vault where AWS_VAULT_BENCH_PEER names one;
 * and what an agent costs that nobody asks.
 */
import { keepSession } from "./kept_session.ts";
import { measure, median } from "./timing.ts";

const ROUNDS = 40;
const PASSPHRASE = "correct horse";
const QUIET_MS = 20_000;
/** V8 and Deno clear up behind the last answer for so long. */
const SETTLE_MS = 60_000;
const LAUNCHER = new URL("../../dist/aws-vault", import.meta.url).pathname;
const PEER = Deno.env.get("AWS_VAULT_BENCH_PEER");

const home = await Deno.makeTempDir({ prefix: "vault-bench-" });
const env = { HOME: home, PATH: Deno.env.get("PATH")!, AWS_VAULT_BACKEND: "file" };
try {
  await prepareHome();
  run([LAUNCHER, "agent", "start"], { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE });
  try {
    measureAnswers();
    await measureRest();
  } finally {
    run([LAUNCHER, "agent", "stop"]);
  }
} finally {
  await Deno.remove(home, { recursive: true });
}

async function prepareHome(): Promise<void> {
  await Deno.mkdir(`${home}/.aws`);
  await Deno.writeTextFile(`${home}/.aws/config`, "[profile work]\nregion = eu-west-1\n");
  await Deno.writeTextFile(`${home}/empty.js`, "");
  await keepSession(home, PASSPHRASE);
}

function measureAnswers(): void {
  const empty = [Deno.execPath(), "run", "--no-config", "--no-lock", "--quiet", `${home}/empty.js`];
  console.log(`medians of ${ROUNDS} paired runs\n`);
  console.log("through an agent                   ms   other ms   ratio   wanted");
  for (const words of [["exec", "work", "--json"], ["exec", "work", "--", "true"]]) {
    const name = `cached ${words.filter((word) => word !== "work").join(" ")}`;
    compare(`${name}, empty Deno`, words, empty, {}, 0.3);
    if (PEER === undefined) continue;
    compare(`${name}, peer`, words, [PEER, ...words], {
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
    }, 0.6);
  }
}

function compare(
  name: string,
  words: readonly string[],
  other: readonly string[],
  otherEnv: Record<string, string>,
  wanted: number,
): void {
  const pairs = Array.from(
    { length: ROUNDS + 1 },
    () => [run([LAUNCHER, ...words]), run(other, otherEnv)] as const,
  ).slice(1);
  const ratio = median(pairs.map(([ours, theirs]) => ours / theirs));
  const columns = [
    name.padEnd(34),
    median(pairs.map(([ours]) => ours)).toFixed(1).padStart(5),
    median(pairs.map(([, theirs]) => theirs)).toFixed(1).padStart(9),
    ratio.toFixed(2).padStart(8),
    `≤ ${wanted}`.padStart(8),
  ];
  console.log(columns.join("  "));
}

/** What the kernel says of the agent's threads, and of its memory. */
async function measureRest(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  const { stdout } = new Deno.Command(LAUNCHER, {
    args: ["agent", "status", "--json"],
    env,
    clearEnv: true,
  }).outputSync();
  const { pid, answered, passedOn } = JSON.parse(new TextDecoder().decode(stdout));
  console.log(`\nanswered ${answered}, passed on ${passedOn}`);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const before = countSwitches(pid);
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const woken = countSwitches(pid) - before;
  console.log(`wake-ups in ${QUIET_MS / 1000} s of rest: ${woken}   ≤ 0`);
  const kB = (name: string, file: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(Deno.readTextFileSync(file))![1]);
  const resident = kB("VmRSS", `/proc/${pid}/status`) / 1024;
  console.log(`resident MiB: ${resident.toFixed(1)}   ≤ 45`);
}

function countSwitches(pid: number): number {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)];
  const texts = tasks.map(({ name }) => Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`));
  return texts.reduce(
    (sum, text) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)![1]),
    0,
  );
}

/** Milliseconds of one run. */
function run([command, ...args]: readonly string[], more: Record<string, string> = {}): number {
  return measure({ command: command!, args, env: { ...env, ...more } });
}
