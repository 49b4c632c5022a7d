import assert from "node:assert/strict";
import { createProvider } from "../../../../src/credentials/providers/web_identity.ts";
import type { WebIdentityStep } from "../../../../src/credentials/steps.ts";
import { VaultError } from "../../../../src/errors.ts";
import { type FakeAws, startFakeAws } from "../../../fakes/aws/mod.ts";
import { commandLine, createRun, FakeClock, printing } from "./fake_run.ts";

const ROLE = "arn:aws:iam::222222222222:role/web";
const TOKEN = "head.body.signature";

async function withSts(
  test: (aws: FakeAws, file: string, clock: FakeClock) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  await using aws = await startFakeAws({ now: clock.now });
  aws.addRole({ arn: ROLE, trusts: ["arn:aws:iam::222222222222:oidc-provider/ci.example"] });
  aws.addWebIdentity({
    token: TOKEN,
    issuer: "ci.example",
    subject: "job",
    audience: "sts.amazonaws.com",
    expiresMs: clock.nowMs + 60_000,
  });
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${TOKEN}\n`);
    await test(aws, file, clock);
  } finally {
    await Deno.remove(file);
  }
}

function retrieve(aws: FakeAws, step: Partial<WebIdentityStep>, clock: FakeClock, printed = "") {
  const { run } = createRun({ clock, answer: printing(printed) });
  return createProvider({
    kind: "web_identity",
    profile: "web",
    target: { region: "eu-west-1", endpoint: aws.url, legacy: false },
    roleArn: ROLE,
    durationSeconds: 3600,
    lengthFrom: { from: "default" },
    ...step,
  }, run).retrieve();
}

Deno.test("a role is assumed unsigned by the token of a file, without its line end", () =>
  withSts(async (aws, file, clock) => {
    const credentials = await retrieve(aws, { tokenFile: file }, clock);
    assert.match(credentials.accessKeyId, /^ASIA/);
    assert.equal(credentials.expiresAtMs, clock.nowMs + 3_600_000);
    assert.equal(aws.calls[0]!.action, "AssumeRoleWithWebIdentity");
    assert.equal(aws.calls[0]!.signer, undefined);
    assert.match(aws.calls[0]!.params.RoleSessionName!, /^\d{19}$/);
  }));

Deno.test("a role is assumed by the token a command prints, under the session name set", () =>
  withSts(async (aws, _file, clock) => {
    const step = {
      tokenProcess: commandLine("web_identity_token_process", "oidccli raw"),
      roleSessionName: "me",
    };
    await retrieve(aws, step, clock, `${TOKEN}\n`);
    assert.equal(aws.calls[0]!.params.RoleSessionName, "me");
  }));

Deno.test("a token file that is missing is named with its setting", () =>
  withSts(async (aws, _file, clock) => {
    const missing = await retrieve(aws, { tokenFile: "/nonexistent/token" }, clock)
      .catch((error) => error);
    assert.match(
      missing.message,
      /profile web: cannot read web_identity_token_file \/nonexistent\/token: no such file/,
    );
    assert.match(missing.hints.join(), /has to put a token there/);
    const error = await retrieve(aws, { tokenFile: "~/token" }, clock).catch((error) => error);
    assert.deepEqual(error.hints, ["~ stands for nothing here: write the whole path"]);
  }));

for (
  const [make, why] of [
    ["mkfifo token", "it is no plain file"],
    ["ln -s /dev/zero token", "it is no plain file"],
    ["mkdir token", "it is a directory"],
    ["truncate -s 2000000 token", "it has 2000000 bytes, which no token has"],
  ] as const
) {
  Deno.test(`a token that no file has is not waited for without an end (${make})`, () =>
    withSts(async (aws, file, clock) => {
      const cwd = await Deno.makeTempDir();
      await new Deno.Command("sh", { args: ["-c", make], cwd }).output();
      const tokenFile = `${cwd}/token`;
      const message = `profile web: cannot read web_identity_token_file ${tokenFile}: ${why}`;
      await assert.rejects(retrieve(aws, { tokenFile }, clock), { message });
      await Deno.writeTextFile(file, TOKEN);
      await Deno.remove(tokenFile, { recursive: true });
      await Deno.symlink(file, tokenFile); // as Kubernetes has it
      await retrieve(aws, { tokenFile }, clock);
      await Deno.remove(cwd, { recursive: true });
    }));
}

Deno.test("what is no token is named with where it came from, and not sent", () =>
  withSts(async (aws, file, clock) => {
    const tokenProcess = commandLine("web_identity_token_process", "oidccli raw");
    for (const printed of [`${TOKEN}\ufffd`, `signing in\n${TOKEN}`, `${TOKEN}\0`]) {
      await assert.rejects(
        retrieve(aws, { tokenProcess }, clock, printed),
        /web_identity_token_process of profile x \(oidccli\) gave no token: it is one word of ASCII$/,
      );
    }
    await Deno.writeTextFile(file, "\n");
    await assert.rejects(
      retrieve(aws, { tokenFile: file }, clock),
      new RegExp(`web_identity_token_file ${file} gave an empty token`),
    );
    await assert.rejects(
      retrieve(aws, { tokenProcess }, clock),
      /web_identity_token_process of profile x \(oidccli\) gave an empty token/,
    );
    assert.equal(aws.calls.length, 0);
  }));

Deno.test("a token that AWS calls invalid is told with where it came from", () =>
  withSts(async (aws, file, clock) => {
    await Deno.writeTextFile(file, "another.body.signature");
    const error = await retrieve(aws, { tokenFile: file }, clock).catch((error) => error);
    assert.match(error.message, /InvalidIdentityToken/);
    assert.match(error.hints.join(), /^the token comes from web_identity_token_file .*provider\?$/);
  }));

Deno.test("an expired token is told as that, with where it came from and without the token", () =>
  withSts(async (aws, file, clock) => {
    clock.nowMs += 60_000;
    await assert.rejects(retrieve(aws, { tokenFile: file }, clock), (error) => {
      assert.ok(error instanceof VaultError);
      assert.match(error.message, /ExpiredTokenException/);
      assert.match(error.hints.join("\n"), new RegExp(`web_identity_token_file ${file}`));
      assert.doesNotMatch(error.message + error.hints.join(), new RegExp(TOKEN));
      return true;
    });
  }));
