import assert from "node:assert/strict";
import { VaultError } from "../../../src/errors.ts";
import type { ProxyReport } from "../../../src/server/proxy_process.ts";
import { type ServerOptions, startServer } from "../../../src/server/start.ts";
import type { CompanionRequest, Companions, Credentials } from "../../../src/types.ts";
import { FakeOrigin, ROLE, StillClock } from "./fake_source.ts";
import { request } from "./raw_http.ts";

/** A proxy that reports this and does nothing; undefined for one that ends without a word. */
class FakeCompanions implements Companions {
  readonly requests: CompanionRequest[] = [];
  ended = 0;
  /** Ends the proxy, as somebody else may. */
  die = () => {};
  readonly #lines: string[];

  constructor(report: ProxyReport | undefined, said: string) {
    this.#lines = report === undefined ? [] : (said + JSON.stringify(report)).split("\n");
  }

  startAgain(): never {
    throw new Error("not by a server");
  }

  startAsRoot(request: CompanionRequest) {
    this.requests.push(request);
    const open = Promise.withResolvers<undefined>();
    this.die = () => open.resolve(undefined);
    if (this.#lines.length === 0) this.die();
    return Promise.resolve({
      readLine: () => this.#lines.length > 0 ? Promise.resolve(this.#lines.shift()) : open.promise,
      end: () => {
        this.ended++;
        open.resolve(undefined);
        return Promise.resolve();
      },
    });
  }
}

/** @param said what sudo writes before the report */
function setUp(report?: ProxyReport, said = "") {
  const clock = new StillClock();
  const origin = new FakeOrigin(clock);
  const companions = new FakeCompanions(report, said);
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const ctx = { platform: "linux", clock, note, debug() {}, companions } as const;
  const start = (options: ServerOptions) => startServer(origin, options, ctx);
  return { clock, origin, companions, notes, start };
}

/** A port that was free a moment ago. */
function findPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("the ECS server has its credentials before the program starts", async () => {
  const { origin, start } = setUp();
  const server = await start({ kind: "ecs" });
  assert.deepEqual(origin.asked, ["current"]);
  await server.stop();
});

Deno.test("with --lazy the ECS server asks for credentials when it is asked", async () => {
  const { origin, start } = setUp();
  const server = await start({ kind: "ecs", lazy: true });
  assert.deepEqual(origin.asked, []);
  const { port } = new URL(server.set.AWS_CONTAINER_CREDENTIALS_FULL_URI!);
  const headers = { Authorization: server.set.AWS_CONTAINER_AUTHORIZATION_TOKEN! };
  assert.equal((await request(Number(port), "/", { headers })).status, 200);
  assert.deepEqual(origin.asked, ["current"]);
  await server.stop();
});

Deno.test("a failure while the program runs is told on standard error, once", async () => {
  const { clock, origin, notes, start } = setUp();
  const server = await start({ kind: "ecs", lazy: true });
  origin.failure = new VaultError("network", "sts is not reached", ["are you online?"]);
  const { port } = new URL(server.set.AWS_CONTAINER_CREDENTIALS_FULL_URI!);
  const headers = { Authorization: server.set.AWS_CONTAINER_AUTHORIZATION_TOKEN! };
  for (let i = 0; i < 3; i++) await request(Number(port), "/", { headers });
  assert.deepEqual(notes, ["aws-vault: no new credentials: sts is not reached\n  are you online?"]);
  clock.advance(-60 * 60_000); // it was wrong, and is set
  await request(Number(port), "/", { headers });
  assert.equal(notes.length, 2);
  await server.stop();
});

Deno.test("what is answered with is recorded before, and what cannot be is not given, and told", async () => {
  const { notes, start } = setUp();
  const recorded: string[] = [];
  const log: { failure?: VaultError } = {};
  const record = ({ accessKeyId }: Credentials) => {
    recorded.push(accessKeyId);
    return log.failure === undefined ? Promise.resolve() : Promise.reject(log.failure);
  };
  const server = await start({ kind: "ecs", record });
  assert.deepEqual(recorded, [], "nobody has been given any");
  const { port } = new URL(server.set.AWS_CONTAINER_CREDENTIALS_FULL_URI!);
  const headers = { Authorization: server.set.AWS_CONTAINER_AUTHORIZATION_TOKEN! };
  const ask = (path: string) => request(Number(port), path, { headers });
  for (const path of ["/", `/role-arn/${ROLE}`]) {
    const { AccessKeyId } = JSON.parse((await ask(path)).body);
    assert.equal(recorded.at(-1), AccessKeyId);
  }
  assert.deepEqual(notes, []);
  log.failure = new VaultError("file", "the log is full");
  for (const path of ["/", `/role-arn/${ROLE}`]) {
    const { status, body } = await ask(path);
    assert.ok(status >= 400 && !body.includes("SecretAccessKey"));
  }
  assert.deepEqual(notes, ["aws-vault: no new credentials: the log is full"]);
  await server.stop();
});

Deno.test("credentials that cannot be had are an error before the program starts", async () => {
  const { origin, notes, start } = setUp();
  origin.failure = new VaultError("aws", "AWS refused GetSessionToken");
  await assert.rejects(start({ kind: "ecs" }), { message: "AWS refused GetSessionToken" });
  assert.deepEqual(notes, [], "it is told once");
});

Deno.test("the EC2 server warns, starts its proxy as root with little, and ends it", async () => {
  const { companions, notes, start } = setUp({ ready: true }, "It is a lecture.\nWith great power");
  const port = findPort();
  const server = await start({ kind: "ec2", port });
  assert.match(notes.join("\n"), /any process on this machine can get these credentials/);
  assert.deepEqual(companions.requests[0]!.args, ["proxy", "--attached"]);
  assert.ok(companions.requests[0]!.permissions.includes("--allow-run=ip"));
  for (
    const name of [
      ...["CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER_CREDENTIALS_RELATIVE_URI"],
      ...["EC2_METADATA_DISABLED", "EC2_METADATA_SERVICE_ENDPOINT"],
      "EC2_METADATA_SERVICE_ENDPOINT_MODE",
    ]
  ) assert.ok(server.unset.includes(`AWS_${name}`), name);
  await server.stop();
  assert.equal(companions.ended, 1);
  await assert.rejects(request(port, "/"), Deno.errors.ConnectionRefused);
  assert.deepEqual(notes.slice(1), ["It is a lecture.", "With great power"], "what sudo has said");
});

Deno.test("while the program runs, the EC2 server tells what fails, and a proxy that ends", async () => {
  const { clock, origin, companions, notes, start } = setUp({ ready: true });
  const port = findPort();
  const server = await start({ kind: "ec2", port });
  clock.advance(2 * 60 * 60_000);
  origin.failure = new VaultError("network", "sts is not reached");
  const path = "/latest/meta-data/iam/security-credentials/local-credentials";
  assert.equal((await request(port, path, { host: "169.254.169.254" })).status, 503);
  companions.die();
  await Promise.resolve(); // for whoever reads its lines
  assert.deepEqual(notes.slice(1), [
    "aws-vault: no new credentials: sts is not reached",
    "aws-vault: the proxy of the EC2 server has ended",
  ]);
  await server.stop();
});

Deno.test("what the proxy could not do is the error, and the server does not stay", async () => {
  const report = { ready: false, message: "port 80 is taken", hints: ["see ss"] } as const;
  const { companions, start } = setUp(report);
  const port = findPort();
  await assert.rejects(start({ kind: "ec2", port }), (error: VaultError) => {
    assert.deepEqual([error.message, error.hints], ["port 80 is taken", ["see ss"]]);
    return true;
  });
  await assert.rejects(request(port, "/"), Deno.errors.ConnectionRefused);
  assert.equal(companions.ended, 1);
});

Deno.test("a proxy that ends without a word, as when sudo refuses, is an error", async () => {
  const { start } = setUp(undefined);
  await assert.rejects(start({ kind: "ec2", port: findPort() }), { message: /did not start/ });
});
