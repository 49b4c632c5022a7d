import assert from "node:assert/strict";
import { signInToConsole } from "../../../../src/credentials/signin/console_sign_in.ts";
import {
  readCliSession,
  renewCliSession,
} from "../../../../src/credentials/signin/console_cli_cache.ts";
import {
  keepConsoleSession,
  readConsoleSession,
} from "../../../../src/credentials/signin/console_session.ts";
import type { LoginTarget } from "../../../../src/credentials/steps.ts";
import type { VaultError } from "../../../../src/errors.ts";
import { type FakeAws, startFakeAws } from "../../../fakes/aws/mod.ts";
import { writeCliSession } from "../../../scenarios/cli_login.ts";
import { createRun, FakeClock, type FakeRunOptions, MemoryBackend } from "../providers/fake_run.ts";
import { until } from "../../../until.ts";

const ARN = "arn:aws:iam::111111111111:user/jon";

async function withConsole(test: (aws: FakeAws) => Promise<void>): Promise<void> {
  await using aws = await startFakeAws({ now: new FakeClock().now });
  aws.addUser({ name: "jon" });
  aws.addConsoleLogin({ approvesAtOnce: true });
  await test(aws);
}

/** A sign-in where what is typed for a code is `paste` of the link that was shown. */
function signIn(
  aws: FakeAws,
  paste: ((link: URL) => string | Promise<string>) | undefined,
  target: Partial<LoginTarget> = {},
  options: FakeRunOptions = {},
) {
  const world = createRun({ useStdout: false, programs: ["firefox"], ...options });
  const asked: string[] = [];
  const terminal = {
    available: () => paste !== undefined,
    isOutput: () => false,
    async ask(message: string) {
      asked.push(message);
      return await paste!(new URL(world.notes.find((note) => note.startsWith("http"))!));
    },
  };
  const whole = { subject: "profile dev", region: "eu-west-1", endpoint: aws.url, ...target };
  const ctx = { ...world.ctx, terminal };
  return { ...world, asked, signedIn: signInToConsole(whole, { ...world.run, ctx }) };
}

function isToldWith(message: RegExp, hint: RegExp): (error: VaultError) => boolean {
  return (error) => {
    assert.match(error.message, message);
    assert.match(error.hints.join(), hint);
    return true;
  };
}

Deno.test("a code is asked for three times, and an empty one is none", () =>
  withConsole(async (aws) => {
    const pastes = [
      () => "what?",
      (link: URL) => btoa(`state=${link.searchParams.get("state")}&code=`),
      () => "",
    ];
    let nth = 0;
    const { signedIn, asked, notes } = signIn(aws, (link) => pastes[nth++]!(link), { arn: ARN });
    await assert.rejects(
      signedIn,
      isToldWith(/^profile dev: no code was pasted, nobody is signed in$/, /as a whole$/),
    );
    assert.equal(asked.length, 3);
    assert.equal(notes.filter((note) => note.startsWith("That is not the code")).length, 2);
    assert.match(
      notes[0]!,
      /^Sign in to the AWS console for profile dev as arn:aws:iam::1{12}:user/,
    );
  }));

Deno.test("a code of another sign-in is taken for none of this one", () =>
  withConsole(async (aws) => {
    const { signedIn, asked } = signIn(aws, () => btoa("state=another&code=stolen"));
    await assert.rejects(
      signedIn,
      isToldWith(/\(wrong state\)$/, /use its link, no older/),
    );
    assert.equal(asked.length, 1);
    assert.ok(!aws.calls.some(({ action }) => action === "CreateOAuth2Token"));
  }));

Deno.test("without a terminal no code is asked for, and no link shown in vain", () =>
  withConsole(async (aws) => {
    const { signedIn, notes } = signIn(aws, undefined);
    await assert.rejects(
      signedIn,
      isToldWith(
        /^profile dev: there is no terminal to paste a code into$/,
        /^run it in a terminal/,
      ),
    );
    assert.deepEqual(notes, []);
  }));

Deno.test("with --stdout the link comes back to this machine, and nothing is opened; then nobody listens", () =>
  withConsole(async (aws) => {
    const env = { BROWSER: "firefox" };
    for (const useStdout of [true, false]) {
      const { signedIn, notes, started } = signIn(aws, undefined, {}, {
        useStdout,
        env: useStdout ? {} : env,
      });
      const link = new URL(await until(() => notes.find((note) => note.startsWith("http"))));
      await (await fetch(link)).body?.cancel();
      assert.equal((await signedIn).arn, ARN);
      assert.equal(started.length, useStdout ? 0 : 1);
      const { port } = new URL(link.searchParams.get("redirect_uri")!);
      await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
    }
  }));

Deno.test("a session is kept with the region that it was made in, the keyring's and the AWS CLI's", () =>
  withConsole(async (aws) => {
    const { ctx, run } = createRun();
    const directory = Deno.makeTempDirSync({ prefix: "vault-login-" });
    const env = {
      get: (name: string) => name === "AWS_LOGIN_CACHE_DIRECTORY" ? directory : undefined,
    };
    const options = { arn: ARN, leftSeconds: 60, more: { signInRegion: "us-west-2" } };
    await writeCliSession(aws, directory, options);
    const { session } = (await readCliSession(ARN, { ...ctx, env }))!;
    assert.equal(session.region, "us-west-2");
    const backend = new MemoryBackend();
    await keepConsoleSession(ARN, session, backend, ctx);
    assert.deepEqual(await readConsoleSession(ARN, backend, run.ctx), session);
    Deno.removeSync(directory, { recursive: true });
  }));

Deno.test("an AWS CLI's session that is gone or another by its renewal stays so; half a file goes with it", () =>
  withConsole(async (aws) => {
    const { ctx } = createRun();
    const now = { ...ctx, clock: { ...ctx.clock, now: Date.now } };
    const directory = Deno.makeTempDirSync({ prefix: "vault-login-" });
    const env = {
      get: (name: string) => name === "AWS_LOGIN_CACHE_DIRECTORY" ? directory : undefined,
    };
    const path = await writeCliSession(aws, directory, { arn: ARN, leftSeconds: 60 });
    const session = (await readCliSession(ARN, { ...ctx, env }))!;
    const left = `${path}.tmp-0123456789abcdef`;
    Deno.writeTextFileSync(left, "half");
    Deno.utimeSync(left, 0, 0);
    const credentials = { accessKeyId: "ASIA", secretAccessKey: "s", expiresAtMs: 9e12 };
    assert.equal(renewCliSession(session, { credentials, refreshToken: "next" }, now), true);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).length, 1);
    assert.equal(JSON.parse(Deno.readTextFileSync(path)).refreshToken, "next");
    assert.equal(renewCliSession(session, { credentials, refreshToken: "late" }, now), true);
    assert.equal(JSON.parse(Deno.readTextFileSync(path)).refreshToken, "next");
    Deno.removeSync(path); // that was `aws logout`
    assert.equal(renewCliSession(session, { credentials, refreshToken: "next" }, now), true);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
    Deno.removeSync(directory);
  }));
