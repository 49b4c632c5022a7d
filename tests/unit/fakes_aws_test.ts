import assert from "node:assert/strict";
import { startFakeAws, totp } from "../fakes/aws/mod.ts";
import { computeSignature } from "../fakes/aws/sigv4.ts";
import { call, keysIn, keysOf, makeClock, type Signing, START_MS } from "./fakes_aws_client.ts";

const MINUTE_MS = 60_000;

Deno.test("the signature is the one AWS's own test suite gives for get-vanilla", async () => {
  const signature = await computeSignature({
    request: {
      method: "GET",
      path: "/",
      query: "",
      headers: { "host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z" },
      body: new Uint8Array(),
    },
    scope: { dateStamp: "20150830", region: "us-east-1", service: "service" },
    amzDate: "20150830T123600Z",
    signedHeaders: ["host", "x-amz-date"],
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  });
  assert.equal(signature, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
});

Deno.test("the one-time codes are those of RFC 6238", async () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  assert.equal(await totp(secret, 59_000), "287082");
  assert.equal(await totp(secret, 1_111_111_109_000), "081804");
  assert.equal(await totp(secret, 20_000_000_000_000), "353130");
});

Deno.test("a well signed call is answered and recorded with its signer and region", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const jon = aws.addUser({ name: "jon" });
  const answer = await call(aws, keysOf(jon), "GetCallerIdentity", {}, { region: "eu-west-1" });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.field("Arn"), "arn:aws:iam::111111111111:user/jon");
  assert.deepEqual(aws.calls, [{
    service: "sts",
    action: "GetCallerIdentity",
    params: {},
    signer: keysOf(jon).accessKeyId,
    region: "eu-west-1",
    hasToken: false,
    atMs: START_MS,
    status: 200,
  }]);
});

const REFUSED_SIGNATURES: Record<string, [Signing, RegExp]> = {
  "made over five minutes ago": [{ timeMs: START_MS - 5 * MINUTE_MS - 1000 }, /^Signature expired/],
  "made over five minutes ahead": [{ timeMs: START_MS + 5 * MINUTE_MS + 1000 }, /not yet current/],
  "scoped to another service": [{ service: "iam" }, /correct service: 'sts'/],
  "scoped to no region": [{ region: "nowhere" }, /valid region, not 'nowhere'/],
  "scoped to another day": [{ dateStamp: "20260130" }, /'20260130' != '20260131'/],
  "that leaves out the host": [{ signedHeaders: ["x-amz-date"] }, /'host' must be/],
  "that leaves out the date": [{ signedHeaders: ["host"] }, /'x-amz-date' must be/],
};

for (const [kind, [signing, message]] of Object.entries(REFUSED_SIGNATURES)) {
  Deno.test(`a signature ${kind} is refused`, async () => {
    await using aws = await startFakeAws({ now: () => START_MS });
    const keys = keysOf(aws.addUser({ name: "jon" }));
    const answer = await call(aws, keys, "GetCallerIdentity", {}, signing);
    assert.deepEqual([answer.status, answer.code], [403, "SignatureDoesNotMatch"]);
    assert.match(answer.message, message);
  });
}

Deno.test("a signature five minutes off is still taken", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  for (const timeMs of [START_MS - 5 * MINUTE_MS, START_MS + 5 * MINUTE_MS]) {
    assert.equal((await call(aws, keys, "GetCallerIdentity", {}, { timeMs })).status, 200);
  }
});

Deno.test("a wrong secret is a wrong signature", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = { ...keysOf(aws.addUser({ name: "jon" })), secretAccessKey: "another" };
  const answer = await call(aws, keys, "GetCallerIdentity");
  assert.deepEqual([answer.status, answer.code], [403, "SignatureDoesNotMatch"]);
  assert.match(answer.message, /^The request signature we calculated does not match/);
});

Deno.test("a call that is not signed, or half signed, is told so", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const missing = await call(aws, undefined, "GetCallerIdentity");
  assert.deepEqual([missing.status, missing.code], [403, "MissingAuthenticationToken"]);
  const response = await fetch(aws.url, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20260131/us-east-1/sts/aws4_request",
    },
    body: new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" }),
  });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /<Code>IncompleteSignature<.*'SignedHeaders' parameter/);
});

Deno.test("unknown and inactive keys are invalid tokens", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const jon = aws.addUser({ name: "jon" });
  const unknown = await call(
    aws,
    { accessKeyId: "AKIANO", secretAccessKey: "x" },
    "GetCallerIdentity",
  );
  assert.deepEqual([unknown.status, unknown.code], [403, "InvalidClientTokenId"]);
  for (const key of jon.accessKeys) key.status = "Inactive";
  const inactive = await call(aws, keysOf(jon), "GetCallerIdentity");
  assert.deepEqual([inactive.status, inactive.code], [403, "InvalidClientTokenId"]);
});

Deno.test("temporary keys need their own session token", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const jon = aws.addUser({ name: "jon" });
  const session = keysIn(await call(aws, keysOf(jon), "GetSessionToken"));
  assert.equal((await call(aws, session, "GetCallerIdentity")).status, 200);
  const { accessKeyId, secretAccessKey } = session;
  for (const sessionToken of [undefined, "another"]) {
    const keys = { accessKeyId, secretAccessKey, sessionToken };
    assert.equal((await call(aws, keys, "GetCallerIdentity")).code, "InvalidClientTokenId");
  }
  const mixed = { ...keysOf(jon), sessionToken: session.sessionToken };
  assert.equal((await call(aws, mixed, "GetCallerIdentity")).code, "InvalidClientTokenId");
});

Deno.test("temporary keys are refused from their expiration on, and not before", async () => {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  const answer = await call(aws, keysOf(aws.addUser({ name: "jon" })), "GetSessionToken", {
    DurationSeconds: "900",
  });
  assert.equal(answer.field("Expiration"), "2026-01-31T12:15:00Z");
  clock.advance(15 * MINUTE_MS - 1);
  assert.equal((await call(aws, keysIn(answer), "GetCallerIdentity")).status, 200);
  clock.advance(1);
  const late = await call(aws, keysIn(answer), "GetCallerIdentity");
  assert.deepEqual([late.status, late.code], [403, "ExpiredToken"]);
});

Deno.test("a form that is not said to be one is no call", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const body = "Action=GetCallerIdentity&Version=2011-06-15"; // goes as text/plain
  const response = await fetch(aws.url, { method: "POST", body });
  await response.body?.cancel();
  assert.deepEqual([response.status, aws.calls.length], [404, 0]);
});

Deno.test("an action or version that is not AWS's is refused", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  for (
    const [action, Version] of [["toString", "2011-06-15"], ["GetCallerIdentity", "2010-05-08"]]
  ) {
    const answer = await call(aws, keys, action ?? "", { Version: Version ?? "" });
    assert.deepEqual([answer.status, answer.code], [400, "InvalidAction"]);
  }
});
