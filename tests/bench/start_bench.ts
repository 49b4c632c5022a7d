/**
 * `deno task bench`: what a cached `exec --json` and a `list` cost, each run in turn with an empty
 * Deno program, so that a drifting machine weighs on both alike.
 */
import { keepSession } from "./kept_session.ts";
import { LAUNCHER, measurePeak, printPaired, type TimedRun } from "./timing.ts";

const ROUNDS = 25;
const PASSPHRASE = "bench";

const home = await Deno.makeTempDir({ prefix: "vault-bench-" });
try {
  await Deno.writeTextFile(`${home}/empty.js`, "");
  const empty: TimedRun = {
    command: Deno.execPath(),
    args: ["run", "--no-config", "--no-lock", "--quiet", `${home}/empty.js`],
    env: environment(`${home}/3`),
  };
  await prepareHome(`${home}/3`, 3);
  await prepareHome(`${home}/5000`, 5000);
  console.log(`medians of ${ROUNDS} paired runs\n`);
  console.log("run                                   ms  empty ms     ratio    wanted");
  compare("cached exec --json, 3 profiles", vault("3", "exec", "work", "--json"), empty, 1.6);
  compare("cached exec --json, 5,000 profiles", vault("5000", "exec", "work", "--json"), empty, 2);
  compare("--version", vault("3", "--version"), empty, 1.4);
  const names = ["--completion-names", "profiles"];
  compare("names for TAB, 3 profiles", vault("3", ...names), empty, 1.4);
  compare("names for TAB, 5,000 profiles", vault("5000", ...names), empty);
  compare("list, 3 profiles", vault("3", "list"), empty);
  compare("list, 5,000 profiles", vault("5000", "list"), empty, 2);
  console.log("\npeak memory                       MiB   wanted");
  await printPeak("cached exec --json, 3 profiles", vault("3", "exec", "work", "--json"), 38);
  await printPeak("empty", empty);
} finally {
  await Deno.remove(home, { recursive: true });
}

function environment(home: string): Record<string, string> {
  const path = Deno.env.get("PATH")!;
  return {
    HOME: home,
    PATH: path,
    DENO: Deno.execPath(),
    DENO_DIR: `${home}/.deno`,
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
  };
}

function vault(size: string, ...args: string[]): TimedRun {
  return { command: LAUNCHER, args, env: environment(`${home}/${size}`) };
}

/** Profiles in a config file, keys for one of them, and a session that lasts. */
async function prepareHome(home: string, profiles: number): Promise<void> {
  await Deno.mkdir(`${home}/.aws`, { recursive: true });
  const sections = Array.from(
    { length: profiles - 1 },
    (_, i) => `[profile p${i}]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r${i}\n\n`,
  );
  const config = `${sections.join("")}[profile work]\nregion = eu-west-1\n`;
  await Deno.writeTextFile(`${home}/.aws/config`, config);
  await keepSession(home, PASSPHRASE);
}

function compare(name: string, run: TimedRun, empty: TimedRun, wanted?: number): void {
  printPaired(name, ROUNDS, run, empty, wanted);
}

async function printPeak(name: string, run: TimedRun, wanted?: number): Promise<void> {
  const { mebibytes } = await measurePeak(run);
  const columns = [name.padEnd(34), mebibytes.toFixed(1).padStart(5)];
  console.log([...columns, wanted === undefined ? "" : `≤ ${wanted}`.padStart(6)].join("  "));
}
