/**
 * Runs the stand-in with a small ready world until SIGTERM or SIGINT; `--help` says how.
 */
import { formatArn } from "./principals.ts";
import { type FakeAws, type RecordedCall, startFakeAws, totp, type WorldOptions } from "./mod.ts";

const USAGE = `A stand-in of AWS, until SIGTERM or SIGINT; its address is on standard output.

    deno run --allow-net=127.0.0.1 tests/fakes/aws/main.ts [--port N] [--json] [--log]
    deno run --allow-net=127.0.0.1 --allow-read tests/fakes/aws/main.ts --world world.json
    deno run tests/fakes/aws/main.ts --totp BASE32SECRET

    --port N            where it listens; a free port unless told
    --json              the whole world on standard output, with the address
    --log               each call as JSON on standard error
    --world FILE        another world than the small ready one, as JSON
    --totp SECRET       prints that MFA device's code and ends`;

const READY_WORLD: WorldOptions = {
  users: [{
    name: "jon",
    accessKeys: [{
      id: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }],
    mfa: [{ secretBase32: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" }],
  }],
  roles: [
    { arn: "arn:aws:iam::222222222222:role/reader", trusts: ["111111111111"] },
    {
      arn: "arn:aws:iam::222222222222:role/admin",
      trusts: ["111111111111"],
      requiresMfa: true,
      maxSessionDurationSeconds: 43_200,
      allowsTags: true,
      allowsSourceIdentity: true,
    },
  ],
  console: [{ user: "jon" }],
  sso: [{
    startUrl: "https://d-1234567890.awsapps.com/start",
    accounts: [
      { id: "111111111111", name: "Main", email: "main@example.com", roles: ["Dev", "Admin"] },
      { id: "222222222222", name: "Production", email: "prod@example.com", roles: ["Dev"] },
    ],
  }],
};

function readFlag(name: string): string | undefined {
  const index = Deno.args.indexOf(name);
  return index < 0 ? undefined : Deno.args[index + 1];
}

function describeWorld({ url, world }: FakeAws): string {
  const users = world.users.map(({ name, arn, accessKeys, mfaDevices }) => ({
    name,
    arn,
    accessKeys: accessKeys.map(({ id, secret }) => ({ id, secret })),
    mfa: mfaDevices.map(({ serial, secretBase32 }) => ({ serial, secretBase32 })),
  }));
  const roles = world.roles.map(({ arn }) => arn);
  const sso = world.sso.instances.map(({ startUrl, accounts }) => ({ startUrl, accounts }));
  const logins = world.console.logins.map(({ principal }) => formatArn(principal));
  return JSON.stringify({ url, users, roles, sso, console: logins });
}

function logCall(call: RecordedCall): void {
  console.error(JSON.stringify(call));
}

async function serveUntilStopped(): Promise<void> {
  const path = readFlag("--world");
  const world: WorldOptions = path ? JSON.parse(await Deno.readTextFile(path)) : READY_WORLD;
  const onCall = Deno.args.includes("--log") ? logCall : undefined;
  await using aws = await startFakeAws({ port: Number(readFlag("--port") ?? 0), world, onCall });
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, stop);
  console.log(Deno.args.includes("--json") ? describeWorld(aws) : aws.url);
  await stopped.promise;

  function stop(): void {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.removeSignalListener(signal, stop);
    stopped.resolve();
  }
}

const secretBase32 = readFlag("--totp");
const unknown = Deno.args.find((word) => word.startsWith("-") && !USAGE.includes(` ${word} `));
if (Deno.args.includes("--help")) {
  console.log(USAGE);
} else if (unknown !== undefined) {
  console.error(`${unknown} is no option; see --help`);
  Deno.exitCode = 1;
} else if (secretBase32) console.log(await totp(secretBase32, Date.now()));
else await serveUntilStopped();
