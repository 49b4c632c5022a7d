import assert from "node:assert/strict";
import { StsCalls } from "../../../src/aws/sts.ts";
import { AwsRefusal, type VaultError } from "../../../src/errors.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createCallWorld } from "./call_world.ts";
import { type FakeAws, startFakeAws, totp } from "../../fakes/aws/mod.ts";

const ROLE = "arn:aws:iam::222222222222:role/reader";
const MFA_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** The stand-in with a user, a role it may take on, and calls made with the user's keys. */
async function setUp(): Promise<{ aws: FakeAws; calls: StsCalls; serial: string }> {
  const aws = await startFakeAws();
  const user = aws.addUser({ name: "jon", mfa: [{ secretBase32: MFA_SECRET }] });
  aws.addRole({
    arn: ROLE,
    trusts: ["111111111111"],
    externalId: "ext",
    allowsTags: true,
    allowsSourceIdentity: true,
  });
  const [key] = user.accessKeys;
  const target = { region: "eu-west-1", endpoint: aws.url, legacy: false };
  const keys = { accessKeyId: key!.id, secretAccessKey: key!.secret };
  const calls = new StsCalls(target, "work", createCallWorld({ clock: systemClock }).ctx, keys);
  return { aws, calls, serial: user.mfaDevices[0]!.serial };
}

Deno.test("GetSessionToken sends the length and the MFA code, and gives a session", async () => {
  const { aws, calls, serial } = await setUp();
  await using _ = aws;
  const code = await totp(MFA_SECRET, Date.now());
  const session = await calls.getSessionToken({ durationSeconds: 900, mfa: { serial, code } });
  assert.match(session.accessKeyId, /^ASIA/);
  const leftMs = session.expiresAtMs! - Date.now();
  assert.ok(leftMs > 880_000 && leftMs <= 901_000, String(leftMs));
  assert.deepEqual(aws.calls[0]!.params, {
    DurationSeconds: "900",
    SerialNumber: serial,
    TokenCode: code,
  });
  assert.equal(aws.calls[0]!.region, "eu-west-1");
});

Deno.test("AssumeRole sends all that a profile can say of it", async () => {
  const { aws, calls } = await setUp();
  await using _ = aws;
  await calls.assumeRole({
    roleArn: ROLE,
    roleSessionName: "jon",
    durationSeconds: 1800,
    externalId: "ext",
    tags: new Map([["team", "core"], ["env", "dev"]]),
    transitiveTagKeys: ["team"],
    sourceIdentity: "jon",
  });
  assert.deepEqual(aws.calls[0]!.params, {
    RoleArn: ROLE,
    RoleSessionName: "jon",
    DurationSeconds: "1800",
    ExternalId: "ext",
    SourceIdentity: "jon",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "core",
    "Tags.member.2.Key": "env",
    "Tags.member.2.Value": "dev",
    "TransitiveTagKeys.member.1": "team",
  });
});

Deno.test("AssumeRole sends an MFA code, and nothing of what a profile leaves out", async () => {
  const { aws, calls, serial } = await setUp();
  await using _ = aws;
  const code = await totp(MFA_SECRET, Date.now());
  const { arn } = await calls.assumeRole({
    roleArn: ROLE,
    roleSessionName: "jon",
    durationSeconds: 900,
    externalId: "ext",
    tags: new Map(),
    transitiveTagKeys: [],
    mfa: { serial, code },
  });
  assert.equal(arn, "arn:aws:sts::222222222222:assumed-role/reader/jon");
  assert.deepEqual(aws.calls[0]!.params, {
    RoleArn: ROLE,
    RoleSessionName: "jon",
    DurationSeconds: "900",
    ExternalId: "ext",
    SerialNumber: serial,
    TokenCode: code,
  });
});

Deno.test("a federated user and a web identity are asked for with all of it, and have an ARN", async () => {
  const { aws, calls } = await setUp();
  await using _ = aws;
  const policy = '{"Version":"2012-10-17","Statement":[]}';
  const federated = await calls.getFederationToken({ name: "jon", durationSeconds: 900, policy });
  assert.equal(federated.arn, "arn:aws:sts::111111111111:federated-user/jon");
  assert.deepEqual(aws.calls[0]!.params, { Name: "jon", DurationSeconds: "900", Policy: policy });
  const [issuer, token, roleArn] = ["ci.example", "head.body.sign", `${ROLE}-web`];
  aws.addRole({ arn: roleArn, trusts: [`arn:aws:iam::222222222222:oidc-provider/${issuer}`] });
  const expiresMs = Date.now() + 60_000;
  aws.addWebIdentity({ token, issuer, subject: "job", audience: "sts.amazonaws.com", expiresMs });
  const request = { roleArn, roleSessionName: "job", durationSeconds: 1800, token };
  const { arn } = await calls.assumeRoleWithWebIdentity(request);
  assert.equal(arn, "arn:aws:sts::222222222222:assumed-role/reader-web/job");
  assert.equal(aws.calls[1]!.params.DurationSeconds, "1800");
});

Deno.test("keys that no header carries are told as such, before a request", () => {
  const target = { region: "eu-west-1", legacy: false };
  const keys = { accessKeyId: "AKIA", secretAccessKey: "ö" };
  const odd = {
    "access key id": { accessKeyId: "AKIA\n" },
    "session token": { sessionToken: "ö" },
  };
  const open = (more: object) =>
    new StsCalls(target, "my dev", createCallWorld().ctx, { ...keys, ...more });
  for (const [part, more] of Object.entries(odd)) {
    assert.throws(() => open(more), ({ message, hints }: VaultError) => {
      assert.match(message, new RegExp(`^profile my dev: the ${part} to sign with has a`));
      return hints.join().endsWith('aws-vault explain "my dev"');
    });
  }
  assert.ok(open({}));
});

Deno.test("a refusal carries AWS's own code", async () => {
  const { aws, calls } = await setUp();
  await using _ = aws;
  const request = {
    roleArn: ROLE,
    roleSessionName: "jon",
    durationSeconds: 900,
    tags: new Map<string, string>(),
    transitiveTagKeys: [],
  };
  await assert.rejects(calls.assumeRole(request), (error) => {
    assert.ok(error instanceof AwsRefusal);
    assert.equal(error.awsCode, "AccessDenied");
    assert.match(error.message, new RegExp(`^profile work: AWS refused AssumeRole of ${ROLE}: `));
    return true;
  });
});

Deno.test("a request that AWS throttles, or whose answer is lost, is made again", async () => {
  const { aws, calls } = await setUp();
  await using _ = aws;
  aws.fail("GetSessionToken", { code: "Throttling", status: 400 });
  assert.match((await calls.getSessionToken({ durationSeconds: 900 })).accessKeyId, /^ASIA/);
  aws.fail("GetSessionToken", { code: "InternalFailure", status: 500 });
  assert.match((await calls.getSessionToken({ durationSeconds: 900 })).accessKeyId, /^ASIA/);
  assert.equal(aws.calls.length, 4);
});

Deno.test("GetCallerIdentity gives the ARN of whose keys they are", async () => {
  const { aws, calls } = await setUp();
  await using _ = aws;
  assert.equal(await calls.getCallerArn(), "arn:aws:iam::111111111111:user/jon");
});

Deno.test("an answer without what AWS always sends is told, and what may be the matter", async () => {
  const body = "<GetSessionTokenResponse><GetSessionTokenResult></GetSessionTokenResult>" +
    "</GetSessionTokenResponse>";
  const headers = { "content-type": "text/xml" };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, () => new Response(body, { headers }));
  const target = {
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    legacy: false,
  };
  const keys = { accessKeyId: "A", secretAccessKey: "s" };
  const calls = new StsCalls(target, "work", createCallWorld().ctx, keys);
  await assert.rejects(calls.getSessionToken({ durationSeconds: 900 }), {
    message: "profile work: GetSessionToken: the answer lacks fields that AWS always sends",
  });
});
