import assert from "node:assert/strict";
import { type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { Home, type Ran, run } from "./harness.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const SESSION = `[sso-session corp]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n`;
const PROFILE =
  "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Dev\n";

/** An Identity Center that says yes, and a way to run the command against it. */
async function withSso(
  config: string,
  test: (world: {
    aws: FakeAws;
    home: Home;
    vault(...args: string[]): Promise<Ran>;
  }) => Promise<void>,
): Promise<void> {
  await using aws = await startFakeAws();
  aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
    approvesAtOnce: true,
  });
  using home = new Home();
  home.write(".aws/config", config);
  const vault = (...args: string[]) => run(args, { home, env: { AWS_ENDPOINT_URL: aws.url } });
  await test({ aws, home, vault });
}

function count(aws: FakeAws, action: string): number {
  return aws.calls.filter((call) => call.action === action).length;
}

for (const name of ["dev", "corp", START_URL, undefined]) {
  Deno.test(`sso login ${name ?? "without a name"} keeps a sign-in that exec uses`, () =>
    withSso(SESSION + PROFILE, async ({ aws, vault }) => {
      const ran = await vault("sso", "login", "--stdout", ...name ? [name] : []);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^Signed in to https:.* until \d{4}-.*Z\.\n$/);
      assert.equal((await vault("exec", "dev", "--json")).code, 0);
      assert.equal(count(aws, "StartDeviceAuthorization"), 1);
    }));
}

Deno.test("sso login signs in anew although the kept sign-in is fresh", () =>
  withSso(SESSION, async ({ aws, vault }) => {
    await vault("sso", "login", "--stdout");
    await vault("sso", "login", "--stdout");
    assert.equal(count(aws, "StartDeviceAuthorization"), 2);
  }));

Deno.test("sso login names the places to sign in when there is more than one, or none", async () => {
  const other = "[sso-session lab]\nsso_start_url = https://d-2.awsapps.com/start\n" +
    "sso_region = eu-west-1\n";
  await withSso(SESSION + other, async ({ vault }) => {
    const ran = await vault("sso", "login");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /more than one IAM Identity Center[^]*name one: corp, lab/);
  });
  await withSso("[profile plain]\nregion = eu-west-1\n", async ({ vault }) => {
    assert.match((await vault("sso", "login")).stderr, /names no IAM Identity Center/);
    assert.match((await vault("sso", "login", "plain")).stderr, /profile plain has no IAM/);
    assert.match((await vault("sso", "login", "https://x.example/")).stderr, /does not know https/);
  });
});

Deno.test("a group of commands shows its own, and refuses one it does not have", async () => {
  using home = new Home();
  const shown = await run(["sso", "--help"], { home });
  assert.match(shown.stdout, /login \[options\] \[profile\|start-url\]|login\b.*Sign in/);
  const refused = await run(["sso", "logn"], { home });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /unknown command 'logn'/);
});
