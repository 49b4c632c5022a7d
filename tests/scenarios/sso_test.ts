import assert from "node:assert/strict";
import { type FakeAws, type RecordedCall, startFakeAws } from "../fakes/aws/mod.ts";
import type { SsoOptions } from "../fakes/aws/mod.ts";
import {
  cleanEnvironment,
  COMMAND,
  hasTerminalTests,
  Home,
  type Ran,
  run,
  runInTerminal,
  type RunOptions,
  untilSaid,
} from "./harness.ts";
import { until } from "../until.ts";

const ROLE = "arn:aws:iam::222222222222:role/reader";
const START_URL = "https://d-1234567890.awsapps.com/start";
const ROLES = ["Dev", "Ops", "Audit", "Admin"];

/** Runs `test` with a home whose profiles `Dev`, `Ops` … are roles of one Identity Center. */
async function withSso(
  options: Partial<SsoOptions> & { onCall?: (aws: FakeAws, call: RecordedCall) => void },
  test: (
    aws: FakeAws,
    get: (profile: string, more?: Partial<RunOptions>) => Promise<Ran>,
    home: Home,
  ) => Promise<void>,
): Promise<void> {
  const { onCall, ...instance } = options;
  await using aws = await startFakeAws({ onCall: (call) => onCall?.(aws, call) });
  aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ROLES }],
    approvesAtOnce: true,
    ...instance,
  });
  using home = new Home();
  home.write(".aws/config", configFor([...ROLES, "Nobody"]));
  const env = { AWS_ENDPOINT_URL: aws.url };
  const get = (profile: string, more: Partial<RunOptions> = {}) =>
    run(["exec", "--stdout", profile, "--json"], { ...more, home, env });
  await test(aws, get, home);
}

function configFor(roles: readonly string[]): string {
  const session = `[sso-session corp]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n` +
    "sso_registration_scopes = sso:account:access\n";
  const profiles = roles.map((role) =>
    `[profile ${role}]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = ${role}\n`
  );
  return session + profiles.join("");
}

function count(aws: FakeAws, action: string): number {
  return aws.calls.filter((call) => call.action === action).length;
}

function checkGiven(ran: Ran): void {
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
}

Deno.test("exec waits for the code to be confirmed, and keeps standard output to the answer", () =>
  withSso({
    approvesAtOnce: false,
    onCall: (aws, { errorCode }) =>
      void (errorCode === "AuthorizationPendingException" && aws.approve()),
  }, async (aws, get) => {
    const ran = await get("Dev");
    checkGiven(ran);
    assert.match(ran.stderr, /confirm the code FAKE-\d+ at http:\/\/127\.0\.0\.1:\d+\/device/);
    assert.equal(count(aws, "CreateToken"), 2);
  }));

Deno.test({
  name: "the code is on the terminal (python3) where standard error is not: the AWS CLI keeps that",
  ignore: !hasTerminalTests,
  fn: () =>
    withSso({}, async (aws, _get, home) => {
      const line = '"$0" exec --use-device-code Dev --json 2>"$HOME/errors"';
      const ran = await runInTerminal(["-c", line, COMMAND], {
        env: { AWS_ENDPOINT_URL: aws.url, BROWSER: "/bin/false" },
        ...{ home, command: ["/bin/sh"], pipeStdout: true },
        steps: [{ expect: "confirm the code FAKE-" }, { expect: "No browser was opened" }],
      });
      assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
      const errors = Deno.readTextFileSync(`${home.path}/errors`);
      assert.equal(ran.screen, errors.replaceAll("\n", "\r\n"));
    }),
});

Deno.test("a sign-in refused in the browser ends exec with one clear error", () =>
  withSso({
    approvesAtOnce: false,
    onCall: (aws, { errorCode }) => void (errorCode?.startsWith("Authorization") && aws.deny()),
  }, async (_aws, get) => {
    const ran = await get("Dev");
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, /aws-vault: error: profile Dev: the sign-in was refused/);
  }));

for (
  const [call, code, wayOut] of [
    ["RegisterClient", "InvalidRequestException", /is sso_start_url right .*sso_region the one/],
    ["RegisterClient", "InvalidScopeException", /see sso_registration_scopes/],
    ["CreateToken", "InvalidClientException", /aws-vault sso logout https:\/\/d-1234567890/],
    ["CreateToken", "InvalidGrantException", /came too late.*run the command again/],
  ] as const
) {
  Deno.test(`${code} of ${call} is told with the way out`, () =>
    withSso({}, async (aws, get) => {
      aws.fail(call, { code, status: 400 });
      const ran = await get("Dev");
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, new RegExp(`error: profile Dev: AWS refused ${call}: ${code}`));
      assert.match(ran.stderr.split("error:")[1]!, wayOut);
    }));
}

Deno.test("a sign-in refused in the browser ends those who wait for it, too: nobody asks again", () =>
  withSso({ approvesAtOnce: false, intervalSeconds: 1 }, async (aws, get) => {
    const holding = await untilSaid("confirm the code", (more) => get("Dev", more));
    const waiting = await Promise.all(
      ["Ops", "Audit", "Admin"].map((role) => untilSaid("Waiting for", (more) => get(role, more))),
    );
    aws.deny();
    for (const { ended } of [holding, ...waiting]) {
      const ran = await ended;
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /error: profile Dev: the sign-in was refused.*\n {2}.*run .* again/);
    }
    assert.equal(count(aws, "StartDeviceAuthorization"), 1);
    const next = await untilSaid("confirm the code", (more) => get("Ops", more));
    aws.approve(aws.world.sso.authorizations[1]!.userCode);
    checkGiven(await next.ended);
  }));

Deno.test("a code that expires unconfirmed ends exec with one clear error", () =>
  withSso({ approvesAtOnce: false, deviceCodeSeconds: 2 }, async (_aws, get) => {
    const ran = await get("Dev");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /aws-vault: error: profile Dev: the sign-in code expired/);
  }));

Deno.test("two profiles of one start URL need one sign-in", () =>
  withSso({}, async (aws, get) => {
    checkGiven(await get("Dev"));
    checkGiven(await get("Ops"));
    assert.equal(count(aws, "StartDeviceAuthorization"), 1);
    assert.equal(count(aws, "GetRoleCredentials"), 2);
  }));

Deno.test("ten processes that need a sign-in at once make one, whichever profile they are for", () =>
  withSso({ approvesAtOnce: false }, async (aws, get) => {
    aws.delay("RegisterClient", 1000);
    const approved = approveWhenAsked(aws);
    const runs = Array.from({ length: 10 }, (_, i) => get(ROLES[i % ROLES.length]!));
    for (const ran of await Promise.all(runs)) checkGiven(ran);
    await approved;
    assert.equal(count(aws, "RegisterClient"), 1);
    assert.equal(count(aws, "StartDeviceAuthorization"), 1);
    assert.equal(count(aws, "GetRoleCredentials"), ROLES.length, "one session a profile");
  }));

for (
  const [what, signal] of [["is stopped", "SIGSTOP"], ["has died", "SIGKILL"]] as const
) {
  Deno.test(`who waits for a sign-in whose process ${what} is told of it, and signs in anew`, () =>
    withSso({ approvesAtOnce: false, intervalSeconds: 1 }, async (aws, get, home) => {
      const holder = startSignIn(aws, home);
      try {
        await asked(aws, 1);
        const waiting = await untilSaid("Waiting for", (more) => get("Ops", more));
        holder.kill(signal);
        await asked(aws, 2);
        aws.approve(aws.world.sso.authorizations[1]!.userCode);
        const ran = await waiting.ended;
        checkGiven(ran);
        assert.match(
          ran.stderr,
          new RegExp(
            `^Waiting for another aws-vault \\(process ${holder.pid}\\) that is signing in`,
            "m",
          ),
        );
      } finally {
        if (signal !== "SIGKILL") holder.kill("SIGKILL");
        await holder.status;
      }
    }));
}

/** An exec that waits for its sign-in to be confirmed. */
function startSignIn(aws: FakeAws, home: Home): Deno.ChildProcess {
  return new Deno.Command(COMMAND, {
    args: ["exec", "--stdout", "Dev", "--json"],
    clearEnv: true,
    env: cleanEnvironment({ home, env: { AWS_ENDPOINT_URL: aws.url } }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Waits until so many sign-ins have been begun. */
async function asked(aws: FakeAws, times: number): Promise<void> {
  await until(() => aws.world.sso.authorizations.length >= times);
}

async function approveWhenAsked(aws: FakeAws): Promise<void> {
  await asked(aws, 1);
  aws.approve();
}

Deno.test("an expired sign-in is refreshed, each refresh token used once, and nobody asked", () =>
  withSso({ accessTokenSeconds: 30 }, async (aws, get) => {
    checkGiven(await get("Dev"));
    checkGiven(await get("Ops"));
    const signIns = count(aws, "StartDeviceAuthorization");
    checkGiven(await get("Audit"));
    const ran = await get("Admin");
    checkGiven(ran);
    assert.equal(count(aws, "StartDeviceAuthorization"), signIns);
    assert.equal(ran.stderr, "");
    const grants = aws.calls.filter(({ action }) => action === "CreateToken").slice(-2);
    assert.deepEqual(grants.map(({ params, status }) => [params.grantType, status]), [
      ["refresh_token", 200],
      ["refresh_token", 200],
    ]);
  }));

Deno.test("a program of exec --profile-env gets a token that is not over, though a role's session is kept", () =>
  withSso({ accessTokenSeconds: 30 }, async (aws, get, home) => {
    aws.addRole({ arn: ROLE, trusts: ["111111111111"] });
    const onTop = `[profile top]\nrole_arn = ${ROLE}\nsource_profile = Dev\n`;
    home.write(".aws/config", configFor(["Dev"]) + onTop);
    checkGiven(await get("top"));
    const show = ["exec", "top", "--profile-env", "--", "sh", "-c", "cat ~/.aws/sso/cache/*.json"];
    const ran = await run(show, { home, env: { AWS_ENDPOINT_URL: aws.url } });
    assert.equal(ran.stderr, "");
    const { action, params } = aws.calls.at(-1)!;
    assert.deepEqual([action, params.grantType], ["CreateToken", "refresh_token"]);
    assert.ok(aws.world.sso.accessTokens.has(JSON.parse(ran.stdout).accessToken));
  }));

Deno.test("ten processes with an access token AWS has ended use the refresh token once", () =>
  withSso({}, async (aws, get) => {
    checkGiven(await get("Dev"));
    aws.revokeSsoTokens("all");
    checkGiven(await get("Ops"));
    aws.revokeSsoTokens("access");
    aws.calls.length = 0;
    const runs = Array.from({ length: 10 }, (_, i) => get(i % 2 === 0 ? "Audit" : "Admin"));
    for (const ran of await Promise.all(runs)) checkGiven(ran);
    assert.equal(count(aws, "CreateToken"), 1);
    assert.equal(count(aws, "StartDeviceAuthorization"), 0);
  }));

Deno.test("a sign-in that AWS has ended is made anew, once", () =>
  withSso({}, async (aws, get) => {
    checkGiven(await get("Dev"));
    aws.revokeSsoTokens("all");
    checkGiven(await get("Ops"));
    assert.equal(count(aws, "StartDeviceAuthorization"), 2);
  }));

Deno.test("a role that is not assigned ends exec with what to check", () =>
  withSso({}, async (_aws, get) => {
    const ran = await get("Nobody");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /aws-vault: error: .*GetRoleCredentials of Nobody.*No access/);
    assert.match(ran.stderr, /sso_account_id and sso_role_name/);
  }));

Deno.test("a kept sign-in is listed, and cleared with its profile", () =>
  withSso({}, async (_aws, get, home) => {
    checkGiven(await get("Dev"));
    const listed = await run(["list", "--sessions"], { home });
    assert.match(listed.stdout, /^oidc:.+\nsso\.GetRoleCredentials:/);
    const cleared = await run(["clear", "Dev"], { home });
    assert.equal(cleared.stdout, "Cleared 2 sessions.\n");
  }));

Deno.test("--debug shows no token of a sign-in", () =>
  withSso({}, async (aws, _get, home) => {
    const ran = await run(["--debug", "exec", "--stdout", "Dev", "--json"], {
      home,
      env: { AWS_ENDPOINT_URL: aws.url },
    });
    checkGiven(ran);
    const { SecretAccessKey, SessionToken } = JSON.parse(ran.stdout);
    for (const secret of [SecretAccessKey, SessionToken, "fake-sso-", "fake-client-secret"]) {
      assert.ok(!ran.stderr.includes(secret), `${secret} in ${ran.stderr}`);
    }
  }));
