import assert from "node:assert/strict";
import { type FakeAws, startFakeAws, totp } from "../fakes/aws/mod.ts";
import { call, type Keys, keysIn, keysOf, makeClock, START_MS } from "./fakes_aws_client.ts";

async function startWithJon() {
  const aws = await startFakeAws({ now: () => START_MS });
  const jon = aws.addUser({ name: "jon", mfa: [{}] });
  return { aws, jon, keys: keysOf(jon) };
}

async function createKey(aws: FakeAws, keys: Keys): Promise<Keys> {
  const { accessKeyId, secretAccessKey } = keysIn(await call(aws, keys, "CreateAccessKey"));
  return { accessKeyId, secretAccessKey };
}

Deno.test("a new key works, a third one is over the limit, a deleted one is gone", async () => {
  const { aws, jon, keys } = await startWithJon();
  await using _ = aws;
  const second = await createKey(aws, keys);
  assert.equal((await call(aws, second, "GetUser")).field("Arn"), jon.arn);
  const third = await call(aws, keys, "CreateAccessKey");
  assert.deepEqual([third.status, third.code], [409, "LimitExceeded"]);
  assert.equal(third.message, "Cannot exceed quota for AccessKeysPerUser: 2");
  const { accessKeyId: AccessKeyId } = keys;
  assert.equal((await call(aws, second, "DeleteAccessKey", { AccessKeyId })).status, 200);
  assert.equal((await call(aws, keys, "GetCallerIdentity")).code, "InvalidClientTokenId");
  const again = await call(aws, second, "DeleteAccessKey", { AccessKeyId });
  assert.deepEqual([again.status, again.code], [404, "NoSuchEntity"]);
  assert.deepEqual(jon.accessKeys.map(({ id }) => id), [second.accessKeyId]);
});

Deno.test("keys are listed, switched off and asked for their last use", async () => {
  const { aws, keys } = await startWithJon();
  await using _ = aws;
  const second = await createKey(aws, keys);
  const AccessKeyId = second.accessKeyId;
  const unused = await call(aws, keys, "GetAccessKeyLastUsed", { AccessKeyId });
  assert.deepEqual([unused.field("ServiceName"), unused.field("LastUsedDate")], ["N/A", ""]);
  await call(aws, second, "GetCallerIdentity", {}, { region: "eu-west-1" });
  const used = await call(aws, keys, "GetAccessKeyLastUsed", { AccessKeyId });
  assert.deepEqual([used.field("ServiceName"), used.field("Region")], ["sts", "eu-west-1"]);
  await call(aws, keys, "UpdateAccessKey", { AccessKeyId, Status: "Inactive" });
  assert.equal((await call(aws, second, "GetUser")).code, "InvalidClientTokenId");
  const { text } = await call(aws, keys, "ListAccessKeys");
  assert.deepEqual(text.match(/(?<=<Status>)\w+/g), ["Active", "Inactive"]);
  assert.doesNotMatch(text, /SecretAccessKey/);
});

Deno.test("a new key can be known some calls late", async () => {
  const { aws, keys } = await startWithJon();
  await using _ = aws;
  aws.world.newKeyRefusals = 2;
  const second = await createKey(aws, keys);
  const codes: string[] = [];
  for (const _call of [1, 2, 3]) codes.push((await call(aws, second, "GetUser")).code);
  assert.deepEqual(codes, ["InvalidClientTokenId", "InvalidClientTokenId", ""]);
});

Deno.test("IAM knows session credentials only when they were got with MFA", async () => {
  const { aws, jon, keys } = await startWithJon();
  await using _ = aws;
  const plain = keysIn(await call(aws, keys, "GetSessionToken"));
  const refused = await call(aws, plain, "GetUser");
  assert.deepEqual([refused.status, refused.code], [403, "InvalidClientTokenId"]);
  const device = jon.mfaDevices[0];
  assert.ok(device);
  const TokenCode = await totp(device.secretBase32, START_MS);
  const params = { SerialNumber: device.serial, TokenCode };
  const session = keysIn(await call(aws, keys, "GetSessionToken", params));
  assert.equal((await call(aws, session, "CreateAccessKey")).status, 200);
  const federated = keysIn(await call(aws, keys, "GetFederationToken", { Name: "jon" }));
  assert.equal((await call(aws, federated, "GetUser")).code, "InvalidClientTokenId");
});

Deno.test("a user whose policy wants MFA for IAM is denied with bare keys", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "amy", iamNeedsMfa: true }));
  const answer = await call(aws, keys, "CreateAccessKey");
  assert.deepEqual([answer.status, answer.code], [403, "AccessDenied"]);
  assert.match(answer.message, /iam:CreateAccessKey .* explicit deny/);
});

Deno.test("a role has to name the user, and finds those of its account alone", async () => {
  const { aws, keys } = await startWithJon();
  await using _ = aws;
  const RoleArn = "arn:aws:iam::222222222222:role/admin";
  aws.addRole({ arn: RoleArn, trusts: ["*"] });
  aws.addUser({ name: "amy", accountId: "222222222222" });
  const role = keysIn(await call(aws, keys, "AssumeRole", { RoleArn, RoleSessionName: "me" }));
  assert.match((await call(aws, role, "GetUser")).message, /Must specify userName/);
  assert.equal((await call(aws, role, "GetUser", { UserName: "amy" })).status, 200);
  const foreign = await call(aws, role, "GetUser", { UserName: "jon" });
  assert.deepEqual([foreign.status, foreign.code], [404, "NoSuchEntity"]);
});

Deno.test("IAM is signed for its partition's one region", async () => {
  const { aws, keys } = await startWithJon();
  await using _ = aws;
  const answer = await call(aws, keys, "GetUser", {}, { region: "eu-west-1" });
  assert.deepEqual([answer.status, answer.code], [403, "SignatureDoesNotMatch"]);
  const wang = keysOf(aws.addUser({ name: "wang", partition: "aws-cn" }));
  const chinese = await call(aws, wang, "GetUser", {}, { region: "cn-north-1" });
  assert.equal(chinese.field("Arn"), "arn:aws-cn:iam::111111111111:user/wang");
});

Deno.test("a virtual MFA device is made, enabled by two codes in a row, and used", async () => {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  const made = await call(aws, keys, "CreateVirtualMFADevice", { VirtualMFADeviceName: "jon" });
  const SerialNumber = made.field("SerialNumber");
  assert.equal(SerialNumber, "arn:aws:iam::111111111111:mfa/jon");
  const secret = atob(made.field("Base32StringSeed"));
  const codeAt = (offsetMs: number) => totp(secret, clock.now() + offsetMs);
  const [AuthenticationCode1, AuthenticationCode2] = [await codeAt(-30_000), await codeAt(0)];
  const swapped = {
    AuthenticationCode1: AuthenticationCode2,
    AuthenticationCode2: AuthenticationCode1,
  };
  const wrong = await call(aws, keys, "EnableMFADevice", {
    SerialNumber,
    UserName: "jon",
    ...swapped,
  });
  assert.deepEqual([wrong.status, wrong.code], [403, "InvalidAuthenticationCode"]);
  const params = { SerialNumber, UserName: "jon", AuthenticationCode1, AuthenticationCode2 };
  assert.equal((await call(aws, keys, "EnableMFADevice", params)).status, 200);
  assert.equal((await call(aws, keys, "ListMFADevices")).field("SerialNumber"), SerialNumber);
  const session = { SerialNumber, TokenCode: AuthenticationCode2 };
  assert.equal((await call(aws, keys, "GetSessionToken", session)).code, "AccessDenied");
  clock.advance(30_000);
  const fresh = { SerialNumber, TokenCode: await codeAt(0) };
  assert.equal((await call(aws, keys, "GetSessionToken", fresh)).status, 200);
});

Deno.test("an enabled MFA device is resynced by two new codes, and deleted once deactivated", async () => {
  const { aws, jon, keys } = await startWithJon();
  await using _ = aws;
  const device = jon.mfaDevices[0];
  assert.ok(device);
  const named = { SerialNumber: device.serial, UserName: "jon" };
  const codes = {
    AuthenticationCode1: await totp(device.secretBase32, START_MS - 30_000),
    AuthenticationCode2: await totp(device.secretBase32, START_MS),
  };
  assert.equal((await call(aws, keys, "ResyncMFADevice", { ...named, ...codes })).status, 200);
  const again = await call(aws, keys, "ResyncMFADevice", { ...named, ...codes });
  assert.equal(again.code, "InvalidAuthenticationCode");
  const { SerialNumber } = named;
  const remove = () => call(aws, keys, "DeleteVirtualMFADevice", { SerialNumber });
  assert.equal((await remove()).code, "DeleteConflict");
  assert.equal((await call(aws, keys, "DeactivateMFADevice", named)).status, 200);
  assert.equal((await remove()).status, 200);
  assert.equal((await call(aws, keys, "DeactivateMFADevice", named)).code, "NoSuchEntity");
});
