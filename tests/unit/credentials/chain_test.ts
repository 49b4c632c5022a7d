import assert from "node:assert/strict";
import { type Renewal, retrieveCredentials } from "../../../src/credentials/chain.ts";
import { withKeysOf } from "../../../src/credentials/lock.ts";
import { formatSessionKey } from "../../../src/credentials/session_key.ts";
import { SessionCache } from "../../../src/credentials/session_cache.ts";
import type { CacheIdentity, Plan, Step, StsTarget } from "../../../src/credentials/steps.ts";
import type { VaultError } from "../../../src/errors.ts";
import { startFakeAws } from "../../fakes/aws/mod.ts";
import { createCountingRun } from "./memory_keyring.ts";
import { commandLine, printing } from "./providers/fake_run.ts";

const TARGET: StsTarget = { region: "us-east-1", legacy: false };
const SESSION: CacheIdentity = {
  type: "sts.GetSessionToken",
  profile: "work",
  serial: "",
  asked: ["a session"],
};
const ROLE: CacheIdentity = {
  ...SESSION,
  type: "sts.AssumeRole",
  profile: "role",
  asked: ["a role"],
};
const ROLE_ARN = "arn:aws:iam::111111111111:role/admin";
const MINT = commandLine("credential_process", "mint");
const PROCESS: CacheIdentity = { ...SESSION, type: "credential_process", asked: ["a process"] };

const STEPS: readonly Step[] = [
  { kind: "stored", profile: "work" },
  {
    kind: "session_token",
    profile: "work",
    target: TARGET,
    durationSeconds: 3600,
    lengthFrom: { from: "default" },
    cache: SESSION,
  },
  {
    kind: "assume_role",
    profile: "role",
    target: TARGET,
    durationSeconds: 3600,
    lengthFrom: { from: "default" },
    roleArn: "arn:role",
    tags: new Map(),
    transitiveTagKeys: [],
    cache: ROLE,
  },
];

const plan = (steps: readonly Step[], remarks: string[] = []): Plan => ({
  profile: "role",
  steps,
  remarks,
});
const processPlan = plan([
  { kind: "process", profile: "work", command: MINT, cache: PROCESS },
]);

const HOUR_MS = 3_600_000;

/** A run whose `credential_process` prints an hour's credentials. */
function setUp(env: Record<string, string> = {}) {
  const expiry = "2026-11-03T14:00:00Z";
  const printed = {
    Version: 1,
    AccessKeyId: "MINTED",
    SecretAccessKey: "s",
    SessionToken: "t",
    Expiration: expiry,
  };
  const made = createCountingRun({ env, answer: printing(JSON.stringify(printed)) });
  const keep = async (id: CacheIdentity, accessKeyId: string) => {
    const cache = new SessionCache(made.backend, made.ctx, 300);
    const credentials = { accessKeyId, secretAccessKey: "s", sessionToken: "t" };
    await cache.keep(id, { ...credentials, expiresAtMs: made.clock.nowMs + HOUR_MS });
    made.backend.calls.length = 0;
  };
  return { ...made, keep };
}

Deno.test("a hit reads the keyring's names once and one item once, and does nothing else", async () => {
  for (const renewal of [undefined, EARLY]) {
    const { run, keep, backend, clock, started } = setUp();
    await keep(SESSION, "SESSION");
    await keep(ROLE, "ROLE");
    const { accessKeyId } = await retrieveCredentials(plan(STEPS), run, 300, renewal);
    assert.equal(accessKeyId, "ROLE");
    const item = formatSessionKey(ROLE, clock.nowMs + HOUR_MS);
    assert.deepEqual(backend.calls, ["keys", `get ${item}`]);
    assert.deepEqual(started, []);
  }
});

Deno.test("on a hit no long-term key is held in memory", async () => {
  const { run, keep } = setUp();
  await keep(ROLE, "ROLE");
  const protectMemory = () => assert.fail("there is nothing to protect yet");
  await retrieveCredentials(plan(STEPS), { ...run, ctx: { ...run.ctx, protectMemory } }, 300);
});

Deno.test("memory is protected before a step is run", async () => {
  const { run, started } = setUp();
  let protectedBefore = -1;
  const protectMemory = () => void (protectedBefore = started.length);
  await retrieveCredentials(processPlan, { ...run, ctx: { ...run.ctx, protectMemory } }, 300);
  assert.equal(protectedBefore, 0);
});

Deno.test("a miss runs the step and keeps what it gives, so that the next run hits", async () => {
  const { run, started, backend } = setUp();
  const first = await retrieveCredentials(processPlan, run, 300);
  assert.equal(first.accessKeyId, "MINTED");
  assert.equal(started.length, 1);
  const next = { ...run, keys: () => backend.keys() };
  assert.deepEqual(await retrieveCredentials(processPlan, next, 300), first);
  assert.equal(started.length, 1);
});

Deno.test("a session that has ended by this machine's clock as AWS gives it is told once, with the clock", async () => {
  const { run, backend, notes, clock } = setUp();
  for (const [hoursSlow, told] of [[0, 0], [2, 1], [2, 1]] as const) {
    await using aws = await startFakeAws({ now: () => clock.nowMs - hoursSlow * HOUR_MS });
    const [key] = aws.addUser({ name: "jon" }).accessKeys;
    backend.writeJson("work", { AccessKeyID: key!.id, SecretAccessKey: key!.secret });
    const target = { ...TARGET, endpoint: aws.url };
    const [stored, session] = STEPS as [Step, Extract<Step, { kind: "session_token" }>];
    const steps = [stored, { ...session, target, cache: undefined }];
    await retrieveCredentials(plan(steps), run, 300);
    assert.equal(notes.length, told, notes.join("\n"));
  }
  assert.match(notes[0]!, /warning: the new session of work ended at \S+Z by this machine's clock/);
});

Deno.test("where AWS does not know a kept session, how that is dropped is told", async () => {
  const { run, keep, clock } = setUp();
  await using aws = await startFakeAws({ now: () => clock.nowMs });
  await keep(SESSION, "ASIAGONE");
  const steps = STEPS.map((
    step,
  ) => ({ ...step, target: { ...TARGET, endpoint: aws.url } } as Step));
  await assert.rejects(retrieveCredentials(plan(steps), run, 300), (error: VaultError) => {
    assert.match(error.message, /InvalidClientTokenId/);
    assert.match(error.hints[0]!, /^it is a kept session: .*dropped with aws-vault clear work$/);
    return true;
  });
});

Deno.test("a kept session that AWS says has ended is tried once, though it cannot be removed", async () => {
  for (const refusals of [1, 2]) {
    const { run, keep, backend, clock } = setUp();
    clock.nowMs = Date.now(); // that of AWS' client, which would try again by AWS'
    await using aws = await startFakeAws();
    const { arn, accessKeys: [key] } = aws.addUser({ name: "jon" });
    backend.writeJson("work", { AccessKeyID: key!.id, SecretAccessKey: key!.secret });
    const { arn: roleArn } = aws.addRole({ arn: ROLE_ARN, trusts: [arn] });
    await keep(SESSION, "ASIAENDED");
    backend.broken = "remove";
    aws.fail("AssumeRole", { status: 403, code: "ExpiredToken" }, refusals);
    const target = { ...TARGET, endpoint: aws.url };
    const steps = STEPS.map((step) => ({ ...step, target, roleArn }) as Step);
    const got = retrieveCredentials(plan(steps), run, 300);
    if (refusals === 1) await got;
    else await assert.rejects(got, /ExpiredToken/);
    const actions = aws.calls.map(({ action }) => action);
    assert.deepEqual(actions, ["AssumeRole", "GetSessionToken", "AssumeRole"]);
  }
});

Deno.test("a miss reads the stored keys once: a keyring may ask a person each time", async () => {
  const home = Deno.makeTempDirSync({ prefix: "vault-chain-" });
  const { run, backend, clock } = setUp({ HOME: home });
  await using aws = await startFakeAws({ now: () => clock.nowMs });
  const [key] = aws.addUser({ name: "jon" }).accessKeys;
  const store = () =>
    backend.writeJson("work", { AccessKeyID: key!.id, SecretAccessKey: key!.secret });
  await withKeysOf("work", run.ctx, () => Promise.resolve(store()));
  const [stored, session] = STEPS as [Step, Extract<Step, { kind: "session_token" }>];
  const steps = [stored, { ...session, target: { ...TARGET, endpoint: aws.url } }];
  await retrieveCredentials(plan(steps), run, 300);
  assert.equal(backend.items.size, 2, "it is kept");
  assert.equal(backend.calls.filter((call) => call === "get work").length, 1);
  Deno.removeSync(home, { recursive: true });
});

Deno.test("what another process has kept meanwhile is used, and nothing is run", async () => {
  const { run, keep, started } = setUp();
  await run.keys(); // our look at the names is older than its session
  await keep(PROCESS, "OTHERS");
  const { accessKeyId } = await retrieveCredentials(processPlan, run, 300);
  assert.equal(accessKeyId, "OTHERS");
  assert.deepEqual(started, []);
});

Deno.test("a step that keeps nothing is run every time", async () => {
  const { run, started, backend } = setUp();
  const uncached = plan([{ kind: "process", profile: "work", command: MINT }]);
  await retrieveCredentials(uncached, run, 300);
  await retrieveCredentials(uncached, run, 300);
  assert.equal(started.length, 2);
  assert.equal(backend.items.size, 0);
});

Deno.test("a session that lasts less than the least time to live is replaced", async () => {
  const { run, keep, started } = setUp();
  await keep(PROCESS, "SHORT");
  await retrieveCredentials(processPlan, run, 2 * 3600);
  assert.equal(started.length, 1);
});

Deno.test("a session that cannot be kept is given all the same", async () => {
  const { run, backend, notes } = setUp();
  backend.broken = "set";
  assert.equal((await retrieveCredentials(processPlan, run, 300)).accessKeyId, "MINTED");
  assert.equal(notes.length, 1);
});

Deno.test("keys that were removed since the plan was made are missing credentials", async () => {
  const { run } = setUp();
  await assert.rejects(retrieveCredentials(plan(STEPS), run, 300), (error: VaultError) => {
    assert.equal(error.code, "credentials");
    assert.equal(error.message, "profile work: credentials missing");
    return true;
  });
});

Deno.test("what the plan left out is told under --debug", async () => {
  const { run, debug } = setUp();
  await retrieveCredentials(plan(processPlan.steps, ["no session: why"]), run, 300);
  assert.ok(debug.includes("no session: why"));
});

const EARLY: Renewal = { use: "to renew it early", isAttended: false };
const ATTENDED: Renewal = { use: "to renew it early", isAttended: true };
const MFA_STEPS = STEPS.slice(0, 2).map((step) =>
  step.kind === "session_token" ? { ...step, mfa: { serial: "arn:mfa" } } : step
);

/** A process's session that has so many minutes left. */
async function setUpOld(minutesLeft: number) {
  const made = setUp();
  await made.keep(PROCESS, "OLD");
  made.clock.nowMs += HOUR_MS - minutesLeft * 60_000;
  const get = async (renewal?: Renewal) =>
    (await retrieveCredentials(processPlan, made.run, 300, renewal)).accessKeyId;
  return { ...made, get };
}

Deno.test("a session in its last quarter of an hour is renewed for who renews, and for no other", async () => {
  const { get, started } = await setUpOld(14);
  assert.equal(await get(), "OLD");
  assert.equal(started.length, 0);
  assert.equal(await get(EARLY), "MINTED");
  assert.equal(started.length, 1);
  assert.equal(await (await setUpOld(16)).get(EARLY), "OLD");
});

Deno.test("what cannot be renewed is handed out to its last second, with a warning", async () => {
  for (const [minutes, left] of [[14, "14 min"], [0.1, "less than a minute"]] as const) {
    const { run, keep, clock, notes } = createFailing();
    await keep();
    clock.nowMs += HOUR_MS - minutes * 60_000;
    for (const renewal of [EARLY, ATTENDED]) {
      const got = await retrieveCredentials(processPlan, run, 300, renewal);
      assert.equal(got.accessKeyId, "OLD");
    }
    assert.equal(notes.length, 2);
    assert.match(notes[0]!, new RegExp(`^aws-vault: warning: the session of role ends in ${left}`));
    assert.match(notes[0]!, /was not renewed: .* failed with exit code 3$/);
  }
});

Deno.test("what cannot be had for who does not renew is an error, whatever is left", async () => {
  const { run, keep, clock } = createFailing();
  await keep();
  clock.nowMs += HOUR_MS - 60_000;
  await assert.rejects(retrieveCredentials(processPlan, run, 300), /failed with exit code 3/);
});

Deno.test("what has ended while it was tried in vain to renew it is not handed out", async () => {
  for (const renewal of [EARLY, ATTENDED]) {
    const { run, keep, clock } = createFailing(() => void (clock.nowMs += 15_000));
    await keep();
    clock.nowMs += HOUR_MS - 15_000;
    const got = retrieveCredentials(processPlan, run, 300, renewal);
    await assert.rejects(got, /failed with exit code 3/);
  }
});

/** A run whose `credential_process` fails; `keep` keeps a session of an hour. */
function createFailing(onStart = () => {}) {
  const answer = () => {
    onStart();
    return { code: 3 };
  };
  const made = createCountingRun({ answer });
  const cache = new SessionCache(made.backend, made.ctx, 300);
  const keep = () =>
    cache.keep(PROCESS, {
      accessKeyId: "OLD",
      secretAccessKey: "s",
      sessionToken: "t",
      expiresAtMs: made.clock.nowMs + HOUR_MS,
    });
  return { ...made, keep };
}

Deno.test("nobody is asked for a code while what is kept still serves: a warning says so", async () => {
  const { run, keep, clock, notes, backend } = setUp();
  await keep(SESSION, "OLD");
  backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
  clock.nowMs += HOUR_MS - 60_000;
  const got = await retrieveCredentials(plan(MFA_STEPS), run, 300, EARLY);
  assert.equal(got.accessKeyId, "OLD");
  assert.match(
    notes.join(),
    /ends in 1 min and was not renewed: a new one needs an MFA code of arn/,
  );
});

Deno.test("where a later step needs a code, nothing is begun that nobody is there to end", async () => {
  const { run, keep, clock, notes, started } = setUp();
  await keep(ROLE, "OLD");
  clock.nowMs += HOUR_MS - 60_000;
  const roles = STEPS.filter((step) => step.kind === "assume_role");
  const coded = roles.map((step) => ({ ...step, mfa: { serial: "arn:mfa" } }));
  const steps = [{ ...processPlan.steps[0]!, cache: undefined } as Step, ...coded];
  const got = await retrieveCredentials(plan(steps), run, 300, EARLY);
  assert.equal(got.accessKeyId, "OLD");
  assert.match(notes.join(), /was not renewed: a new one needs an MFA code of arn/);
  assert.equal(started.length, 0);
});

Deno.test("the keyring's passphrase is asked for before a lock is held", async () => {
  const home = Deno.makeTempDirSync();
  const printed = { Version: 1, AccessKeyId: "MINTED", SecretAccessKey: "s" };
  const answer = printing(JSON.stringify(printed));
  const { run, backend } = createCountingRun({ answer, env: { HOME: home } });
  const seen: number[] = [];
  // The first lock makes the directory of all of them.
  const unlock = () => Promise.resolve(void seen.push([...Deno.readDirSync(home)].length));
  try {
    await retrieveCredentials(processPlan, { ...run, backend: { ...backend, unlock } }, 300);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
  assert.deepEqual(seen, [0]);
});
