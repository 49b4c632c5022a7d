import assert from "node:assert/strict";
import { Held } from "../../../src/agent/held.ts";
import { formatRequest } from "../../../src/agent/protocol.ts";
import { Agent } from "../../../src/agent/server.ts";
import { takeTurn } from "../../../src/agent/turn.ts";
import { RemoteWorld } from "../../../src/agent/world.ts";
import type { Context, Exit, World } from "../../../src/types.ts";
import { ManualClock } from "../manual_clock.ts";
import { until } from "../../until.ts";

const MINUTE_MS = 60_000;
const ONE_HOUR = { idleSeconds: 3600, lifetimeSeconds: 12 * 3600 };
const REQUEST = {
  args: ["exec", "work", "--json"],
  variables: new Map<string, string>(),
  processId: 1,
  parentId: 1,
  isOutputTerminal: false,
};

/** An agent on a socket of its own, whose clock stands still, and whose runs end as one says. */
class TestAgent implements Disposable {
  readonly clock = new ManualClock();
  readonly directory = Deno.makeTempDirSync({ prefix: "vault-agent-" });
  readonly #agent: Agent;
  readonly held = new Held({ now: () => this.clock.now() }, () => this.clock.now(), ONE_HOUR);
  rests = 0;

  constructor(run: (args: readonly string[], world: World) => Promise<Exit> = endAtOnce) {
    Deno.chmodSync(this.directory, 0o1700);
    const { held } = this;
    held.keep("/keys", "secret");
    const ctx = contextOf(this.clock, () => void this.rests++);
    this.#agent = new Agent({ path: this.#path, ctx, held, build: "this", run });
  }

  get #path(): string {
    return `${this.directory}/agent.sock`;
  }

  connect(): Promise<Deno.UnixConn> {
    return Deno.connect({ transport: "unix", path: this.#path });
  }

  async ask(...args: string[]): Promise<string> {
    const connection = await this.connect();
    await connection.write(formatRequest({ ...REQUEST, args })!);
    return await new Response(connection.readable).text();
  }

  /** Lets its time go by until something has come about. */
  async waitFor(isSo: () => boolean): Promise<void> {
    await this.clock.runUntil(until(isSo));
  }

  [Symbol.dispose](): void {
    this.#agent.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

function endAtOnce(): Promise<Exit> {
  return Promise.resolve({ code: 0 });
}

/** What the agent itself, and a run in it, has of its own world. */
function contextOf(clock: Context["clock"], onRest: () => void = () => {}): Context {
  const peers = {
    userId: () => Deno.uid(),
    environmentOf: () => undefined,
    nameOf: () => undefined,
    releaseMemory: () => Promise.resolve(onRest()),
  };
  const world = { env: { get: () => undefined }, processes: { find: () => undefined } };
  const ctx = { ...world, clock, peers, platform: "linux", debug() {} };
  return ctx as unknown as Context;
}

for (const words of [["exec", "work", "--json"], ["agent", "passphrase", "/keys"]]) {
  Deno.test(`an agent that is asked for ${words[1]} now and then does not lock itself`, async () => {
    using agent = new TestAgent();
    for (let asked = 0; asked < 3; asked++) {
      await agent.clock.advance(40 * MINUTE_MS);
      assert.match(await agent.ask(...words), /^aws-vault 2 exit 0 /);
    }
    await agent.clock.advance(40 * MINUTE_MS);
    assert.match(await agent.ask("agent", "status"), /"locked":false/);
    await agent.clock.advance(40 * MINUTE_MS); // status is no use of it
    assert.match(await agent.ask("agent", "status"), /"locked":true/);
  });
}

for (const words of [["agent", "passphrase", "/keys"], REQUEST.args]) {
  Deno.test(`an agent whose directory was opened to others passes on ${words.join(" ")}`, async () => {
    using agent = new TestAgent();
    assert.match(await agent.ask(...words), /^aws-vault 2 exit 0 /);
    Deno.chmodSync(agent.directory, 0o1770);
    assert.match(await agent.ask(...words), /^aws-vault 2 pass /);
  });
}

Deno.test("an agent gives memory back once it has started, and once each caller has gone", async () => {
  using agent = new TestAgent();
  await agent.waitFor(() => agent.rests === 1);
  await agent.clock.advance(MINUTE_MS);
  assert.equal(agent.rests, 1);
  await agent.ask("exec", "work", "--json");
  await agent.waitFor(() => agent.rests === 2);
  (await agent.connect()).close();
  await agent.waitFor(() => agent.rests === 3);
});

/** Runs that tell how many there were, and do more. */
function countRuns(more: (world: World) => unknown) {
  let runs = 0;
  return async (_args: readonly string[], world: World): Promise<Exit> => {
    world.out(`run ${++runs}`);
    await more(world);
    return { code: 0 };
  };
}

Deno.test("what a kept session answered is answered again without a run, and counted, till its hour", async () => {
  const untilMs = new ManualClock().now() + 30 * MINUTE_MS;
  using agent = new TestAgent(countRuns((world) => world.remote!.holdsUntil(untilMs)));
  for (let asked = 0; asked < 3; asked++) {
    assert.match(await agent.ask("exec", "work", "--json"), /run 1/);
  }
  assert.match(await agent.ask("exec", "other", "--json"), /run 2/);
  assert.match(await agent.ask("agent", "status"), /"answered":4/);
  await agent.clock.advance(30 * MINUTE_MS);
  assert.match(await agent.ask("exec", "work", "--json"), /run 3/);
  await agent.ask("agent", "lock");
  assert.match(await agent.ask("exec", "work", "--json"), /^aws-vault 2 pass /);
});

const ONCE: Readonly<Record<string, (world: World) => unknown>> = {
  "asked AWS": ({ remote }) => remote!.noteRequest(),
  "had something to say": ({ note }) => note("a warning"),
  "looked for a program": ({ processes }) => processes.find("pass"),
  "was told who asks": ({ caller }) => caller(),
  "read what shows no change": ({ remote }) => remote!.noteUntold(),
};
for (const [what, more] of Object.entries(ONCE)) {
  Deno.test(`a run that ${what} is made anew the next time`, async () => {
    using agent = new TestAgent(countRuns((world) => {
      world.remote!.holdsUntil(Infinity);
      return more(world);
    }));
    assert.match(await agent.ask("exec", "work", "--json"), /run 1/);
    assert.match(await agent.ask("exec", "work", "--json"), /run 2/);
  });
}

Deno.test("what a run answered that was under way as the agent was locked is not kept", async () => {
  using agent = new TestAgent(countRuns((world) => {
    world.remote!.holdsUntil(Infinity);
    agent.held.lock();
  }));
  assert.match(await agent.ask("exec", "work", "--json"), /run 1/);
  assert.equal(agent.held.answers.find(REQUEST, 0), undefined);
});

Deno.test("who waits for an answer hears every second that it is being made, however late", async () => {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let isRunning = false;
  using agent = new TestAgent(() => {
    isRunning = true;
    return promise;
  });
  await agent.waitFor(() => agent.rests === 1);
  const answer = agent.ask("exec", "work", "--json");
  await until(() => isRunning);
  await agent.clock.advance(5_000);
  resolve({ code: 0 });
  assert.match(await answer, /^ {5,}aws-vault 2 exit 0 /);
});

Deno.test("a caller that says nothing is hung up on, and none that says it slowly", async () => {
  using agent = new TestAgent();
  using silent = await agent.connect();
  assert.equal(await agent.clock.runUntil(silent.read(new Uint8Array(1))), null);
  assert.ok(agent.clock.now() < new ManualClock().now() + 15_000);
  using slow = await agent.connect();
  const bytes = formatRequest(REQUEST)!;
  await slow.write(bytes.subarray(0, 10));
  await agent.clock.advance(1_000);
  await slow.write(bytes.subarray(10));
  const answer = new Uint8Array(1000);
  const length = await slow.read(answer);
  assert.match(new TextDecoder().decode(answer.subarray(0, length!)), /^aws-vault 2 exit 0 /);
});

Deno.test("once a run was passed on it asks AWS for nothing more, whoever has caught that", async () => {
  const held = new Held({ now: () => 0 }, () => 0, ONE_HOUR);
  const remote = new RemoteWorld(REQUEST, 0, contextOf(new ManualClock()), held);
  const { world } = remote;
  world.remote!.noteRequest();
  assert.equal(remote.refusal, undefined);
  await assert.rejects(async () => await world.terminal.ask("a code? ", { secret: false }));
  assert.equal(remote.refusal, "a person has to be asked");
  assert.throws(() => world.remote!.noteRequest(), /a person has to be asked/);
  assert.deepEqual(remote.answer({ code: 0 }), { kind: "pass" });
});

Deno.test("a start waits two seconds for another that is asking for its passphrase, and then says so", async () => {
  const path = Deno.makeTempFileSync({ prefix: "vault-agent-" });
  const clock = new ManualClock();
  const beganAtMs = clock.now();
  const other = Deno.openSync(path, { write: true });
  other.lockSync(true);
  const turn = clock.runUntil(takeTurn(path, contextOf(clock)));
  await assert.rejects(turn, { message: "another agent is just being started" });
  assert.equal(clock.now() - beganAtMs, 2_000);
  const next = takeTurn(path, contextOf(clock));
  other.close();
  const taken = await clock.runUntil(next);
  assert.ok(Symbol.dispose in taken, "it is its turn once that one has ended");
  taken[Symbol.dispose]();
  Deno.removeSync(path);
});
