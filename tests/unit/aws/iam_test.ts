import assert from "node:assert/strict";
import { IamCalls } from "../../../src/aws/iam.ts";
import type { IamTarget } from "../../../src/aws/iam.ts";
import { AwsRefusal } from "../../../src/errors.ts";
import { startFakeAws } from "../../fakes/aws/mod.ts";
import { createCallWorld } from "./call_world.ts";

/** The stand-in with a user, and calls made with its first key. */
async function setUp(target: Partial<IamTarget> = {}) {
  const aws = await startFakeAws();
  const user = aws.addUser({ name: "jon" });
  const [key] = user.accessKeys;
  const keys = { accessKeyId: key!.id, secretAccessKey: key!.secret };
  const { ctx, debugged } = createCallWorld();
  const whole = { region: "eu-west-1", endpoint: aws.url, ...target };
  const calls = new IamCalls(whole, "work", ctx, keys);
  return {
    aws,
    calls,
    key: key!,
    debugged,
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  };
}

Deno.test("a key is made once, however AWS stumbles, for a second one would go unnoticed", async () => {
  for (
    const fault of [{ code: "ServiceFailure", status: 500 }, { code: "Throttling", status: 400 }]
  ) {
    await using world = await setUp();
    world.aws.fail("CreateAccessKey", fault);
    await assert.rejects(world.calls.createAccessKey(undefined), AwsRefusal);
    assert.equal(world.aws.calls.length, 1);
  }
});

Deno.test("keys are listed with when they were made and used, as far as that may be asked", async () => {
  await using world = await setUp();
  const { aws, calls, key, debugged } = world;
  const made = await calls.createAccessKey(undefined);
  const [old, young] = await calls.listAccessKeys(undefined);
  assert.equal(old!.id, key.id);
  assert.ok(typeof old!.lastUsed === "object" && old!.lastUsed.service === "iam");
  assert.ok(Math.abs(old!.lastUsed.atMs - Date.now()) < 60_000);
  assert.deepEqual([young!.id, young!.lastUsed], [made.accessKeyId, "never"]);
  assert.ok(Math.abs(young!.createdAtMs - Date.now()) < 60_000);
  aws.fail("GetAccessKeyLastUsed", { code: "AccessDenied", status: 403 }, 2);
  const listed = await calls.listAccessKeys(undefined);
  assert.deepEqual(listed.map(({ lastUsed }) => lastUsed), ["unknown", "unknown"]);
  assert.match(debugged.join("\n"), /AWS refused GetAccessKeyLastUsed: AccessDenied/);
});

Deno.test("every request about keys names the user they are of, and is signed for IAM's region", async () => {
  await using world = await setUp({ fips: "AWS_USE_FIPS_ENDPOINT" });
  const { accessKeyId } = await world.calls.createAccessKey("jon");
  await world.calls.listAccessKeys("jon");
  await world.calls.deleteAccessKey(accessKeyId, "jon");
  const named = world.aws.calls.filter(({ action }) => action !== "GetAccessKeyLastUsed");
  assert.deepEqual(named.map(({ action, region, params }) => [action, region, params.UserName]), [
    ["CreateAccessKey", "us-east-1", "jon"],
    ["ListAccessKeys", "us-east-1", "jon"],
    ["DeleteAccessKey", "us-east-1", "jon"],
  ]);
});
