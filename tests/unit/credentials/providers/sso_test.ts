import assert from "node:assert/strict";
import { retrieveCredentials } from "../../../../src/credentials/chain.ts";
import type { CacheIdentity, SsoStep } from "../../../../src/credentials/steps.ts";
import {
  AwsRefusal,
  BackendError,
  VaultError,
  WrongPassphraseError,
} from "../../../../src/errors.ts";
import { type FakeAws, startFakeAws } from "../../../fakes/aws/mod.ts";
import type { SsoOptions } from "../../../fakes/aws/mod.ts";
import { createRun, FakeClock, type FakeRunOptions, MemoryBackend } from "./fake_run.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const KEY = `oidc:${START_URL}`;

/** What AWS is asked for, and how it refuses an access token. */
const SIGN_IN = ["StartDeviceAuthorization", "CreateToken"];
const REFRESH = ["CreateToken"];
const ROLE = ["GetRoleCredentials"];
const REFUSAL = { code: "UnauthorizedException", status: 401 };

/** An Identity Center, and whoever wants a role of it, on one clock. */
async function withSso(
  instance: Partial<SsoOptions>,
  test: (world: {
    aws: FakeAws;
    clock: FakeClock;
    backend: MemoryBackend;
    /** Called before each answer of AWS. */
    onCall: () => void;
    createRole(step?: Partial<SsoStep>, options?: FakeRunOptions): ReturnType<typeof createRole>;
  }) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const backend = new MemoryBackend();
  await using aws = await startFakeAws({ now: clock.now, onCall: () => world.onCall() });
  aws.addSsoInstance({
    startUrl: START_URL,
    accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev", "Ops"] }],
    approvesAtOnce: true,
    ...instance,
  });
  const world: Parameters<typeof test>[0] = {
    aws,
    clock,
    backend,
    onCall() {},
    createRole: (step = {}, options = {}) => createRole(aws, step, { clock, backend, ...options }),
  };
  await test(world);
}

function createRole(aws: FakeAws, overrides: Partial<SsoStep>, options: FakeRunOptions) {
  const world = createRun(options);
  const step: SsoStep = {
    kind: "sso",
    profile: "dev",
    subject: `profile ${overrides.profile ?? "dev"}`,
    startUrl: START_URL,
    region: "eu-west-1",
    accountId: "111111111111",
    roleName: "Dev",
    scopes: [],
    portalEndpoint: aws.url,
    oidcEndpoint: aws.url,
    ...overrides,
  };
  const plan = { profile: step.profile, steps: [step], remarks: [] };
  return { ...world, retrieve: () => retrieveCredentials(plan, world.run, 300) };
}

function actions(aws: FakeAws): string[] {
  return aws.calls.map(({ action }) => action);
}

/** Leaves a kept sign-in of so long ago. */
async function signInOnce(
  world: { createRole(): { retrieve(): Promise<unknown> }; clock: FakeClock; aws: FakeAws },
  agoSeconds: number,
): Promise<void> {
  await world.createRole().retrieve();
  world.clock.nowMs += agoSeconds * 1000;
  world.aws.calls.length = 0;
}

Deno.test("a first sign-in registers, shows code and link, and gets the role's credentials", () =>
  withSso({}, async ({ aws, clock, createRole }) => {
    const role = createRole();
    const credentials = await role.retrieve();
    assert.match(credentials.accessKeyId, /^ASIA/);
    assert.equal(credentials.expiresAtMs, clock.nowMs + 3_600_000);
    assert.deepEqual(actions(aws), ["RegisterClient", ...SIGN_IN, ...ROLE]);
    assert.deepEqual(aws.calls[0]!.params, {
      clientName: "aws-vault",
      clientType: "public",
      scopes: "sso:account:access",
      grantTypes: "urn:ietf:params:oauth:grant-type:device_code refresh_token",
    });
    const shown = role.notes.join("\n");
    assert.match(shown, /code FAKE-\d+ at http:\/\/127\.0\.0\.1:\d+\/device\?user_code=FAKE-\d+/);
  }));

Deno.test("a code that is not confirmed yet is polled for at the service's interval", () =>
  withSso({ approvesAtOnce: false, intervalSeconds: 7 }, async ({ aws, clock, createRole }) => {
    clock.onSleep = (count) => count === 3 && aws.approve();
    await createRole().retrieve();
    assert.deepEqual(clock.sleptSeconds, [7, 7, 7]);
  }));

Deno.test("slow_down makes every later interval five seconds longer and does not end the sign-in", () =>
  withSso({ approvesAtOnce: false, intervalSeconds: 2 }, async ({ aws, clock, createRole }) => {
    aws.fail("CreateToken", { code: "SlowDownException", status: 400 });
    clock.onSleep = (count) => count === 3 && aws.approve();
    await createRole().retrieve();
    assert.deepEqual(clock.sleptSeconds, [7, 7, 7]);
  }));

Deno.test("a sign-in refused in the browser is an error at once", () =>
  withSso({ approvesAtOnce: false }, async ({ aws, clock, createRole }) => {
    clock.onSleep = () => aws.deny();
    await assert.rejects(createRole().retrieve(), /profile dev: the sign-in was refused/);
    assert.equal(clock.sleptSeconds.length, 1);
  }));

Deno.test("a code nobody confirms in time is an error that says so", () =>
  withSso(
    { approvesAtOnce: false, deviceCodeSeconds: 30, intervalSeconds: 10 },
    async ({ clock, createRole }) => {
      await assert.rejects(createRole().retrieve(), /sign-in code expired before/);
      assert.deepEqual(clock.sleptSeconds, [10, 10, 10]);
    },
  ));

for (
  const [name, lost, spoil] of [
    ["gets no answer", 3, (aws: FakeAws) => aws.drop("CreateToken", 50)],
    [
      "AWS has a fault of its own at",
      3,
      (aws: FakeAws) => aws.fail("CreateToken", { code: "Internal", status: 503 }, 50),
    ],
    [
      "AWS throttles",
      1, // of which the SDK takes a second to try again
      (aws: FakeAws) => aws.fail("CreateToken", { code: "TooManyRequests", status: 429 }, 50),
    ],
  ] as const
) {
  Deno.test(`a poll that ${name} is one poll lost, and slows the next down`, () =>
    withSso({ approvesAtOnce: false, intervalSeconds: 1 }, async ({ aws, clock, createRole }) => {
      // The SDK and the connection below it try again on their own.
      spoil(aws);
      clock.onSleep = (count) => {
        if (count < lost) return;
        aws.clearFaults();
        aws.approve();
      };
      const role = createRole();
      await role.retrieve();
      assert.deepEqual(clock.sleptSeconds, [6, 11, 16].slice(0, lost));
      const told = /Still waiting for the sign-in, without an answer: /.test(role.notes.at(-1)!);
      assert.equal(told, lost === 3);
    }));
}

Deno.test("a code that expires while nothing answers is told by what was the matter", () =>
  withSso({ approvesAtOnce: false, deviceCodeSeconds: 20 }, async ({ aws, createRole }) => {
    aws.fail("CreateToken", { code: "Internal", status: 503 }, 50);
    await assert.rejects(createRole().retrieve(), /CreateToken: Internal/);
  }));

Deno.test("one sign-in serves every profile of its start URL", () =>
  withSso({}, async ({ aws, createRole }) => {
    await createRole().retrieve();
    await createRole({ profile: "ops", roleName: "Ops" }).retrieve();
    assert.equal(actions(aws).filter((action) => action === "CreateToken").length, 1);
    assert.equal(actions(aws).filter((action) => action === "GetRoleCredentials").length, 2);
  }));

/** Lets time pass while others work, as those who wait for a lock need it; and approves once. */
function approveSoon(clock: FakeClock, aws: FakeAws): void {
  let approved = false;
  clock.sleep = async (milliseconds) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds / 20));
    clock.nowMs += milliseconds;
    if (approved || !actions(aws).includes("StartDeviceAuthorization")) return;
    approved = true;
    aws.approve();
  };
}

Deno.test("ten runs that need a sign-in at the same moment sign in once", () =>
  withSso({ approvesAtOnce: false, intervalSeconds: 1 }, async ({ aws, clock, createRole }) => {
    const home = await Deno.makeTempDir();
    try {
      approveSoon(clock, aws);
      const roles = Array.from({ length: 10 }, () => createRole({}, { env: { HOME: home } }));
      await Promise.all(roles.map((role) => role.retrieve()));
      const starts = actions(aws).filter((action) => action === "StartDeviceAuthorization");
      assert.equal(starts.length, 1);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  }));

Deno.test("the kept token has the Go tool's form, and our registration beside it", () =>
  withSso({ accessTokenSeconds: 3600 }, async ({ clock, backend, createRole }) => {
    await createRole().retrieve();
    const { Token, Expiration, Registration, ...rest } = backend.readJson(KEY);
    assert.match(Token.AccessToken, /^fake-sso-access-token/);
    assert.deepEqual([Token.ExpiresIn, Token.TokenType], [3600, "Bearer"]);
    assert.match(Token.RefreshToken, /^fake-sso-refresh-token/);
    assert.equal(Date.parse(Expiration), clock.nowMs + 3_600_000);
    assert.match(Expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(Registration.ClientId, /^fake-client/);
    assert.deepEqual(Registration.Scopes, ["sso:account:access"]);
    assert.deepEqual(Registration.Grants, [
      "urn:ietf:params:oauth:grant-type:device_code",
      "refresh_token",
    ]);
    assert.deepEqual(rest, {});
    assert.equal(
      backend.items.get(KEY)!.label,
      `aws-vault oidc token for ${START_URL} (expires ${Expiration})`,
    );
  }));

Deno.test("a token the Go tool kept is used", () =>
  withSso({}, async ({ aws, clock, backend, createRole }) => {
    await createRole().retrieve();
    const { Token } = backend.readJson(KEY);
    const expiration = new Date(clock.nowMs + 1_800_000).toISOString()
      .replace(/\.\d+Z$/, ".123456789+00:00");
    backend.writeJson(KEY, { Token, Expiration: expiration });
    aws.calls.length = 0;
    await createRole().retrieve();
    assert.deepEqual(actions(aws), ["GetRoleCredentials"]);
  }));

Deno.test("a kept token that cannot be read is as good as none", () =>
  withSso({}, async ({ aws, backend, createRole }) => {
    const empty = { Token: { AccessToken: "" }, Expiration: "2030-01-01T00:00:00Z" };
    for (const text of ["{torn", JSON.stringify(empty)]) {
      backend.items.set(KEY, { key: KEY, data: new TextEncoder().encode(text) });
      aws.calls.length = 0;
      await createRole().retrieve();
      assert.ok(actions(aws).includes("StartDeviceAuthorization"), text);
    }
  }));

Deno.test("a kept token is refreshed in its last minute, for it might end on its way", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
    await signInOnce({ aws, clock, createRole }, 539);
    await createRole().retrieve();
    assert.deepEqual(actions(aws), ["GetRoleCredentials"]);
    clock.nowMs += 2000;
    await createRole({ roleName: "Ops" }).retrieve();
    assert.deepEqual(actions(aws).slice(1), ["CreateToken", "GetRoleCredentials"]);
  }));

Deno.test("a kept token whose item is damaged is as good as none, unlike a wrong passphrase", () =>
  withSso({}, async ({ aws, backend, createRole }) => {
    backend.get = () => Promise.reject(new BackendError("memory", "the item is torn"));
    await createRole().retrieve();
    assert.ok(actions(aws).includes("StartDeviceAuthorization"));
    backend.get = () => Promise.reject(new WrongPassphraseError("that opens nothing"));
    await assert.rejects(createRole().retrieve(), /that opens nothing/);
  }));

Deno.test("a registration is used again until it expires", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
    aws.world.sso.clientSeconds = 86_400;
    await createRole().retrieve();
    for (const elapsedSeconds of [600, 86_400]) {
      clock.nowMs += elapsedSeconds * 1000;
      aws.revokeSsoTokens("all");
      aws.calls.length = 0;
      await createRole().retrieve();
      const isRegistered = actions(aws).includes("RegisterClient");
      assert.equal(isRegistered, elapsedSeconds === 86_400);
    }
  }));

for (
  const [name, change] of [
    ["without scopes", { Scopes: [] }],
    ["for another grant", { Grants: ["authorization_code", "refresh_token"] }],
    ["without a word of its grants", { Grants: undefined }],
    ["in another region", { Region: "us-east-1" }],
  ] as const
) {
  Deno.test(`a registration made ${name} is made anew`, () =>
    withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, backend, createRole }) => {
      await signInOnce({ aws, clock, createRole }, 600);
      aws.revokeSsoTokens("all");
      const kept = backend.readJson(KEY);
      backend.writeJson(KEY, { ...kept, Registration: { ...kept.Registration, ...change } });
      await createRole().retrieve();
      assert.ok(actions(aws).includes("RegisterClient"));
      assert.notEqual(backend.readJson(KEY).Registration.ClientId, kept.Registration.ClientId);
    }));
}

Deno.test("a registration that names not all scopes that are wanted is made anew", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
    await signInOnce({ aws, clock, createRole }, 600);
    aws.revokeSsoTokens("all");
    await createRole({ scopes: ["sso:account:access", "codewhisperer:analysis"] }).retrieve();
    assert.ok(actions(aws).includes("RegisterClient"));
  }));

Deno.test("a first sign-in brings a refresh token, each of which is used once", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, backend, createRole }) => {
    await signInOnce({ aws, clock, createRole }, 600);
    const first = backend.readJson(KEY).Token.RefreshToken;
    await createRole().retrieve();
    assert.deepEqual(actions(aws), ["CreateToken", "GetRoleCredentials"]);
    assert.equal(aws.calls[0]!.params.grantType, "refresh_token");
    assert.notEqual(backend.readJson(KEY).Token.RefreshToken, first);
    clock.nowMs += 600_000;
    await createRole().retrieve();
    assert.deepEqual(actions(aws).slice(2), ["CreateToken", "GetRoleCredentials"]);
  }));

Deno.test("a sign-in that is cleared while it is refreshed stays so", () =>
  withSso({}, async (world) => {
    const { aws, backend } = world;
    await signInOnce(world, 8 * 3600);
    world.onCall = () => {
      backend.items.delete(KEY);
      world.onCall = () => {};
    };
    assert.match((await world.createRole().retrieve()).accessKeyId, /^ASIA/);
    assert.deepEqual(actions(aws), [...REFRESH, ...ROLE]);
    assert.equal(backend.items.has(KEY), false);
  }));

Deno.test("credentials that were asked for while their sign-in was cleared serve, and are not kept", () =>
  withSso({}, async (world) => {
    const { backend } = world;
    await signInOnce(world, 0);
    const cache: CacheIdentity = {
      type: "sso.GetRoleCredentials",
      profile: "dev",
      serial: START_URL,
      asked: ["a role"],
    };
    world.onCall = () => backend.items.delete(KEY);
    assert.match((await world.createRole({ cache }).retrieve()).accessKeyId, /^ASIA/);
    assert.deepEqual([...backend.items.keys()], []);
  }));

Deno.test("a sign-in that cannot be read right after it was refreshed is kept as it is now", () =>
  withSso({}, async (world) => {
    const { backend } = world;
    await signInOnce(world, 8 * 3600);
    const old = backend.readJson(KEY).Token.RefreshToken;
    world.onCall = () => {
      backend.failOnce();
      world.onCall = () => {};
    };
    await world.createRole().retrieve();
    assert.notEqual(backend.readJson(KEY).Token.RefreshToken, old);
  }));

Deno.test("a registration that has expired is neither refreshed with nor signed in with", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
    await signInOnce({ aws, clock, createRole }, 600);
    clock.nowMs += 90 * 24 * 3_600_000;
    await createRole().retrieve();
    assert.equal(actions(aws)[0], "RegisterClient");
    assert.equal(aws.calls[0]!.params.scopes, "sso:account:access");
  }));

Deno.test("a scope beyond the default is named from the first registration on", () =>
  withSso({}, async ({ aws, createRole }) => {
    await createRole({ scopes: ["sso:account:access", "codewhisperer:analysis"] }).retrieve();
    assert.equal(aws.calls[0]!.params.scopes, "sso:account:access codewhisperer:analysis");
  }));

for (
  const { name, isExpired, spoil, asked } of [
    {
      name: "a refresh token AWS does not take leads to a new sign-in",
      isExpired: true,
      spoil: (aws: FakeAws) => aws.revokeSsoTokens("all"),
      asked: [...REFRESH, ...SIGN_IN, ...ROLE],
    },
    {
      name: "a token that is refused although just refreshed leads to a sign-in",
      isExpired: true,
      spoil: (aws: FakeAws) => aws.fail("GetRoleCredentials", REFUSAL),
      asked: [...REFRESH, ...ROLE, ...SIGN_IN, ...ROLE],
    },
    {
      name: "a registration AWS has forgotten is made anew",
      isExpired: true,
      spoil: (aws: FakeAws) => aws.world.sso.clients.clear(),
      asked: [...REFRESH, "RegisterClient", ...SIGN_IN, ...ROLE],
    },
    {
      name: "a registration AWS has no use for is made anew",
      isExpired: true,
      spoil: (aws: FakeAws) =>
        aws.fail("CreateToken", { code: "UnauthorizedClientException", status: 400 }),
      asked: [...REFRESH, "RegisterClient", ...SIGN_IN, ...ROLE],
    },
    {
      name: "a refused token is refreshed before anybody is asked to sign in",
      isExpired: false,
      spoil: (aws: FakeAws) => aws.revokeSsoTokens("access"),
      asked: [...ROLE, ...REFRESH, ...ROLE],
    },
    {
      name: "a sign-in that AWS has ended leads to one new one",
      isExpired: false,
      spoil: (aws: FakeAws) => aws.revokeSsoTokens("all"),
      asked: [...ROLE, ...REFRESH, ...SIGN_IN, ...ROLE],
    },
  ]
) {
  Deno.test(name, () =>
    withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
      await signInOnce({ aws, clock, createRole }, isExpired ? 600 : 0);
      spoil(aws);
      await createRole().retrieve();
      assert.deepEqual(actions(aws), asked);
    }));
}

Deno.test("a fault of AWS while refreshing is told, and no browser opened for it", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ aws, clock, createRole }) => {
    await signInOnce({ aws, clock, createRole }, 600);
    aws.fail("CreateToken", { code: "InternalServerException", status: 500 }, 3);
    await assert.rejects(createRole().retrieve(), /CreateToken by refresh token: InternalServer/);
    assert.ok(!actions(aws).includes("StartDeviceAuthorization"));
  }));

Deno.test("a portal that refuses a token just made is not asked for ever", () =>
  withSso({}, async ({ aws, createRole }) => {
    await createRole().retrieve();
    aws.calls.length = 0;
    aws.fail("GetRoleCredentials", REFUSAL, 9);
    await assert.rejects(createRole().retrieve(), (error) => {
      assert.ok(error instanceof AwsRefusal);
      assert.equal(error.httpStatus, 401);
      return true;
    });
    assert.deepEqual(actions(aws), [...ROLE, ...REFRESH, ...ROLE, ...SIGN_IN, ...ROLE]);
  }));

Deno.test("a portal that refuses a first sign-in asks nobody for a second", () =>
  withSso({}, async ({ aws, createRole }) => {
    aws.fail("GetRoleCredentials", REFUSAL, 9);
    await assert.rejects(createRole().retrieve(), AwsRefusal);
    assert.deepEqual(actions(aws), ["RegisterClient", ...SIGN_IN, ...ROLE]);
  }));

Deno.test("a refused token stays kept until a new sign-in has succeeded", () =>
  withSso({}, async ({ aws, backend, createRole }) => {
    await createRole().retrieve();
    const kept = backend.readJson(KEY);
    aws.revokeSsoTokens("all");
    aws.fail("StartDeviceAuthorization", { code: "InvalidRequestException", status: 400 });
    await assert.rejects(createRole().retrieve(), /StartDeviceAuthorization/);
    assert.deepEqual(backend.readJson(KEY), kept);
  }));

Deno.test("a role that is not assigned is told with account, role and start URL, and asks nobody", () =>
  withSso({}, async ({ aws, createRole }) => {
    await createRole().retrieve();
    aws.calls.length = 0;
    await assert.rejects(createRole({ roleName: "Admin" }).retrieve(), (error) => {
      assert.ok(error instanceof VaultError);
      assert.match(error.message, /GetRoleCredentials of Admin in account 111111111111/);
      assert.match(error.hints.join("\n"), /no role Admin in account 111111111111/);
      return true;
    });
    assert.deepEqual(actions(aws), ["GetRoleCredentials"]);
  }));

Deno.test("a wrong start URL is told with the settings to check", () =>
  withSso({}, async ({ createRole }) => {
    const role = createRole({ startUrl: "https://nowhere.awsapps.com/start" });
    await assert.rejects(role.retrieve(), (error) => {
      assert.ok(error instanceof VaultError);
      assert.match(error.message, /Invalid start URL/);
      assert.match(error.hints.join("\n"), /sso_start_url.*sso_region/s);
      return true;
    });
  }));

Deno.test("an agent leaves a sign-in to whoever asked it, who may have a browser", () =>
  withSso({}, async ({ aws, createRole }) => {
    const role = createRole();
    const passOn = (why: string): never => {
      throw new Error(`passed on: ${why}`);
    };
    Object.assign(role.run.ctx, { remote: { passOn } });
    await assert.rejects(role.retrieve(), /^Error: passed on: a sign-in takes a browser$/);
    assert.deepEqual([role.notes, actions(aws)], [[], []]);
  }));

Deno.test("a keyring's passphrase is asked for before a browser is opened", () =>
  withSso({}, async ({ aws, backend, createRole }) => {
    const unlock = () => Promise.reject(new WrongPassphraseError("that opens nothing"));
    Object.assign(backend, { unlock });
    await assert.rejects(createRole().retrieve(), /that opens nothing/);
    assert.deepEqual(actions(aws), []);
  }));

Deno.test("a sign-in that cannot be kept is used all the same, with a warning", () =>
  withSso({}, async ({ createRole, backend }) => {
    backend.set = () => Promise.reject(new Error("No space left on device"));
    const role = createRole();
    await role.retrieve();
    assert.match(role.notes.join("\n"), /warning: the sign-in .* No space left on device/);
  }));

Deno.test("no note, no debugging line holds a token or a client secret", () =>
  withSso({ accessTokenSeconds: 600 }, async ({ clock, createRole }) => {
    for (const _ of [1, 2, 3]) {
      const role = createRole();
      await role.retrieve();
      const said = [...role.notes, ...role.debug].join("\n");
      assert.doesNotMatch(said, /fake-(client-secret|sso-|device-code)|secret\//);
      clock.nowMs += 600_000;
    }
  }));
