import assert from "node:assert/strict";
import { type FakeAws, formatSsoRoleArn, startFakeAws } from "../fakes/aws/mod.ts";
import { call, get, type JsonAnswer, makeClock, post } from "./fakes_aws_client.ts";

const START_URL = "https://d-123.awsapps.com/start";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const ACCOUNT = "111111111111";

async function startWithSso() {
  const clock = makeClock();
  const aws = await startFakeAws({ now: clock.now });
  const account = { id: ACCOUNT, name: "Main", email: "main@example.com", roles: ["Dev", "Ops"] };
  const other = { id: "222222222222", name: "Other", email: "o@example.com", roles: ["Dev"] };
  aws.addSsoInstance({ startUrl: START_URL, accounts: [account, other] });
  return { aws, clock };
}

async function register(aws: FakeAws, scopes?: string[]) {
  const request = { clientName: "aws-vault", clientType: "public", scopes };
  const { body: { clientId, clientSecret } } = await post(aws, "/client/register", request);
  return { clientId, clientSecret };
}

async function beginSignIn(aws: FakeAws, scopes: string[] | undefined = ["sso:account:access"]) {
  const client = await register(aws, scopes);
  const device =
    (await post(aws, "/device_authorization", { ...client, startUrl: START_URL })).body;
  const request = { ...client, grantType: DEVICE_GRANT, deviceCode: device["deviceCode"] };
  return { client, device, poll: () => post(aws, "/token", request) };
}

async function signIn(aws: FakeAws, scopes?: string[]) {
  const { client, poll } = await beginSignIn(aws, scopes);
  aws.approve();
  const { body: { accessToken, refreshToken } } = await poll();
  const refresh = (token: unknown): Promise<JsonAnswer> =>
    post(aws, "/token", { ...client, grantType: "refresh_token", refreshToken: token });
  return { accessToken, refreshToken, refresh };
}

function assertError(answer: JsonAnswer, status: number, error: string, type: string): void {
  assert.deepEqual([answer.status, answer.body["error"]], [status, error]);
  assert.equal(answer.headers.get("x-amzn-errortype"), type);
}

Deno.test("what no operation has, and JSON that is not said to be it, is refused", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const client = await register(aws);
  const { accessToken } = await signIn(aws, ["sso:account:access"]);
  const sent: [string, Record<string, unknown>][] = [
    ["/client/register", { clientName: "x", clientType: "public" }],
    ["/device_authorization", { ...client, startUrl: START_URL }],
    ["/token", { ...client, grantType: "refresh_token", refreshToken: "x" }],
  ];
  for (const [path, body] of sent) {
    const answer = await post(aws, path, { ...body, clientname: "x" });
    assertError(answer, 400, "invalid_request", "InvalidRequestException");
    assert.match(String(answer.body["error_description"]), /clientname/);
    const plain = await fetch(aws.url + path, { method: "POST", body: JSON.stringify(body) });
    assert.ok(plain.status >= 400);
    await plain.body?.cancel();
  }
  for (const path of ["/assignment/accounts?max_results=1", "/assignment/roles?accountId=1"]) {
    assert.equal((await get(aws, path, accessToken)).status, 400);
  }
});

Deno.test("polling is told to wait, then gets tokens, once", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const { device, poll } = await beginSignIn(aws);
  assert.deepEqual([device["interval"], device["expiresIn"]], [1, 600]);
  assertError(await poll(), 400, "authorization_pending", "AuthorizationPendingException");
  clock.advance(1000);
  aws.approve(String(device["userCode"]));
  const { status, body } = await poll();
  assert.deepEqual([status, body["tokenType"], body["expiresIn"]], [200, "Bearer", 28_800]);
  clock.advance(1000);
  assertError(await poll(), 400, "invalid_grant", "InvalidGrantException");
});

Deno.test("polling too fast is told to slow down, by five seconds", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const { poll } = await beginSignIn(aws);
  await poll();
  clock.advance(900);
  assertError(await poll(), 400, "slow_down", "SlowDownException");
  clock.advance(5900);
  assertError(await poll(), 400, "slow_down", "SlowDownException");
  clock.advance(11_000);
  assertError(await poll(), 400, "authorization_pending", "AuthorizationPendingException");
});

Deno.test("a sign-in that is denied or comes too late fails for good", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const denied = await beginSignIn(aws);
  aws.deny();
  assertError(await denied.poll(), 400, "access_denied", "AccessDeniedException");
  const late = await beginSignIn(aws);
  clock.advance(600_000);
  assert.throws(() => aws.approve(), /no pending sign-in/);
  assertError(await late.poll(), 400, "expired_token", "ExpiredTokenException");
});

Deno.test("refresh tokens go to clients with the account scope alone, and work once", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  assert.equal((await signIn(aws, [])).refreshToken, undefined);
  const { refreshToken, refresh } = await signIn(aws);
  const first = await refresh(refreshToken);
  assert.equal(first.status, 200);
  assertError(await refresh(refreshToken), 400, "invalid_grant", "InvalidGrantException");
  assert.equal((await refresh(first.body["refreshToken"])).status, 200);
});

Deno.test("no token outlasts the sign-in that it comes from", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const { refreshToken, refresh } = await signIn(aws);
  clock.advance((7 * 24 - 1) * 3_600_000);
  const late = await refresh(refreshToken);
  assert.equal(late.body["expiresIn"], 3600);
  clock.advance(3_600_000);
  assert.equal((await get(aws, "/assignment/accounts", late.body["accessToken"])).status, 401);
  assertError(
    await refresh(late.body["refreshToken"]),
    400,
    "invalid_grant",
    "InvalidGrantException",
  );
});

Deno.test("a client is known by its secret, until its registration ends", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const client = await register(aws);
  const request = { ...client, startUrl: START_URL };
  const wrong = { ...request, clientSecret: "guess" };
  const path = "/device_authorization";
  assertError(await post(aws, path, wrong), 401, "invalid_client", "InvalidClientException");
  const nowhere = { ...request, startUrl: "https://other.awsapps.com/start" };
  assertError(await post(aws, path, nowhere), 400, "invalid_request", "InvalidRequestException");
  clock.advance(90 * 24 * 3_600_000);
  assertError(await post(aws, path, request), 401, "invalid_client", "InvalidClientException");
});

Deno.test("registrations and grants of another kind are refused", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const secret = { clientName: "x", clientType: "confidential" };
  const registered = await post(aws, "/client/register", secret);
  assertError(registered, 400, "invalid_client_metadata", "InvalidClientMetadataException");
  const grant = { ...await register(aws), grantType: "password" };
  const type = "UnsupportedGrantTypeException";
  assertError(await post(aws, "/token", grant), 400, "unsupported_grant_type", type);
});

Deno.test("a client uses its own codes and tokens, by the grants it registered, alone", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const { device, client } = await beginSignIn(aws);
  aws.approve();
  const other = await register(aws);
  const deviceCode = { grantType: DEVICE_GRANT, deviceCode: device["deviceCode"] };
  const type = "InvalidGrantException";
  assertError(await post(aws, "/token", { ...other, ...deviceCode }), 400, "invalid_grant", type);
  const { body: { refreshToken } } = await post(aws, "/token", { ...client, ...deviceCode });
  const refresh = { grantType: "refresh_token", refreshToken };
  assertError(await post(aws, "/token", { ...other, ...refresh }), 400, "invalid_grant", type);
  const limited = { clientName: "x", clientType: "public", grantTypes: [DEVICE_GRANT] };
  const { body: { clientId, clientSecret } } = await post(aws, "/client/register", limited);
  const refused = await post(aws, "/token", { clientId, clientSecret, ...refresh });
  assertError(refused, 400, "unauthorized_client", "UnauthorizedClientException");
});

Deno.test("refresh tokens end with their sign-in", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const { refreshToken, refresh } = await signIn(aws);
  clock.advance(7 * 24 * 3_600_000);
  assertError(await refresh(refreshToken), 400, "invalid_grant", "InvalidGrantException");
});

Deno.test("a client registered for other scopes has no access to the portal", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const { accessToken } = await signIn(aws, ["codewhisperer:completions"]);
  assert.equal((await get(aws, "/assignment/accounts", accessToken)).status, 403);
  const old = await signIn(aws, []);
  assert.equal((await get(aws, "/assignment/accounts", old.accessToken)).status, 200);
});

Deno.test("the device page shows the code and takes the answer of its form", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const { device, poll } = await beginSignIn(aws);
  const page = await (await fetch(String(device["verificationUriComplete"]))).text();
  assert.match(page, new RegExp(`<strong id="user-code">${device["userCode"]}<`));
  const form = { user_code: String(device["userCode"]), decision: "approve" };
  const click = () =>
    fetch(`${aws.url}/device`, { method: "POST", body: new URLSearchParams(form) });
  assert.match(await (await click()).text(), /Request approved/);
  assert.equal((await poll()).status, 200);
  const again = await click();
  assert.equal(again.status, 404);
  assert.match(await again.text(), /unknown, used or expired/);
});

Deno.test("an instance can approve at once", async () => {
  await using aws = await startFakeAws();
  aws.addSsoInstance({ startUrl: START_URL, accounts: [], approvesAtOnce: true });
  const { poll } = await beginSignIn(aws);
  assert.equal((await poll()).status, 200);
});

Deno.test("assigned roles get credentials that sign, others no access", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const { accessToken } = await signIn(aws);
  const path = (account: string, role: string) =>
    `/federation/credentials?account_id=${account}&role_name=${role}`;
  const { body: { roleCredentials } } = await get(aws, path(ACCOUNT, "Dev"), accessToken);
  assert.ok(roleCredentials && typeof roleCredentials === "object");
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = {
    ...roleCredentials,
  } as Record<
    string,
    string
  >;
  assert.equal(expiration, clock.now() + 3_600_000);
  assert.ok(accessKeyId && secretAccessKey);
  const identity = await call(
    aws,
    { accessKeyId, secretAccessKey, sessionToken },
    "GetCallerIdentity",
  );
  const roleName = formatSsoRoleArn(ACCOUNT, "Dev").split("/").at(-1);
  assert.equal(identity.field("Arn"), `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/jon`);
  for (const [account, role] of [["222222222222", "Ops"], ["333333333333", "Dev"]] as const) {
    const refused = await get(aws, path(account, role), accessToken);
    assert.deepEqual([refused.status, refused.body], [403, { message: "No access" }]);
    assert.equal(refused.headers.get("x-amzn-errortype"), "ForbiddenException");
  }
});

Deno.test("the portal refuses tokens that are unknown, expired, revoked or logged out", async () => {
  const { aws, clock } = await startWithSso();
  await using _ = aws;
  const assertRefused = async (token: unknown) => {
    const answer = await get(aws, "/assignment/accounts", token);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("x-amzn-errortype"), "UnauthorizedException");
  };
  await assertRefused("guess");
  const revoked = await signIn(aws);
  aws.revokeSsoTokens("access");
  await assertRefused(revoked.accessToken);
  const { body: { accessToken } } = await revoked.refresh(revoked.refreshToken);
  assert.equal((await get(aws, "/assignment/accounts", accessToken)).status, 200);
  clock.advance(28_800_000);
  await assertRefused(accessToken);
  const ended = await signIn(aws);
  const headers = { "x-amz-sso_bearer_token": String(ended.accessToken) };
  await (await fetch(`${aws.url}/logout`, { method: "POST", headers })).body?.cancel();
  await assertRefused(ended.accessToken);
  assert.equal((await ended.refresh(ended.refreshToken)).body["error"], "invalid_grant");
});

Deno.test("accounts and roles are listed page by page", async () => {
  const { aws } = await startWithSso();
  await using _ = aws;
  const { accessToken } = await signIn(aws);
  const first = await get(aws, "/assignment/accounts?max_result=1", accessToken);
  const main = { accountId: ACCOUNT, accountName: "Main", emailAddress: "main@example.com" };
  assert.deepEqual(first.body["accountList"], [main]);
  const next = `/assignment/accounts?max_result=1&next_token=${first.body["nextToken"]}`;
  const last = await get(aws, next, accessToken);
  assert.match(JSON.stringify(last.body), /^{"accountList":\[{"accountId":"222222222222"[^[]*$/);
  assert.equal("nextToken" in last.body, false);
  const roles = await get(aws, `/assignment/roles?account_id=${ACCOUNT}`, accessToken);
  const expected = ["Dev", "Ops"].map((roleName) => ({ accountId: ACCOUNT, roleName }));
  assert.deepEqual(roles.body, { roleList: expected });
});
