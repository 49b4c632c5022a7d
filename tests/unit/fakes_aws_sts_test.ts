import assert from "node:assert/strict";
import { type FakeAws, type RoleOptions, startFakeAws, totp, type User } from "../fakes/aws/mod.ts";
import {
  call,
  type Keys,
  keysIn,
  keysOf,
  makeClock,
  type QueryAnswer,
  START_MS,
} from "./fakes_aws_client.ts";

const ROLE_ARN = "arn:aws:iam::222222222222:role/admin";
const SECOND_ARN = "arn:aws:iam::222222222222:role/second";
const INVALID_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code.";

async function startWithRole(options: Partial<RoleOptions> = {}, now = () => START_MS) {
  const aws = await startFakeAws({ now });
  const jon = aws.addUser({ name: "jon", mfa: [{}] });
  aws.addRole({ arn: ROLE_ARN, trusts: [jon.arn], ...options });
  return { aws, jon, keys: keysOf(jon) };
}

async function mfaParams(user: User, timeMs: number): Promise<Record<string, string>> {
  const device = user.mfaDevices[0];
  assert.ok(device);
  const TokenCode = await totp(device.secretBase32, timeMs);
  return { SerialNumber: device.serial, TokenCode };
}

function assume(
  aws: FakeAws,
  keys: Keys,
  params: Record<string, string> = {},
): Promise<QueryAnswer> {
  return call(aws, keys, "AssumeRole", { RoleArn: ROLE_ARN, RoleSessionName: "me", ...params });
}

Deno.test("each MFA code is taken once, whatever the call", async () => {
  const clock = makeClock();
  const { aws, jon, keys } = await startWithRole({}, clock.now);
  await using _ = aws;
  const params = await mfaParams(jon, clock.now());
  assert.equal((await call(aws, keys, "GetSessionToken", params)).status, 200);
  for (
    const again of [
      await call(aws, keys, "GetSessionToken", params),
      await assume(aws, keys, params),
    ]
  ) {
    assert.deepEqual([again.status, again.code, again.message], [
      403,
      "AccessDenied",
      INVALID_CODE,
    ]);
  }
  clock.advance(30_000);
  const next = await mfaParams(jon, clock.now());
  assert.equal((await assume(aws, keys, next)).status, 200);
});

Deno.test("the code of the step before is taken, an older one and a wrong one are not", async () => {
  const { aws, jon, keys } = await startWithRole();
  await using _ = aws;
  const old = await mfaParams(jon, START_MS - 60_000);
  assert.equal((await call(aws, keys, "GetSessionToken", old)).message, INVALID_CODE);
  const wrong = { ...old, TokenCode: "000000" };
  assert.equal((await call(aws, keys, "GetSessionToken", wrong)).message, INVALID_CODE);
  const previous = await mfaParams(jon, START_MS - 30_000);
  assert.equal((await call(aws, keys, "GetSessionToken", previous)).status, 200);
});

Deno.test("a code needs a serial of the caller's own, and six digits", async () => {
  const { aws, jon, keys } = await startWithRole();
  await using _ = aws;
  const params = await mfaParams(jon, START_MS);
  const foreign = { ...params, SerialNumber: "arn:aws:iam::111111111111:mfa/other" };
  assert.match(
    (await call(aws, keys, "GetSessionToken", foreign)).message,
    /verify your MFA serial/,
  );
  const { TokenCode } = params;
  const alone = await call(aws, keys, "GetSessionToken", { TokenCode: TokenCode ?? "" });
  assert.match(alone.message, /must provide both MFA serial number/);
  const short = await call(aws, keys, "GetSessionToken", { ...params, TokenCode: "123" });
  assert.equal(short.code, "ValidationError");
});

const SESSIONS = [["GetSessionToken", {}], ["GetFederationToken", { Name: "jon" }]] as const;

Deno.test("sessions last from 15 minutes to 36 hours", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  for (const [action, more] of SESSIONS) {
    for (const DurationSeconds of ["899", "129601"]) {
      const answer = await call(aws, keys, action, { DurationSeconds, ...more });
      assert.deepEqual([answer.status, answer.code], [400, "ValidationError"]);
    }
    const longest = await call(aws, keys, action, { DurationSeconds: "129600", ...more });
    assert.equal(longest.field("Expiration"), "2026-02-02T00:00:00Z");
  }
});

Deno.test("session credentials get no further session and no federation token", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  const session = keysIn(await call(aws, keys, "GetSessionToken"));
  for (const [action, more] of SESSIONS) {
    const answer = await call(aws, session, action, more);
    assert.deepEqual([answer.status, answer.code], [403, "AccessDenied"]);
    assert.equal(answer.message, `Cannot call ${action} with session credentials`);
  }
});

Deno.test("a federation token's name has at most 32 plain characters, and it assumes no role", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  for (const Name of ["x".repeat(33), "x", "a b", ""]) {
    const answer = await call(aws, keys, "GetFederationToken", { Name });
    assert.equal(answer.code, "ValidationError", Name);
  }
  const longest = await call(aws, keys, "GetFederationToken", { Name: "x".repeat(32) });
  assert.equal(longest.field("Arn"), `arn:aws:sts::111111111111:federated-user/${"x".repeat(32)}`);
  aws.addRole({ arn: SECOND_ARN, trusts: ["*"] });
  const answer = await assume(aws, keysIn(longest), { RoleArn: SECOND_ARN });
  assert.equal(answer.code, "AccessDenied");
});

Deno.test("a role is assumed by those it trusts alone", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  const answer = await assume(aws, keys);
  assert.equal(answer.field("Arn"), "arn:aws:sts::222222222222:assumed-role/admin/me");
  const eve = aws.addUser({ name: "eve" });
  const refused = await assume(aws, keysOf(eve));
  assert.deepEqual([refused.status, refused.code], [403, "AccessDenied"]);
  const message = `User: ${eve.arn} is not authorized to perform: sts:AssumeRole on resource: `;
  assert.equal(refused.message, message + ROLE_ARN);
  assert.equal(
    (await assume(aws, keys, { RoleArn: SECOND_ARN })).message.includes(SECOND_ARN),
    true,
  );
});

Deno.test("trust in an account is trust in its users, in their sessions too", async () => {
  const { aws, keys } = await startWithRole({ trusts: ["arn:aws:iam::111111111111:root"] });
  await using _ = aws;
  const session = keysIn(await call(aws, keys, "GetSessionToken"));
  assert.equal((await assume(aws, session)).status, 200);
  const stranger = aws.addUser({ name: "jon", accountId: "333333333333" });
  assert.equal((await assume(aws, keysOf(stranger))).code, "AccessDenied");
});

Deno.test("a role that requires MFA takes it from the call or from the session", async () => {
  const { aws, jon, keys } = await startWithRole({ requiresMfa: true });
  await using _ = aws;
  assert.equal((await assume(aws, keys)).code, "AccessDenied");
  assert.equal((await assume(aws, keys, await mfaParams(jon, START_MS))).status, 200);
  const plain = keysIn(await call(aws, keys, "GetSessionToken"));
  assert.equal((await assume(aws, plain)).code, "AccessDenied");
  const params = await mfaParams(jon, START_MS - 30_000);
  const session = keysIn(await call(aws, keys, "GetSessionToken", params));
  assert.equal((await assume(aws, session)).status, 200);
});

Deno.test("a role with an external id is assumed with that one alone", async () => {
  const { aws, keys } = await startWithRole({ externalId: "secret-42" });
  await using _ = aws;
  assert.equal((await assume(aws, keys)).code, "AccessDenied");
  assert.equal((await assume(aws, keys, { ExternalId: "other" })).code, "AccessDenied");
  assert.equal((await assume(aws, keys, { ExternalId: "secret-42" })).status, 200);
});

Deno.test("a role's session lasts from 15 minutes to the role's own maximum", async () => {
  const { aws, keys } = await startWithRole({ maxSessionDurationSeconds: 7200 });
  await using _ = aws;
  assert.equal((await assume(aws, keys)).field("Expiration"), "2026-01-31T13:00:00Z");
  assert.equal((await assume(aws, keys, { DurationSeconds: "7200" })).status, 200);
  assert.equal((await assume(aws, keys, { DurationSeconds: "899" })).code, "ValidationError");
  const longer = await assume(aws, keys, { DurationSeconds: "7201" });
  assert.deepEqual([longer.status, longer.code], [400, "ValidationError"]);
  assert.match(longer.message, /exceeds the MaxSessionDuration set for this role/);
});

Deno.test("a role assumed from a role lasts an hour at most, from a session longer", async () => {
  const { aws, keys } = await startWithRole({ maxSessionDurationSeconds: 43_200 });
  await using _ = aws;
  aws.addRole({ arn: SECOND_ARN, trusts: [ROLE_ARN], maxSessionDurationSeconds: 43_200 });
  const role = keysIn(await assume(aws, keys));
  const longer = await assume(aws, role, { RoleArn: SECOND_ARN, DurationSeconds: "3601" });
  assert.deepEqual([longer.status, longer.code], [400, "ValidationError"]);
  assert.match(longer.message, /1 hour session limit for roles assumed by role chaining$/);
  const hour = await assume(aws, role, { RoleArn: SECOND_ARN, DurationSeconds: "3600" });
  assert.equal(hour.status, 200);
  const session = keysIn(await call(aws, keys, "GetSessionToken"));
  assert.equal((await assume(aws, session, { DurationSeconds: "43200" })).status, 200);
});

Deno.test("a role's session name and ARN are held to AWS's patterns", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  for (const RoleSessionName of ["", "x", "a b", "x".repeat(65)]) {
    assert.equal((await assume(aws, keys, { RoleSessionName })).code, "ValidationError");
  }
  assert.equal(
    (await assume(aws, keys, { RoleArn: "arn:aws:iam::22:role/admin" })).code,
    "ValidationError",
  );
  const missing = await call(aws, keys, "AssumeRole", { RoleArn: ROLE_ARN });
  assert.match(missing.message, /Value null at 'roleSessionName'.*must not be null/);
});

Deno.test("tags and a source identity need the role's leave", async () => {
  const { aws, keys } = await startWithRole();
  await using _ = aws;
  const tag = { "Tags.member.1.Key": "team", "Tags.member.1.Value": "a" };
  assert.match((await assume(aws, keys, tag)).message, /sts:TagSession/);
  assert.match(
    (await assume(aws, keys, { SourceIdentity: "jon" })).message,
    /sts:SetSourceIdentity/,
  );
  const allowed = {
    arn: SECOND_ARN,
    trusts: [keysOf(aws.addUser({ name: "x" })).accessKeyId, "*"],
  };
  aws.addRole({ ...allowed, allowsTags: true, allowsSourceIdentity: true });
  const both = { ...tag, SourceIdentity: "jon", RoleArn: SECOND_ARN };
  assert.equal((await assume(aws, keys, both)).field("SourceIdentity"), "jon");
});

Deno.test("a source identity and transitive tags stay along a chain and can't be changed", async () => {
  const { aws, keys } = await startWithRole({ allowsTags: true, allowsSourceIdentity: true });
  await using _ = aws;
  aws.addRole({ arn: SECOND_ARN, trusts: ["*"], allowsTags: true, allowsSourceIdentity: true });
  const tag = { "Tags.member.1.Key": "team", "Tags.member.1.Value": "a" };
  const sticky = { ...tag, "TransitiveTagKeys.member.1": "team", SourceIdentity: "jon" };
  const role = keysIn(await assume(aws, keys, sticky));
  const second = await assume(aws, role, { RoleArn: SECOND_ARN });
  assert.equal(second.field("SourceIdentity"), "jon");
  const changed = await assume(aws, role, { RoleArn: SECOND_ARN, SourceIdentity: "eve" });
  assert.match(changed.message, /sts:SetSourceIdentity/);
  const conflict = await assume(aws, role, { RoleArn: SECOND_ARN, ...tag });
  assert.equal(conflict.code, "InvalidParameterValue");
  const stray = await assume(aws, keys, { "TransitiveTagKeys.member.1": "team" });
  assert.equal(stray.code, "InvalidParameterValue");
});

Deno.test("a web identity needs no signature, but a known and fresh token and a trusting role", async () => {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  const issuer = "token.example.com/ci";
  aws.addRole({ arn: ROLE_ARN, trusts: [`arn:aws:iam::222222222222:oidc-provider/${issuer}`] });
  aws.addRole({ arn: SECOND_ARN, trusts: ["*"] });
  const expiresMs = START_MS + 60_000;
  aws.addWebIdentity({
    token: "head.body.sign",
    issuer,
    subject: "ci",
    audience: "sts",
    expiresMs,
  });
  const request = (RoleArn: string, WebIdentityToken: string) =>
    call(aws, undefined, "AssumeRoleWithWebIdentity", {
      RoleArn,
      WebIdentityToken,
      RoleSessionName: "ci",
    });
  const answer = await request(ROLE_ARN, "head.body.sign");
  assert.equal(answer.field("SubjectFromWebIdentityToken"), "ci");
  assert.equal((await call(aws, keysIn(answer), "GetCallerIdentity")).status, 200);
  assert.deepEqual(aws.calls[0]?.params["WebIdentityToken"], "***");
  assert.equal((await request(SECOND_ARN, "head.body.sign")).code, "AccessDenied");
  for (const token of ["head.body.other", "no token", "head.body.sign\n"]) {
    const unknown = await request(ROLE_ARN, token);
    assert.deepEqual([unknown.status, unknown.code], [400, "InvalidIdentityToken"]);
  }
  clock.advance(60_000);
  const expired = await request(ROLE_ARN, "head.body.sign");
  assert.deepEqual([expired.status, expired.code], [400, "ExpiredTokenException"]);
});
