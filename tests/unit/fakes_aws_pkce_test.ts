import assert from "node:assert/strict";
import { type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { get, makeClock, post } from "./fakes_aws_client.ts";

const START_URL = "https://d-123.awsapps.com/start";
const REDIRECT_URI = "http://127.0.0.1:4711/oauth/callback";
/** RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const REGISTRATION = {
  clientName: "aws-vault",
  clientType: "public",
  scopes: ["sso:account:access"],
  grantTypes: ["authorization_code", "refresh_token"],
  redirectUris: ["http://127.0.0.1/oauth/callback"],
  issuerUrl: START_URL,
};

async function withClient(
  test: (world: {
    aws: FakeAws;
    clock: ReturnType<typeof makeClock>;
    client: { clientId: unknown; clientSecret: unknown };
    authorize(changes?: Record<string, string>): Promise<URL | number>;
    redeem(code: string, changes?: Record<string, unknown>): Promise<[number, unknown]>;
  }) => Promise<void>,
): Promise<void> {
  const clock = makeClock();
  await using aws = await startFakeAws({ now: clock.now });
  const account = { id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] };
  aws.addSsoInstance({ startUrl: START_URL, accounts: [account], approvesAtOnce: true });
  const { body: { clientId, clientSecret } } = await post(aws, "/client/register", REGISTRATION);
  const client = { clientId, clientSecret };
  await test({
    aws,
    clock,
    client,
    async authorize(changes = {}) {
      const query = new URLSearchParams({
        response_type: "code",
        client_id: String(clientId),
        redirect_uri: REDIRECT_URI,
        state: "a-state",
        code_challenge_method: "S256",
        code_challenge: CHALLENGE,
        scopes: "sso:account:access",
        ...changes,
      });
      const answer = await fetch(`${aws.url}/authorize?${query}`, { redirect: "manual" });
      await answer.body?.cancel();
      const location = answer.headers.get("location");
      return location === null ? answer.status : new URL(location);
    },
    async redeem(code, changes = {}) {
      const request = { ...client, grantType: "authorization_code", code, codeVerifier: VERIFIER };
      const answer = await post(aws, "/token", {
        ...request,
        redirectUri: REDIRECT_URI,
        ...changes,
      });
      return [answer.status, answer.body["error"] ?? answer.body["refreshToken"]];
    },
  });
}

async function getCode(authorize: () => Promise<URL | number>): Promise<string> {
  const sent = await authorize();
  assert.ok(sent instanceof URL);
  assert.equal(sent.origin + sent.pathname, REDIRECT_URI);
  assert.equal(sent.searchParams.get("state"), "a-state");
  return sent.searchParams.get("code")!;
}

Deno.test("a code is good once, for the verifier of its challenge and the address it went to", () =>
  withClient(async ({ aws, authorize, redeem }) => {
    const code = await getCode(authorize);
    const [status, refreshToken] = await redeem(code);
    assert.equal(status, 200);
    assert.match(String(refreshToken), /^fake-sso-refresh-token/);
    assert.deepEqual(await redeem(code), [400, "invalid_grant"]);
    const [access] = [...aws.world.sso.accessTokens.keys()];
    assert.equal((await get(aws, "/assignment/accounts", access)).status, 200);
  }));

for (
  const [name, changes] of [
    ["another verifier", { codeVerifier: VERIFIER.replace("d", "e") }],
    ["another redirect address", { redirectUri: REDIRECT_URI.replace("4711", "4712") }],
  ] as const
) {
  Deno.test(`a code is not taken with ${name}, and used up by the attempt`, () =>
    withClient(async ({ authorize, redeem }) => {
      const code = await getCode(authorize);
      assert.deepEqual(await redeem(code, changes), [400, "invalid_grant"]);
      assert.deepEqual(await redeem(code), [400, "invalid_grant"]);
    }));
}

Deno.test("a code is neither taken without a verifier nor after its minute", () =>
  withClient(async ({ clock, authorize, redeem }) => {
    const code = await getCode(authorize);
    assert.deepEqual(await redeem(code, { codeVerifier: undefined }), [400, "invalid_request"]);
    clock.advance(60_000);
    assert.deepEqual(await redeem(code), [400, "invalid_grant"]);
  }));

Deno.test("a browser is sent nowhere for an unknown client or an address that is not registered", () =>
  withClient(async ({ authorize }) => {
    assert.equal(await authorize({ client_id: "nobody" }), 400);
    assert.equal(await authorize({ redirect_uri: "http://127.0.0.1:4711/other" }), 400);
    assert.equal(await authorize({ redirect_uri: "http://localhost:4711/oauth/callback" }), 400);
  }));

for (
  const [error, changes] of [
    ["invalid_scope", { scopes: "sso:account:access codewhisperer:analysis" }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge: "short" }],
    ["unsupported_response_type", { response_type: "token" }],
  ] as const
) {
  Deno.test(`a browser comes back with ${error} for ${JSON.stringify(changes)}`, () =>
    withClient(async ({ authorize }) => {
      const sent = await authorize(changes);
      assert.ok(sent instanceof URL);
      assert.equal(sent.searchParams.get("error"), error);
    }));
}

Deno.test("a client registers for what it says: grants, redirect addresses and issuer", () =>
  withClient(async ({ aws, client, authorize }) => {
    const refused = async (changes: object) =>
      (await post(aws, "/client/register", { ...REGISTRATION, ...changes })).body["error"];
    assert.equal(await refused({ redirectUris: undefined }), "invalid_redirect_uri");
    assert.equal(await refused({ redirectUris: ["http://example.com/"] }), "invalid_redirect_uri");
    assert.equal(await refused({ issuerUrl: "https://elsewhere.example/" }), "invalid_request");
    assert.equal(await refused({ grantTypes: ["password"] }), "unsupported_grant_type");
    const device = await post(aws, "/device_authorization", { ...client, startUrl: START_URL });
    assert.equal(device.body["error"], "unauthorized_client");
    const other = await post(aws, "/client/register", { ...REGISTRATION, grantTypes: undefined });
    const sent = await authorize({ client_id: String(other.body["clientId"]) });
    assert.ok(sent instanceof URL);
    assert.equal(sent.searchParams.get("error"), "unauthorized_client");
  }));
