import assert from "node:assert/strict";
import { openSsoSession } from "../../../../src/credentials/signin/session.ts";
import type { SsoTarget } from "../../../../src/credentials/steps.ts";
import { VaultError } from "../../../../src/errors.ts";
import { type FakeAws, startFakeAws } from "../../../fakes/aws/mod.ts";
import type { SsoOptions } from "../../../fakes/aws/mod.ts";
import { createRun, FakeClock, type FakeRunOptions, MemoryBackend } from "../providers/fake_run.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const KEY = `oidc:${START_URL}`;
const HERE = { BROWSER: "firefox" };

/** What the browser does with the link it is started on. */
type Browser = (link: URL) => unknown;

interface Desk {
  readonly aws: FakeAws;
  readonly clock: FakeClock;
  readonly backend: MemoryBackend;
  /** What the latest run has said so far. */
  notes: readonly string[];
  /** The same of `--debug`. */
  debug: readonly string[];
  /** What the pages of our own listener said. */
  readonly pages: string[];
  /** The links a browser was started on. */
  readonly links: URL[];
  signIn(target?: Partial<SsoTarget>, options?: FakeRunOptions): Promise<string>;
}

/** Somebody in front of a machine with a browser, which goes where it is sent unless told. */
async function withDesk(
  test: (desk: Desk) => Promise<void>,
  { browse, ...instance }: Partial<SsoOptions> & { browse?: (desk: Desk) => Browser } = {},
): Promise<void> {
  const clock = new FakeClock();
  const backend = new MemoryBackend();
  await using aws = await startFakeAws({ now: clock.now });
  aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
    approvesAtOnce: true,
    ...instance,
  });
  const desk: Desk = {
    aws,
    clock,
    backend,
    notes: [],
    debug: [],
    pages: [],
    links: [],
    async signIn(target = {}, options = {}) {
      const { run, notes, debug } = createRun({
        clock,
        backend,
        useStdout: false,
        env: HERE,
        programs: ["firefox"],
        answer({ args }) {
          const link = new URL(args.at(-1)!);
          desk.links.push(link);
          if (link.pathname === "/authorize") void (browse?.(desk) ?? follow(desk))(link);
          return {};
        },
        ...options,
      });
      desk.notes = notes;
      desk.debug = debug;
      const { token } = await openSsoSession({
        subject: "profile dev",
        startUrl: START_URL,
        region: "eu-west-1",
        scopes: [],
        session: "corp",
        portalEndpoint: aws.url,
        oidcEndpoint: aws.url,
        ...target,
      }, run);
      return token.accessToken;
    },
  };
  await test(desk);
}

function follow(desk: Desk): Browser {
  return async (link) => void desk.pages.push(await (await fetch(link)).text());
}

/** Comes back to our listener with `answer`, whatever the page would have said. */
function comeBackWith(desk: Desk, answer: (state: string) => Record<string, string>): Browser {
  return async (link) => {
    const back = new URL(link.searchParams.get("redirect_uri")!);
    const query = new URLSearchParams(answer(link.searchParams.get("state")!));
    desk.pages.push(await (await fetch(`${back}?${query}`)).text());
  };
}

function actions(aws: FakeAws): string[] {
  return aws.calls.map(({ action }) => action);
}

Deno.test("with a browser here, one visit of it brings the token, by an authorization code", () =>
  withDesk(async (desk) => {
    const token = await desk.signIn();
    assert.match(token, /^fake-sso-access-token/);
    assert.deepEqual(actions(desk.aws), ["RegisterClient", "CreateToken"]);
    assert.deepEqual(desk.aws.calls[0]!.params, {
      clientName: "aws-vault",
      clientType: "public",
      scopes: "sso:account:access",
      grantTypes: "authorization_code refresh_token",
      redirectUris: "http://127.0.0.1/oauth/callback",
      issuerUrl: START_URL,
    });
    assert.equal(desk.aws.calls[1]!.params.grantType, "authorization_code");
    const { Token, Registration } = desk.backend.readJson(KEY);
    assert.match(Token.RefreshToken, /^fake-sso-refresh-token/);
    assert.deepEqual(Registration.Grants, ["authorization_code", "refresh_token"]);
  }));

Deno.test("the link is the one the AWS CLI would open, and is printed too", () =>
  withDesk(async (desk) => {
    await desk.signIn({ scopes: ["sso:account:access", "codewhisperer:analysis"] });
    const [link] = desk.links;
    assert.deepEqual([...link!.searchParams.keys()], [
      "response_type",
      "client_id",
      "redirect_uri",
      "state",
      "code_challenge_method",
      "scopes",
      "code_challenge",
    ]);
    assert.match(link!.search, /&scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Aanalysis&/);
    assert.match(link!.search, /&redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A\d+%2Foauth%2Fcallback&/);
    assert.match(desk.notes.join("\n"), new RegExp(`^${RegExp.escape(link!.href)}$`, "m"));
    assert.equal(link!.pathname, "/authorize");
  }));

Deno.test("no note and no debugging line holds a code, a token or a client's secret", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    const said = [...desk.notes, ...desk.debug].join("\n");
    assert.match(said, /CreateToken by authorization code/);
    assert.doesNotMatch(said, /fake-(authorization-code|sso-|client-secret)/);
  }));

Deno.test("the page that the browser ends on loads nothing and says to close it; then nobody listens", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    while (desk.pages.length === 0) await pause();
    assert.match(desk.pages[0]!, /<h1>You can close this window<\/h1>/);
    assert.doesNotMatch(desk.pages[0]!, /<script|src=|href=|https?:/);
    const { port } = new URL(desk.links[0]!.searchParams.get("redirect_uri")!);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
  }));

Deno.test("a sign-in by code is refreshed without a browser, and its registration used again", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    desk.clock.nowMs += 600_000;
    await desk.signIn();
    assert.equal(desk.links.length, 1);
    desk.clock.nowMs += 600_000;
    desk.aws.revokeSsoTokens("all");
    await desk.signIn();
    assert.equal(desk.links.length, 2);
    assert.equal(actions(desk.aws).filter((action) => action === "RegisterClient").length, 1);
  }, { accessTokenSeconds: 600 }));

Deno.test("a registration that would end while the browser is out is made anew", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    const endsAtMs = Date.parse(desk.backend.readJson(KEY).Registration.Expiration);
    desk.clock.nowMs = endsAtMs - 10 * 60_000;
    desk.aws.revokeSsoTokens("all");
    await desk.signIn();
    assert.equal(actions(desk.aws).filter((action) => action === "RegisterClient").length, 2);
  }));

const BY_SSH = { SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" };

for (
  const [name, target, options] of [
    ["by --use-device-code", {}, { useDeviceCode: true }],
    ["by --stdout", {}, { useStdout: true }],
    ["over SSH", {}, { env: { ...HERE, ...BY_SSH } }],
    ["over SSH, on macOS", {}, { env: { ...HERE, ...BY_SSH }, platform: "darwin" }],
    ["over SSH, on Windows", {}, { env: { ...HERE, ...BY_SSH }, platform: "windows" }],
    ["without a display", {}, { env: {} }],
    ["for a profile without an sso-session", { session: undefined }, {}],
  ] as const
) {
  Deno.test(`${name} a device code is used`, () =>
    withDesk(async (desk) => {
      await desk.signIn(target, options);
      assert.ok(actions(desk.aws).includes("StartDeviceAuthorization"));
      assert.match(desk.aws.calls[0]!.params.grantTypes!, /device_code/);
    }));
}

for (
  const [name, options] of [
    ["DISPLAY is set", { env: { DISPLAY: ":0" } }],
    ["WAYLAND_DISPLAY is set", { env: { WAYLAND_DISPLAY: "wayland-0" } }],
    ["this is WSL", { env: { WSL_DISTRO_NAME: "Debian" } }],
    ["this is WSL under sudo", { env: { WSL_INTEROP: "/run/WSL/8_interop" } }],
    ["this is macOS", { env: {}, platform: "darwin" }],
    ["this is Windows", { env: {}, platform: "windows" }],
  ] as const
) {
  Deno.test(`a browser is expected where ${name}; where none opens, the printed link serves`, () =>
    withDesk(async (desk) => {
      const signedIn = desk.signIn({}, { programs: [], ...options });
      const findLink = () => desk.notes.find((line) => line.startsWith("http"));
      while (findLink() === undefined) await pause();
      await follow(desk)(new URL(findLink()!));
      assert.match(await signedIn, /^fake-sso-access-token/);
      assert.ok(!actions(desk.aws).includes("StartDeviceAuthorization"));
    }));
}

// A port that is still listened on would keep the command from ending.
Deno.test("where AWS registers no client for codes, a device code is used, and nobody listens", {
  sanitizeResources: true,
}, () =>
  withDesk(async (desk) => {
    desk.aws.fail("RegisterClient", { code: "InvalidRequestException", status: 400 });
    assert.match(await desk.signIn(), /^fake-sso-access-token/);
    assert.deepEqual(actions(desk.aws), [
      "RegisterClient",
      "RegisterClient",
      "StartDeviceAuthorization",
      "CreateToken",
    ]);
  }));

Deno.test("a registration that AWS does not know at a refresh any more is made anew for the browser", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    desk.clock.nowMs += 600_000;
    desk.aws.world.sso.clients.clear();
    await desk.signIn();
    assert.deepEqual(actions(desk.aws), [
      ...["RegisterClient", "CreateToken"],
      ...["CreateToken", "RegisterClient", "CreateToken"],
    ]);
  }, { accessTokenSeconds: 600 }));

Deno.test("a fault of AWS at the beginning is told, and nothing is begun in another way", () =>
  withDesk(async (desk) => {
    desk.aws.fail("RegisterClient", { code: "InternalServerException", status: 500 }, 9);
    await assert.rejects(desk.signIn(), /RegisterClient: InternalServer/);
    assert.deepEqual(desk.links, []);
    assert.doesNotMatch(desk.debug.join(), /by device code instead/);
  }));

for (
  const { name, comeBack, error, hint = /run the command again/, page } of [
    {
      name: "with another sign-in's state",
      comeBack: () => ({ code: "fake", state: "other" }),
      error: /profile dev: the browser brought the answer to another sign-in \(wrong state\)/,
      page: /<h1>This was another sign-in<\/h1>/,
    },
    {
      name: "with a refusal",
      comeBack: (state: string) => ({ error: "access_denied", error_description: "No", state }),
      error: /profile dev: the sign-in was refused in the browser: access_denied: No$/,
      page: /<h1>The sign-in was refused<\/h1>[^]*AWS says: No\./,
    },
    {
      name: "with another error, whose text is not trusted",
      comeBack: (state: string) => ({
        error: "invalid_scope",
        error_description: "<b>\x1b[2J",
        state,
      }),
      error: /the sign-in failed in the browser: invalid_scope: <b>\?\[2J$/,
      hint: /: aws-vault sso logout https:\S+$/m,
      page: /<h1>The sign-in failed<\/h1>[^]*AWS says: &lt;b&gt;/,
    },
    {
      name: "with a code that AWS does not know",
      comeBack: (state: string) => ({ code: "made-up", state }),
      error: /AWS refused CreateToken by authorization code: InvalidGrantException/,
      page: /<h1>You can close this window<\/h1>/,
    },
  ]
) {
  Deno.test(`a browser that comes back ${name} ends the sign-in with one error, and the kept token stays`, () =>
    withDesk(async (desk) => {
      const kept = { Token: { AccessToken: "old" }, Expiration: "2026-01-01T00:00:00Z" };
      desk.backend.writeJson(KEY, kept);
      await assert.rejects(desk.signIn(), (thrown) => {
        assert.ok(thrown instanceof VaultError);
        assert.match(thrown.message, error);
        assert.match(thrown.hints.join("\n"), hint);
        return true;
      });
      while (desk.pages.length === 0) await pause();
      assert.match(desk.pages[0]!, page);
      assert.deepEqual(desk.backend.readJson(KEY), kept);
    }, { browse: (desk) => comeBackWith(desk, comeBack) }));
}

Deno.test("a browser that comes back twice at once is answered twice, and its code used once", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    while (desk.pages.length < 2) await pause();
    const titles = desk.pages.map((page) => /<h1>(.*)<\/h1>/.exec(page)?.[1] ?? page).sort();
    // The second one may come when nobody listens any more.
    assert.match(
      titles.join("\n"),
      /(Already answered|gone)\nYou can close this window|You.*\ngone/,
    );
    assert.deepEqual(actions(desk.aws), ["RegisterClient", "CreateToken"]);
  }, {
    browse: (desk) => async (link) => {
      const sent = await fetch(link, { redirect: "manual" });
      await sent.body?.cancel();
      const back = sent.headers.get("location")!;
      for (const page of [fetch(back), fetch(back)]) {
        page.then((page) => page.text()).catch(() => "gone").then((text) => desk.pages.push(text));
      }
    },
  }));

Deno.test("only a browser's answer at the right address and host counts", () =>
  withDesk(async (desk) => {
    await desk.signIn();
    assert.deepEqual(desk.pages.map((page) => page.split("\n")[0]), [
      "nothing is here",
      "nothing is here",
      "not the host this is for",
      "only GET is answered",
      "<!doctype html>",
    ]);
    assert.match(desk.pages.at(-1)!, /<h1>No answer<\/h1>/);
  }, {
    browse: (desk) => async (link) => {
      const back = link.searchParams.get("redirect_uri")!;
      const { port } = new URL(back);
      const wrong = [
        [back.replace("/oauth/callback", "/favicon.ico"), {}],
        [back + "/more?code=x", {}],
        [back.replace("127.0.0.1", "localhost") + "?code=x", {}],
        [back + "?code=x", { method: "POST" }],
        [back + "?state=x", {}],
      ] as const;
      for (const [url, init] of wrong) {
        const target = url.replace("localhost", "127.0.0.1");
        const headers = target === url ? undefined : { host: `localhost:${port}` };
        desk.pages.push(await ask(target, { ...init, headers }));
      }
      await (await fetch(link)).body?.cancel();
    },
  }));

Deno.test("ten minutes without an answer are the end, and the port is free again", () =>
  withDesk(async (desk) => {
    const { sleep } = FakeClock.prototype;
    desk.clock.sleep = (milliseconds, signal) =>
      milliseconds === 600_000 ? Promise.resolve() : sleep.call(desk.clock, milliseconds, signal);
    await assert.rejects(desk.signIn(), (error: VaultError) => {
      assert.match(error.hints[0]!, /^run the command again and finish the sign-in in the browser/);
      assert.match(error.hints.at(-1)!, /registered anew at the next try: aws-vault sso logout /);
      return /no sign-in came from the browser in 10 minutes/.test(error.message);
    });
    const { port } = new URL(desk.links[0]!.searchParams.get("redirect_uri")!);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
  }, { browse: () => () => {} }));

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** One request by hand: `fetch` sets the Host itself. */
async function ask(
  url: string,
  { method = "GET", headers = {} }: { method?: string; headers?: { host?: string } },
): Promise<string> {
  const { hostname, port, host, pathname, search } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${headers.host ?? host}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  await connection.closeWrite();
  const answer = await new Response(connection.readable).text();
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}
