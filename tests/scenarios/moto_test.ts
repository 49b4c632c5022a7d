import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND, Home, type Ran, run } from "./harness.ts";
import { HAS_MOTO, startMoto } from "./moto.ts";
import { storeKeys } from "./vault.ts";

const HAS_AWS = requireProgram("aws");
const ACCOUNT = "123456789012";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/reader`;

/** What the AWS CLI is told in its config file: to ask us. */
const CONFIG = `[default]
region = eu-west-1

[profile work]

[profile role]
role_arn = ${ROLE}
role_session_name = from-a-test
source_profile = work

[profile asks-us]
region = eu-west-1
credential_process = ${COMMAND} exec role --json
`;

function parse(ran: Ran): Record<string, string> {
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

Deno.test({
  name:
    "the real AWS CLI works inside exec, on a role, and with us as its credential_process (moto_server, aws)",
  ignore: !HAS_MOTO || !HAS_AWS,
  async fn(t) {
    using home = new Home();
    home.write(".aws/config", CONFIG);
    await storeKeys(`${home.path}/.awsvault/keys`, "work", "AKIASTORED", "secret");
    await using moto = await startMoto();
    const env = { AWS_ENDPOINT_URL: moto.url, AWS_MAX_ATTEMPTS: "1" };
    const identity = ["aws", "sts", "get-caller-identity", "--output", "json"];

    await t.step("inside exec it is the user, by a session", async () => {
      const show = 'echo "$AWS_ACCESS_KEY_ID ${AWS_SESSION_TOKEN:+token}" >&2; exec "$@"';
      const ran = await run(["exec", "work", "--", "sh", "-c", show, "sh", ...identity], {
        home,
        env,
      });
      assert.equal(parse(ran).Account, ACCOUNT);
      assert.match(ran.stderr, /^(?!AKIASTORED)\w+ token\n$/);
    });

    await t.step("inside exec of a role it is that role's session", async () => {
      const ran = await run(["exec", "role", "--", ...identity], { home, env });
      assert.equal(parse(ran).Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/reader/from-a-test`);
    });

    await t.step("with us as its credential_process it is that role's session too", async () => {
      const [program, ...args] = identity;
      const ran = await run([...args, "--profile", "asks-us"], { home, env, command: [program!] });
      assert.equal(parse(ran).Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/reader/from-a-test`);
    });

    await t.step("with what export --format=ini prints as its credentials file, too", async () => {
      const { stdout, code } = await run(["export", "role", "--format=ini"], { home, env });
      assert.equal(code, 0);
      home.write(".aws/credentials", stdout);
      const [program, ...args] = identity;
      const ran = await run([...args, "--profile", "role"], {
        home,
        env: { ...env, AWS_CONFIG_FILE: "/dev/null" },
        command: [program!],
      });
      assert.equal(parse(ran).Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/reader/from-a-test`);
    });
  },
});
