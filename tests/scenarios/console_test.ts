import assert from "node:assert/strict";
import { type ConsoleOptions, type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram, requirePython } from "../require.ts";
import { startAwsHosts } from "./aws_hosts.ts";
import { Chromium } from "./chromium.ts";
import { writeCliSession } from "./cli_login.ts";
import { CLIENT_NAMES, CLIENTS_BY_NAME, requireClient, runClient } from "./clients/run_client.ts";
import { Home, type Ran, run, type RunOptions, untilSaid } from "./harness.ts";

const ARN = "arn:aws:iam::111111111111:user/jon";
const ROLE = "arn:aws:iam::222222222222:role/reader";
const CONFIG = `[profile dev]
login_session = ${ARN}
region = eu-west-1

[profile reader]
role_arn = ${ROLE}
source_profile = dev
`;

interface World {
  readonly aws: FakeAws;
  readonly home: Home;
  readonly login: ReturnType<FakeAws["addConsoleLogin"]>;
  vault(args: readonly string[], more?: Partial<RunOptions>): Promise<Ran>;
  /** Grants of token requests so far. */
  grants(): string[];
}

/** Somebody whose browser (a script that asks for the link it is given) says yes at once. */
async function withConsole(
  test: (world: World) => Promise<void>,
  { config = CONFIG, ...options }: ConsoleOptions & { config?: string } = {},
): Promise<void> {
  await using aws = await startFakeAws();
  aws.addUser({ name: "jon" });
  aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
  const login = aws.addConsoleLogin({ approvesAtOnce: true, ...options });
  using home = new Home();
  home.write(".aws/config", config);
  const BROWSER = home.write("browser", '#!/bin/sh\nexec curl -sL "$1"\n');
  Deno.chmodSync(BROWSER, 0o755);
  await test({
    aws,
    home,
    login,
    vault: (args, more = {}) =>
      run(args, { ...more, home, env: { AWS_ENDPOINT_URL: aws.url, BROWSER, ...more.env } }),
    grants: () =>
      aws.calls.filter(({ action }) => action === "CreateOAuth2Token")
        .map(({ params }) => params.grantType!),
  });
}

function jsonOf(ran: Ran): Record<string, string> {
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

const HAS_CURL = requireProgram("curl");

Deno.test({
  name: "a console sign-in gives credentials, kept for their quarter of an hour (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ vault, grants }) => {
      const first = jsonOf(await vault(["exec", "dev", "--json"]));
      const again = await vault(["exec", "dev", "--json"]);
      assert.equal(jsonOf(again).AccessKeyId, first.AccessKeyId);
      assert.equal(again.stderr, "");
      assert.deepEqual(grants(), ["authorization_code"]);
      const listed = await vault(["list", "--sessions"]);
      assert.match(listed.stdout, new RegExp(`^login:${ARN}\nsignin.CreateOAuth2Token:14m`));
      assert.equal((await vault(["clear", "dev"])).stdout, "Cleared 2 sessions.\n");
      assert.equal((await vault(["clear", "dev"])).stdout, "Cleared 0 sessions.\n");
      assert.equal((await vault(["list", "--sessions"])).stdout, "");
    }),
});

Deno.test({
  name: "explain tells of a console sign-in what exec then does (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ aws, home, vault }) => {
      const explain = async () => jsonOf(await vault(["explain", "dev", "--json", "--renews"]));
      const before = await explain() as unknown as Explained;
      assert.deepEqual(before.steps.map(({ kind }) => kind), ["login"]);
      assert.deepEqual(before.asks, ["browser"]);
      assert.deepEqual(before.requests.map(({ action, endpoint }) => [action, endpoint]), [
        ["signin.CreateOAuth2Token", aws.url],
      ]);
      assert.ok(
        before.settings.some(({ name, value }) => name === "login_session" && value === ARN),
      );
      const directory = `${home.path}/.aws/login/cache`;
      const path = await writeCliSession(aws, directory, { arn: ARN, leftSeconds: 0 });
      const { asks, remarks } = await explain() as unknown as Explained;
      assert.deepEqual(asks, []);
      assert.match(remarks.join(), /the AWS CLI's own file serve.* nothing is requested then$/);
      Deno.removeSync(path);
      const { Expiration } = jsonOf(await vault(["exec", "dev", "--json"]));
      const after = await explain() as unknown as Explained;
      assert.equal(after.steps[0]!.cached?.expires, Expiration);
      assert.deepEqual([after.requests, after.asks], [[], []]);
    }),
});

Deno.test({
  name:
    "of a console sign-in made here AWS is not asked again whose it is, of the AWS CLI's it is, as explain says (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ aws, home, vault }) => {
      const asked = () => aws.calls.some(({ action }) => action === "GetCallerIdentity");
      const foreseen = async () => {
        const explained: unknown = jsonOf(await vault(["explain", "dev", "--json"]));
        return (explained as Explained).requests.map(({ action }) => action);
      };
      assert.ok(!(await foreseen()).includes("GetCallerIdentity"));
      assert.equal((await vault(["exec", "dev", "--json"])).code, 0);
      assert.ok(!asked());
      assert.equal((await vault(["clear", "dev"])).code, 0);
      await writeCliSession(aws, `${home.path}/.aws/login/cache`, { arn: ARN, leftSeconds: 0 });
      assert.ok((await foreseen()).includes("GetCallerIdentity"));
      assert.equal((await vault(["exec", "dev", "--json"])).code, 0);
      assert.ok(asked());
    }, {
      config: `[profile dev]\nlogin_session = ${ARN}\nvault_expected_account = 111111111111\n`,
    }),
});

interface Explained {
  readonly steps: readonly { kind: string; cached?: { expires: string } }[];
  readonly requests: readonly { action: string; endpoint: string }[];
  readonly settings: readonly { name: string; value: string }[];
  readonly asks: readonly string[];
  readonly remarks: readonly string[];
}

Deno.test({
  name: "a role is assumed on a console sign-in (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ aws, vault }) => {
      const { AccessKeyId } = jsonOf(await vault(["exec", "reader", "--json"]));
      const { principal } = aws.world.temporaryCredentials.get(AccessKeyId!)!;
      assert.equal(principal.kind, "role");
    }),
});

Deno.test({
  name: "credentials that last no five minutes are renewed without a browser (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ vault, grants }) => {
      const { AccessKeyId } = jsonOf(await vault(["exec", "dev", "--json"]));
      assert.notEqual(jsonOf(await vault(["exec", "dev", "--json"])).AccessKeyId, AccessKeyId);
      assert.deepEqual(grants(), ["authorization_code", "refresh_token"]);
    }, { credentialSeconds: 240 }),
});

Deno.test({
  name: "callers that renew get what still lasts where the sign-in cannot be renewed (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ vault, login }) => {
      const { AccessKeyId } = jsonOf(await vault(["exec", "dev", "--json"]));
      login.refusal = "INSUFFICIENT_PERMISSIONS";
      const ran = await vault(["exec", "dev", "--json"]);
      assert.equal(jsonOf(ran).AccessKeyId, AccessKeyId);
      assert.match(ran.stderr, /warning: the session of dev ends in 3 min .*INSUFFICIENT_PERM/);
    }, { credentialSeconds: 240 }),
});

Deno.test({
  name: "of ten that miss at once one renews the sign-in (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ home, vault, grants }) => {
      jsonOf(await vault(["exec", "dev", "--json"]));
      for (const { name } of Deno.readDirSync(`${home.path}/.awsvault/keys`)) {
        if (name.startsWith("signin.")) Deno.removeSync(`${home.path}/.awsvault/keys/${name}`);
      }
      const ran = await Promise.all(
        Array.from({ length: 10 }, () => vault(["exec", "dev", "--json"])),
      );
      const ids = new Set(ran.map((one) => jsonOf(one).AccessKeyId));
      assert.equal(ids.size, 1);
      assert.deepEqual(grants(), ["authorization_code", "refresh_token"]);
    }),
});

Deno.test({
  name: "neither refresh token nor key nor credentials stand in plain text anywhere (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(async ({ aws, home, vault }) => {
      const ran = await vault(["--debug", "exec", "dev", "--json"]);
      const { SecretAccessKey } = jsonOf(ran);
      const [refreshToken] = aws.world.console.refreshTokens.keys();
      const texts = [ran.stderr];
      for (const directory of [".aws", ".awsvault/keys", ".awsvault/locks"]) {
        for (const { name, isFile } of Deno.readDirSync(`${home.path}/${directory}`)) {
          if (isFile) texts.push(Deno.readTextFileSync(`${home.path}/${directory}/${name}`));
        }
      }
      assert.ok(texts.length > 3);
      for (const text of texts) {
        assert.ok(!text.includes(refreshToken!) && !text.includes(SecretAccessKey!));
        assert.doesNotMatch(text, /"d":|fake-signin-code/);
      }
    }),
});

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `${name} takes a session from the AWS CLI's cache that was just renewed here`,
    ignore: !requireClient(name) || name !== "AWS SDK for JavaScript" && !requirePython("awscrt"),
    fn: () =>
      withConsole(async ({ aws, home, vault, grants }) => {
        const directory = `${home.path}/elsewhere`;
        const env = { AWS_LOGIN_CACHE_DIRECTORY: directory };
        await writeCliSession(aws, directory, { arn: ARN, leftSeconds: -10 });
        const { AccessKeyId } = jsonOf(await vault(["exec", "dev", "--json"], { env }));
        const before = grants().length;
        const ran = await runClient(CLIENTS_BY_NAME[name], {
          ...env,
          AWS_CONFIG_FILE: `${home.path}/.aws/config`,
          AWS_PROFILE: "dev",
          AWS_ENDPOINT_URL: aws.url,
        });
        assert.equal(ran.stdout.trim(), ARN, ran.stderr);
        assert.equal(grants().length, before, "it had nothing to renew");
        assert.equal(aws.calls.at(-1)!.signer, AccessKeyId);
      }),
  });
}

Deno.test("the AWS CLI's session is renewed where it lies, also where ~/.aws is a link", {
  ignore: Deno.build.os === "windows",
}, () =>
  withConsole(async ({ aws, home, vault }) => {
    Deno.renameSync(`${home.path}/.aws`, `${home.path}/dotfiles`);
    Deno.symlinkSync("dotfiles", `${home.path}/.aws`);
    const directory = `${home.path}/.aws/login/cache`;
    const path = await writeCliSession(aws, directory, { arn: ARN, leftSeconds: -10 });
    const ran = await vault(["exec", "dev", "--json"]);
    assert.equal(ran.stderr, "");
    const { accessToken } = JSON.parse(Deno.readTextFileSync(path));
    assert.equal(accessToken.accessKeyId, jsonOf(ran).AccessKeyId);
  }));

Deno.test({
  name: "a session is renewed in the region that it was made in (openssl)",
  ignore: !requireProgram("openssl"),
  fn: () =>
    withConsole(async ({ aws, home, vault }) => {
      const more = { signInRegion: "us-west-2" };
      const directory = `${home.path}/.aws/login/cache`;
      await writeCliSession(aws, directory, { arn: ARN, leftSeconds: -10, more });
      await using hosts = await startAwsHosts(home.path, ["*.signin.aws.amazon.com"], aws.url);
      await vault(["exec", "dev", "--json"], {
        env: { ...hosts.env, AWS_ENDPOINT_URL: undefined },
      });
      assert.equal(hosts.asked[0], "us-west-2.signin.aws.amazon.com:443");
    }),
});

Deno.test("a console sign-in of another account than the expected one is refused before a browser", () =>
  withConsole(async ({ aws, vault }) => {
    const ran = await vault(["exec", "dev", "--json"]);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /profile dev: login_session is arn:\S+, and vault_expected_account is/,
    );
    assert.equal(aws.calls.length, 0);
  }, { config: `[profile dev]\nlogin_session = ${ARN}\nvault_expected_account = 222222222222\n` }));

const LONGEST = `arn:aws:sts::222222222222:assumed-role/${"r".repeat(64)}/jon@example.com`;

Deno.test({
  name: "what the longest role and name of a profile bring is kept in files (needs curl)",
  ignore: !HAS_CURL,
  fn: () => {
    const profile = "p".repeat(150);
    const roleArn = LONGEST.replace(/^(.*):sts:(.*):assumed-role\/(.*)\/.*/, "$1:iam:$2:role/$3");
    const config = `[profile ${profile}]\nlogin_session = ${LONGEST}\n`;
    return withConsole(async ({ vault, grants }) => {
      const first = await vault(["exec", profile, "--json"]);
      assert.doesNotMatch(first.stderr, /could not be kept/);
      assert.equal(jsonOf(await vault(["exec", profile, "--json"])).Version, 1);
      assert.equal(grants().length, 1);
    }, { roleArn, config });
  },
});

Deno.test({
  name: "a server hands boto3 the credentials of a console sign-in (needs curl)",
  ignore: !HAS_CURL || !requireClient("boto3"),
  fn: () =>
    withConsole(async ({ aws, vault }) => {
      const argv = CLIENTS_BY_NAME.boto3;
      const ran = await vault(["exec", "--ecs-server", "dev", "--", ...argv]);
      assert.equal(ran.stdout.trim(), ARN, ran.stderr);
      assert.ok(aws.calls.some(({ action }) => action === "GetCallerIdentity"));
    }),
});

/** Somebody with Chromium, whom the console asks whether to go on. */
async function withChromium(test: (world: World, chromium: Chromium) => Promise<void>) {
  await withConsole(async (world) => {
    const chromium = new Chromium(world.home.path);
    const BROWSER = await chromium.writeScript();
    const vault: World["vault"] = (args, more = {}) =>
      world.vault(args, { ...more, env: { BROWSER, ...more.env } });
    try {
      await test({ ...world, vault }, chromium);
    } finally {
      await chromium.stop();
    }
  }, { approvesAtOnce: false });
}

Deno.test({
  name: "a click in a real browser signs the waiting exec in to the console (needs chromium)",
  ignore: !requireProgram("chromium"),
  fn: () =>
    withChromium(async ({ vault, grants }, chromium) => {
      const first = vault(["exec", "dev", "--json"]);
      const page = await chromium.read();
      assert.match(page, new RegExp(`Continue as ${ARN}`));
      const second = await untilSaid(
        "Waiting for",
        (more) => vault(["exec", "dev", "--json"], more),
      );
      await chromium.click("approve");
      jsonOf(await first);
      const shared = await second.ended;
      jsonOf(shared);
      assert.match(shared.stderr, /^Waiting for another aws-vault .*signing in as arn:/);
      assert.match(await chromium.read(), /You can close this window/);
      assert.equal(grants().filter((grant) => grant === "authorization_code").length, 1);
    }),
});

Deno.test({
  name: "a click on Cancel in a real browser ends the exec that waits (needs chromium)",
  ignore: !requireProgram("chromium"),
  fn: () =>
    withChromium(async ({ vault }, chromium) => {
      const [ran] = await Promise.all([vault(["exec", "dev", "--json"]), chromium.click("deny")]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /error: profile dev: the sign-in was refused in the browser/);
    }),
});
