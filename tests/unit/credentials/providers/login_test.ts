import assert from "node:assert/strict";
import { runStep } from "../../../../src/credentials/run_step.ts";
import { SessionCache } from "../../../../src/credentials/session_cache.ts";
import type { LoginStep } from "../../../../src/credentials/steps.ts";
import { VaultError, WrongPassphraseError } from "../../../../src/errors.ts";
import type { Credentials } from "../../../../src/types.ts";
import { type ConsoleOptions, type FakeAws, startFakeAws } from "../../../fakes/aws/mod.ts";
import { cachePath, writeCliSession } from "../../../scenarios/cli_login.ts";
import { createRun, FakeClock, type FakeRunOptions, MemoryBackend } from "./fake_run.ts";

const ARN = "arn:aws:iam::111111111111:user/jon";
const KEY = `oidc:login:${ARN}`;

interface Desk {
  readonly aws: FakeAws;
  readonly login: ReturnType<FakeAws["addConsoleLogin"]>;
  readonly clock: FakeClock;
  /** How far AWS' clock is ahead of it. */
  readonly ahead: { ms: number };
  readonly backend: MemoryBackend;
  readonly home: string;
  notes: readonly string[];
  readonly links: URL[];
  /** Called before each answer of AWS. */
  onCall: () => void;
  get(step?: Partial<LoginStep>, options?: FakeRunOptions & { unattended?: true }): Promise<
    Credentials
  >;
}

async function withDesk(test: (desk: Desk) => Promise<void>, options: ConsoleOptions = {}) {
  const clock = new FakeClock();
  const backend = new MemoryBackend();
  const ahead = { ms: 0 };
  const now = () => clock.now() + ahead.ms;
  await using aws = await startFakeAws({ now, onCall: () => desk.onCall() });
  aws.addUser({ name: "jon" });
  const login = aws.addConsoleLogin({ approvesAtOnce: true, ...options });
  const home = Deno.makeTempDirSync({ prefix: "vault-login-" });
  const desk: Desk = {
    aws,
    login,
    clock,
    ahead,
    backend,
    home,
    notes: [],
    links: [],
    onCall() {},
    async get(step = {}, { unattended, ...more } = {}) {
      const { run, notes } = createRun({
        clock,
        backend,
        useStdout: false,
        env: { HOME: home, BROWSER: "firefox" },
        programs: ["firefox"],
        answer({ args }) {
          desk.links.push(new URL(args.at(-1)!));
          void fetch(desk.links.at(-1)!).then((page) => page.body?.cancel());
          return {};
        },
        ...more,
      });
      desk.notes = notes;
      const whole: LoginStep = {
        kind: "login",
        profile: "dev",
        subject: "profile dev",
        arn: ARN,
        region: "eu-west-1",
        endpoint: aws.url,
        ...step,
      };
      const cache = new SessionCache(backend, run.ctx, 0);
      return await runStep({ step: whole, run: { ...run, isUnattended: unattended }, cache });
    },
  };
  try {
    await test(desk);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

function grants({ aws }: Desk): string[] {
  return aws.calls.filter(({ action }) => action === "CreateOAuth2Token")
    .map(({ params, errorCode }) => `${params.grantType}${errorCode ? ` ${errorCode}` : ""}`);
}

Deno.test("one visit of the browser signs in to the console; what renews it is kept, and no keys", () =>
  withDesk(async (desk) => {
    const { accessKeyId, expiresAtMs, arn } = await desk.get();
    assert.match(accessKeyId, /^ASIA/);
    assert.equal(arn, ARN);
    assert.equal(expiresAtMs, desk.clock.now() + 900_000);
    assert.deepEqual(grants(desk), ["authorization_code"]);
    const { Login } = desk.backend.readJson(KEY);
    assert.deepEqual(Object.keys(Login), ["ClientId", "Region", "RefreshToken", "DpopKey"]);
    assert.equal(Login.ClientId, "arn:aws:signin:::devtools/same-device");
    assert.doesNotMatch(JSON.stringify(Login), new RegExp(accessKeyId));
  }));

Deno.test("the link is the one the AWS CLI would open, and is printed too", () =>
  withDesk(async (desk) => {
    await desk.get();
    const [link] = desk.links;
    assert.equal(link!.origin + link!.pathname, `${desk.aws.url}/v1/authorize`);
    const { state, code_challenge, redirect_uri, ...rest } = Object.fromEntries(link!.searchParams);
    assert.deepEqual(rest, {
      response_type: "code",
      client_id: "arn:aws:signin:::devtools/same-device",
      code_challenge_method: "SHA-256",
      scope: "openid",
    });
    assert.match(redirect_uri!, /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
    assert.ok(state!.length >= 32 && code_challenge!.length === 43);
    assert.ok(desk.notes.includes(link!.href));
  }));

Deno.test("a sign-in is renewed without anybody for as long as AWS lets it, then once more made", () =>
  withDesk(async (desk) => {
    await desk.get();
    for (const hours of [1, 5, 5.5]) {
      desk.clock.nowMs += hours * 3_600_000;
      assert.equal((await desk.get()).arn, ARN, "for the audit trail");
    }
    assert.equal(desk.links.length, 1);
    desk.clock.nowMs += 3_600_000;
    assert.match((await desk.get()).accessKeyId, /^ASIA/);
    assert.equal(desk.links.length, 2);
    assert.deepEqual(grants(desk).slice(-2), ["refresh_token TOKEN_EXPIRED", "authorization_code"]);
  }));

Deno.test("a sign-in is renewed where this machine's clock is off, be it slow or fast", () =>
  withDesk(async (desk) => {
    await desk.get();
    for (const ms of [2 * 3_600_000, -600_000]) {
      desk.clock.nowMs += 900_000;
      desk.ahead.ms = ms;
      assert.equal((await desk.get()).expiresAtMs, desk.clock.now() + 900_000);
    }
    assert.deepEqual(grants(desk).slice(1), [
      "refresh_token INVALID_REQUEST",
      "refresh_token",
      "refresh_token INVALID_REQUEST",
      "refresh_token",
    ]);
  }));

Deno.test("what AWS refuses where this machine's clock is right is asked once", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.clock.nowMs += 900_000;
    desk.aws.fail("CreateOAuth2Token", { code: "INVALID_REQUEST", status: 400 }, 3);
    await assert.rejects(desk.get(), /INVALID_REQUEST/);
    assert.deepEqual(grants(desk).slice(1), ["refresh_token INVALID_REQUEST"]);
  }));

Deno.test("a sign-in that is cleared, or made anew, while it is renewed stays so", () =>
  withDesk(async (desk) => {
    const { backend } = desk;
    await desk.get();
    const { Login } = backend.readJson(KEY);
    desk.clock.nowMs += 900_000;
    const other = { Login: { ...Login, RefreshToken: "another" } };
    desk.onCall = () => backend.writeJson(KEY, other);
    assert.match((await desk.get()).accessKeyId, /^ASIA/);
    assert.deepEqual(backend.readJson(KEY), other);
    backend.writeJson(KEY, { Login });
    desk.onCall = () => backend.items.delete(KEY);
    const type = "signin.CreateOAuth2Token";
    const cache = { type, profile: "work", serial: "", asked: ["a session"] } as const;
    assert.match((await desk.get({ cache })).accessKeyId, /^ASIA/);
    assert.deepEqual([...backend.items.keys()], [], "neither it nor what came of it");
  }));

Deno.test("a sign-in that cannot be read right after it was renewed is kept as it is now", () =>
  withDesk(async (desk) => {
    const { backend } = desk;
    await desk.get();
    const old = backend.readJson(KEY).Login.RefreshToken;
    desk.clock.nowMs += 900_000;
    desk.onCall = () => backend.failOnce();
    await desk.get();
    assert.notEqual(backend.readJson(KEY).Login.RefreshToken, old);
  }));

Deno.test("after a new password one new sign-in is asked for", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.login.refusal = "USER_CREDENTIALS_CHANGED";
    await desk.get();
    assert.equal(desk.links.length, 2);
  }));

Deno.test("the permission that is missing is told by its name, and nobody is asked to sign in", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.login.refusal = "INSUFFICIENT_PERMISSIONS";
    const error = await desk.get().catch((error) => error);
    assert.ok(error instanceof VaultError);
    assert.match(error.message, /profile dev: AWS refused CreateOAuth2Token .*INSUFFICIENT_PERM/);
    assert.match(error.hints.join(" "), /signin:CreateOAuth2Token.*SignInLocalDevelopmentAccess/);
    assert.equal(desk.links.length, 1);
    assert.ok(desk.backend.items.has(KEY));
  }));

Deno.test("an answer of 500 and one of 429 are asked again, where that does nothing twice", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.aws.fail("CreateOAuth2Token", { code: "server_error", status: 500 });
    await desk.get();
    desk.aws.fail("CreateOAuth2Token", { code: "INVALID_REQUEST", status: 429 });
    await desk.get();
    assert.equal(desk.links.length, 1);
    assert.equal(grants(desk).length, 5);
  }));

Deno.test("a code is good once: it is not sent again, whatever AWS answers", () =>
  withDesk(async (desk) => {
    desk.aws.fail("CreateOAuth2Token", { code: "server_error", status: 500 });
    await assert.rejects(desk.get(), /server_error/);
    assert.equal(grants(desk).length, 1);
  }));

Deno.test("a fault of AWS' own, or of too many at once, is told to pass, and no sign-in to help", () =>
  withDesk(async (desk) => {
    await desk.get();
    for (const [code, status] of [["server_error", 500], ["INVALID_REQUEST", 429]] as const) {
      desk.aws.fail("CreateOAuth2Token", { code, status }, 3);
      const error = await desk.get().then(() => assert.fail(), (error: VaultError) => error);
      assert.deepEqual(error.hints, ["that passes by itself: try again in a moment"]);
    }
    assert.equal(grants(desk).length, 7, "each is asked three times");
  }));

Deno.test("where nobody may be asked a session that has ended is an error, and stays", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.clock.nowMs += 13 * 3_600_000;
    await assert.rejects(
      desk.get({}, { unattended: true }),
      /needs a sign-in to the console as arn/,
    );
    assert.ok(desk.backend.items.has(KEY));
  }));

for (const code of ["INVALID_REQUEST", "somebody else's"]) {
  Deno.test(`the way out of a sign-in that fails names the profile to sign in for (${code})`, () =>
    withDesk(async (desk) => {
      if (code === "INVALID_REQUEST") desk.aws.fail("CreateOAuth2Token", { code, status: 400 });
      const step = { subject: "profile my work", arn: "arn:aws:iam::111111111111:user/ann" };
      const error = await desk.get(step).catch((error) => error);
      assert.ok(error instanceof VaultError);
      assert.match(error.hints.join("\n"), /: aws-vault signin "my work"$/m);
    }));
}

Deno.test("a keyring's passphrase is asked for before a browser is opened", () =>
  withDesk(async (desk) => {
    const unlock = () => Promise.reject(new WrongPassphraseError("that opens nothing"));
    Object.assign(desk.backend, { unlock });
    await assert.rejects(desk.get(), /that opens nothing/);
    assert.deepEqual(desk.links, []);
  }));

Deno.test("somebody else's sign-in is refused by both names, and not kept", () =>
  withDesk(async (desk) => {
    const other = "arn:aws:iam::111111111111:user/ann";
    await assert.rejects(
      desk.get({ arn: other }),
      { message: `profile dev: ${ARN} signed in, and its login_session is ${other}` },
    );
    assert.equal(desk.backend.items.size, 0);
  }));

Deno.test("without a browser here the code is pasted, whole or in lines, and asked for again", () =>
  withDesk(async (desk) => {
    const asked: string[] = [];
    const { run } = createRun({
      clock: desk.clock,
      backend: desk.backend,
      env: { HOME: desk.home },
      useStdout: false,
    });
    const terminal = {
      available: () => true,
      isOutput: () => false,
      async ask(message: string) {
        asked.push(message);
        if (asked.length === 1) return "what?";
        const link = links.find((text) => text.startsWith("http"))!;
        const page = await (await fetch(link)).text();
        const [, code] = /<code id="code">(.*)<\/code>/.exec(page)!;
        return `${code!.slice(0, 20)}\n ${code!.slice(20)}\n`;
      },
    };
    const links: string[] = [];
    const ctx = { ...run.ctx, terminal, tell: (text: string) => void links.push(text) };
    const { signInToConsole } = await import(
      "../../../../src/credentials/signin/console_sign_in.ts"
    );
    const target = { subject: "profile dev", region: "eu-west-1", endpoint: desk.aws.url };
    const { arn, session } = await signInToConsole(target, { ...run, ctx });
    assert.equal(arn, ARN);
    assert.equal(session.clientId, "arn:aws:signin:::devtools/cross-device");
    assert.equal(asked.length, 2);
    assert.match(links.join("\n"), /That is not the code/);
  }));

function cliDirectory({ home }: Desk): string {
  return `${home}/.aws/login/cache`;
}

Deno.test("the AWS CLI's session is renewed where it lies: fields we do not know stay", () =>
  withDesk(async (desk) => {
    const more = { signInRegion: "us-west-2", theirs: { of: "the future" } };
    const options = { arn: ARN, leftSeconds: 60, more };
    const path = await writeCliSession(desk.aws, cliDirectory(desk), options);
    const before = JSON.parse(Deno.readTextFileSync(path));
    const { accessKeyId, expiresAtMs } = await desk.get();
    const after = JSON.parse(Deno.readTextFileSync(path));
    assert.equal(after.accessToken.accessKeyId, accessKeyId);
    assert.equal(Date.parse(after.accessToken.expiresAt), expiresAtMs);
    assert.equal(after.accessToken.accountId, "111111111111");
    assert.notEqual(after.refreshToken, before.refreshToken);
    const keep = (
      { theirs, dpopKey, signInRegion, idToken, clientId }: typeof after,
    ) => [theirs, dpopKey, signInRegion, idToken, clientId];
    assert.deepEqual(keep(after), keep(before));
    assert.equal((Deno.statSync(path).mode! & 0o777).toString(8), "600");
    assert.deepEqual([...Deno.readDirSync(cliDirectory(desk))].length, 1);
    assert.equal(desk.links.length, 0);
    assert.equal(desk.backend.items.size, 0);
  }));

Deno.test("what renews the AWS CLI's session is kept in the keyring where its file cannot be written", () =>
  withDesk(async (desk) => {
    const options = { arn: ARN, leftSeconds: 60 };
    const path = await writeCliSession(desk.aws, cliDirectory(desk), options);
    const elsewhere = `${desk.home}/${"x".repeat(250)}`; // no name is left for a temporary file
    Deno.renameSync(path, elsewhere);
    Deno.symlinkSync(elsewhere, path);
    const before = Deno.readTextFileSync(path);
    await desk.get();
    assert.match(desk.notes.join(), /could not be renewed, the keyring has it now: .*too long/);
    assert.equal(Deno.readTextFileSync(path), before);
    desk.clock.nowMs += 3_600_000;
    await desk.get();
    assert.equal(desk.links.length, 0, "nobody signs in once more");
  }));

Deno.test("the AWS CLI's credentials serve while they last, and AWS is asked nothing", () =>
  withDesk(async (desk) => {
    await writeCliSession(desk.aws, cliDirectory(desk), { arn: ARN, leftSeconds: 600 });
    const before = desk.aws.calls.length;
    const { expiresAtMs } = await desk.get();
    assert.equal(expiresAtMs, desk.clock.now() + 600_000);
    assert.equal(desk.aws.calls.length, before);
    desk.clock.nowMs += 300_000;
    assert.equal((await desk.get()).expiresAtMs, desk.clock.now() + 900_000, "renewed");
  }));

Deno.test("where ours has ended the AWS CLI's serves, and the other way round", () =>
  withDesk(async (desk) => {
    await desk.get();
    desk.clock.nowMs += 13 * 3_600_000;
    await writeCliSession(desk.aws, cliDirectory(desk), { arn: ARN, leftSeconds: 0 });
    await desk.get();
    assert.equal(desk.links.length, 1);
    assert.ok(!desk.backend.items.has(KEY), "what has ended is dropped for what goes on");
    desk.clock.nowMs += 13 * 3_600_000;
    await desk.get();
    assert.equal(desk.links.length, 2);
    assert.ok(desk.backend.items.has(KEY));
  }));

Deno.test("AWS_LOGIN_CACHE_DIRECTORY names the AWS CLI's cache, and nonsense in it is passed over", () =>
  withDesk(async (desk) => {
    const directory = `${desk.home}/elsewhere`;
    const env = { HOME: desk.home, BROWSER: "firefox", AWS_LOGIN_CACHE_DIRECTORY: "~/elsewhere" };
    await writeCliSession(desk.aws, directory, { arn: ARN, leftSeconds: 600 });
    await desk.get({}, { env });
    assert.equal(desk.links.length, 0);
    Deno.writeTextFileSync(cachePath(directory, ARN), "{");
    await desk.get({}, { env });
    assert.equal(desk.links.length, 1);
    assert.equal(Deno.readTextFileSync(cachePath(directory, ARN)), "{");
  }));
