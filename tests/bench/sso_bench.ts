/**
 * What `sso list` takes in a large organisation, and `sso profiles` where every role has its profile
 * already: 5,000 roles in 300 accounts, an AWS that needs 50 ms for each answer.
 *
 *     deno task build && deno run -A tests/bench/sso_bench.ts
 */
import { startFakeAws } from "../fakes/aws/mod.ts";
import { Home } from "../scenarios/harness.ts";
import { LAUNCHER, measurePeak, type TimedRun } from "./timing.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const ACCOUNTS = 300;
const ROLES = 5000;
const ANSWER_MS = 50;
const ROUNDS = 3;

await using aws = await startFakeAws();
aws.addSsoInstance({
  startUrl: START_URL,
  accounts: Array.from({ length: ACCOUNTS }, (_, index) => ({
    id: String(100_000_000_000 + index),
    name: `Account ${index}`,
    email: `account-${index}@example.com`,
    roles: Array.from(
      { length: Math.ceil((ROLES - index) / ACCOUNTS) },
      (_, role) => `Role${role}`,
    ),
  })),
  approvesAtOnce: true,
});
using home = new Home();
home.write(
  ".aws/config",
  `[sso-session corp]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n`,
);
const env = {
  HOME: home.path,
  PATH: Deno.env.get("PATH")!,
  DENO: Deno.execPath(),
  AWS_ENDPOINT_URL: aws.url,
  AWS_VAULT_BACKEND: "file",
  AWS_VAULT_FILE_PASSPHRASE: "a passphrase",
};
await measurePeak(vault("sso", "login", "--stdout"));
aws.delay("ListAccounts", ANSWER_MS, Infinity);
aws.delay("ListAccountRoles", ANSWER_MS, Infinity);
console.log(`${ROLES} roles in ${ACCOUNTS} accounts, ${ANSWER_MS} ms an answer\n`);
await print("sso list", vault("sso", "list", "--json"));
await print("sso profiles, none is there", vault("sso", "profiles"));
await measurePeak(vault("sso", "profiles", "--write"));
await print("sso profiles, all are there", vault("sso", "profiles"));

function vault(...args: string[]): TimedRun {
  return { command: LAUNCHER, args, env };
}

async function print(name: string, run: TimedRun): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const { seconds, mebibytes } = await measurePeak(run);
    console.log(`${name.padEnd(28)}  ${seconds.toFixed(2)} s  ${mebibytes.toFixed(0)} MiB`);
  }
}
