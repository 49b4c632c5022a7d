import assert from "node:assert/strict";
import { type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { call, type Keys, keysIn, keysOf, makeClock } from "./fakes_aws_client.ts";

const FIRST = "arn:aws:iam::222222222222:role/first";
const SECOND = "arn:aws:iam::222222222222:role/second";

async function startWithRoles() {
  const clock = makeClock();
  const aws = await startFakeAws({ now: clock.now });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  aws.addRole({ arn: FIRST, trusts: ["*"], maxSessionDurationSeconds: 7200 });
  aws.addRole({ arn: SECOND, trusts: ["*"], maxSessionDurationSeconds: 7200 });
  return { aws, clock, keys };
}

async function assume(aws: FakeAws, keys: Keys, RoleArn: string): Promise<Keys> {
  return keysIn(await call(aws, keys, "AssumeRole", { RoleArn, RoleSessionName: "me" }));
}

function getSigninToken(
  aws: FakeAws,
  keys: Keys,
  SessionDuration?: string,
  method: "GET" | "POST" = "GET",
): Promise<Response> {
  const { accessKeyId: sessionId, secretAccessKey: sessionKey, sessionToken } = keys;
  const Session = JSON.stringify({ sessionId, sessionKey, sessionToken });
  const form = new URLSearchParams({ Action: "getSigninToken", Session });
  if (SessionDuration) form.set("SessionDuration", SessionDuration);
  const url = `${aws.url}/federation`;
  return method === "GET" ? fetch(`${url}?${form}`) : fetch(url, { method, body: form });
}

async function readStatus(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("role credentials get a sign-in token, by GET and by POST, that opens the console", async () => {
  const { aws, clock, keys } = await startWithRoles();
  await using _ = aws;
  const role = await assume(aws, keys, FIRST);
  for (const method of ["GET", "POST"] as const) {
    const { SigninToken } = await (await getSigninToken(aws, role, "7200", method)).json();
    const Destination = "https://console.aws.amazon.com/";
    const query = new URLSearchParams({ Action: "login", Issuer: "x", Destination, SigninToken });
    const page = await (await fetch(`${aws.url}/federation?${query}`)).text();
    assert.match(page, /assumed-role\/first\/me.*\n.*https:\/\/console\.aws\.amazon\.com\//);
    clock.advance(15 * 60_000);
    assert.equal(await readStatus(fetch(`${aws.url}/federation?${query}`)), 400);
  }
  assert.equal(aws.calls.at(-1)?.params["SigninToken"], "***");
});

Deno.test("a session duration is for plain role sessions, within what the role allows", async () => {
  const { aws, keys } = await startWithRoles();
  await using _ = aws;
  const role = await assume(aws, keys, FIRST);
  for (const seconds of ["899", "7201", "soon"]) {
    assert.equal(await readStatus(getSigninToken(aws, role, seconds)), 400, seconds);
  }
  const chained = await assume(aws, role, SECOND);
  const federated = keysIn(await call(aws, keys, "GetFederationToken", { Name: "jon" }));
  for (const credentials of [chained, federated]) {
    assert.equal(await readStatus(getSigninToken(aws, credentials, "3600")), 400);
    assert.equal(await readStatus(getSigninToken(aws, credentials)), 200);
  }
});

Deno.test("what the federation endpoint has no name for is refused", async () => {
  const { aws, keys } = await startWithRoles();
  await using _ = aws;
  const { accessKeyId, secretAccessKey, sessionToken } = await assume(aws, keys, FIRST);
  const session = { sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken };
  const ask = (Session: object, more = {}) => {
    const form = { Action: "getSigninToken", Session: JSON.stringify(Session), ...more };
    return readStatus(fetch(`${aws.url}/federation?${new URLSearchParams(form)}`));
  };
  assert.equal(await ask(session), 200);
  assert.equal(await ask({ ...session, accessKeyId }), 400);
  assert.equal(await ask(session, { SessionLength: "900" }), 400);
});

Deno.test("long-term, session, expired and invented credentials get no sign-in token", async () => {
  const { aws, clock, keys } = await startWithRoles();
  await using _ = aws;
  const role = await assume(aws, keys, FIRST);
  const session = keysIn(await call(aws, keys, "GetSessionToken"));
  const invented = { ...role, secretAccessKey: "guess" };
  for (const credentials of [keys, session, invented]) {
    assert.equal(await readStatus(getSigninToken(aws, credentials)), 400);
  }
  clock.advance(3_600_000);
  assert.equal(await readStatus(getSigninToken(aws, role)), 400);
});
