import assert from "node:assert/strict";
import { CliClient, type ProofChanges, writeCliSession } from "../scenarios/cli_login.ts";
import {
  type ClientName,
  CLIENTS_BY_NAME,
  requireClient,
  runClient,
} from "../scenarios/clients/run_client.ts";
import { type ConsoleOptions, type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { requirePython } from "../require.ts";
import { call, type Keys, makeClock } from "./fakes_aws_client.ts";

const ARN = "arn:aws:iam::111111111111:user/jon";

async function withConsole(
  test: (world: {
    aws: FakeAws;
    clock: ReturnType<typeof makeClock>;
    client: CliClient;
    login: ReturnType<FakeAws["addConsoleLogin"]>;
  }) => Promise<void>,
  options: ConsoleOptions = {},
): Promise<void> {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  aws.addUser({ name: "jon" });
  const login = aws.addConsoleLogin({ approvesAtOnce: true, ...options });
  await test({ aws, clock, login, client: new CliClient(aws) });
}

async function signIn(client: CliClient): Promise<Record<string, unknown>> {
  const { status, body } = await client.redeem(await client.getCode());
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** `status error type` of a refusal. */
async function refusal(answer: ReturnType<CliClient["post"]>): Promise<string> {
  const { status, body, errorType } = await answer;
  return `${status} ${body.error} ${errorType}`;
}

const INVALID = "400 INVALID_REQUEST ValidationException";

Deno.test("a code of the console's sign-in brings credentials of whoever is signed in, once", () =>
  withConsole(async ({ aws, client }) => {
    const code = await client.getCode();
    const { body } = await client.redeem(code);
    const who = await call(aws, body.accessToken as Keys, "GetCallerIdentity");
    assert.equal(who.field("Arn"), ARN);
    assert.deepEqual([body.tokenType, body.expiresIn], ["aws_sigv4", 900]);
    const [, claims] = String(body.idToken).split(".");
    assert.equal(JSON.parse(atob(claims!.replaceAll("-", "+").replaceAll("_", "/"))).sub, ARN);
    assert.equal(await refusal(client.redeem(code)), INVALID);
    assert.deepEqual(aws.calls[0]!.params.refreshToken ?? aws.calls[0]!.params.code, "***");
  }));

for (
  const changes of [
    { codeVerifier: "e".repeat(43) },
    { codeVerifier: null },
    { redirectUri: "http://127.0.0.1:4712/oauth/callback" },
    { clientId: "arn:aws:signin:::devtools/cross-device" },
    { clientId: "arn:aws:signin:::devtools/other" },
    { grantType: "password" },
    { scope: "openid" },
  ]
) {
  Deno.test(`a code of the console's sign-in is not taken with ${JSON.stringify(changes)}`, () =>
    withConsole(async ({ client }) => {
      assert.equal(await refusal(client.redeem(await client.getCode(), changes)), INVALID);
    }));
}

Deno.test("a code of the console's sign-in that is too old is told so", () =>
  withConsole(async ({ client, clock }) => {
    const code = await client.getCode();
    clock.advance(600_000);
    assert.equal(
      await refusal(client.redeem(code)),
      "401 AUTHCODE_EXPIRED AccessDeniedException",
    );
  }));

const BAD_PROOFS: Readonly<Record<string, ProofChanges>> = {
  "is none": { proof: "nonsense" },
  "is of another type": { header: { typ: "jwt" } },
  "has no key": { header: { jwk: undefined } },
  "has the private key": { header: { jwk: { kty: "EC", crv: "P-256", x: "x", y: "y", d: "d" } } },
  "is for another method": { claims: { htm: "GET" } },
  "is for another address": { claims: { htu: "http://127.0.0.1/v1/token" } },
  "is of another time": { claims: { iat: 1_700_000_000 } },
  "has no number of its own": { claims: { jti: undefined } },
};

for (const [what, changes] of Object.entries(BAD_PROOFS)) {
  Deno.test(`a token request whose proof ${what} is refused`, () =>
    withConsole(async ({ client }) => {
      assert.equal(await refusal(client.redeem(await client.getCode(), {}, changes)), INVALID);
    }));
}

Deno.test("a proof is good once, and its signature counts", () =>
  withConsole(async ({ client }) => {
    const { refreshToken } = await signIn(client);
    const jti = { claims: { jti: "same" } };
    assert.equal((await client.refresh(refreshToken, {}, jti)).status, 200);
    assert.equal(await refusal(client.refresh(refreshToken, {}, jti)), INVALID);
    const other = { header: { jwk: { kty: "EC", crv: "P-256", x: X, y: Y } } };
    assert.match((await client.refresh(refreshToken, {}, other)).body.message as string, /verify/);
  }));

/** The public key of RFC 7517, appendix A.1, which is not the client's. */
const X = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const Y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

Deno.test("a refresh token is bound to its key and its client, and serves on for a while", () =>
  withConsole(async ({ aws, client, clock }) => {
    const { refreshToken } = await signIn(client);
    assert.equal(await refusal(new CliClient(aws).refresh(refreshToken)), INVALID);
    const clientId = "arn:aws:signin:::devtools/cross-device";
    assert.equal(await refusal(client.refresh(refreshToken, { clientId })), INVALID);
    const { body } = await client.refresh(refreshToken);
    assert.equal(body.idToken, undefined);
    assert.equal((await client.refresh(refreshToken)).status, 200);
    clock.advance(60_000);
    const expired = "401 TOKEN_EXPIRED AccessDeniedException";
    assert.equal(await refusal(client.refresh(refreshToken)), expired);
    assert.equal((await client.refresh(body.refreshToken)).status, 200);
    clock.advance(12 * 3_600_000);
    assert.equal(await refusal(client.refresh(body.refreshToken)), expired);
  }));

Deno.test("a login that is to be refused is", () =>
  withConsole(async ({ client, login }) => {
    const { refreshToken } = await signIn(client);
    login.refusal = "USER_CREDENTIALS_CHANGED";
    assert.equal(
      await refusal(client.refresh(refreshToken)),
      "403 USER_CREDENTIALS_CHANGED AccessDeniedException",
    );
  }));

Deno.test("a browser is sent to addresses of either client alone", () =>
  withConsole(async ({ aws, client }) => {
    assert.equal(
      await client.authorize({ redirect_uri: "http://localhost:1/oauth/callback" }),
      400,
    );
    assert.equal(await client.authorize({ client_id: "aws-vault" }), 400);
    const remote = { client_id: "arn:aws:signin:::devtools/cross-device" };
    assert.equal(await client.authorize(remote), 400);
    const page = `${aws.url}/v1/sessions/confirmation`;
    const sent = await client.authorize({ ...remote, redirect_uri: page });
    assert.ok(sent instanceof URL);
    const [, shown] = /<code id="code">(.*)<\/code>/.exec(await (await fetch(sent)).text())!;
    assert.match(atob(shown!), /^state=a-state&code=fake-signin-code/);
  }));

for (
  const [error, changes] of [
    ["invalid_scope", { scope: "profile" }],
    ["invalid_request", { code_challenge_method: "S256" }],
    ["invalid_request", { code_challenge: "short" }],
    ["unsupported_response_type", { response_type: "token" }],
  ] as const
) {
  Deno.test(`a browser comes back to a command line with ${error} for ${JSON.stringify(changes)}`, () =>
    withConsole(async ({ client }) => {
      const sent = await client.authorize(changes);
      assert.ok(sent instanceof URL);
      assert.equal(sent.searchParams.get("error"), error);
    }));
}

for (const name of ["boto3", "AWS SDK for JavaScript"] as const satisfies readonly ClientName[]) {
  Deno.test({
    name: `${name} renews a session of the console that the stand-in issued`,
    ignore: !requireClient(name) || name === "boto3" && !requirePython("awscrt"),
    async fn() {
      await using aws = await startFakeAws();
      aws.addUser({ name: "jon" });
      aws.addConsoleLogin({ approvesAtOnce: true });
      const directory = Deno.makeTempDirSync({ prefix: "vault-login-" });
      try {
        const path = await writeCliSession(aws, directory, { arn: ARN, leftSeconds: -10 });
        const before = JSON.parse(Deno.readTextFileSync(path));
        Deno.writeTextFileSync(`${directory}/config`, `[profile dev]\nlogin_session = ${ARN}\n`);
        const ran = await runClient(CLIENTS_BY_NAME[name], {
          AWS_CONFIG_FILE: `${directory}/config`,
          AWS_LOGIN_CACHE_DIRECTORY: directory,
          AWS_PROFILE: "dev",
          AWS_ENDPOINT_URL: aws.url,
        });
        assert.equal(ran.stdout.trim(), ARN, ran.stderr);
        const after = JSON.parse(Deno.readTextFileSync(path));
        assert.notEqual(after.refreshToken, before.refreshToken);
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    },
  });
}
