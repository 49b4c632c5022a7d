import assert from "node:assert/strict";
import type { ChildRequest } from "../../../../src/types.ts";
import { systemClock } from "../../../../src/runtime/clock.ts";
import { startFakeAws } from "../../../fakes/aws/mod.ts";
import { TestWorld, type WorldOptions } from "../world.ts";

const CONFIG = "[default]\nregion = eu-west-1\n\n[profile work]\n\n[profile other]\n";

/** A world in which `work` has keys and a session. */
async function setUp(options: WorldOptions = {}): Promise<TestWorld> {
  const world = new TestWorld({ config: CONFIG, ...options });
  await world.storeKeys("work", "AKIASTORED");
  await world.keepSession("work", {});
  return world;
}

Deno.test("a program gets the profile, the region and the session, and its end is ours", async () => {
  using world = await setUp();
  assert.deepEqual(await world.run("exec", "work", "--", "aws", "s3", "ls", "--json"), { code: 7 });
  const [{ command, args, set, stay }] = world.children as [typeof world.children[0] & object];
  assert.deepEqual([command, ...args], ["aws", "s3", "ls", "--json"]);
  assert.equal(stay, false);
  assert.deepEqual(set, {
    AWS_VAULT: "work",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "ASIASESSION",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    AWS_CREDENTIAL_EXPIRATION: "2026-11-03T13:00:00Z",
  });
});

Deno.test("what would send a program to other credentials is taken out, the passphrase too", async () => {
  using world = await setUp();
  await world.run("exec", "work", "true");
  for (
    const name of [
      ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
      ...["AWS_CREDENTIAL_FILE", "AWS_DEFAULT_PROFILE", "AWS_PROFILE", "AWS_SDK_LOAD_CONFIG"],
      ...["AWS_CREDENTIAL_EXPIRATION", "AWS_WEB_IDENTITY_TOKEN_FILE"],
      ...["AWS_VAULT_FILE_PASSPHRASE", "AWS_VAULT_FILE_NEW_PASSPHRASE"],
    ]
  ) {
    assert.ok(world.children[0]!.unset.includes(name), name);
  }
});

Deno.test("a role goes with the web identity token it was for, and stays without one", async () => {
  for (
    const [env, goes] of [[{ AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }, true], [{}, false]] as const
  ) {
    using world = await setUp({ env });
    await world.run("exec", "work", "true");
    assert.equal(world.children[0]!.unset.includes("AWS_ROLE_ARN"), goes);
  }
});

Deno.test("--server-host wants a host name, and --ecs-server; --imdsv2 wants --ec2-server", async () => {
  using world = await setUp();
  for (
    const [args, told] of [
      [["--ecs-server", "--server-host", "http://x/"], /--server-host: that is no host name/],
      [["--server-host", "x"], /--ecs-server/],
      [["--ec2-server", "--server-host", "x"], /--ecs-server/],
      [["--imdsv2"], /--imdsv2 says how --ec2-server may be asked\n {2}give --ec2-server too/],
      [["--ecs-server", "--imdsv2"], /--ec2-server/],
    ] as const
  ) {
    assert.deepEqual(await world.run("exec", ...args, "work", "true"), { code: 1 });
    assert.match(world.stderr, told);
  }
  assert.deepEqual(world.children, []);
});

Deno.test("a lazy server offers a code that AWS refused no second time, and asks for another", async () => {
  await using aws = await startFakeAws();
  const { accessKeys, mfaDevices } = aws.addUser({ name: "jon", mfa: [{}] });
  let lateMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + lateMs };
  const program = async ({ set }: ChildRequest) => {
    const headers = { authorization: set.AWS_CONTAINER_AUTHORIZATION_TOKEN! };
    for (; lateMs < 20_000; lateMs += 10_000) {
      await (await fetch(set.AWS_CONTAINER_CREDENTIALS_FULL_URI!, { headers })).text();
    }
  };
  const config = `[profile work]\nmfa_serial = ${mfaDevices[0]!.serial}\n`;
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: "eu-west-1" };
  using world = new TestWorld({ config, env, clock, program });
  await world.storeKeys("work", accessKeys[0]!.id, accessKeys[0]!.secret);
  await world.run("exec", "--server", "--lazy", "-t", "000000", "work", "true");
  assert.deepEqual(aws.calls.map(({ params }) => params.TokenCode), ["000000"], world.stderr);
  assert.match(world.stderr, /invalid MFA one time pass code[^]* there is no terminal to ask on/);
});

Deno.test("--lazy without a server is taken, as aws-vault 7 takes it, and warned of", async () => {
  for (const args of [["work", "true"], ["work", "--json"]]) {
    using world = await setUp();
    const { code } = await world.run("exec", "--lazy", ...args) as { code: number };
    assert.equal(code, args[1] === "true" ? 7 : 0);
    assert.match(world.stderr, /^aws-vault: warning: --lazy changes nothing without --ecs-server/m);
  }
});

Deno.test("the program gets the endpoint where one is set, and a region where one is known", async () => {
  using world = await setUp({ config: "[profile work]\n", env: { AWS_ENDPOINT_URL: "http://x" } });
  await world.run("exec", "-n", "work", "true");
  const { set } = world.children[0]!;
  assert.equal(set.AWS_ENDPOINT_URL, "http://x");
  assert.ok(!("AWS_REGION" in set) && !("AWS_SESSION_TOKEN" in set));
});

Deno.test("without a program the shell is started, and a terminal is told so", async () => {
  for (
    const [options, told] of [
      [{ isOutputTerminal: true }, true],
      [{ isOutputTerminal: false }, false],
      [{ isOutputTerminal: true, env: { AWS_VAULT_DISABLE_HELP_MESSAGE: "1" } }, false],
      [{ isOutputTerminal: true, env: { AWS_VAULT_DISABLE_HELP_MESSAGE: "true" } }, false],
    ] as const
  ) {
    using world = await setUp(options);
    await world.run("exec", "work");
    assert.equal(world.children[0]!.command, "/bin/sh");
    assert.equal(/Starting subshell \/bin\/sh/.test(world.stderr), told);
    assert.equal(world.stdout, "");
  }
});

Deno.test("the shell is that of SHELL, and sh where it says none", async () => {
  for (const [SHELL, command] of [["/bin/fish", "/bin/fish"], ["", "/bin/sh"]] as const) {
    using world = await setUp({ env: { SHELL } });
    await world.run("exec", "work");
    assert.equal(world.children[0]!.command, command);
  }
});

Deno.test("AWS_PROFILE names the profile where none is given", async () => {
  using world = await setUp({ env: { AWS_PROFILE: "work" } });
  await world.run("exec", "--json");
  assert.equal(JSON.parse(world.stdout).AccessKeyId, "ASIASESSION");
});

Deno.test("inside another exec it is refused, and nothing is started", async () => {
  using world = await setUp({ env: { AWS_VAULT: "other" } });
  for (const args of [["exec", "work", "true"], ["export", "work"]]) {
    assert.deepEqual(await world.run(...args), { code: 1 });
    assert.match(world.stderr, /AWS_VAULT is set/);
    assert.equal(world.stdout, "");
  }
  assert.deepEqual(world.children, []);
});

Deno.test("a profile without any credentials says so, and how to add them", async () => {
  using world = await setUp();
  assert.deepEqual(await world.run("exec", "other", "true"), { code: 1 });
  assert.match(
    world.stderr,
    /error: profile other: credentials missing\n {2}.*aws-vault add other/s,
  );
});

Deno.test("an error that is no VaultError is called a bug, with where it came from", async () => {
  using world = await setUp();
  Object.defineProperty(world, "children", { get: () => assert.fail("a bug") });
  assert.deepEqual(await world.run("exec", "work", "true"), { code: 1 });
  assert.match(world.stderr, /this is a bug, please report it.*a bug.*world\.ts/s);
});

Deno.test("inside another exec JSON is let through, but for a circle", async () => {
  const trace = { AWS_ACCESS_KEY_ID: "ASIAOUTER" };
  for (
    const [env, args, isRefused] of [
      [{ AWS_VAULT: "other", ...trace }, ["exec", "work", "--json"], false],
      [{ AWS_VAULT: "other", ...trace }, ["export", "--format=json", "work"], false],
      [{ AWS_VAULT: "other" }, ["exec", "work", "--json"], false],
      [{ AWS_VAULT: "work", ...trace }, ["exec", "work", "--json"], false],
      [{ AWS_VAULT: "work", AWS_PROFILE: "work" }, ["exec", "work", "--json"], false],
      [
        { AWS_VAULT: "work", AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/" },
        ["exec", "work", "--json"],
        false,
      ],
      [{ AWS_VAULT: "work" }, ["exec", "work", "--json"], true],
      [{ AWS_VAULT: "work" }, ["export", "--format=json", "work"], true],
    ] as const
  ) {
    using world = await setUp({ env });
    await world.run(...args);
    assert.equal(/this is a subshell of aws-vault/.test(world.stderr), isRefused, args.join(" "));
    assert.equal(/ASIASESSION/.test(world.stdout), !isRefused);
  }
});

Deno.test("--profile-env warns where the program will find nothing by the profile's name", async () => {
  const found = "[profile work]\ncredential_process = aws-vault exec --json work\n";
  for (const [config, isTold] of [[CONFIG, true], [found, false]] as const) {
    using world = await setUp({ config });
    await world.run("exec", "--profile-env", "work", "true");
    assert.equal(world.children[0]!.set.AWS_PROFILE, "work");
    assert.equal(/will find none: the keys of work are in the keyring/.test(world.stderr), isTold);
  }
});

Deno.test("the older options for each length are taken, and named as where it came from", async () => {
  for (const name of ["session", "assume-role", "federation-token"]) {
    using world = await setUp();
    const flag = `--${name}-ttl`;
    assert.deepEqual(await world.run("explain", "work", `${flag}=2h`, "--json"), { code: 0 });
    const { settings } = JSON.parse(world.stdout);
    const lengths = settings.filter(({ from }: { from: { name?: string } }) => from.name === flag);
    assert.ok(lengths.length > 0, flag);
    for (const { value } of lengths) assert.equal(value, "7200");
  }
});

Deno.test("-m is the old letter of -t, and of both the one given last counts", async () => {
  await using aws = await startFakeAws();
  const { accessKeys, mfaDevices } = aws.addUser({ name: "jon", mfa: [{}] });
  using world = new TestWorld({
    config: `[profile work]\nregion = eu-west-1\nmfa_serial = ${mfaDevices[0]!.serial}\n`,
    env: { AWS_ENDPOINT_URL: aws.url },
    clock: systemClock,
  });
  await world.storeKeys("work", accessKeys[0]!.id, accessKeys[0]!.secret);
  await world.run("exec", "-m", "000001", "work", "true");
  await world.run("exec", "-t", "000001", "-m", "000002", "work", "true");
  await world.run("exec", "-m", "000002", "work", "-t", "000003", "true");
  const sent = aws.calls.map(({ params }) => params.TokenCode);
  assert.deepEqual(sent, ["000001", "000002", "000003"], world.stderr);
});
