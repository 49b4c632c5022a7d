import assert from "node:assert/strict";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { call, keysOf, makeClock, post, START_MS } from "./fakes_aws_client.ts";
import { until } from "../until.ts";

Deno.test("the next calls of an action are refused as planned, and no others", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  aws.fail("GetSessionToken", { code: "Throttling", status: 400, message: "Rate exceeded" }, 2);
  assert.equal((await call(aws, keys, "GetCallerIdentity")).status, 200);
  for (const _call of [1, 2]) {
    const answer = await call(aws, keys, "GetSessionToken");
    const { status, code, message } = answer;
    assert.deepEqual([status, code, message], [400, "Throttling", "Rate exceeded"]);
  }
  assert.equal((await call(aws, keys, "GetSessionToken")).status, 200);
  const codes = aws.calls.map(({ errorCode }) => errorCode);
  assert.deepEqual(codes, [undefined, "Throttling", "Throttling", undefined]);
});

Deno.test("planned refusals speak the service's own form", async () => {
  await using aws = await startFakeAws();
  aws.fail("oidc.CreateToken", { code: "InternalServerException", status: 500 });
  const answer = await post(aws, "/token", {});
  assert.deepEqual([answer.status, answer.body["error"]], [500, "internal_server"]);
  assert.equal(answer.headers.get("x-amzn-errortype"), "InternalServerException");
});

Deno.test("planned faults that were not met can be forgotten", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  aws.fail("sts.GetCallerIdentity", { code: "ServiceUnavailable", status: 503 }, 9);
  assert.equal((await call(aws, keys, "GetCallerIdentity")).status, 503);
  aws.clearFaults();
  assert.equal((await call(aws, keys, "GetCallerIdentity")).status, 200);
});

Deno.test("a call dropped before is not done, one dropped after is", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const jon = aws.addUser({ name: "jon" });
  const keys = keysOf(jon);
  aws.drop("CreateAccessKey");
  await assert.rejects(call(aws, keys, "CreateAccessKey"), TypeError);
  assert.equal(jon.accessKeys.length, 1);
  aws.drop("CreateAccessKey", 1, "after");
  await assert.rejects(call(aws, keys, "CreateAccessKey"), TypeError);
  assert.equal(jon.accessKeys.length, 2);
  assert.deepEqual(aws.calls.map(({ status }) => status), [undefined, undefined]);
});

Deno.test("a delayed call is answered later", async () => {
  await using aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  aws.delay("GetSessionToken", 60);
  const slow = call(aws, keys, "GetSessionToken").then(() => "slow");
  const fast = call(aws, keys, "GetCallerIdentity").then(() => "fast");
  assert.equal(await Promise.race([slow, fast]), "fast");
  assert.equal(await slow, "slow");
});

const sanitizers = { sanitizeOps: true, sanitizeResources: true };

Deno.test("stopping ends delayed calls and leaves no timer behind", sanitizers, async () => {
  const aws = await startFakeAws({ now: () => START_MS });
  const keys = keysOf(aws.addUser({ name: "jon" }));
  aws.delay("GetCallerIdentity", 3_600_000);
  const cut = assert.rejects(call(aws, keys, "GetCallerIdentity"), TypeError);
  await until(() => aws.calls.length > 0);
  await aws[Symbol.asyncDispose]();
  await cut;
  await new Promise((resolve) => setTimeout(resolve, 50)); // fetch itself ends a moment after it fails
});

Deno.test("answers carry the stand-in's own time, for clients to set their clocks by", async () => {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  const response = await fetch(`${aws.url}/?Action=GetCallerIdentity`);
  await response.body?.cancel();
  assert.equal(response.headers.get("date"), "Sat, 31 Jan 2026 12:00:00 GMT");
});

Deno.test("a fault that is planned and not met fails the file that planned it", async () => {
  const fakes = new URL("../fakes/aws/mod.ts", import.meta.url).href;
  const end = async (last: string) => {
    const test = `import { startFakeAws } from ${JSON.stringify(fakes)};
      await using aws = await startFakeAws();
      aws.drop("GetCallerIdentitty", Infinity);
      ${last}`;
    const args = ["eval", "--no-check", test];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  };
  const { code, stderr } = await end("");
  assert.equal(code, 1);
  assert.match(stderr, /a fault was planned for GetCallerIdentitty, and not met/);
  assert.deepEqual(await end("aws.clearFaults();"), { code: 0, stderr: "" });
});

Deno.test("two runs hand out the same names and secrets", async () => {
  const texts: string[] = [];
  for (const _run of [1, 2]) {
    await using aws = await startFakeAws({ now: () => START_MS });
    texts.push((await call(aws, keysOf(aws.addUser({ name: "jon" })), "GetSessionToken")).text);
  }
  assert.match(texts[0] ?? "", /<SessionToken>FakeSessionToken/);
  assert.equal(texts[0], texts[1]);
});
