import assert from "node:assert/strict";
import type { OidcCalls, PollAnswer } from "../../../../src/aws/oidc.ts";
import { signInByDeviceCode } from "../../../../src/credentials/signin/device_code.ts";
import { AwsRefusal, VaultError } from "../../../../src/errors.ts";
import { createRun, type FakeRunOptions } from "../providers/fake_run.ts";

const TARGET = {
  subject: "profile dev",
  startUrl: "https://d-1.awsapps.com/start",
  region: "eu-west-1",
  scopes: [],
};

type Answer = PollAnswer | VaultError | "token";

/** A sign-in that AWS answers so, poll by poll; the last answer is all later ones. */
function signIn(
  answers: readonly Answer[],
  options: FakeRunOptions = {},
  url = "https://x/device",
  onPoll: (clock: { nowMs: number }) => void = () => {},
) {
  const world = createRun({ env: { BROWSER: "firefox" }, programs: ["firefox"], ...options });
  let polls = 0;
  const oidc: Partial<OidcCalls> = {
    registerClient: () => Promise.resolve({ clientId: "c", clientSecret: "s", expiresAtMs: 9e12 }),
    startDeviceAuthorization: () =>
      Promise.resolve({
        deviceCode: "device",
        userCode: "FAKE\x1b[2J-1",
        url,
        expiresInSeconds: 600,
        intervalSeconds: 5,
      }),
    poll() {
      onPoll(world.clock);
      const answer = answers[Math.min(polls++, answers.length - 1)]!;
      if (answer instanceof VaultError) return Promise.reject(answer);
      const token = { accessToken: "token", expiresInSeconds: 3600 };
      return Promise.resolve(answer === "token" ? token : answer);
    },
  };
  const token = signInByDeviceCode(undefined, TARGET, world.run, oidc as OidcCalls);
  return { ...world, token, polls: () => polls };
}

const OFFLINE = new VaultError("network", "CreateToken: no answer");

Deno.test("nothing that AWS sends for a code moves the terminal's cursor", async () => {
  const { token, notes } = signIn(["token"], {}, "https://x/device\x1b]0;title\x07");
  await token;
  assert.equal(notes.at(-1), "confirm the code FAKE?[2J-1 at https://x/device?]0;title?");
});

Deno.test("a browser is started on the link, but with --stdout; it is shown in any case", async () => {
  for (const useStdout of [false, true]) {
    const { token, started, notes } = signIn(["token"], { useStdout });
    await token;
    assert.deepEqual(started.map(({ args }) => args.at(-1)), useStdout ? [] : ["https://x/device"]);
    assert.match(notes.at(-1)!, / at https:\/\/x\/device$/);
  }
});

Deno.test("a code that AWS calls expired is asked about no more, with what to do", async () => {
  const { token, polls } = signIn(["authorization_pending", "expired_token"]);
  await assert.rejects(token, (error: VaultError) => {
    assert.match(error.message, /^profile dev: the sign-in code expired before it was confirmed$/);
    assert.match(error.hints.join(), /^run the command again and confirm the code it prints/);
    return true;
  });
  assert.equal(polls(), 2);
});

Deno.test("polls without an answer are told once, at the third in a row", async () => {
  const pending = "authorization_pending";
  const told = async (answers: readonly Answer[]) => {
    const { token, notes } = signIn(answers);
    await token;
    return notes.filter((note) => note.startsWith("Still waiting")).length;
  };
  assert.equal(await told([OFFLINE, OFFLINE, pending, OFFLINE, "token"]), 0);
  assert.equal(await told([OFFLINE, OFFLINE, OFFLINE, OFFLINE, "token"]), 1);
});

Deno.test("a code that expires is not blamed on a fault that has passed", async () => {
  const { token } = signIn([OFFLINE, "authorization_pending"]);
  await assert.rejects(token, /the sign-in code expired before it was confirmed/);
});

Deno.test("a poll that AWS refuses ends the sign-in at once", async () => {
  const refusal = new AwsRefusal("InvalidRequestException", 400, "CreateToken was refused", []);
  const { token, polls } = signIn([refusal]);
  await assert.rejects(token, refusal);
  assert.equal(polls(), 1);
});

Deno.test("a clock that is put right while a code waits to be confirmed does not end it", async () => {
  const setRight = (clock: { nowMs: number }) => void (clock.nowMs += 8 * 3_600_000);
  const { token, polls } = signIn(["authorization_pending", "token"], {}, undefined, setRight);
  assert.equal((await token).answer.accessToken, "token");
  assert.equal(polls(), 2);
});

Deno.test("a code that nobody confirms expires, though the clock is set back while it waits", async () => {
  const setBack = (clock: { nowMs: number }) => void (clock.nowMs -= 3_600_000);
  const { token, polls } = signIn(["authorization_pending"], {}, undefined, setBack);
  await assert.rejects(token, /the sign-in code expired before it was confirmed/);
  assert.ok(polls() > 1);
});
