import assert from "node:assert/strict";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { Chromium } from "./chromium.ts";
import { Home, run } from "./harness.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const CONFIG = `[profile dev]
sso_start_url = ${START_URL}
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name = Dev
`;

for (
  const { button, name, check } of [
    {
      button: "approve",
      name: "a click in a real browser gives the waiting exec its credentials",
      check: (code: number, stdout: string) => {
        assert.equal(code, 0);
        assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
      },
    },
    {
      button: "deny",
      name: "a click on Deny in a real browser ends the waiting exec",
      check: (code: number, _stdout: string, stderr: string) => {
        assert.equal(code, 1);
        assert.match(stderr, /the sign-in was refused in the browser/);
      },
    },
  ]
) {
  Deno.test({
    name: `${name} (needs chromium)`,
    ignore: !requireProgram("chromium"),
    async fn() {
      await using aws = await startFakeAws();
      aws.addSsoInstance({
        startUrl: START_URL,
        accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
      });
      using home = new Home();
      home.write(".aws/config", CONFIG);
      const chromium = new Chromium(home.path);
      try {
        const BROWSER = await chromium.writeScript();
        const env = { AWS_ENDPOINT_URL: aws.url, BROWSER };
        const [ran, page] = await Promise.all([
          run(["exec", "dev", "--json"], { home, env }),
          chromium.click(button),
        ]);
        check(ran.code, ran.stdout, ran.stderr);
        const code = /confirm the code (FAKE-\d+)/.exec(ran.stderr)?.[1];
        assert.ok(code && page.includes(code), "page and terminal show the same code");
      } finally {
        await chromium.stop();
      }
    },
  });
}

Deno.test("a browser that stays and talks is neither waited for nor heard, and sees no AWS keys", async () => {
  await using aws = await startFakeAws({
    onCall: ({ errorCode }) =>
      void (errorCode === "AuthorizationPendingException" && aws.approve()),
  });
  aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
  });
  using home = new Home();
  home.write(".aws/config", CONFIG);
  const script = "#!/bin/sh\necho noise; echo noise >&2\nenv >seen; echo $$ >pid\nexec sleep 60\n";
  const BROWSER = home.write("browser", script);
  Deno.chmodSync(BROWSER, 0o755);
  const ran = await run(["exec", "dev", "--json"], {
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
