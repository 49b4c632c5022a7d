import assert from "node:assert/strict";
import { retrieveCredentials } from "../../../src/credentials/chain.ts";
import { withLock } from "../../../src/credentials/lock.ts";
import { MfaCodes } from "../../../src/credentials/mfa_codes.ts";
import { sessionKeyPrefix } from "../../../src/credentials/session_key.ts";
import type { Plan } from "../../../src/credentials/steps.ts";
import type { ProcessResult } from "../../../src/types.ts";
import { VaultError } from "../../../src/errors.ts";
import { type IsReady, ManualClock } from "../manual_clock.ts";
import { startFakeAws } from "../../fakes/aws/mod.ts";
import { commandLine, createRun, printing } from "./providers/fake_run.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";

const lengthFrom = { from: "default" } as const;

/** A plan whose only request goes to an address. */
function planFor(endpoint: string): Plan {
  const target = { region: "eu-west-1", endpoint, legacy: false };
  const cache = { type: "sts.GetSessionToken", profile: "work", serial: "", asked: ["x"] } as const;
  const steps = [
    { kind: "stored", profile: "work" },
    { kind: "session_token", profile: "work", target, durationSeconds: 900, lengthFrom, cache },
  ] as const;
  return { profile: "work", steps, remarks: [] };
}

/** A role of an Identity Center at an address. */
function planForSso(endpoint: string): Plan {
  const step = {
    kind: "sso",
    profile: "dev",
    subject: "profile dev",
    startUrl: START_URL,
    region: "eu-west-1",
    accountId: "111111111111",
    roleName: "Dev",
    scopes: [],
    portalEndpoint: endpoint,
    oidcEndpoint: endpoint,
  } as const;
  return { profile: "dev", steps: [step], remarks: [] };
}

/** A kept sign-in that has ended, and can be refreshed. */
function endedSignIn(nowMs: number): Record<string, unknown> {
  const Expiration = new Date(nowMs + 86_400_000).toISOString();
  return {
    Token: { AccessToken: "a", ExpiresIn: 900, RefreshToken: "r", TokenType: "Bearer" },
    Expiration: new Date(nowMs - 1000).toISOString(),
    Registration: { ClientId: "c", ClientSecret: "s", Expiration, Region: "eu-west-1" },
  };
}

/** What becomes of five who want the same session at once, and after how many seconds each. */
async function waitTogether(
  plan: Plan,
  meanwhile: (clock: ManualClock, isReady: IsReady) => Promise<void> = () => Promise.resolve(),
): Promise<{ messages: string[]; seconds: number[] }> {
  const home = Deno.makeTempDirSync({ prefix: "vault-waiting-" });
  const clock = new ManualClock();
  const beganAtMs = clock.now();
  const seconds: number[] = [];
  const made = createRun({ env: { HOME: home } });
  made.backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
  made.backend.writeJson(`oidc:${START_URL}`, endedSignIn(clock.now()));
  const run = { ...made.run, ctx: { ...made.ctx, clock } };
  const fail = async () => {
    const failed = retrieveCredentials(plan, run, 300);
    const message = await failed.then(() => "credentials", (error: VaultError) => error.message);
    seconds.push(Math.round((clock.now() - beganAtMs) / 1000));
    return message;
  };
  try {
    const all = Promise.all(Array.from({ length: 5 }, fail));
    // All but the one who asks are between two looks.
    const isReady = () => clock.count(100) >= 4 - seconds.length;
    await meanwhile(clock, isReady);
    return { messages: await clock.runUntil(all, isReady), seconds };
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** An AWS that is there, and has no answer to the one request. */
function saysNothing(listener: Deno.Listener) {
  return async (clock: ManualClock, isReady: IsReady) => {
    await listener.accept(); // the request
    const probed = listener.accept();
    await clock.advance(3_000, isReady);
    (await probed).close();
  };
}

Deno.test("five who wait for a sign-in that is refreshed by nobody end together, within the time of one", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { messages, seconds } = await waitTogether(
    planForSso(`http://127.0.0.1:${port}`),
    saysNothing(listener),
  );
  const said =
    `profile dev: CreateToken by refresh token: cannot reach http://127.0.0.1:${port}: ` +
    "no answer in 60 s";
  assert.deepEqual(messages, Array(5).fill(said));
  assert.ok(seconds.every((end) => end >= 59 && end <= 65), seconds.join());
});

// Row 30.
Deno.test("five who wait for an STS that says nothing end together, within the time of one", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { messages, seconds } = await waitTogether(
    planFor(`http://127.0.0.1:${port}`),
    saysNothing(listener),
  );
  assert.equal(messages.filter((text) => /no answer in 60 s$/.test(text)).length, 1);
  // Who gets the lock in the last moment has no time left for more than a try.
  const inVain =
    /process \d+, is getting a session for work, and has not ended|no (answer|connection) in \d s$/;
  const waiting = messages.filter((text) => inVain.test(text));
  assert.equal(waiting.length, 4, messages.join("\n"));
  assert.ok(seconds.every((end) => end >= 59 && end <= 65), seconds.join());
});

Deno.test("five who wait on a dead network end together, within the time of one", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr as Deno.NetAddr;
  const address = { hostname: "127.0.0.1", port };
  const queued = await Promise.all([Deno.connect(address), Deno.connect(address)]);
  try {
    const { messages, seconds } = await waitTogether(planFor(`http://127.0.0.1:${port}`));
    const said = `profile work: GetSessionToken: cannot reach http://127.0.0.1:${port}: ` +
      "no connection in 20 s";
    assert.deepEqual(messages, Array(5).fill(said));
    assert.ok(seconds.every((end) => end >= 20 && end <= 21), seconds.join());
  } finally {
    for (const connection of queued) connection.close();
  }
});

interface Waiting {
  readonly name: string;
  readonly plan: Plan;
  readonly isUnattended?: boolean;
  readonly clock?: ManualClock;
  readonly answer?: () => Partial<ProcessResult>;
}

/** What becomes of a run that waits for another, which has a lock and never ends. */
async function waitInVain(
  { name, plan, isUnattended, clock = new ManualClock(), answer }: Waiting,
): Promise<{ message: string; hints: readonly string[]; seconds: number }> {
  const home = Deno.makeTempDirSync({ prefix: "vault-waiting-" });
  const beganAtMs = clock.now();
  const made = createRun({ env: { HOME: home }, answer });
  made.backend.writeJson("work", { AccessKeyID: "AKIA", SecretAccessKey: "s" });
  const prompt = () => Promise.reject(new VaultError("prompt", "nobody can be asked"));
  const ctx = { ...made.ctx, clock, prompt };
  const run = { ...made.run, ctx, mfa: new MfaCodes(ctx), isUnattended };
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holding = withLock({ name, doing: "holding" }, ctx, () => {
    begun.resolve();
    return gate.promise;
  });
  try {
    await begun.promise;
    const ended = retrieveCredentials(plan, run, 300).then(
      () => ({ message: "credentials", hints: [] }),
      ({ message, hints }: VaultError) => ({ message, hints }),
    );
    const outcome = await clock.runUntil(ended, () => clock.count(100) === 1);
    return { ...outcome, seconds: Math.round((clock.now() - beganAtMs) / 1000) };
  } finally {
    gate.resolve();
    await holding;
    Deno.removeSync(home, { recursive: true });
  }
}

Deno.test("who waits for one that never ends is told whom after a minute, and asks nobody", async () => {
  const plan = planFor("http://127.0.0.1:9");
  const name = sessionKeyPrefix(plan.steps[1]!.cache!);
  for (const [isUnattended, patience] of [[false, 60], [true, 8]] as const) {
    const { message, seconds } = await waitInVain({ name, plan, isUnattended });
    assert.equal(seconds, patience, "what is kept still serves where nobody is asked");
    const said = /process \d+, is getting a session for work, and has not ended in (\d+) s$/;
    assert.equal(said.exec(message)?.[1], `${patience}`);
  }
});

Deno.test("who waits for a sign-in waits a minute longer than one may take, and then signs in; who asks nobody, as ever", async () => {
  const plan = planForSso("http://127.0.0.1:9");
  const name = `oidc:${START_URL}`;
  for (
    const [isUnattended, patience, said] of [
      [false, 660, /RegisterClient: cannot reach http:\/\/127\.0\.0\.1:9/],
      [true, 8, /process \d+, is signing in to https:\S+, and has not ended in 8 s$/],
    ] as const
  ) {
    const { message, seconds } = await waitInVain({ name, plan, isUnattended });
    assert.match(message, said);
    assert.ok(Math.abs(seconds - patience) <= 5, String(seconds));
  }
});

Deno.test("where nobody can be asked for a code it is told who is asked for one elsewhere", async () => {
  const [stored, session] = planFor("http://127.0.0.1:9").steps;
  const plan = { profile: "work", steps: [stored!, { ...session!, mfa: { serial: "jon" } }] };
  const name = `code ${sessionKeyPrefix(session!.cache!)}`;
  const { message, hints } = await waitInVain({ name, plan: { ...plan, remarks: [] } });
  assert.equal(message, "nobody can be asked");
  assert.match(hints[0]!, /^process \d+, another aws-vault, .* a code of jon: answer that one$/);
});

Deno.test("who waited for a web identity's program, which may ask a person, starts it too", async () => {
  const clock = new ManualClock();
  await using aws = await startFakeAws({
    now: () => clock.now(),
    onCall: () => clock.advance(9_000),
  });
  const roleArn = "arn:aws:iam::222222222222:role/web";
  aws.addRole({ arn: roleArn, trusts: ["arn:aws:iam::222222222222:oidc-provider/ci"] });
  const expiresMs = clock.now() + 3_600_000;
  const claims = { issuer: "ci", subject: "job", audience: "sts.amazonaws.com", expiresMs };
  aws.addWebIdentity({ token: "head.body.signature", ...claims });
  const target = { region: "eu-west-1", endpoint: aws.url, legacy: false };
  const tokenProcess = commandLine("web_identity_token_process", "mint");
  const type = "sts.AssumeRoleWithWebIdentity";
  const cache = { type, profile: "work", serial: "", asked: ["x"] } as const;
  const step = { target, roleArn, tokenProcess, durationSeconds: 900, lengthFrom, cache };
  const steps = [{ kind: "web_identity", profile: "work", ...step }] as const;
  const plan = { profile: "work", steps, remarks: [] };
  const answer = printing("head.body.signature");
  const name = sessionKeyPrefix(cache);
  const { message, seconds } = await waitInVain({ name, plan, clock, answer });
  assert.deepEqual([message, seconds], ["credentials", 69]);
});

/** After how many seconds each of five, who want what a program prints in ten, has it. */
async function waitForProgram(expiration?: (clock: ManualClock) => string): Promise<number[]> {
  const home = Deno.makeTempDirSync({ prefix: "vault-waiting-" });
  const clock = new ManualClock();
  const beganAtMs = clock.now();
  const made = createRun({ env: { HOME: home } });
  const keys = { Version: 1, AccessKeyId: "A", SecretAccessKey: "s" };
  const answer = JSON.stringify({ ...keys, Expiration: expiration?.(clock) });
  const stdout = new TextEncoder().encode(answer);
  const processes = {
    ...made.ctx.processes,
    run: () => clock.sleep(10_000).then(() => ({ code: 0, stdout, stderr: "" })),
  };
  const run = { ...made.run, ctx: { ...made.ctx, clock, processes } };
  const cache = { type: "credential_process", profile: "work", serial: "", asked: ["x"] } as const;
  const command = commandLine("credential_process", "mint");
  const steps = [{ kind: "process", profile: "work", command, cache }] as const;
  const ends: number[] = [];
  const get = async () => {
    await retrieveCredentials({ profile: "work", steps, remarks: [] }, run, 300);
    ends.push((clock.now() - beganAtMs) / 1000);
  };
  try {
    const all = Promise.all(Array.from({ length: 5 }, get));
    // Each is between two looks, or in the program, or done; a holder's sign of life is neither.
    const inProgram = () => clock.count() - clock.count(1_000);
    await clock.runUntil(all, () => clock.count(100) + inProgram() + ends.length >= 5);
    return ends;
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

Deno.test("who waited for a program whose keys do not expire starts it beside the others", async () => {
  const ends = await waitForProgram();
  assert.ok(Math.max(...ends) < 21, ends.join());
});

Deno.test("who waited for a session takes it, though it lasts less than AWS_MIN_TTL", async () => {
  const ends = await waitForProgram((clock) => new Date(clock.now() + 240_000).toISOString());
  assert.ok(Math.max(...ends) < 11, ends.join());
});
