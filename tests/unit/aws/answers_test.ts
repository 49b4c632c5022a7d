import assert from "node:assert/strict";
import { generateDpopKey } from "../../../src/aws/dpop.ts";
import { requestSigninToken } from "../../../src/aws/federation.ts";
import { IamCalls } from "../../../src/aws/iam.ts";
import { OidcCalls } from "../../../src/aws/oidc.ts";
import { SigninCalls } from "../../../src/aws/signin_oauth.ts";
import { getRoleCredentials } from "../../../src/aws/sso.ts";
import { StsCalls } from "../../../src/aws/sts.ts";
import type { SsoStep, SsoTarget } from "../../../src/credentials/steps.ts";
import type { AwsRefusal, VaultError } from "../../../src/errors.ts";
import { FakeClock } from "../credentials/providers/fake_run.ts";
import { ManualClock } from "../manual_clock.ts";
import { createCallWorld } from "./call_world.ts";

const KEYS = { accessKeyId: "AKIA", secretAccessKey: "secret" };
const CONSOLE_KEYS = { ...KEYS, sessionToken: "token" };
const CLIENT = { clientId: "client", clientSecret: "secret" };
const SSO: SsoStep = {
  kind: "sso",
  profile: "my dev",
  subject: "profile my dev",
  startUrl: "https://d-1.awsapps.com/start",
  region: "eu-west-1",
  scopes: [],
  accountId: "111111111111",
  roleName: "Dev",
};

const NOW_MS = new FakeClock().nowMs;

/** What answers every request so: a body of JSON, or of XML. */
async function answering<T>(
  body: string | object,
  ask: (url: string) => Promise<T>,
  { status, headers }: ResponseInit = {},
): Promise<T> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = { status, headers: { date: new Date(NOW_MS).toUTCString(), ...headers } };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, () => new Response(text, init));
  return await ask(`http://127.0.0.1:${server.addr.port}`);
}

function inXml(action: string, inner: string): string {
  return `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`;
}

const PARTS = {
  AccessKeyId: "<AccessKeyId>ASIA</AccessKeyId>",
  SecretAccessKey: "<SecretAccessKey>s</SecretAccessKey>",
  SessionToken: "<SessionToken>t</SessionToken>",
  Expiration: "<Expiration>2030-01-01T00:00:00Z</Expiration>",
};

function sts(url: string): StsCalls {
  const target = { region: "eu-west-1", endpoint: url, legacy: false };
  return new StsCalls(target, "work", createCallWorld().ctx, KEYS);
}

function sessionOf(...parts: readonly string[]): string {
  return inXml("GetSessionToken", `<Credentials>${parts.join("")}</Credentials>`);
}

const askSession = (url: string) => sts(url).getSessionToken({ durationSeconds: 900 });

function iam(url: string): IamCalls {
  return new IamCalls({ region: "eu-west-1", endpoint: url }, "work", createCallWorld().ctx, KEYS);
}

function oidc(url: string): OidcCalls {
  return new OidcCalls({ ...SSO, oidcEndpoint: url }, createCallWorld().ctx);
}

async function roleOf(url: string) {
  return await getRoleCredentials({ ...SSO, portalEndpoint: url }, "token", createCallWorld().ctx);
}

function isIncomplete(call: string, hint: RegExp): (error: VaultError) => boolean {
  return ({ message, hints }) => {
    const expected =
      `^profile (work|my dev): ${call}: the answer lacks fields that AWS always sends$`;
    assert.match(message, new RegExp(expected));
    assert.match(hints.join(), hint);
    return true;
  };
}

Deno.test("credentials of STS that lack a field are none", async () => {
  for (const missing of Object.keys(PARTS)) {
    const inner = Object.entries(PARTS).filter(([name]) => name !== missing).map(([, xml]) => xml);
    await assert.rejects(
      answering(sessionOf(...inner), askSession),
      isIncomplete("GetSessionToken", /^is AWS_ENDPOINT_URL or endpoint_url set to something/),
      missing,
    );
  }
  const { SessionToken: _, ...keys } = PARTS;
  for (const token of ["<SessionToken/>", "<SessionToken>t\nt</SessionToken>"]) {
    const body = sessionOf(...Object.values(keys), token);
    const isOdd = isIncomplete("GetSessionToken", /endpoint_url/);
    await assert.rejects(answering(body, askSession), isOdd, token);
  }
  await assert.rejects(
    answering(inXml("GetCallerIdentity", ""), (url) => sts(url).getCallerArn()),
    isIncomplete("GetCallerIdentity", /endpoint_url/),
  );
});

/** Has what nobody holds taken away, as happens in every run some time. */
async function collectGarbage(): Promise<void> {
  const unheld = new WeakRef({});
  for (let rounds = 0; unheld.deref() !== undefined && rounds < 1_000; rounds++) {
    await new Promise((resolve) => setTimeout(resolve)); // what was looked at lasts until then
    new Array(1_000_000).fill(rounds);
  }
  assert.equal(unheld.deref(), undefined);
}

Deno.test("who falls silent in the middle of an answer is waited for no longer than a minute", async () => {
  const begun = Promise.withResolvers<void>();
  const over = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: over.signal };
  const server = Deno.serve(options, () => {
    const body = new ReadableStream({
      start: (answer) => answer.enqueue(new TextEncoder().encode("<GetSession")),
      pull: () => begun.resolve(),
    });
    return new Response(body);
  });
  const clock = new ManualClock();
  const target = {
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    legacy: false,
  };
  const calls = new StsCalls(target, "work", createCallWorld({ clock }).ctx, KEYS);
  const failed = calls.getSessionToken({ durationSeconds: 900 })
    .then(() => assert.fail("it was answered"), ({ message }: VaultError) => message);
  await begun.promise;
  await collectGarbage();
  await clock.advance(60_000);
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(late.resolve, 10_000, "it is waited for");
  const told = await Promise.race([failed, late.promise]);
  clearTimeout(timer);
  over.abort();
  await server.finished;
  assert.match(told, /: no (connection in 20|answer in 60) s$/);
});

function endlessBody(onCancel: () => void): ReadableStream {
  return new ReadableStream({
    pull: (answer) => answer.enqueue(new Uint8Array(1 << 20).fill(0x20)),
    cancel: onCancel,
  });
}

Deno.test("of an answer without an end a few megabytes are read, once, and that is told", async () => {
  const { ctx } = createCallWorld();
  const ask: Record<string, (address: string) => Promise<unknown>> = {
    STS: askSession,
    portal: roleOf,
    signin: redeem,
    federation: (address) =>
      requestSigninToken({ address, profile: "work", credentials: CONSOLE_KEYS }, ctx),
  };
  for (const [name, call] of Object.entries(ask)) {
    let given = 0;
    const over = Promise.withResolvers<void>();
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using server = Deno.serve(options, () => {
      given++;
      return new Response(endlessBody(over.resolve));
    });
    await assert.rejects(
      call(`http://127.0.0.1:${server.addr.port}`),
      ({ message }: VaultError) => {
        assert.match(message, /: http:\/\/127\S+ answered with more than AWS ever does/, name);
        return true;
      },
    );
    await over.promise;
    assert.equal(given, 1, name);
  }
});

Deno.test("a new key of IAM that lacks a part is none, and a user's name may be in its ARN alone", async () => {
  const halves = [PARTS.AccessKeyId, PARTS.SecretAccessKey].map((part) =>
    `<AccessKey>${part}</AccessKey>`
  );
  for (const inner of ["", ...halves]) {
    const body = inXml("CreateAccessKey", inner);
    await assert.rejects(
      answering(body, (url) => iam(url).createAccessKey(undefined)),
      isIncomplete("CreateAccessKey", /^is AWS_ENDPOINT_URL or endpoint_url set to something/),
    );
  }
  const arn = "<Arn>arn:aws:iam::111111111111:user/ops/jon</Arn>";
  const user = inXml("GetUser", `<User>${arn}</User>`);
  assert.equal(await answering(user, (url) => iam(url).getUserName()), "jon");
  await assert.rejects(
    answering(inXml("GetUser", ""), (url) => iam(url).getUserName()),
    isIncomplete("GetUser", /endpoint_url/),
  );
});

Deno.test("a role's credentials of the portal that lack a field, or have another thing in it, are none", async () => {
  const whole = { accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t", expiration: 9e12 };
  for (const expiration of [9e12, "9000000000000"]) {
    const roleCredentials = { ...whole, expiration };
    assert.equal((await answering({ roleCredentials }, roleOf)).expiresAtMs, 9e12);
  }
  const isNone = isIncomplete(
    "GetRoleCredentials of Dev in account 111111111111",
    /^are sso_region and AWS_ENDPOINT_URL_SSO right\?$/,
  );
  await assert.rejects(answering({}, roleOf), isNone);
  for (const name of Object.keys(whole)) {
    for (const odd of [undefined, null, "", {}, "s\ns"]) {
      const answer = answering({ roleCredentials: { ...whole, [name]: odd } }, roleOf);
      await assert.rejects(answer, isNone, `${name}: ${odd}`);
    }
  }
});

Deno.test("credentials end by this machine's clock where that is slow, which is told once a run", async () => {
  const hours = (count: number) => count * 3_600_000;
  const [bearable, alike] = [hours(1 / 15), 5_000]; // AWS bears four minutes
  for (
    const [slowMs, endsAfterMs, times] of [
      [hours(3), hours(1), 1],
      [bearable, hours(1), 0],
      [alike, hours(1) + alike, 0],
      [-hours(3), hours(-2), 0],
      [0, hours(1), 0],
    ] as const
  ) {
    const { ctx, notes } = createCallWorld();
    const headers = { date: new Date(NOW_MS + slowMs).toUTCString() };
    const expiration = NOW_MS + slowMs + hours(1);
    const roleCredentials = {
      accessKeyId: "A",
      secretAccessKey: "s",
      sessionToken: "t",
      expiration,
    };
    const ask = (url: string) => getRoleCredentials({ ...SSO, portalEndpoint: url }, "token", ctx);
    for (let renewals = 0; renewals < 2; renewals++) {
      const { expiresAtMs } = await answering({ roleCredentials }, ask, { headers });
      assert.equal(expiresAtMs, NOW_MS + endsAfterMs);
    }
    assert.equal(notes.length, times);
    assert.match(notes.join(), times > 0 ? /clock is 180 min behind AWS': compare/ : /^$/);
  }
});

Deno.test("a token that no header carries is sent nowhere, and not shown", async () => {
  const { ctx } = createCallWorld();
  const asked = getRoleCredentials(
    { ...SSO, portalEndpoint: "http://127.0.0.1:9999" },
    "se\ncret",
    ctx,
  );
  await assert.rejects(asked, ({ message }: VaultError) => {
    assert.match(message, /: the header x-amz-sso_bearer_token would have a character in it/);
    return !message.includes("cret");
  });
});

for (
  const [code, status] of [["ForbiddenException", 403], ["ResourceNotFoundException", 404]] as const
) {
  Deno.test(`a role that the portal answers ${status} for is explained by who is signed in`, async () => {
    const init = { status, headers: { "x-amzn-errortype": code } };
    await assert.rejects(answering({ message: "No access" }, roleOf, init), (error: VaultError) => {
      assert.match(
        error.hints[0]!,
        /^whoever signed in at https:\/\/d-1\.awsapps\.com\/start has no/,
      );
      assert.match(error.hints[1]!, /wrong person\? `aws-vault clear "my dev"` and sign in again$/);
      return true;
    });
  });
}

Deno.test("a token that the portal does not take is told with what may be set wrongly", async () => {
  const init = { status: 401, headers: { "x-amzn-errortype": "UnauthorizedException" } };
  await assert.rejects(answering({ message: "no" }, roleOf, init), (error: AwsRefusal) => {
    assert.equal(error.httpStatus, 401);
    assert.match(
      error.hints.join(),
      /is sso_region \(eu-west-1\) .* https:\/\/d-1\.awsapps\.com\/start/,
    );
    return true;
  });
});

Deno.test("a poll's answer is told by its OAuth error or by AWS's name for it", async () => {
  const poll = (url: string) => oidc(url).poll(CLIENT, "device");
  for (
    const [error, name] of [
      ["authorization_pending", "AuthorizationPendingException"],
      ["slow_down", "SlowDownException"],
      ["expired_token", "ExpiredTokenException"],
      ["access_denied", "AccessDeniedException"],
    ] as const
  ) {
    assert.equal(await answering({ error }, poll, { status: 400 }), error);
    const asAws = { status: 400, headers: { "x-amzn-errortype": name } };
    assert.equal(await answering({ message: "no" }, poll, asAws), error);
  }
});

const WAYS_OUT: readonly [string, RegExp][] = [
  [
    "InvalidRequestException",
    /is sso_start_url right \(https:.*\), and sso_region .* \(eu-west-1\)/,
  ],
  ["InvalidScopeException", /^see sso_registration_scopes, or leave it out/],
  [
    "InvalidClientException",
    /no more: aws-vault sso logout https:\/\/d-1\.awsapps\.com\/start, then/,
  ],
  ["UnauthorizedClientException", /no more: aws-vault sso logout /],
  ["InvalidGrantException", /^the sign-in came too late, or was taken before/],
];

Deno.test("a refusal at a sign-in has AWS's own words, and the way out of its kind", async () => {
  for (const [code, wayOut] of WAYS_OUT) {
    const init = { status: 400, headers: { "x-amzn-errortype": code } };
    const asOauth = { error: "some_error", error_description: "its own words" };
    for (const body of [asOauth, { message: "its own words" }]) {
      await assert.rejects(
        answering(body, (url) => oidc(url).refresh(CLIENT, "refresh"), init),
        (error: VaultError) => {
          assert.match(error.message, new RegExp(`${code}: its own words`));
          assert.match(error.hints.join(), wayOut);
          return true;
        },
      );
    }
  }
});

Deno.test("a registration or a token that lacks a field, or has another thing in it, is none", async () => {
  const hint = /^are sso_region and AWS_ENDPOINT_URL_SSO_OIDC right\?$/;
  const request = { scopes: [], grants: [] };
  for (const client of [{ clientId: "c" }, CLIENT]) {
    await assert.rejects(
      answering(client, (url) => oidc(url).registerClient(request)),
      isIncomplete("RegisterClient", hint),
    );
  }
  const token = { accessToken: "a", expiresIn: 3600 };
  for (const odd of [{ accessToken: "" }, { accessToken: 1 }, { expiresIn: "soon" }]) {
    await assert.rejects(
      answering({ ...token, ...odd }, (url) => oidc(url).refresh(CLIENT, "refresh")),
      isIncomplete("CreateToken", hint),
    );
  }
});

/** Redeems a code of the console's sign-in. */
async function redeem(url: string) {
  const target = { subject: "profile dev", region: "eu-west-1", endpoint: url };
  const clientId = "arn:aws:signin:::devtools/same-device";
  const redemption = { clientId, code: "c", codeVerifier: "v", redirectUri: "http://x/" } as const;
  const calls = new SigninCalls(target, await generateDpopKey(), createCallWorld().ctx);
  return await calls.redeem(redemption);
}

Deno.test("an answer of the console's sign-in that lacks a part is told by it, and a page as none", async () => {
  const keys = { accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t" };
  const jwt = (sub: string) => `e30.${btoa(JSON.stringify({ sub }))}.`;
  const arn = "arn:aws:iam::1:user/jon";
  const whole = { accessToken: keys, expiresIn: 900, refreshToken: "r", idToken: jwt(arn) };
  assert.equal((await answering(whole, redeem)).arn, arn);
  for (
    const [lacking, named] of [
      [{ accessToken: undefined }, "accessKeyId"],
      [{ accessToken: { ...keys, sessionToken: "t\nt" } }, "sessionToken"],
      [{ expiresIn: "soon" }, "expiresIn"],
      [{ refreshToken: "" }, "refreshToken"],
      [{ idToken: undefined }, "the ARN of whoever signed in"],
      [{ idToken: jwt("arn:a\nb") }, "the ARN of whoever signed in"],
    ] as const
  ) {
    const asked = answering({ ...whole, ...lacking }, redeem);
    await assert.rejects(asked, new RegExp(`/v1/token answered without ${named}`));
  }
  for (const page of ["<html>", "null"]) {
    await assert.rejects(answering(page, redeem), /HTTP 200 that is no answer of AWS/);
  }
  const late = { error: "AUTHCODE_EXPIRED", message: "too late" };
  await assert.rejects(
    answering(late, redeem, { status: 401 }),
    ({ message, hints }: VaultError) => {
      assert.match(message, /AWS refused .*: AUTHCODE_EXPIRED: too late \(HTTP 401\)$/);
      assert.deepEqual(hints, ["the browser's answer came too late: run the command again"]);
      return true;
    },
  );
});

Deno.test("a client's secret ends when AWS says, and one that lasts is kept as such", async () => {
  const request = { scopes: [], grants: [] };
  for (const [seconds, endMs] of [[2e9, 2e12], [0, Date.UTC(9999, 11, 31, 23, 59, 59)]]) {
    const client = { ...CLIENT, clientSecretExpiresAt: seconds };
    const { expiresAtMs } = await answering(client, (url) => oidc(url).registerClient(request));
    assert.equal(expiresAtMs, endMs);
  }
});

Deno.test("a device code without a link of its own or an interval has the page's, and five seconds", async () => {
  const answer = {
    deviceCode: "d",
    userCode: "u",
    verificationUri: "https://x/device",
    expiresIn: 600,
  };
  for (const [interval, seconds] of [[undefined, 5], [0, 5], [-1, 5], ["5", 5], [7, 7]]) {
    const body = { ...answer, interval };
    const begun = await answering(body, (url) => oidc(url).startDeviceAuthorization(CLIENT));
    assert.deepEqual([begun.url, begun.intervalSeconds], ["https://x/device", seconds]);
  }
});

Deno.test("the link leads to AWS's own address, or with one slash to an endpoint of one's own", () => {
  const request = { redirectUri: "http://127.0.0.1/", state: "s", scopes: [], codeChallenge: "c" };
  const linkOf = (target: Partial<SsoTarget>) =>
    new OidcCalls({ ...SSO, ...target }, createCallWorld().ctx).authorizeUrl(CLIENT, request);
  for (
    const [target, base] of [
      [{}, "https://oidc.eu-west-1.amazonaws.com"],
      [{ fips: "AWS_USE_FIPS_ENDPOINT" }, "https://oidc-fips.eu-west-1.amazonaws.com"],
      [{ oidcEndpoint: "https://oidc.example/base//" }, "https://oidc.example/base"],
    ] as const
  ) {
    const link = linkOf(target);
    assert.ok(link.startsWith(`${base}/authorize?response_type=code&client_id=client&`), link);
  }
});
