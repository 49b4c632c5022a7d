import assert from "node:assert/strict";
import { AwsRefusal } from "../../src/errors.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { startEcsServer } from "../../src/server/ecs.ts";
import { refreshing } from "../../src/server/source.ts";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram, requirePython } from "../require.ts";
import { AwsOrigin, USER_ARN } from "./clients/aws_origin.ts";
import { assertRefused, hasTerminalTests, runInTerminal } from "./harness.ts";
import { HAS_STRACE, withFaults } from "./strace.ts";
import { MFA_SERIAL, PASSPHRASE, ROLE, startVault } from "./vault.ts";
import { CLIENT_NAMES, CLIENTS_BY_NAME, requireClient, runClient } from "./clients/run_client.ts";

const LOAD = new URL("./clients/load.py", import.meta.url).pathname;

async function setUp() {
  const aws = await startFakeAws();
  const origin = new AwsOrigin(aws);
  const server = startEcsServer(refreshing(origin, systemClock), { debug() {} });
  return {
    origin,
    variables: { ...server.set, AWS_ENDPOINT_URL: aws.url },
    async [Symbol.asyncDispose]() {
      await server.close();
      await aws[Symbol.asyncDispose]();
    },
  };
}

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `${name} signs with the credentials of the ECS server`,
    ignore: !requireClient(name),
    fn: async () => {
      await using ecs = await setUp();
      const { stdout, stderr } = await runClient(CLIENTS_BY_NAME[name], ecs.variables);
      assert.equal(stdout.trim(), USER_ARN, stderr);
      assert.equal(ecs.origin.asked, 1);
    },
  });
}

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `${name} outlives a moment in which AWS throttles us`,
    ignore: !requireClient(name),
    fn: async () => {
      await using ecs = await setUp();
      ecs.origin.failure = new AwsRefusal("Throttling", 400, "Rate exceeded", []);
      ecs.origin.failures = 1;
      const { stdout, stderr } = await runClient(CLIENTS_BY_NAME[name], ecs.variables);
      assert.equal(stdout.trim(), USER_ARN, stderr);
    },
  });
}

const COMMON_RUNTIME = `
from awscrt import auth, io
group = io.EventLoopGroup(1)
bootstrap = io.ClientBootstrap(group, io.DefaultHostResolver(group))
print(auth.AwsCredentialsProvider.new_default_chain(bootstrap).get_credentials().result(20).access_key_id)
`;

Deno.test({
  name: "the AWS Common Runtime, which Mountpoint is built on, reads the ECS server (awscrt)",
  ignore: !requirePython("awscrt"),
  fn: async () => {
    await using ecs = await setUp();
    const { stdout, stderr } = await runClient(["python3", "-c", COMMON_RUNTIME], ecs.variables);
    assert.match(stdout, /^ASIA/, stderr);
    assert.equal(ecs.origin.asked, 1);
  },
});

/** What SDKs take before the two variables of a server, each leading nowhere. */
const DIVERSIONS = {
  AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token",
  AWS_ROLE_ARN: ROLE,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/nowhere",
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/nowhere/token",
  AWS_PROFILE: "nowhere",
  AWS_DEFAULT_PROFILE: "nowhere",
  AWS_SDK_LOAD_CONFIG: "1",
};

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `${name} under exec --ecs-server is not diverted by what the caller's environment has`,
    ignore: !requireClient(name),
    fn: async () => {
      await using vault = await startVault("[profile work]\nregion = us-east-1\n");
      const args = ["exec", "--ecs-server", "work", "--", ...CLIENTS_BY_NAME[name]];
      const env = { ...DIVERSIONS, PYENV_ROOT: Deno.env.get("PYENV_ROOT") };
      const { stdout, stderr } = await vault.run(args, { env });
      assert.match(stdout, /^arn:aws:sts::222222222222:assumed-role\/reader\//, stderr);
      assert.doesNotMatch(stderr, /warning/);
    },
  });
}

for (const code of ["ServiceUnavailable", "Throttling"]) {
  Deno.test({
    name: `boto3 under exec --ecs-server outlives three answers of STS with ${code}`,
    ignore: !requireClient("boto3"),
    fn: async () => {
      await using vault = await startVault("[profile work]\nregion = us-east-1\n");
      vault.aws.fail("GetSessionToken", { code, status: code === "Throttling" ? 400 : 503 }, 3);
      const args = ["exec", "--ecs-server", "--lazy", "work", "--", ...CLIENTS_BY_NAME.boto3];
      const env = { PYENV_ROOT: Deno.env.get("PYENV_ROOT") };
      const { code: exit, stdout, stderr } = await vault.run(args, { env });
      assert.equal(exit, 0, stderr);
      assert.match(stdout, /^arn:aws:iam::111111111111:user\/jon/);
    },
  });
}

for (
  const [file, text, told] of [
    [".aws/credentials", "[default]\naws_access_key_id = AKIAOTHER\n", /line 2: aws_access_key_id/],
    [
      ".aws/config",
      "[profile work]\n[default]\ncredential_process = x SEED\n",
      /line 3: cred\w+_process\)/,
    ],
    [".aws/config", "[profile work]\n[default]\nregion = us-east-1\n", undefined],
  ] as const
) {
  Deno.test(`a [default] in ${file} is warned of where it has credentials: ${told}`, async () => {
    await using vault = await startVault();
    vault.home.write(file, text);
    const { code, stderr } = await vault.run(["exec", "--ecs-server", "work", "--", "true"]);
    assert.equal(code, 0, stderr);
    if (told === undefined) assert.equal(stderr, "");
    else assert.match(stderr, told);
    assert.doesNotMatch(stderr, /AKIAOTHER|SEED/);
  });
}

const ASK = 'echo started; curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ' +
  '"$AWS_CONTAINER_CREDENTIALS_FULL_URI"';

Deno.test({
  name: "a program that is told of a proxy asks exec --ecs-server without it (curl)",
  ignore: !requireProgram("curl"),
  fn: async () => {
    await using vault = await startVault();
    const env = { http_proxy: "http://127.0.0.1:9", no_proxy: "example.com" };
    const args = ["exec", "--ecs-server", "work", "--", "sh", "-c", `${ASK}; echo "$no_proxy"`];
    const { stdout, stderr } = await vault.run(args, { env });
    assert.match(stdout, /"AccessKeyId":"ASIA/, stderr);
    assert.match(stdout, /example\.com,127\.0\.0\.1\n$/);
  },
});

for (
  const [typed, ends] of [[`${PASSPHRASE}\r`, "unlocks the keyring"], ["\x03", "ends the run"]]
) {
  Deno.test({
    name: `with --lazy the passphrase is asked before the program starts, and the answer ${ends}`,
    ignore: !hasTerminalTests || !requireProgram("curl"),
    fn: async () => {
      await using vault = await startVault();
      const ran = await runInTerminal([
        "exec",
        "--ecs-server",
        "--lazy",
        "work",
        "--",
        "sh",
        "-c",
        ASK,
      ], {
        home: vault.home,
        env: { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined },
        steps: [{ expect: "Enter passphrase", type: typed }],
        pipeStdout: true,
      });
      if (typed === "\x03") assert.deepEqual([ran.stdout, ran.signal], ["", "SIGINT"], ran.screen);
      else assert.match(ran.stdout, /^started\n\{"AccessKeyId":"ASIA/, ran.screen);
      assert.equal(ran.screen.split("Enter passphrase").length, 2, "it is asked once");
    },
  });
}

Deno.test({
  name:
    "to a host it is told of, a server gives a role as the profile says, for an hour at most (curl)",
  ignore: !requireProgram("curl"),
  fn: async () => {
    await using vault = await startVault(
      "[profile work]\nrole_session_name = jon\nsource_identity = jon\nduration_seconds = 7200\n",
    );
    const arn = "arn:aws:iam::222222222222:role/named";
    vault.aws.addRole({ arn, trusts: ["*"], allowsSourceIdentity: true });
    const script = `${ASK}role-arn/${arn} -H "Host: gateway:8080"`;
    const args = [
      "exec",
      "--ecs-server",
      "--server-host=gateway",
      "work",
      "--",
      "sh",
      "-c",
      script,
    ];
    const { stdout, stderr } = await vault.run(args);
    assert.match(stdout, /^started\n\{"AccessKeyId":"ASIA/, stderr);
    const { params } = vault.aws.calls.findLast(({ action }) => action === "AssumeRole")!;
    const { RoleArn, RoleSessionName, SourceIdentity, DurationSeconds } = params;
    const asked = [RoleArn, RoleSessionName, SourceIdentity, DurationSeconds];
    assert.deepEqual(asked, [arn, "jon", "jon", "3600"]);
  },
});

Deno.test({
  name: "while a program has the terminal a server asks for no code there, and says so (curl)",
  ignore: !hasTerminalTests || !requireProgram("curl"),
  fn: async () => {
    await using vault = await startVault(`[profile work]\nmfa_serial = ${MFA_SERIAL}\n`);
    const ran = await runInTerminal(
      ["exec", "--ecs-server", "--lazy", "work", "--", "sh", "-c", ASK],
      { home: vault.home, env: vault.env, steps: [], pipeStdout: true },
    );
    assert.match(ran.stdout, /^started\n\{"Code":"CredentialsUnavailable"/, ran.screen);
    assert.match(ran.screen, /an MFA code is needed, and a program has the terminal/);
  },
});

Deno.test({
  name: "boto3 shows what AWS said, and asks once, when AWS refuses",
  ignore: !requireClient("boto3"),
  fn: async () => {
    await using ecs = await setUp();
    ecs.origin.failure = new AwsRefusal("AccessDenied", 403, "AWS refused AssumeRole", [
      "the role has to trust the caller",
    ]);
    const { code, stderr } = await runClient(CLIENTS_BY_NAME.boto3, ecs.variables);
    assert.equal(code, 1);
    assert.match(stderr, /AccessDenied.*AWS refused the credentials; .* aws-vault says why/);
    assert.equal(ecs.origin.asked, 1, "its three attempts are one question");
  },
});

Deno.test({
  name: "boto3 is refused with a token that is not the server's",
  ignore: !requireClient("boto3"),
  fn: async () => {
    await using ecs = await setUp();
    const variables = { ...ecs.variables, AWS_CONTAINER_AUTHORIZATION_TOKEN: "guessed" };
    const { code, stderr } = await runClient(CLIENTS_BY_NAME.boto3, variables);
    assert.equal(code, 1);
    assert.match(stderr, /403/);
    assert.equal(ecs.origin.asked, 0);
  },
});

for (const threads of ["32", "1000"]) {
  Deno.test({
    name:
      `1,000 requests of ${threads} threads (python3) beside 100 idle connections are one question`,
    ignore: !requireProgram("python3"),
    fn: async () => {
      await using ecs = await setUp();
      const load = await runClient(["python3", LOAD, "1000", threads, "100"], ecs.variables);
      assert.equal(load.stderr, "");
      const { statuses, keys } = JSON.parse(load.stdout);
      assert.deepEqual(statuses, { "200": 1000 });
      assert.equal(keys.length, 1);
      assert.equal(ecs.origin.asked, 1);
    },
  });
}

// As in a service with systemd's SocketBindDeny=any, and in other sandboxes.
Deno.test("a server that may not listen says so (strace)", {
  ignore: !HAS_STRACE,
}, async () => {
  await using vault = await startVault();
  const command = withFaults("bind:error=EPERM");
  for (const flag of ["--ecs-server", "--ec2-server"]) {
    const ran = await vault.run(["exec", flag, "work", "--", "true"], { command });
    assertRefused(
      ran,
      /cannot listen on 127\.0\.0\.1: permission denied\n[^]*exec PROFILE -- CMD$/m,
    );
  }
});

// As on a machine whose connections have used up all ports that are given by themselves.
Deno.test("a server for which no port is left says so (strace)", {
  ignore: !HAS_STRACE,
}, async () => {
  await using vault = await startVault();
  const command = withFaults("bind:error=EADDRINUSE");
  const ran = await vault.run(["exec", "--ecs-server", "work", "--", "true"], { command });
  assertRefused(ran, /cannot listen on 127\.0\.0\.1: Address already in use\n {2}no port is free/);
});
