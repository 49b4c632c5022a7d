import assert from "node:assert/strict";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";
import { refreshing } from "../../../src/server/source.ts";
import { FakeOrigin, ROLE, StillClock } from "./fake_source.ts";

const MINUTE_MS = 60_000;

function setUp() {
  const clock = new StillClock();
  const origin = new FakeOrigin(clock);
  const told: unknown[] = [];
  const source = refreshing(origin, clock, (failure) => told.push(failure));
  return { clock, origin, told, source };
}

async function keyOf(promise: Promise<{ accessKeyId: string }>): Promise<string> {
  return (await promise).accessKeyId;
}

Deno.test("the origin is asked once, however many ask at the same moment", async () => {
  const { origin, source } = setUp();
  const answers = await Promise.all(Array.from({ length: 50 }, () => source.current()));
  assert.deepEqual(new Set(answers.map((answer) => answer.accessKeyId)), new Set(["ASIA1"]));
  assert.deepEqual(origin.asked, ["current"]);
});

Deno.test("what is held serves until botocore would ask for new ones", async () => {
  const { clock, origin, source } = setUp();
  await source.current();
  clock.advance(44 * MINUTE_MS);
  assert.equal(await keyOf(source.current()), "ASIA1");
  clock.advance(2 * MINUTE_MS);
  assert.equal(await keyOf(source.current()), "ASIA2");
  assert.equal(origin.asked.length, 2);
});

Deno.test("a clock that is set back has what is held asked for anew, once", async () => {
  const { clock, source } = setUp();
  await source.current();
  clock.advance(-120 * MINUTE_MS);
  assert.equal(await keyOf(source.current()), "ASIA2");
  assert.equal(await keyOf(source.current()), "ASIA2");
  clock.advance(46 * MINUTE_MS);
  assert.equal(await keyOf(source.current()), "ASIA3");
});

Deno.test("a session as short as the window is renewed in the last third of its life", async () => {
  const { clock, origin, source } = setUp();
  origin.lifeMs = 15 * MINUTE_MS;
  await source.current();
  clock.advance(9 * MINUTE_MS);
  await source.current();
  assert.equal(origin.asked.length, 1);
  clock.advance(2 * MINUTE_MS);
  await source.current();
  assert.equal(origin.asked.length, 2);
});

Deno.test("a renewal that takes long keeps nobody waiting while what is held still serves", async () => {
  const { clock, origin, source } = setUp();
  await source.current();
  clock.advance(50 * MINUTE_MS);
  const gate = Promise.withResolvers<void>();
  origin.gate = gate.promise;
  const early = keyOf(source.current());
  await Promise.resolve();
  clock.advance(1000);
  assert.equal(await early, "ASIA1");
  gate.resolve();
  await origin.gate;
  assert.equal(await keyOf(source.current()), "ASIA2");
  assert.equal(origin.asked.length, 2);
});

Deno.test("what ends while its renewal is waited for is not served any more", async () => {
  const { clock, origin, source } = setUp();
  await source.current();
  clock.advance(60 * MINUTE_MS - 400);
  const gate = Promise.withResolvers<void>();
  origin.gate = gate.promise;
  const late = keyOf(source.current());
  await Promise.resolve();
  clock.advance(500);
  gate.resolve();
  assert.equal(await late, "ASIA2");
});

Deno.test("a failed renewal leaves what is held, and is tried again after a while", async () => {
  const { clock, origin, source } = setUp();
  await source.current();
  clock.advance(50 * MINUTE_MS);
  origin.failure = new VaultError("network", "sts is not reached");
  assert.equal(await keyOf(source.current()), "ASIA1");
  assert.equal(await keyOf(source.current()), "ASIA1");
  assert.equal(origin.asked.length, 2);
  origin.failure = undefined;
  clock.advance(MINUTE_MS);
  assert.equal(await keyOf(source.current()), "ASIA3");
});

Deno.test("expired credentials are not served when they cannot be renewed", async () => {
  const { clock, origin, source } = setUp();
  await source.current();
  clock.advance(60 * MINUTE_MS);
  origin.failure = new VaultError("network", "sts is not reached");
  await assert.rejects(source.current(), { message: "sts is not reached" });
});

Deno.test("a refusal is asked for once while an SDK repeats its request", async () => {
  const { clock, origin, source } = setUp();
  origin.failure = new VaultError("prompt", "no code was given");
  for (let attempt = 0; attempt < 4; attempt++) {
    await assert.rejects(source.current(), { message: "no code was given" });
    clock.advance(1000);
  }
  assert.equal(origin.asked.length, 1);
  clock.advance(2000);
  await assert.rejects(source.current());
  assert.equal(origin.asked.length, 2);
  clock.advance(-60 * MINUTE_MS); // it was wrong, and is set
  await assert.rejects(source.current());
  assert.equal(origin.asked.length, 3);
});

const PASSING: readonly VaultError[] = [
  new VaultError("network", "sts is not reached"),
  new VaultError("process", "credential_process failed"),
  new VaultError("backend", "the keyring does not answer"),
  new VaultError("file", "the log is full"),
  new AwsRefusal("ServiceUnavailable", 503, "not now", []),
  new AwsRefusal("Unknown", 429, "slower", []),
  ...[
    ...["Throttling", "RequestThrottledException", "TooManyRequestsException", "SlowDown"],
    ...["RequestLimitExceeded", "LimitExceededException", "PriorRequestNotComplete"],
    "IDPCommunicationError",
  ].map((code) => new AwsRefusal(code, 400, code, [])),
];

for (const failure of PASSING) {
  Deno.test(`what may pass (${failure.message}) is tried again at once`, async () => {
    const { origin, source } = setUp();
    origin.failure = failure;
    await assert.rejects(source.current());
    origin.failure = undefined;
    assert.equal(await keyOf(source.current()), "ASIA2");
  });
}

Deno.test("what is held serves to its last second where no more can be had", async () => {
  const { clock, origin, source, told } = setUp();
  await source.current();
  clock.advance(60 * MINUTE_MS - 1000);
  origin.failure = new AwsRefusal("AccessDenied", 403, "no more", []);
  assert.equal(await keyOf(source.current()), "ASIA1");
  assert.deepEqual(told, [origin.failure], "the user is told, whom the caller is not");
});

Deno.test("keys that do not expire are given an expiry, which SDKs insist on", async () => {
  const { clock, origin, source } = setUp();
  origin.lifeMs = undefined;
  assert.equal((await source.current()).expiresAtMs, clock.now() + 60 * MINUTE_MS);
});

Deno.test("a role is assumed on what is held, once, and apart from other roles", async () => {
  const { origin, source } = setUp();
  await Promise.all([source.assume(ROLE), source.assume(ROLE), source.assume(`${ROLE}2`)]);
  await source.assume(ROLE);
  assert.deepEqual(origin.asked, ["current", `${ROLE} by ASIA1`, `${ROLE}2 by ASIA1`]);
});

Deno.test("only the 100 roles asked for last are remembered", async () => {
  const { origin, source } = setUp();
  const askOthers = async (from: number, count: number) => {
    for (let number = from; number < from + count; number++) {
      await source.assume(`${ROLE}${number}`);
    }
  };
  const timesAsked = () => origin.asked.filter((what) => what.startsWith(`${ROLE} `)).length;
  await source.assume(ROLE);
  await askOthers(0, 99);
  await source.assume(ROLE);
  await askOthers(100, 99);
  await source.assume(ROLE);
  assert.equal(timesAsked(), 1);
  await askOthers(200, 100);
  await source.assume(ROLE);
  assert.equal(timesAsked(), 2);
});
