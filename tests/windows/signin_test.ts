import assert from "node:assert/strict";
import { cachePath, writeCliSession } from "../scenarios/cli_login.ts";
import { BUNDLE, FILE, ROLE, test, waitFor, type WindowsVault } from "./vault.ts";
import { DENO } from "./wine.ts";
import { until } from "../until.ts";
import { listNames } from "../scenarios/vault.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const ACCOUNT = { id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev", "Ops"] };
const SSO = `[sso-session corp]
sso_start_url = ${START_URL}
sso_region = eu-west-1
[profile dev]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Dev
[profile ops]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Ops
`;
const JON = "arn:aws:iam::111111111111:user/jon";
const CONSOLE = `[profile dev]\nlogin_session = ${JON}\n`;
const CHAINED = `${CONSOLE}[profile reader]\nsource_profile = dev\nrole_arn = ${ROLE}\n`;

const BACKENDS = [
  { name: "the Credential Manager", env: {}, kept: keptByWindows },
  { name: "a file keyring", env: FILE, kept: keptInFiles },
];

async function keptByWindows(vault: WindowsVault): Promise<string[]> {
  const lines = (await vault.credentials("list")).trim().split("\n");
  return lines.map((line) => line.replace(/^aws-vault:aws-vault:|\t\d+$/g, ""));
}

function keptInFiles({ guest }: WindowsVault): Promise<string[]> {
  return Promise.resolve(listNames(`${guest.home}/.awsvault/keys`).map(decodeURIComponent));
}

for (const { name, env, kept } of BACKENDS) {
  test(
    `sso login by a browser keeps its token in ${name}, exec uses it, sso logout ends it`,
    async (vault) => {
      addSso(vault);
      const all = { ...env, ...browser(vault) };
      const login = await vault.run(["sso", "login", "dev"], { env: all });
      assert.equal(login.code, 0, login.stderr);
      assert.match(login.stdout, /^Signed in to https:.* until \d{4}-.*Z\.\n$/);
      assert.match(login.stderr, /http:\/\/127\.0\.0\.1:\d+\/authorize\?response_type=code/);
      assert.deepEqual(grants(vault), ["authorization_code"]);
      assert.ok((await kept(vault)).includes(`oidc:${START_URL}`));

      const given = await vault.run(["exec", "ops", "--", "cmd", "/c", "set", "AWS_"], { env });
      assert.match(given.stdout, /^AWS_ACCESS_KEY_ID=ASIA/m, given.stderr);
      assert.deepEqual(grants(vault), ["authorization_code"]);

      const logout = await vault.run(["sso", "logout"], { env });
      assert.equal(logout.stdout, `Signed out of ${START_URL}.\n`, logout.stderr);
      assert.ok(!(await kept(vault)).some((item) => /^oidc:|^sso/.test(item)));
      assert.equal(vault.aws.world.sso.accessTokens.size, 0);
    },
    SSO,
  );
}

test(
  "exec that needs a sign-in opens the browser, and goes on when it comes back",
  async (vault) => {
    addSso(vault);
    const env = browser(vault);
    const ran = await vault.run(["exec", "dev", "--", "cmd", "/c", "set", "AWS_"], { env });
    assert.match(ran.stdout, /^AWS_SESSION_TOKEN=./m, ran.stderr);
    assert.deepEqual(grants(vault), ["authorization_code"]);
  },
  SSO,
);

test("exec by a device code waits until that is confirmed", async (vault) => {
  addSso(vault, { approvesAtOnce: false, intervalSeconds: 1 });
  const running = vault.run(["exec", "--stdout", "dev", "--json"]);
  await asked(vault);
  vault.aws.approve();
  const ran = await running;
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/, ran.stderr);
  assert.match(ran.stderr, /confirm the code FAKE-\d+ at http:\/\/127\.0\.0\.1:\d+\/device/);
}, SSO);

test("a sign-in that is refused in the browser ends exec with one error", async (vault) => {
  addSso(vault, { approvesAtOnce: false, intervalSeconds: 1 });
  const running = vault.run(["exec", "--stdout", "dev", "--json"]);
  await asked(vault);
  vault.aws.deny();
  const ran = await running;
  assert.deepEqual([ran.code, ran.stdout], [1, ""]);
  assert.match(ran.stderr, /^aws-vault: error: profile dev: the sign-in was refused/m);
}, SSO);

test(
  "who waits for another's sign-in says for which process, and gets what that one gets",
  async (vault) => {
    addSso(vault, { approvesAtOnce: false, intervalSeconds: 1 });
    const first = vault.run(["exec", "--stdout", "dev", "--json"]);
    await asked(vault);
    const second = vault.start(["exec", "--stdout", "ops", "--json"]);
    await waitFor(
      second.stderr,
      /Waiting for another aws-vault \(process \d+\) that is signing in/,
    );
    vault.aws.approve();
    assert.equal((await first).code, 0);
    assert.match(await new Response(second.stdout).text(), /"AccessKeyId": ?"ASIA/);
    assert.equal(vault.aws.world.sso.authorizations.length, 1);
  },
  SSO,
);

test("who waits for a sign-in whose process was killed signs in anew", async (vault) => {
  addSso(vault, { approvesAtOnce: false, intervalSeconds: 1 });
  const args = [...BUNDLE, "exec", "--stdout", "dev", "--json"];
  const first = vault.guest.start(DENO, args, { env: vault.env });
  await asked(vault);
  const second = vault.start(["exec", "--stdout", "ops", "--json"]);
  await waitFor(second.stderr, /Waiting for another/);
  first.kill("SIGKILL");
  await first.output();
  await asked(vault, 2);
  vault.aws.approve();
  assert.match(await new Response(second.stdout).text(), /"AccessKeyId": ?"ASIA/);
}, SSO);

test("a sign-in whose token AWS has ended is renewed without a browser", async (vault) => {
  addSso(vault);
  await vault.run(["sso", "login", "--stdout"]);
  vault.aws.revokeSsoTokens("access");
  const ran = await vault.run(["exec", "dev", "--json"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(grants(vault).at(-1), "refresh_token");
}, SSO);

test(
  "sso list --json names accounts and roles; sso profiles --write makes profiles of them",
  async (vault) => {
    addSso(vault);
    const listed = await vault.run(["sso", "list", "--stdout", "--json"]);
    assert.deepEqual(JSON.parse(listed.stdout), [{
      accountId: ACCOUNT.id,
      accountName: ACCOUNT.name,
      emailAddress: ACCOUNT.email,
      roles: ACCOUNT.roles,
    }]);
    const config = `${vault.guest.home}/.aws/config`;
    Deno.writeTextFileSync(config, SSO.replaceAll("\n", "\r\n"));
    const written = await vault.run([
      "sso",
      "profiles",
      "--write",
      "--template",
      "{role} {account}",
    ]);
    assert.equal(written.code, 0, written.stderr);
    assert.ok(written.stderr.includes(`${vault.guest.profile}\\.aws\\config`), written.stderr);
    assert.match(Deno.readTextFileSync(config), /\r\nsso_role_name=Ops\r\n$/);
  },
  SSO,
);

test(
  "a profile's sign-in is lent to the AWS CLI below the user's directory, and taken back",
  async (vault) => {
    addSso(vault);
    const lent = await vault.run([
      "exec",
      "--stdout",
      "dev",
      "--profile-env",
      "--",
      "cmd",
      "/c",
      "x",
    ]);
    const [file] = listNames(`${vault.guest.home}/.aws/sso/cache`);
    assert.match(file ?? "", /^[0-9a-f]{40}\.json$/, lent.stderr);
    await vault.run(["sso", "logout"]);
    assert.deepEqual(listNames(`${vault.guest.home}/.aws/sso/cache`), []);
  },
  SSO,
);

for (const { name, env, kept } of BACKENDS) {
  test(
    `signin keeps a session of the console in ${name}, for a profile and a role on it`,
    async (vault) => {
      vault.aws.addConsoleLogin({ approvesAtOnce: true, credentialSeconds: 240 });
      const all = { ...env, ...browser(vault) };
      const signed = await vault.run(["signin", "dev"], { env: all });
      assert.equal(signed.stdout, `Signed in as ${JON}.\n`, signed.stderr);
      assert.ok((await kept(vault)).includes(`oidc:login:${JON}`));
      const role = await vault.run(["exec", "reader", "--json"], { env });
      assert.match(JSON.parse(role.stdout).AccessKeyId, /^ASIA/, role.stderr);
      const asked = vault.aws.calls.map(({ action, params }) => params.grantType ?? action);
      assert.deepEqual(asked.slice(-2), ["refresh_token", "AssumeRole"], "renewed, then used");
    },
    CHAINED,
  );
}

test(
  "the AWS CLI's own sign-in to the console is found below the user's directory, and renewed there",
  async (vault) => {
    vault.aws.addConsoleLogin({ approvesAtOnce: true });
    const directory = `${vault.guest.home}/.aws/login/cache`;
    const path = await writeCliSession(vault.aws, directory, { arn: JON, leftSeconds: -60 });
    assert.equal(path, cachePath(directory, JON));
    const before = Deno.readTextFileSync(path);
    const ran = await vault.run(["exec", "dev", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const after = JSON.parse(Deno.readTextFileSync(path));
    assert.equal(after.accessToken.accessKeyId, JSON.parse(ran.stdout).AccessKeyId);
    assert.equal(after.dpopKey, JSON.parse(before).dpopKey);
    assert.doesNotMatch(await vault.credentials("list"), /oidc:login:/);
  },
  CONSOLE,
);

/** An Identity Center, where a click is not needed unless told. */
function addSso({ aws }: WindowsVault, options: Record<string, unknown> = {}): void {
  const instance = { startUrl: START_URL, accounts: [ACCOUNT], approvesAtOnce: true };
  aws.addSsoInstance({ ...instance, ...options });
}

/** A program that goes where a link leads. */
function browser({ tool }: WindowsVault): { readonly BROWSER: string } {
  return { BROWSER: `${tool} browse %s` };
}

/** How tokens were asked for, in order. */
function grants({ aws }: WindowsVault): (string | undefined)[] {
  const tokens = aws.calls.filter(({ action }) => action === "CreateToken");
  return tokens.map(({ params }) => params.grantType);
}

/** Waits until so many sign-ins by a code have begun. */
async function asked({ aws }: WindowsVault, times = 1): Promise<void> {
  await until(() => aws.world.sso.authorizations.length >= times);
}
