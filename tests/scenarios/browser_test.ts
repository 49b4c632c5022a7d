import assert from "node:assert/strict";
import { type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { Chromium } from "./chromium.ts";
import { Home, type Ran, run, type RunOptions, untilSaid } from "./harness.ts";
import { HAS_STRACE, withFaults } from "./strace.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const CONFIG = `[profile dev]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Dev

[sso-session corp]
sso_start_url = ${START_URL}
sso_region = eu-west-1
`;

const INSTANCE = {
  startUrl: START_URL,
  accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
};

/** An Identity Center whose page is confirmed as soon as somebody waits for it. */
async function startApproving(): Promise<FakeAws> {
  const aws = await startFakeAws({
    onCall: ({ errorCode }) =>
      void (errorCode === "AuthorizationPendingException" && aws.approve()),
  });
  aws.addSsoInstance(INSTANCE);
  return aws;
}

/** Somebody with Chromium, in front of an Identity Center that asks before it says yes. */
async function withChromium(
  test: (world: {
    aws: FakeAws;
    chromium: Chromium;
    vault(args: readonly string[], more?: Partial<RunOptions>): Promise<Ran>;
  }) => Promise<void>,
): Promise<void> {
  await using aws = await startFakeAws();
  aws.addSsoInstance(INSTANCE);
  using home = new Home();
  home.write(".aws/config", CONFIG);
  const chromium = new Chromium(home.path);
  try {
    const env = { AWS_ENDPOINT_URL: aws.url, BROWSER: await chromium.writeScript() };
    await test({ aws, chromium, vault: (args, more) => run(args, { ...more, home, env }) });
  } finally {
    await chromium.stop();
  }
}

const WAYS = [
  { way: "an authorization code", options: [], grant: "authorization_code" },
  { way: "a device code", options: ["--use-device-code"], grant: DEVICE_GRANT },
] as const;

for (const { way, options, grant } of WAYS) {
  Deno.test({
    name:
      `a click in a real browser gives the waiting exec its credentials by ${way} (needs chromium)`,
    ignore: !requireProgram("chromium"),
    fn: () =>
      withChromium(async ({ aws, chromium, vault }) => {
        const [ran, page] = await Promise.all([
          vault(["exec", ...options, "dev", "--json"]),
          chromium.click("approve"),
        ]);
        assert.equal(ran.code, 0, ran.stderr);
        assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
        const tokens = aws.calls.filter(({ action }) => action === "CreateToken");
        assert.equal(tokens.at(-1)!.params.grantType, grant);
        const code = /confirm the code (FAKE-\d+)/.exec(ran.stderr)?.[1];
        if (grant === DEVICE_GRANT) assert.ok(code && page.includes(code), "the same code on both");
        else assert.match(await chromium.read(), /You can close this window/);
      }),
  });

  Deno.test({
    name: `a click on Deny in a real browser ends the exec that waits for ${way} (needs chromium)`,
    ignore: !requireProgram("chromium"),
    fn: () =>
      withChromium(async ({ chromium, vault }) => {
        const [ran] = await Promise.all([
          vault(["exec", ...options, "dev", "--json"]),
          chromium.click("deny"),
        ]);
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /error: profile dev: the sign-in was refused in the browser/);
      }),
  });
}

Deno.test({
  name: "a second exec, in another terminal, shares the sign-in of the first (needs chromium)",
  ignore: !requireProgram("chromium"),
  fn: () =>
    withChromium(async ({ aws, chromium, vault }) => {
      const first = vault(["exec", "dev", "--json"]);
      await chromium.read();
      const second = await untilSaid(
        "Waiting for",
        (more) => vault(["exec", "dev", "--json"], more),
      );
      await chromium.click("approve");
      const [given, shared] = await Promise.all([first, second.ended]);
      assert.equal(given.code, 0, given.stderr);
      assert.equal(shared.stdout, given.stdout);
      assert.match(shared.stderr, /^Waiting for another aws-vault .*signing in to https:/);
      const registered = aws.calls.filter(({ action }) => action === "RegisterClient");
      assert.equal(registered.length, 1);
    }),
});

for (
  const { where, variable, faults } of [
    {
      where:
        "with AWS_VAULT_SSO_DEVICE_CODE=true exec signs in by a code, though a browser is there",
      variable: "AWS_VAULT_SSO_DEVICE_CODE",
    },
    {
      where: "with AWS_VAULT_STDOUT=true exec prints the link, and opens no browser",
      variable: "AWS_VAULT_STDOUT",
    },
    {
      where: "where no port may be listened on exec signs in by a code (strace)",
      faults: ["bind:error=EPERM"],
    },
  ]
) {
  Deno.test(where, { ignore: faults !== undefined && !HAS_STRACE }, async () => {
    await using aws = await startApproving();
    using home = new Home();
    home.write(".aws/config", CONFIG);
    const BROWSER = home.write("browser", '#!/bin/sh\necho "$1" >"$HOME/opened"\nexit 3\n');
    Deno.chmodSync(BROWSER, 0o755);
    const env = { AWS_ENDPOINT_URL: aws.url, BROWSER, ...variable && { [variable]: "true" } };
    const command = faults && withFaults(...faults);
    const ran = await run(["exec", "dev", "--json"], { home, env, command });
    assert.equal(ran.code, 0, ran.stderr);
    const opens = Array.from(Deno.readDirSync(home.path), ({ name }) => name).includes("opened");
    assert.equal(opens, variable !== "AWS_VAULT_STDOUT");
    const told = ran.stderr.includes(`(${BROWSER} ended with exit code 3): open the link by hand`);
    assert.equal(told, opens, ran.stderr);
    const tokens = aws.calls.filter(({ action }) => action === "CreateToken");
    assert.equal(tokens.at(-1)!.params.grantType, DEVICE_GRANT);
    assert.match(ran.stderr, /FAKE-\d+/);
  });
}

Deno.test("a browser that stays and talks is neither waited for nor heard, and sees no AWS keys", async () => {
  await using aws = await startApproving();
  using home = new Home();
  home.write(".aws/config", CONFIG);
  const script = "#!/bin/sh\necho noise; echo noise >&2\nenv >seen; echo $$ >pid\nexec sleep 60\n";
  const BROWSER = home.write("browser", script);
  Deno.chmodSync(BROWSER, 0o755);
  const ran = await run(["exec", "--use-device-code", "dev", "--json"], {
    home,
    env: { AWS_ENDPOINT_URL: aws.url, BROWSER, AWS_SECRET_ACCESS_KEY: "not/for-browsers" },
  });
  const pid = Number(Deno.readTextFileSync(`${home.path}/pid`));
  // Throws when it is not there any more.
  Deno.kill(pid, "SIGTERM");
  assert.equal(ran.code, 0, ran.stderr);
  assert.doesNotMatch(ran.stderr, /noise/);
  assert.doesNotMatch(
    Deno.readTextFileSync(`${home.path}/seen`),
    /not\/for-browsers|correct horse/,
  );
});
