import assert from "node:assert/strict";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";
import { MfaCodes } from "../../../src/credentials/mfa_codes.ts";
import { withMfaCode } from "../../../src/credentials/mfa_request.ts";
import type { Run } from "../../../src/credentials/run.ts";
import type { Credentials } from "../../../src/types.ts";
import { commandLine, createRun, printing } from "./providers/fake_run.ts";

/** A world whose prompt gives these answers in turn. */
function setUp(answers: readonly string[], printed = "") {
  const made = createRun({ answer: printing(printed) });
  const asked: string[] = [];
  const left = [...answers];
  const ask = (message: string) => {
    asked.push(message);
    return Promise.resolve(left.shift() ?? assert.fail("asked once too often"));
  };
  const ctx = { ...made.ctx, prompt: () => Promise.resolve({ name: "fake", ask }) };
  const mfa = new MfaCodes(ctx);
  return { ...made, ctx, mfa, asked, run: { ...made.run, ctx, mfa } as Run };
}

Deno.test("each device is asked for its code once in a run, however many need it", async () => {
  const { mfa, asked } = setUp(["111111", "222222"]);
  const codes = await Promise.all([
    mfa.code({ serial: "one" }),
    mfa.code({ serial: "one" }),
    mfa.code({ serial: "two" }),
  ]);
  assert.deepEqual(codes, ["111111", "111111", "222222"]);
  assert.deepEqual(asked, ["Enter MFA code for one: ", "Enter MFA code for two: "]);
});

Deno.test("an answer that is not six digits is asked again, and never shown", async () => {
  const { mfa, asked, notes } = setUp(["my passphrase", "12345", " 123456 "]);
  assert.equal(await mfa.code({ serial: "one" }), "123456");
  assert.equal(asked.length, 3);
  assert.deepEqual(notes, ["An MFA code is six digits.", "An MFA code is six digits."]);
});

Deno.test("three answers that are no codes are an error", async () => {
  const { mfa } = setUp(["a", "b", "1234567"]);
  await assert.rejects(mfa.code({ serial: "one" }), {
    message: "no six-digit MFA code for one was given",
  });
});

Deno.test("--mfa-token stands before mfa_process, and nobody is asked", async () => {
  const { mfa, started } = setUp([], "222222\n");
  const request = { serial: "one", token: "111111", process: commandLine("mfa_process", "code") };
  assert.equal(await mfa.code(request), "111111");
  assert.deepEqual(started, []);
});

Deno.test("mfa_process is run by the shell, and what it prints is the code", async () => {
  const { mfa, started } = setUp([], "  222222\n");
  assert.equal(
    await mfa.code({ serial: "one", process: commandLine("mfa_process", "code | tail -1") }),
    "222222",
  );
  assert.deepEqual(started[0]!.args, ["-c", "code | tail -1"]);
});

Deno.test("what mfa_process prints instead of a code is in no error", async () => {
  const { mfa } = setUp([], "a long-term secret");
  await assert.rejects(
    mfa.code({ serial: "one", process: commandLine("mfa_process", "code") }),
    (error) => {
      assert.ok(error instanceof VaultError);
      assert.match(error.message, /mfa_process of profile x \(code\) printed no six-digit code/);
      assert.ok(!JSON.stringify([error.message, error.hints]).includes("long-term"));
      return true;
    },
  );
});

const REFUSAL = new AwsRefusal("AccessDenied", 403, "MultiFactorAuthentication failed with …", []);
const GIVEN: Credentials = { accessKeyId: "A", secretAccessKey: "s" };

/** A request that AWS refuses so many times. */
function refusing(times: number) {
  const codes: (string | undefined)[] = [];
  return {
    codes,
    request(answer: { code: string } | undefined): Promise<Credentials> {
      codes.push(answer?.code);
      return codes.length <= times ? Promise.reject(REFUSAL) : Promise.resolve(GIVEN);
    },
  };
}

Deno.test("a code that AWS refuses is asked for again, at most twice", async () => {
  const { run, notes } = setUp(["111111", "222222", "333333"]);
  const twice = refusing(2);
  assert.equal(await withMfaCode({ serial: "one" }, run, twice.request), GIVEN);
  assert.deepEqual(twice.codes, ["111111", "222222", "333333"]);
  assert.equal(notes.length, 2);
  const always = refusing(9);
  const again = setUp(["1", "2", "3"].map((digit) => digit.repeat(6)));
  await assert.rejects(withMfaCode({ serial: "one" }, again.run, always.request), REFUSAL);
  assert.equal(always.codes.length, 3);
});

Deno.test("a refused code that nobody typed is an error at once", async () => {
  for (const more of [{ token: "111111" }, { process: commandLine("mfa_process", "code") }]) {
    const { run } = setUp([], "111111");
    const always = refusing(9);
    await assert.rejects(withMfaCode({ serial: "one", ...more }, run, always.request), REFUSAL);
    assert.equal(always.codes.length, 1);
  }
});

Deno.test("another refusal is no matter of the code", async () => {
  const { run } = setUp(["111111"]);
  const refusal = new AwsRefusal("AccessDenied", 403, "not authorized", []);
  await assert.rejects(withMfaCode({ serial: "one" }, run, () => Promise.reject(refusal)), refusal);
});

Deno.test("a device that AWS does not know is no matter of the code: nobody is asked again", async () => {
  const { run, notes } = setUp(["111111", "222222"]);
  const unknown = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify " +
    "your MFA serial number is valid and associated with this user.";
  const refusal = new AwsRefusal("AccessDenied", 403, unknown, []);
  await assert.rejects(withMfaCode({ serial: "one" }, run, () => Promise.reject(refusal)), refusal);
  assert.deepEqual(notes, []);
});

Deno.test("without a device no code is asked for", async () => {
  const { run } = setUp([]);
  const never = refusing(0);
  await withMfaCode(undefined, run, never.request);
  assert.deepEqual(never.codes, [undefined]);
});
