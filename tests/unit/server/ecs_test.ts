import assert from "node:assert/strict";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";
import { startEcsServer } from "../../../src/server/ecs.ts";
import { refreshing } from "../../../src/server/source.ts";
import { FakeOrigin, ROLE, StillClock } from "./fake_source.ts";
import { request, type RequestOptions } from "./raw_http.ts";

/** A server with a source that counts, and requests that know its token. */
function setUp(hosts?: readonly string[]) {
  const clock = new StillClock();
  const origin = new FakeOrigin(clock);
  const debugged: string[] = [];
  const { set, unset, close } = startEcsServer(refreshing(origin, clock), {
    debug: (line) => debugged.push(line),
  }, hosts);
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = set;
  const port = Number(new URL(url).port);
  const get = (target: string, options: RequestOptions = {}) =>
    request(port, target, {
      ...options,
      headers: { Authorization: token, ...options.headers },
    });
  return { clock, origin, url, token, unset, port, get, debugged, [Symbol.asyncDispose]: close };
}

Deno.test("the token opens the credentials, in the form SDKs read", async () => {
  await using ecs = setUp();
  const answer = await ecs.get("/");
  assert.equal(answer.status, 200);
  assert.equal((await ecs.get("//")).body, answer.body); // "$AWS_CONTAINER_CREDENTIALS_FULL_URI/"
  assert.deepEqual(JSON.parse(answer.body), {
    AccessKeyId: "ASIA1",
    SecretAccessKey: "secret/1",
    Token: "token1==",
    Expiration: "2026-01-01T01:00:00Z",
  });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.has("server"), false);
});

Deno.test("the child is told the address and the token, and nothing sends it elsewhere", async () => {
  await using ecs = setUp();
  // The SDK for Ruby asks for the path as it stands, and refuses an empty one.
  assert.match(ecs.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.match(ecs.token, /^[\w-]{40}$/);
  for (const name of ["CREDENTIALS_RELATIVE_URI", "AUTHORIZATION_TOKEN_FILE"]) {
    assert.ok(ecs.unset.includes(`AWS_CONTAINER_${name}`), name);
  }
});

Deno.test("two servers have two tokens", async () => {
  await using one = setUp();
  await using two = setUp();
  assert.notEqual(one.token, two.token);
});

Deno.test("HEAD is refused, without a body", async () => {
  await using ecs = setUp();
  const answer = await ecs.get("/", { method: "HEAD" });
  assert.deepEqual([answer.status, answer.body], [405, ""]);
  assert.equal(answer.headers.get("allow"), "GET");
  assert.deepEqual(ecs.origin.asked, []);
});

for (
  const [path, arn] of [
    ["/role-arn/", ROLE],
    ["/role-arn/", encodeURIComponent(ROLE)],
    ["/role-arn/", "arn:aws-us-gov:iam::222222222222:role/a/b/x"],
    ["//role-arn/", ROLE], // of scripts that put it after the address as the Go tool gives it
  ] as const
) {
  Deno.test(`a role is assumed for ${path}${arn}`, async () => {
    await using ecs = setUp();
    const answer = await ecs.get(`${path}${arn}`);
    assert.equal(JSON.parse(answer.body).AccessKeyId, "ASIA2");
    assert.deepEqual(ecs.origin.asked, ["current", `${decodeURIComponent(arn)} by ASIA1`]);
  });
}

const ADMITTED = [
  "127.0.0.1", // of the AWS Common Runtime, which leaves out the port
  "127.0.0.1:8080", // through a port that is forwarded
  "169.254.170.2",
  "169.254.170.2:80",
  "Proxy.internal",
  "proxy.internal:8080",
];

for (const host of ADMITTED) {
  Deno.test(`the Host ${host} is answered with the right token alone`, async () => {
    await using ecs = setUp(["proxy.Internal"]);
    assert.equal((await ecs.get("/", { host })).status, 200);
    for (const token of ["", "guessed"]) {
      const refused = await ecs.get("/", { host, headers: { Authorization: token } });
      assert.equal(refused.status, 403);
    }
  });
}

Deno.test("a --server-host with a port is that port's alone", async () => {
  await using ecs = setUp(["proxy.internal:8080"]);
  assert.equal((await ecs.get("/", { host: "proxy.internal:8080" })).status, 200);
  for (const host of ["proxy.internal", "proxy.internal:80", "x.proxy.internal:8080"]) {
    assert.equal((await ecs.get("/", { host })).status, 421);
  }
});

interface Hostile {
  readonly about: string;
  readonly target?: string;
  readonly options?: RequestOptions;
  readonly status: number;
}

const HOSTILE: readonly Hostile[] = [
  { about: "no token", options: { headers: { Authorization: "" } }, status: 403 },
  { about: "a wrong token", options: { headers: { Authorization: "x".repeat(40) } }, status: 403 },
  { about: "a foreign Host", options: { host: "rebound.example:80" }, status: 421 },
  {
    about: "a Host that begins with ours",
    options: { host: "127.0.0.1.nip.example" },
    status: 421,
  },
  { about: "a name of the loopback address as Host", options: { host: "localhost" }, status: 421 },
  { about: "a Host nobody named", options: { host: "proxy.internal" }, status: 421 },
  { about: "no Host", options: { host: "" }, status: 421 },
  { about: "POST", options: { method: "POST" }, status: 405 },
  { about: "PUT", options: { method: "PUT" }, status: 405 },
  { about: "/../", target: "/../", status: 404 },
  { about: "/role-arn/../", target: "/role-arn/../", status: 400 },
  { about: "a query", target: "/?x", status: 404 },
  { about: "another path", target: "/latest/meta-data/", status: 404 },
  { about: "no role ARN", target: "/role-arn/", status: 400 },
  { about: "a user's ARN", target: "/role-arn/arn:aws:iam::222222222222:user/x", status: 400 },
  { about: "an ARN without account", target: "/role-arn/arn:aws:iam:::role/x", status: 400 },
  { about: "a broken escape in the ARN", target: "/role-arn/%E0%A4%A", status: 400 },
  { about: "a line end in the ARN", target: `/role-arn/${ROLE}%0d%0a`, status: 400 },
];

for (const { about, target = "/", options, status } of HOSTILE) {
  Deno.test(`${about}: ${status}, nothing given, the source never asked`, async () => {
    await using ecs = setUp();
    const answer = await ecs.get(target, options);
    assert.equal(answer.status, status);
    assert.doesNotMatch(answer.body, /ASIA|secret/);
    const { Message, message } = JSON.parse(answer.body);
    assert.ok(typeof Message === "string" && message === Message);
    assert.deepEqual(ecs.origin.asked, []);
  });
}

Deno.test("a token that differs in its last character alone is refused", async () => {
  await using ecs = setUp();
  const last = ecs.token.endsWith("A") ? "B" : "A";
  const answer = await ecs.get("/", {
    headers: { Authorization: ecs.token.slice(0, -1) + last },
  });
  assert.equal(answer.status, 403);
});

Deno.test("a token sent twice is refused", async () => {
  await using ecs = setUp();
  const answer = await ecs.get("/", { headers: { authorization: ecs.token } });
  assert.equal(answer.status, 403);
});

const REASON = "profile work: mfa_process said 123";
const FAILURES: readonly { about: string; error: VaultError; status: number; code: string }[] = [
  {
    about: "a refusal by AWS",
    error: new AwsRefusal("AccessDenied", 403, REASON, ["trust the caller"]),
    status: 400,
    code: "AccessDenied",
  },
  {
    about: "throttling",
    error: new AwsRefusal("Throttling", 400, REASON, []),
    status: 503,
    code: "Throttling",
  },
  {
    about: "a fault of AWS' own",
    error: new AwsRefusal("ServiceUnavailable", 503, REASON, []),
    status: 503,
    code: "ServiceUnavailable",
  },
  {
    about: "a fault of the network",
    error: new VaultError("network", REASON),
    status: 503,
    code: "NetworkFailure",
  },
  {
    about: "a code nobody gave",
    error: new VaultError("prompt", REASON),
    status: 400,
    code: "CredentialsUnavailable",
  },
  {
    about: "a program that failed",
    error: new VaultError("process", REASON),
    status: 503,
    code: "CredentialsUnavailable",
  },
];

for (const { about, error, status, code } of FAILURES) {
  Deno.test(`${about} is answered ${status} with a code and nothing of its text`, async () => {
    await using ecs = setUp();
    ecs.origin.failure = error;
    const answer = await ecs.get("/");
    assert.equal(answer.status, status);
    const { Code, Message, message } = JSON.parse(answer.body);
    assert.equal(Code, code);
    assert.equal(message, Message);
    assert.match(Message, /aws-vault/);
    assert.ok(!answer.body.includes("mfa_process") && !answer.body.includes("trust"));
  });
}

Deno.test("a bug is answered with 500 and none of its text, which --debug has", async () => {
  await using ecs = setUp();
  ecs.origin.failure = new TypeError("undefined is not a function");
  const answer = await ecs.get("/");
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body, /undefined is not/);
  assert.match(ecs.debugged.join("\n"), /undefined is not a function/);
});

Deno.test("--debug tells each request and no secret", async () => {
  await using ecs = setUp();
  await ecs.get("/");
  const told = ecs.debugged.join("\n");
  assert.match(told, /GET \/ 200/);
  assert.ok(!told.includes(ecs.token) && !told.includes("secret/1"));
});

Deno.test("a closed server answers nobody", async () => {
  const ecs = setUp();
  await ecs[Symbol.asyncDispose]();
  await assert.rejects(ecs.get("/"), Deno.errors.ConnectionRefused);
});
