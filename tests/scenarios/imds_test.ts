import assert from "node:assert/strict";
import { USER_ARN } from "./clients/aws_origin.ts";
import { CLIENT_NAMES, CLIENTS_BY_NAME, requireClient } from "./clients/run_client.ts";
import { COMMAND, Home } from "./harness.ts";
import { requireProgram } from "../require.ts";
import { HAS_NAMESPACES, RUN_EC2, RUN_EXEC, runInNamespace } from "./namespace.ts";

const V1_CLIENT = ["python3", new URL("./clients/boto3_v1_client.py", import.meta.url).pathname];

/** The EC2 server, its proxy and a client in one namespace. */
async function serve(tokens: "optional" | "required", client: readonly string[]) {
  return await run([...RUN_EC2, tokens, JSON.stringify(client)]);
}

/** Runs one of the runners and reads what it prints. */
async function run(args: readonly string[]) {
  const { stdout, stderr } = await runInNamespace('exec "$@"', ...args);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the runner printed no JSON: ${stdout}${stderr}`);
  }
}

for (const tokens of ["required", "optional"] as const) {
  for (const name of CLIENT_NAMES) {
    Deno.test({
      name: `${name} signs with the credentials of the EC2 server, IMDSv2 ${tokens} (unshare)`,
      ignore: !HAS_NAMESPACES || !requireClient(name),
      fn: async () => {
        const ran = await serve(tokens, CLIENTS_BY_NAME[name]);
        assert.equal(ran.stdout.trim(), USER_ARN, ran.stderr);
        assert.equal(ran.asked, 1);
        assert.deepEqual([ran.during, ran.after], [true, false], "the address is gone afterwards");
      },
    });
  }
}

/** Nothing listens there. */
const NO_PROXY_THERE = "http://127.0.0.1:9";

const ignore = !HAS_NAMESPACES || !requireClient("boto3");

Deno.test({
  name: "a boto3 that knows IMDSv1 alone is served where it is allowed (unshare)",
  ignore,
  fn: async () => {
    const ran = await serve("optional", V1_CLIENT);
    assert.equal(ran.stdout.trim(), USER_ARN, ran.stderr);
  },
});

Deno.test({
  name: "a boto3 that knows IMDSv1 alone gets nothing where IMDSv2 is required (unshare)",
  ignore,
  fn: async () => {
    const ran = await serve("required", V1_CLIENT);
    assert.match(ran.stderr, /NoCredentialsError/);
    assert.match(ran.stderr, /Unable to locate credentials/);
  },
});

Deno.test({
  name: "a boto3 that knows IMDSv1 alone gets nothing from exec --ec2-server --imdsv2 (unshare)",
  ignore,
  fn: async () => {
    const flags = ["--ec2-server", "--imdsv2"];
    const ran = await run([...RUN_EXEC, COMMAND, JSON.stringify(flags), JSON.stringify(V1_CLIENT)]);
    assert.match(ran.stderr, /Unable to locate credentials/);
    assert.deepEqual(ran.calls, ["GetSessionToken"]);
  },
});

for (const flags of [["--ec2-server"], ["--ec2-server", "--imdsv2"]]) {
  Deno.test({
    name: `the built exec ${flags.join(" ")} serves boto3 and clears up (unshare)`,
    ignore,
    fn: async () => {
      const client = ["sh", "-c", `${CLIENTS_BY_NAME.boto3.join(" ")}; exit 7`];
      const ran = await run([...RUN_EXEC, COMMAND, JSON.stringify(flags), JSON.stringify(client)]);
      assert.equal(ran.stdout.trim(), USER_ARN, ran.stderr);
      assert.equal(ran.code, 7);
      assert.deepEqual(ran.calls, ["GetSessionToken", "GetCallerIdentity"]);
      assert.match(ran.stderr, /any process on this machine can get these credentials/);
      assert.equal(ran.after, false, "the address is gone afterwards");
    },
  });
}

Deno.test({
  name: "a boto3 that is told of a proxy asks exec --ec2-server without it (unshare)",
  ignore,
  fn: async () => {
    const client = JSON.stringify(CLIENTS_BY_NAME.boto3);
    const variables = { HTTP_PROXY: NO_PROXY_THERE, NO_PROXY: "127.0.0.1" }; // the stand-in's
    const more = JSON.stringify(variables);
    const ran = await run([...RUN_EXEC, COMMAND, '["--ec2-server"]', client, more]);
    assert.equal(ran.stdout.trim(), USER_ARN, ran.stderr);
  },
});

Deno.test({
  name:
    "exec --ec2-server serves where the program lies below a comma, and tells the region (unshare, curl)",
  ignore: ignore || !COMMAND.endsWith("/dist/aws-vault") || !requireProgram("curl"),
  fn: async () => {
    using home = new Home();
    const directory = `${home.path}/a,b`;
    Deno.mkdirSync(directory);
    const args = ["-R", COMMAND, COMMAND.replace(/[^/]*$/, "lib"), directory];
    assert.ok((await new Deno.Command("cp", { args }).output()).success);
    const command = `${directory}/aws-vault`;
    const region = "curl -s http://169.254.169.254/latest/meta-data/placement/region";
    const client = JSON.stringify(["sh", "-c", `${CLIENTS_BY_NAME.boto3.join(" ")}; ${region}`]);
    const ran = await run([...RUN_EXEC, command, '["--ec2-server"]', client]);
    assert.equal(ran.stdout, `${USER_ARN}\nus-east-1`, ran.stderr);
  },
});
