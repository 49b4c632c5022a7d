/**
 * `deno task bench`: what a cached `exec --json`, and a program, cost through an agent, each run in
 * turn with an empty Deno program, and with another aws-vault where AWS_VAULT_BENCH_PEER names one;
 * and what an agent costs that nobody asks.
 */
import { keepSession } from "./kept_session.ts";
import {
  countWakeUps,
  LAUNCHER,
  measure,
  printPaired,
  readResident,
  sleep,
  type TimedRun,
} from "./timing.ts";

const ROUNDS = 40;
const PASSPHRASE = "correct horse";
const QUIET_SECONDS = 20;
/** V8 and Deno clear up behind the last answer for so long. */
const SETTLE_MS = 60_000;
const PEER = Deno.env.get("AWS_VAULT_BENCH_PEER");

const home = await Deno.makeTempDir({ prefix: "vault-bench-" });
const env = { HOME: home, PATH: Deno.env.get("PATH")!, AWS_VAULT_BACKEND: "file" };
try {
  await prepareHome();
  measure(line([LAUNCHER, "agent", "start"], { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE }));
  try {
    measureAnswers();
    await measureRest();
  } finally {
    measure(line([LAUNCHER, "agent", "stop"]));
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
  console.log("through an agent                      ms  other ms     ratio    wanted");
  for (const words of [["exec", "work", "--json"], ["exec", "work", "--", "true"]]) {
    const name = `cached ${words.filter((word) => word !== "work").join(" ")}`;
    const ours = line([LAUNCHER, ...words]);
    printPaired(`${name}, empty Deno`, ROUNDS, ours, line(empty), 0.3);
    if (PEER === undefined) continue;
    const peers = line([PEER, ...words], { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE });
    printPaired(`${name}, peer`, ROUNDS, ours, peers, 0.6);
  }
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
  await sleep(SETTLE_MS);
  const woken = await countWakeUps(pid, QUIET_SECONDS);
  console.log(`wake-ups in ${QUIET_SECONDS} s of rest: ${woken}   ≤ 0`);
  console.log(`resident MiB: ${readResident(pid).toFixed(1)}   ≤ 45`);
}

function line([command, ...args]: readonly string[], more: TimedRun["env"] = {}): TimedRun {
  return { command: command!, args, env: { ...env, ...more } };
}
