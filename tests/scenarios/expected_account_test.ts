import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { ROLE, startVault, type Vault } from "./vault.ts";

/** The user's account, and the role's. */
const [USERS, ROLES] = ["111111111111", "222222222222"];

function configFor(expected: string): string {
  return `[profile work]\nvault_expected_account = ${expected}\n\n` +
    `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = work\n` +
    `vault_expected_account = ${expected}\n\n[profile heir]\ninclude_profile = work\n` +
    "source_profile = work\n";
}

function countCalls(vault: Vault, action: string): number {
  return vault.aws.calls.filter((request) => request.action === action).length;
}

Deno.test("credentials of the account that is expected are handed out; kept ones need no second look", async () => {
  await using vault = await startVault(configFor(USERS));
  for (let i = 0; i < 3; i++) {
    const ran = await vault.run(["exec", "--json", "work"]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  assert.equal(countCalls(vault, "GetCallerIdentity"), 1);
  assert.equal((await vault.run(["exec", "-n", "--json", "work"])).code, 0);
  assert.equal(countCalls(vault, "GetCallerIdentity"), 2, "stored keys are asked about each time");
});

Deno.test("of a role AWS has said whose it is: no further request", async () => {
  await using vault = await startVault(configFor(ROLES));
  for (let i = 0; i < 2; i++) {
    const ran = await vault.run(["exec", "--json", "reader"]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  assert.equal(countCalls(vault, "AssumeRole"), 1);
  assert.equal(countCalls(vault, "GetCallerIdentity"), 0);
});

Deno.test("those of another account are handed out by no command, nor by a server", async () => {
  await using vault = await startVault(configFor("333333333333"));
  const where = new RegExp(
    `see ${vault.config}, line 2, vault_expected_account of \\[profile work\\]`,
  );
  for (
    const args of [
      ["exec", "--json", "work"],
      ["exec", "-n", "--json", "work"],
      ["exec", "work", "--", "env"],
      ["exec", "--ecs-server", "work", "--", "env"],
      ["export", "work"],
      ["login", "--stdout", "work"],
      ["exec", "--json", "heir"],
    ]
  ) {
    const ran = await vault.run(args);
    assert.equal(ran.code, 1, args.join(" "));
    assert.equal(ran.stdout, "", args.join(" "));
    assert.match(
      ran.stderr,
      /the credentials are those of arn:aws:iam::111111111111:user\/jon, and/,
    );
    assert.match(ran.stderr, /vault_expected_account is 333333333333; nothing was handed out/);
    assert.match(ran.stderr, where);
  }
});

Deno.test("a role of another account is refused before anything is asked", async () => {
  await using vault = await startVault(configFor(USERS));
  const ran = await vault.run(["exec", "--json", "reader"]);
  assert.equal(ran.code, 1);
  assert.match(
    ran.stderr,
    /role_arn is arn:aws:iam::222222222222:role\/reader, and vault_expected/,
  );
  assert.deepEqual(vault.aws.calls, []);
  const explained = await vault.run(["explain", "--json", "reader"]);
  const { requests, remarks } = JSON.parse(explained.stdout);
  assert.deepEqual(requests, []);
  assert.match(remarks[0], /^exec refuses here: profile reader: role_arn is /);
});

Deno.test("a role of IAM Identity Center in another account is refused before anybody signs in", async () => {
  await using vault = await startVault(
    "[profile sso]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n" +
      `sso_account_id = ${USERS}\nsso_role_name = Dev\nvault_expected_account = ${ROLES}\n`,
  );
  const ran = await vault.run(["exec", "--json", "--stdout", "sso"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /error: profile sso: sso_account_id is 1{12}, and vault_expected_acc/);
  assert.deepEqual(vault.aws.calls, []);
});

Deno.test("a session kept before the setting was made is looked at", async () => {
  await using vault = await startVault(configFor(USERS).replaceAll(/vault_.*\n/g, ""));
  assert.equal((await vault.run(["exec", "--json", "work"])).code, 0);
  Deno.writeTextFileSync(vault.config, configFor(USERS));
  assert.equal((await vault.run(["exec", "--json", "work"])).code, 0);
  assert.equal(countCalls(vault, "GetCallerIdentity"), 1);
  Deno.writeTextFileSync(vault.config, configFor(ROLES));
  assert.equal((await vault.run(["exec", "--json", "work"])).code, 1);
});

Deno.test({
  name: "a role that a server's caller names has to be of that account too (curl)",
  ignore: !requireProgram("curl"),
  fn: async () => {
    await using vault = await startVault(configFor(USERS));
    const ask =
      `curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "\${AWS_CONTAINER_CREDENTIALS_FULL_URI%/}/role-arn/${ROLE}" -w ' %{http_code}'`;
    const child = ["exec", "--ecs-server", "work", "--", "sh", "-c", ask];
    const ran = await vault.run(child);
    assert.doesNotMatch(ran.stdout, /AccessKeyId/);
    assert.match(ran.stderr, /the role asked for is arn:aws:iam::2\d+:role\/reader, and vault_/);
    assert.equal(countCalls(vault, "AssumeRole"), 0, "refused before any request");
  },
});

Deno.test("what is no account is told by file and line", async () => {
  await using vault = await startVault(configFor("1111-1111-1111"));
  const ran = await vault.run(["exec", "--json", "work"]);
  assert.equal(ran.code, 1);
  assert.match(
    ran.stderr,
    /line 2, vault_expected_account of .*: `1111-1111-1111` is no account of AWS/,
  );
  assert.match(ran.stderr, /twelve digits, without hyphens/);
});

Deno.test("explain names the request that asks whose they are, and the setting", async () => {
  await using vault = await startVault(configFor(USERS));
  const explain = async () => JSON.parse((await vault.run(["explain", "--json", "work"])).stdout);
  const { requests, settings } = await explain();
  const actions = requests.map(({ action }: { action: string }) => action);
  assert.deepEqual(actions, ["GetSessionToken", "GetCallerIdentity"]);
  const own = settings.find(({ name }: { name: string }) => name === "vault_expected_account");
  assert.equal(own.from.line, 2);
  await vault.run(["exec", "--json", "work"]);
  assert.deepEqual(vault.aws.calls.map(({ action }) => action), actions);
  assert.deepEqual((await explain()).requests, []);
});
