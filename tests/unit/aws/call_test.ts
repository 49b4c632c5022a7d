import { createFakeEnv } from "../../fakes/env.ts";
import assert from "node:assert/strict";
import { callAws, type CallInfo } from "../../../src/aws/call.ts";
import { goesDirect } from "../../../src/aws/proxy.ts";
import type { CallContext } from "../../../src/aws/time_limit.ts";
import { AwsRefusal, VaultError } from "../../../src/errors.ts";
import type { Wire } from "../../../src/aws/wire.ts";
import { ManualClock } from "../manual_clock.ts";
import type { FakeClock } from "../credentials/providers/fake_run.ts";
import { createCallWorld } from "./call_world.ts";

const INFO: CallInfo = {
  call: "AssumeRole of arn:role",
  subject: "profile work",
  address: "STS in eu-west-1",
};

/** What becomes of an error that an SDK's client throws. */
async function explain(thrown: unknown): Promise<VaultError> {
  try {
    await callAws(INFO, createCallWorld().ctx, () => Promise.reject(thrown));
  } catch (error) {
    assert.ok(error instanceof VaultError, String(error));
    return error;
  }
  return assert.fail("it was not thrown");
}

/** A service exception, as the SDK makes it of AWS's answer. */
function serviceError(name: string, message: string, status = 403): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status, requestId: "id-1" },
  });
}

Deno.test("a refusal is told with its code, message, request id, profile and call", async () => {
  const error = await explain(serviceError("AccessDenied", "You may not."));
  assert.ok(error instanceof AwsRefusal);
  assert.equal(error.awsCode, "AccessDenied");
  assert.equal(error.httpStatus, 403);
  assert.equal(
    error.message,
    "profile work: AWS refused AssumeRole of arn:role: AccessDenied: You may not. " +
      "(HTTP 403, request id id-1)",
  );
});

for (
  const [name, message, hint] of [
    [
      "InvalidClientTokenId",
      "",
      /was it deleted.*aws-vault add.*is this region enabled for the account.*--region.*aws-vault explain work/,
    ],
    ["AccessDenied", "", /does not trust.*mfa_serial.*external_id/],
    ["ThrottlingException", "", /try again in a moment/],
    ["ServiceUnavailable", "", /try again in a moment/],
    ["InternalServerException", "", /try again in a moment/],
    ["IDPCommunicationError", "", /try again in a moment/],
    ["SignatureDoesNotMatch", "", /not the one that belongs.*aws-vault explain work/],
    ["SignatureDoesNotMatch", "Signature expired: 20261103 is now earlier than 20261104", /clock/],
    ["SignatureDoesNotMatch", "Signature not yet current: 20261103 is still later", /clock/],
    ["RequestExpired", "", /clock/],
    ["ExpiredToken", "", /aws-vault clear.*the environment.*credential_process.*renewed there/],
    ["ExpiredTokenException", "", /aws-vault clear/],
    ["RegionDisabledException", "", /--region/],
    [
      "AccessDenied",
      "MultiFactorAuthentication failed with invalid code",
      /next one.*clock of the device/,
    ],
    [
      "AccessDenied",
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA " +
      "serial number is valid and associated with this user.",
      /^mfa_serial is no device of .*aws-vault explain work/,
    ],
    ["ValidationError", "Value 'jon' at 'serialNumber' failed", /^mfa_serial .*explain work/],
    [
      "ValidationError",
      "Value '10' at 'durationSeconds' failed to satisfy constraint: greater than or equal to 900",
      /roles for 15m to 12h.*to 36h.*aws-vault explain work/,
    ],
    [
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      /duration_seconds.*--duration.*AWS_ASSUME_ROLE_TTL.*aws-vault explain work/,
    ],
  ] as const
) {
  Deno.test(`${name}${message && `: ${message},`} is told with a way out`, async () => {
    assert.match((await explain(serviceError(name, message))).hints.join(), hint);
  });
}

for (
  const [call, hint] of [
    ["GetSessionToken", /sts:GetSessionToken; -n/],
    ["CreateAccessKey", /iam:CreateAccessKey .*mfa_serial.*-n/],
    ["DeleteAccessKey of AKIA", /iam:DeleteAccessKey /],
    ["GetUser", /iam:GetUser /],
    ["GetFederationToken", /^$/],
    ["AssumeRoleWithWebIdentity of arn:role", /^the role does not trust .*\baud and sub$/],
  ] as const
) {
  Deno.test(`a denied ${call} is told with what may be missing`, async () => {
    const refused = () => Promise.reject(serviceError("AccessDenied", "no"));
    const error = await callAws({ ...INFO, call }, createCallWorld().ctx, refused)
      .catch((error) => error);
    assert.match(error.hints.join(), hint);
  });
}

Deno.test("an answer that is not AWS's is told as such, with the address", async () => {
  const page = Object.assign(new Error("Unexpected token <"), {
    $metadata: { httpStatusCode: 502 },
  });
  const error = await explain(page);
  assert.equal(error.code, "network");
  assert.match(error.message, /cannot reach STS in eu-west-1: HTTP 502 that is no answer of AWS$/);
  assert.deepEqual(error.hints, ["that passes by itself: try again in a moment"]);
});

for (const status of [301, 400, 403, 404, 407]) {
  Deno.test(`a page with HTTP ${status} and without a code of AWS' is no refusal by AWS`, async () => {
    for (const [name, message] of [["Unknown", "Unknown"], ["UnknownError", "UnknownError"]]) {
      const error = await explain(serviceError(name!, message!, status));
      assert.equal(error.code, "network");
      assert.match(error.message, new RegExp(`: HTTP ${status} that is no answer of AWS$`));
      assert.match(error.hints.join("\n"), /HTTPS_PROXY.*AWS_ENDPOINT_URL/);
    }
  });
}

Deno.test("a fault of AWS' own, and a token that has ended, are AWS' even without a code", async () => {
  for (const status of [401, 500, 503]) {
    const error = await explain(serviceError("Unknown", "Unknown", status));
    assert.equal(error.code, "aws");
    assert.match(
      error.message,
      /AWS refused AssumeRole of arn:role \(HTTP \d+, request id id-1\)$/,
    );
    assert.equal(/try again in a moment/.test(error.hints.join()), status >= 500);
  }
  assert.equal((await explain(serviceError("Unknown", "no such account", 403))).code, "aws");
  const { message } = await explain(serviceError("AccessDenied", ""));
  assert.match(message, /AWS refused AssumeRole of arn:role: AccessDenied \(HTTP 403/);
});

Deno.test("a fault of the network is told by its cause alone, with what to check", async () => {
  for (
    const [thrown, cause] of [
      [
        new TypeError(
          "error sending request for url (http://127.0.0.1:9/): client error (Connect): " +
            "tcp connect error: Connection refused (os error 111)",
        ),
        "Connection refused",
      ],
      [
        new TypeError(
          "error sending request for url (https://x/): client error (Connect): dns error: " +
            "failed to lookup address information: Name or service not known",
        ),
        "Name or service not known",
      ],
      [new Error("wrapped", { cause: new TypeError("outer: inner: reset") }), "reset"],
    ] as const
  ) {
    const error = await explain(thrown);
    assert.equal(error.code, "network");
    assert.match(error.message, new RegExp(`cannot reach STS in eu-west-1: ${cause}`));
    assert.match(error.hints.join(), /online/);
  }
});

Deno.test("where a proxy brings no answer it is named, by its variable and without its password", async () => {
  const proxied = async (
    cause: string,
    variables: Record<string, string>,
    address = "https://sts.eu-west-1.amazonaws.com",
  ) => {
    const { ctx } = createCallWorld({ env: createFakeEnv(variables) });
    const info = { ...INFO, address };
    const thrown = new TypeError(`error sending request: client error (Connect): ${cause}`);
    const error = await callAws(info, ctx, () => Promise.reject(thrown)).catch((error) => error);
    return error.hints.join("\n") as string;
  };
  const url = "http://jo:secret@proxy.example:3128";
  for (const variable of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
    const hints = await proxied("Connection refused", { [variable]: url });
    assert.match(hints, new RegExp(`proxy that ${variable} names, proxy\\.example:3128:`));
    assert.doesNotMatch(hints, /secret/);
  }
  // Of several Deno takes that of ALL_PROXY, and http for one that says no scheme.
  const both = { HTTPS_PROXY: url, all_proxy: "other.example:3128" };
  assert.match(await proxied("Connection refused", both), /all_proxy names, other\.example:3128:/);
  const asked = await proxied("proxy authentication required", { HTTPS_PROXY: url });
  assert.match(asked, /HTTPS_PROXY=http:\/\/NAME:PASSWORD@proxy\.example:3128$/);
  const without = await proxied("Connection refused", { HTTPS_PROXY: url, NO_PROXY: "*" });
  assert.match(without, /check that this machine is online/);
  const local = await proxied("Connection refused", { HTTP_PROXY: url }, "http://127.0.0.1:4566");
  assert.match(local, /check that this machine is online/);
});

Deno.test("a certificate nobody vouches for is told with where to name its authority", async () => {
  const error = await explain(new TypeError("client error (Connect): invalid peer certificate"));
  assert.match(error.message, /cannot reach STS in eu-west-1: invalid peer certificate$/);
  assert.match(error.hints.join(), /AWS_CA_BUNDLE/);
});

Deno.test("certificates that cannot be read are told as that, with the variables that name them", async () => {
  const error = await explain(new TypeError("No such file or directory (os error 2)"));
  assert.match(error.message, /its certificates cannot be read \(No such file or directory/);
  assert.match(error.hints.join(), /AWS_CA_BUNDLE, SSL_CERT_FILE/);
});

Deno.test("a port that is another protocol's is told as that, with where to name one", async () => {
  const error = await explain(new TypeError("Requests to port 6000 are blocked by the Fetch API"));
  assert.match(
    error.message,
    /: port 6000 belongs to another protocol, and no web client asks it$/,
  );
  assert.match(
    error.hints.join(),
    /^have it listen on another port, .* name that in the endpoint$/,
  );
});

Deno.test("a host the sandbox does not allow is named, and how to allow it", async () => {
  const refused = new Deno.errors.NotCapable(
    'Requires net access to "sts.example:443", run again with the --allow-net flag',
  );
  const error = await explain(refused);
  assert.match(error.message, /the sandbox does not allow sts\.example:443; .*AWS_VAULT_ALLOW_NET/);
  assert.match(error.hints.join(), /--allow-net$/);
  assert.doesNotMatch(error.hints.join(), /online/);
});

Deno.test("our own errors pass through as they are, and an answer is handed on", async () => {
  const own = new VaultError("config", "ours");
  assert.equal(await explain(own), own);
  assert.equal(await callAws(INFO, createCallWorld().ctx, () => Promise.resolve(7)), 7);
});

Deno.test("--debug tells the call and where it goes", async () => {
  const { ctx, debugged } = createCallWorld();
  await callAws(INFO, ctx, () => Promise.resolve());
  assert.deepEqual(debugged, ["profile work: AssumeRole of arn:role at STS in eu-west-1"]);
});

/** A call that waits until it is told to leave off, begun; the clock stands. */
function callInVain(address: string, more: Partial<CallContext> = {}, wire?: Wire) {
  const clock = new ManualClock();
  const world = createCallWorld({ ...more, clock });
  const never = ({ abortSignal }: { abortSignal: AbortSignal }) =>
    new Promise<never>((_, reject) =>
      abortSignal.addEventListener("abort", () => reject(abortSignal.reason))
    );
  const beganAtMs = clock.now();
  const failed: Promise<VaultError> = callAws({ ...INFO, address, wire }, world.ctx, never)
    .then(() => assert.fail("it was answered"), (error) => error);
  /** What it said in the end, and after how long. */
  const end = async () => {
    const { message } = await clock.runUntil(failed);
    return { message, seconds: (clock.now() - beganAtMs) / 1000 };
  };
  return { ...world, clock, end };
}

interface Silence extends Disposable {
  readonly url: string;
  readonly listener: Deno.Listener;
}

/** An address where connections are taken, and nothing is ever said. */
function listenSilently(): Silence {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const url = `http://127.0.0.1:${port}`;
  return { url, listener, [Symbol.dispose]: () => listener.close() };
}

/** An address where no connection comes about: its queue is full, as if the network were dead. */
async function listenToNobody(): Promise<{ url: string } & Disposable> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr as Deno.NetAddr;
  const queued = await Promise.all(
    Array.from({ length: 2 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      for (const connection of queued) connection.close();
      listener.close();
    },
  };
}

Deno.test("a dead network ends after 20 seconds", async () => {
  using dead = await listenToNobody();
  const { message, seconds } = await callInVain(dead.url).end();
  assert.match(message, /cannot reach http:\/\/127\.0\.0\.1:\d+: no connection in 20 s$/);
  assert.equal(seconds, 20);
});

/** Lets the call see that somebody is there, as it does after some seconds. */
async function beReached({ clock }: { clock: ManualClock }, { listener }: Silence): Promise<void> {
  const reached = listener.accept();
  await clock.advance(3_000);
  (await reached).close();
  await clock.advance(0);
}

Deno.test("a server that was reached and is silent is given a minute", async () => {
  using silent = listenSilently();
  const call = callInVain(silent.url);
  await beReached(call, silent);
  const { message, seconds } = await call.end();
  assert.match(message, /: no answer in 60 s$/);
  assert.equal(seconds, 60);
});

Deno.test("who refuses again and again until the time is over is told by the refusal", async () => {
  using silent = listenSilently();
  const refusal = serviceError("TooManyRequestsException", "slow down", 429);
  const wire = { url: new URL(silent.url), answeredAtMs: NaN, refusal };
  const { message } = await callInVain(silent.url, {}, wire).end();
  assert.match(
    message,
    /AWS refused AssumeRole .*: TooManyRequestsException: slow down \(HTTP 429/,
  );
});

// Row 30.
Deno.test("the wait for others counts towards the time a call may take", async () => {
  using silent = listenSilently();
  const call = callInVain(silent.url, { waitedMs: 10_000 });
  await beReached(call, silent);
  assert.match((await call.end()).message, /: no answer in 50 s$/);
  using dead = await listenToNobody();
  const soon = await callInVain(dead.url, { waitedMs: 12_000 }).end();
  assert.match(soon.message, /connection in 8 s$/);
  const sooner = await callInVain(dead.url, { waitedMs: 30_000 }).end();
  assert.match(sooner.message, /connection in 3 s$/);
});

Deno.test("after three seconds of waiting a line says for what, once", async () => {
  using dead = await listenToNobody();
  const { clock, notes, end } = callInVain(dead.url);
  await clock.advance(2_999);
  assert.deepEqual(notes, []);
  await end();
  assert.deepEqual(notes, [`Waiting for an answer of ${dead.url} to AssumeRole of arn:role`]);
});

Deno.test("of a proxy in between the line says which, without its password", async () => {
  using dead = await listenToNobody();
  const proxy = dead.url.replace("://", "://jo:secret@");
  const env = createFakeEnv({ HTTPS_PROXY: proxy });
  const { notes, end } = callInVain("https://sts.example.com", { env });
  await end();
  assert.deepEqual(notes, [
    "Waiting for an answer of https://sts.example.com to AssumeRole of arn:role " +
    `by the proxy ${new URL(dead.url).host}`,
  ]);
});

Deno.test("where a proxy is set it is the proxy that has to be reached", async () => {
  using proxy = listenSilently();
  const env = createFakeEnv({ https_proxy: proxy.url });
  const call = callInVain("https://sts.invalid", { env });
  await beReached(call, proxy);
  assert.match((await call.end()).message, /: no answer in 60 s$/);
});

Deno.test("where NO_PROXY names the host it is the host that has to be reached", async () => {
  for (const value of ["0.0.0.0", "corp.example, 0.0.0.0"]) {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      using host = listenSilently();
      using dead = await listenToNobody();
      const env = createFakeEnv({ HTTP_PROXY: dead.url, [name]: value });
      const call = callInVain(host.url.replace("127.0.0.1", "0.0.0.0"), { env });
      await beReached(call, host);
      assert.match((await call.end()).message, /: no answer in 60 s$/);
    }
  }
});

Deno.test("what NO_PROXY names is a host, or all below a name, and no part of one", () => {
  const target = new URL("https://sts.amazonaws.com");
  const isDirect = (list: string) => goesDirect(target, createFakeEnv({ NO_PROXY: list }));
  for (
    const list of [
      ...["*", "amazonaws.com", ".amazonaws.com", "x, sts.amazonaws.com"],
      ...["*.amazonaws.com", "AmazonAWS.com", "amazonaws.com:443", "*.amazonaws.com:443"],
    ]
  ) {
    assert.equal(isDirect(list), true, list);
  }
  for (
    const list of [
      ...["", ",", "aws.com", "amazonaws.com.cn", "iam.amazonaws.com", "*aws.com", "*.*"],
      ...["amazonaws.com:80", "*.sts.amazonaws.com", ":443"],
    ]
  ) {
    assert.equal(isDirect(list), false, list);
  }
  const plain = new URL("http://sts.amazonaws.com");
  for (
    const [list, expected] of [["amazonaws.com:80", true], ["amazonaws.com:443", false]] as const
  ) {
    assert.equal(goesDirect(plain, createFakeEnv({ NO_PROXY: list })), expected);
  }
});

const RESET = new TypeError(
  "error sending request for url (https://x/): client error (SendRequest): connection error: " +
    "Connection reset by peer (os error 104)",
);

/** A call whose connection is lost so many times; how often it was tried. */
async function loseConnections(times: number, once = false, lost: Error = RESET) {
  const { ctx } = createCallWorld();
  let tries = 0;
  const send = () => ++tries <= times ? Promise.reject(lost) : Promise.resolve("answer");
  const outcome = await callAws({ ...INFO, once }, ctx, send).catch((error) => error.message);
  return { outcome, tries, sleptSeconds: (ctx.clock as FakeClock).sleptSeconds };
}

// Row 40.
Deno.test("a lost connection is tried again, three times in all, a little later each time", async () => {
  const { outcome, tries, sleptSeconds } = await loseConnections(9);
  assert.match(outcome, /cannot reach STS in eu-west-1: Connection reset by peer$/);
  assert.deepEqual([tries, sleptSeconds], [3, [0.25, 0.5]]);
  for (
    const words of [
      "client error (SendRequest): connection closed before message completed",
      "error reading a body from connection: unexpected EOF during chunk size line",
      "error reading a body from connection",
      "client error (SendRequest): connection error: Broken pipe (os error 32)",
      "peer closed connection without sending TLS close_notify: https://docs.rs/rustls",
    ]
  ) {
    const lost = new TypeError("fetch failed", { cause: new Error(words) });
    const { outcome, tries } = await loseConnections(1, false, lost);
    assert.deepEqual([outcome, tries], ["answer", 2], words);
  }
});

Deno.test("what must not be done twice is not tried again", async () => {
  const { outcome, tries } = await loseConnections(1, true);
  assert.match(outcome, /Connection reset by peer/);
  assert.equal(tries, 1);
});
