/**
 * What `sso list` takes in a large organisation, and `sso profiles` where every role has its profile
 * already: 5,000 roles in 300 accounts, an AWS that needs 50 ms for each answer.
 *
 *     deno task build && deno run -A tests/bench/sso_bench.ts
 */
import { startFakeAws } from "../fakes/aws/mod.ts";
import { Home } from "../scenarios/harness.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const ACCOUNTS = 300;
const ROLES = 5000;
const ANSWER_MS = 50;
const ROUNDS = 3;

const COMMAND = new URL("../../dist/aws-vault", import.meta.url).pathname;

/** Seconds, and the most memory that was ever resident, in MiB. */
async function measure(args: readonly string[], env: Record<string, string>) {
  const beganMs = performance.now();
  const { code, stderr } = await new Deno.Command("/bin/sh", {
    // The shell waits for one child alone, whose peak the system then knows.
    args: [
      "-c",
      'exec python3 -c "import resource,subprocess,sys; ' +
      "code=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode; " +
      'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr); sys.exit(code)" "$@"',
      "sh",
      COMMAND,
      ...args,
    ],
    env,
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  if (code !== 0) throw new Error(text);
  const mebibytes = Number(text.split("\n").at(-1)) / 1024;
  return { seconds: (performance.now() - beganMs) / 1000, mebibytes };
}

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
  AWS_ENDPOINT_URL: aws.url,
  AWS_VAULT_BACKEND: "file",
  AWS_VAULT_FILE_PASSPHRASE: "a passphrase",
};
await measure(["sso", "login", "--stdout"], env);
aws.delay("ListAccounts", ANSWER_MS, Infinity);
aws.delay("ListAccountRoles", ANSWER_MS, Infinity);
console.log(`${ROLES} roles in ${ACCOUNTS} accounts, ${ANSWER_MS} ms an answer\n`);
await compare("sso list", ["sso", "list", "--json"]);
await compare("sso profiles, none is there", ["sso", "profiles"]);
await measure(["sso", "profiles", "--write"], env);
await compare("sso profiles, all are there", ["sso", "profiles"]);

async function compare(name: string, args: readonly string[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const { seconds, mebibytes } = await measure(args, env);
    console.log(`${name.padEnd(28)}  ${seconds.toFixed(2)} s  ${mebibytes.toFixed(0)} MiB`);
  }
}
