import assert from "node:assert/strict";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";
import { type ImdsOptions, startImdsServer } from "../../../src/server/imds.ts";
import { refreshing } from "../../../src/server/source.ts";
import { FakeOrigin, StillClock } from "./fake_source.ts";
import { request, type RequestOptions } from "./raw_http.ts";

const HOST = "169.254.169.254";
const ROLE = "/latest/meta-data/iam/security-credentials/local-credentials";
const TOKEN = "/latest/api/token";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds";

async function setUp(options: ImdsOptions = { region: "eu-west-1" }) {
  const clock = new StillClock();
  const origin = new FakeOrigin(clock);
  const source = refreshing(origin, clock);
  const server = await startImdsServer(source, { port: 0, ...options }, { clock, debug() {} });
  const port = Number(new URL(server.url).port);
  const get = (target: string, options: RequestOptions = {}) =>
    request(port, target, { host: HOST, ...options });
  const issue = (headers: Record<string, string>) => get(TOKEN, { method: "PUT", headers });
  return { clock, origin, server, get, issue, [Symbol.asyncDispose]: server.close };
}

const PATHS: Readonly<Record<string, string>> = {
  "/latest/meta-data/instance-id": "aws-vault",
  "/latest/meta-data/instance-id/": "aws-vault",
  "/latest/meta-data/iam/security-credentials": "local-credentials",
  "/latest/meta-data/iam/security-credentials/": "local-credentials",
  "/latest/meta-data/placement/region": "eu-west-1",
  "/latest/meta-data/placement/availability-zone/": "eu-west-1a",
};

for (const [path, body] of Object.entries(PATHS)) {
  Deno.test(`${path} answers ${body}`, async () => {
    await using imds = await setUp();
    const answer = await imds.get(path);
    assert.deepEqual([answer.status, answer.body], [200, body]);
  });
}

Deno.test("iam/info and the identity document say what SDKs look for", async () => {
  await using imds = await setUp();
  const info = JSON.parse((await imds.get("/latest/meta-data/iam/info")).body);
  assert.equal(info.Code, "Success");
  const identity = await imds.get("/latest/dynamic/instance-identity/document");
  assert.equal(JSON.parse(identity.body).region, "eu-west-1");
});

Deno.test("without a region the paths that would name one are not there", async () => {
  await using imds = await setUp({});
  assert.equal((await imds.get("/latest/meta-data/placement/region")).status, 404);
  assert.equal((await imds.get("/latest/dynamic/instance-identity/document")).status, 404);
});

Deno.test("the credentials have the form of the metadata service", async () => {
  await using imds = await setUp();
  const answer = await imds.get(ROLE);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.deepEqual(JSON.parse(answer.body), {
    Code: "Success",
    LastUpdated: "2026-01-01T00:00:00Z",
    Type: "AWS-HMAC",
    AccessKeyId: "ASIA1",
    SecretAccessKey: "secret/1",
    Token: "token1==",
    Expiration: "2026-01-01T01:00:00Z",
  });
});

Deno.test("the Host may have the port of the metadata service", async () => {
  await using imds = await setUp();
  assert.equal((await imds.get(ROLE, { host: `${HOST}:80` })).status, 200);
});

Deno.test("a token opens the credentials until its TTL is over", async () => {
  await using imds = await setUp({ tokens: "required" });
  const issued = await imds.issue({ [TTL]: "60" });
  assert.equal(issued.headers.get(TTL.toLowerCase()), "60");
  const headers = { "X-aws-ec2-metadata-token": issued.body };
  assert.equal((await imds.get(ROLE, { headers })).status, 200);
  imds.clock.advance(59_000);
  assert.equal((await imds.get(ROLE, { headers })).status, 200);
  imds.clock.advance(1_000);
  assert.equal((await imds.get(ROLE, { headers })).status, 401);
});

Deno.test("a token may be good for six hours, which is what SDKs ask for", async () => {
  await using imds = await setUp({ tokens: "required" });
  const { status, headers } = await imds.issue({ [TTL]: "21600" });
  assert.deepEqual([status, headers.get(TTL.toLowerCase())], [200, "21600"]);
});

Deno.test("a token lengthened by its holder is refused", async () => {
  await using imds = await setUp({ tokens: "required" });
  const { body } = await imds.issue({ [TTL]: "60" });
  const headers = { "X-aws-ec2-metadata-token": `9${body}` };
  assert.equal((await imds.get(ROLE, { headers })).status, 401);
});

Deno.test("the token of another server is refused", async () => {
  await using one = await setUp({ tokens: "required" });
  await using two = await setUp({ tokens: "required" });
  const { body } = await one.issue({ [TTL]: "60" });
  const headers = { "X-aws-ec2-metadata-token": body };
  assert.equal((await two.get(ROLE, { headers })).status, 401);
});

for (const ttl of ["0", "21601", "-1", "1.5", "", "99999999999"]) {
  Deno.test(`a TTL of \`${ttl}\` seconds is refused`, async () => {
    await using imds = await setUp();
    assert.equal((await imds.issue(ttl === "" ? {} : { [TTL]: ttl })).status, 400);
  });
}

interface Hostile {
  readonly about: string;
  readonly target?: string;
  readonly options?: RequestOptions;
  readonly imds?: ImdsOptions;
  readonly status: number;
}

const HOSTILE: readonly Hostile[] = [
  { about: "no token where one is required", imds: { tokens: "required" }, status: 401 },
  {
    about: "a wrong token where none is required",
    options: { headers: { "X-aws-ec2-metadata-token": "AQAEA" } },
    status: 401,
  },
  { about: "a foreign Host", options: { host: "rebound.example" }, status: 421 },
  { about: "the server's own address as Host", options: { host: "127.0.0.1:9099" }, status: 421 },
  {
    about: "X-Forwarded-For",
    options: { headers: { "X-Forwarded-For": "10.0.0.1" } },
    status: 403,
  },
  { about: "POST", options: { method: "POST" }, status: 405 },
  { about: "PUT", options: { method: "PUT" }, status: 405 },
  { about: "GET of a token", target: TOKEN, status: 405 },
  { about: "/../", target: `/../${ROLE}`, status: 404 },
  { about: "a doubled slash", target: `/${ROLE}`, status: 404 },
  { about: "another role's name", target: `${ROLE}x`, status: 404 },
];

for (const { about, target = ROLE, options, imds: imdsOptions, status } of HOSTILE) {
  Deno.test(`${about}: ${status}, nothing given, the source never asked`, async () => {
    await using imds = await setUp(imdsOptions);
    const answer = await imds.get(target, options);
    assert.equal(answer.status, status);
    assert.doesNotMatch(answer.body, /ASIA|secret/);
    assert.deepEqual(imds.origin.asked, []);
  });
}

Deno.test("X-Forwarded-For gets no token", async () => {
  await using imds = await setUp();
  const answer = await imds.issue({ [TTL]: "60", "X-Forwarded-For": "10.0.0.1" });
  assert.equal(answer.status, 403);
});

Deno.test("a refusal is told as the metadata service tells one: 200 with another Code", async () => {
  await using imds = await setUp();
  imds.origin.failure = new AwsRefusal("AccessDenied", 403, "AWS refused AssumeRole", []);
  const answer = await imds.get(ROLE);
  const { Code, Message } = JSON.parse(answer.body);
  assert.deepEqual([answer.status, Code], [200, "AccessDenied"]);
  assert.match(Message, /^AWS refused the credentials; /);
});

Deno.test("a network fault is told as 503, which SDKs try again", async () => {
  await using imds = await setUp();
  imds.origin.failure = new VaultError("network", "sts is not reached");
  assert.equal((await imds.get(ROLE)).status, 503);
});

Deno.test("a taken port is an error that names it and the way out", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await assert.rejects(setUp({ port: taken.addr.port }), (error: VaultError) => {
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${taken.addr.port} is taken`));
    const [other, wayOut] = error.hints;
    assert.match(other!, /^another `exec --ec2-server` is running/); // no command to be typed
    assert.match(wayOut!, /--ecs-server/);
    return true;
  });
});
