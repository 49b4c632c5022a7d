import assert from "node:assert/strict";
import { hasChanged, readBasis } from "../../../src/credentials/basis.ts";
import { type Patience, type Waited, withKeysOf, withLock } from "../../../src/credentials/lock.ts";
import { writeStoredKeys } from "../../../src/credentials/stored_keys.ts";
import { UnreachableError, VaultError } from "../../../src/errors.ts";
import { ManualClock } from "../manual_clock.ts";
import { createRun } from "./providers/fake_run.ts";

const GO_ON: Patience = { seconds: 8, thereafter: "go on", ifStopped: "go on" };

/** A home of its own, with a clock that goes on when it is told to. */
class Home implements Disposable {
  readonly clock = new ManualClock();
  readonly path = Deno.makeTempDirSync({ prefix: "vault-lock-" });
  readonly notes: string[] = [];
  readonly debugged: string[] = [];

  readonly ctx = {
    env: { get: (name: string) => name === "HOME" ? this.path : undefined },
    clock: this.clock,
    note: (text: string) => void this.notes.push(text),
    debug: (text: string) => void this.debugged.push(text),
  };

  lock<T>(name: string, work: (waited: Waited) => Promise<T>, patience?: Patience): Promise<T> {
    return withLock({ name, doing: "at work", patience }, this.ctx, work);
  }

  /** Holds the lock until told to end; `stopped` gives no sign of life, as after Ctrl-Z. */
  async hold(
    name: string,
    stopped = false,
    onBegin: (waited: Waited) => void = () => {},
  ): Promise<() => Promise<void>> {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const never = () => new Promise<never>(() => {});
    const clock = stopped ? { now: () => 0, sleep: never } : this.clock;
    const held = withLock({ name, doing: "at work" }, { ...this.ctx, clock }, (waited) => {
      onBegin(waited);
      begun.resolve();
      return end.promise;
    });
    await begun.promise;
    return () => {
      end.resolve();
      return held;
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What waiting for a lock comes to while it is held. */
async function wait(home: Home, patience?: Patience, stopped = false): Promise<Waited> {
  const end = await home.hold("x", stopped);
  try {
    const waiting = home.lock("x", (waited) => Promise.resolve(waited), patience);
    // Who waits is asleep between two looks, and who holds between two signs of life.
    return await home.clock.runUntil(waiting, () => home.clock.count() === (stopped ? 1 : 2));
  } finally {
    await end();
  }
}

Deno.test("works of one name are done one after the other, in one process too", async () => {
  using home = new Home();
  const end = await home.hold("x");
  const seen: string[] = [];
  const second = home.lock("x", () => Promise.resolve(void seen.push("second begins")));
  await home.clock.advance(2_000, () => home.clock.count() === 2);
  seen.push("first ends");
  await end();
  await home.clock.runUntil(second, () => home.clock.count() === 1);
  assert.deepEqual(seen, ["first ends", "second begins"]);
});

Deno.test("works of two names do not wait for each other", async () => {
  using home = new Home();
  const end = await home.hold("x");
  assert.equal(await home.lock("y", ({ ms }) => Promise.resolve(ms)), 0);
  await end();
});

Deno.test("a work that fails gives its lock back, and its error", async () => {
  using home = new Home();
  await assert.rejects(home.lock("x", () => Promise.reject(new Error("broken"))), /broken/);
  assert.equal(await home.lock("x", () => Promise.resolve("done")), "done");
});

Deno.test("whoever waits longer than a moment is told for whom and what, once", async () => {
  using home = new Home();
  await wait(home, GO_ON);
  assert.deepEqual(home.notes, [
    `Waiting for another aws-vault (process ${Deno.pid}) that is at work`,
  ]);
});

Deno.test("whoever gets the lock soon is told nothing, and knows how long it took", async () => {
  using home = new Home();
  const end = await home.hold("x");
  const waiting = home.lock("x", (waited) => Promise.resolve(waited), GO_ON);
  await home.clock.advance(500, () => home.clock.count() === 2);
  await end();
  const { ms, inVainFor } = await home.clock.runUntil(waiting, () => home.clock.count() === 1);
  assert.ok(ms >= 500 && ms < 3_000, String(ms));
  assert.equal(inVainFor, undefined);
  assert.deepEqual(home.notes, []);
});

Deno.test("nobody waits longer than told, and then goes on without the lock where that will do", async () => {
  using home = new Home();
  const { ms, inVainFor } = await wait(home, GO_ON);
  assert.ok(ms >= 8000, String(ms));
  assert.equal(inVainFor, `process ${Deno.pid}`);
});

Deno.test("a machine that slept, or a clock that was set, has not made anybody wait", async () => {
  using home = new Home();
  const end = await home.hold("x");
  let setMs = 0;
  const sleep = (ms: number, signal?: AbortSignal) => home.clock.sleep(ms, signal);
  const ctx = { ...home.ctx, clock: { now: () => home.clock.now() + setMs, sleep } };
  let isOver = false;
  const work = (waited: Waited) => Promise.resolve(waited);
  const waiting = withLock({ name: "x", doing: "at work", patience: GO_ON }, ctx, work)
    .finally(() => isOver = true);
  for (setMs of [0, 3_600_000, -3_600_000]) {
    await home.clock.advance(1_000, () => isOver || home.clock.count() === 2);
  }
  await end();
  const { ms, inVainFor } = await home.clock.runUntil(waiting, () => home.clock.count() === 1);
  assert.equal(inVainFor, undefined);
  assert.ok(ms >= 3_000 && ms < 8_000, String(ms));
});

Deno.test("who waited in vain for work that is done once fails, naming the process", async () => {
  using home = new Home();
  await assert.rejects(wait(home, { ...GO_ON, thereafter: "fail" }), (error: VaultError) => {
    const said =
      `^another aws-vault, process ${Deno.pid}, is at work, and has not ended in \\d+ s$`;
    assert.match(error.message, new RegExp(said));
    assert.match(error.hints.join(), new RegExp(`kill ${Deno.pid}$`));
    return true;
  });
});

Deno.test("a holder that stands still is waited for no longer than it takes to see that", async () => {
  using home = new Home();
  const long: Patience = { seconds: 600, thereafter: "fail", ifStopped: "go on" };
  const { ms, inVainFor } = await wait(home, long, true);
  assert.ok(ms < 600_000, String(ms));
  assert.equal(inVainFor, `process ${Deno.pid}`);
  const strict: Patience = { ...long, ifStopped: "fail" };
  await assert.rejects(wait(home, strict, true), /process \d+, is at work, and stands still$/);
});

Deno.test("who comes after one that reached nobody is told why; who comes after that is not", async () => {
  using home = new Home();
  const nobody = new UnreachableError("cannot reach STS");
  await assert.rejects(home.lock("x", () => Promise.reject(nobody)), nobody);
  const told = () => home.lock("x", ({ failure }) => Promise.resolve(failure?.message));
  assert.equal(await told(), "cannot reach STS");
  assert.equal(await told(), undefined);
});

Deno.test("who waited for one that kept nothing waits for no other, and nobody after that is told", async () => {
  using home = new Home();
  const end = await home.hold("x", false, ({ keepNothing }) => keepNothing());
  const all = Promise.withResolvers<void>();
  let atWork = 0;
  const work = () => {
    if (++atWork === 3) all.resolve();
    return all.promise; // none of them ends before each has begun
  };
  const waiting = [1, 2, 3].map(() => home.lock("x", work));
  await home.clock.advance(100, () => home.clock.count() === 4);
  await end();
  await home.clock.runUntil(Promise.all(waiting), () => home.clock.count() >= 3 - atWork);
  assert.equal((await wait(home, GO_ON)).inVainFor, `process ${Deno.pid}`);
});

Deno.test("lock files lie beside the keyring, and tell nothing of profiles", async () => {
  using home = new Home();
  await home.lock("sts.GetSessionToken,production,", () => Promise.resolve());
  assert.deepEqual([...Deno.readDirSync(`${home.path}/.awsvault`)].map((e) => e.name), ["locks"]);
  const [file, ...others] = Deno.readDirSync(`${home.path}/.awsvault/locks`);
  assert.deepEqual(others, []);
  assert.match(file!.name, /^[0-9a-f]{32}\.lock$/);
  assert.equal(Deno.statSync(`${home.path}/.awsvault/locks`).mode! & 0o777, 0o700);
});

Deno.test("directories of locks that others may enter are narrowed", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using home = new Home();
  const directories = [`${home.path}/.awsvault`, `${home.path}/.awsvault/locks`];
  for (const directory of directories) {
    Deno.mkdirSync(directory);
    Deno.chmodSync(directory, 0o777);
  }
  await home.lock("any", () => Promise.resolve());
  for (const directory of directories) {
    assert.equal(Deno.statSync(directory).mode! & 0o777, 0o700, directory);
  }
});

Deno.test("where no lock file can be made the work is done without, and --debug says so", async () => {
  using home = new Home();
  Deno.writeTextFileSync(`${home.path}/.awsvault`, "a file");
  assert.equal(await home.lock("x", () => Promise.resolve("done")), "done");
  assert.match(home.debugged.join(), /^working without a lock: /);
  const homeless = { ...home.ctx, env: { get: () => undefined } };
  assert.equal(
    await withLock({ name: "x", doing: "" }, homeless, () => Promise.resolve("done")),
    "done",
  );
});

Deno.test("keys that were stored anew count as changed, and not only once who does that is done", async () => {
  using home = new Home();
  const { run, backend } = createRun();
  const ofHome = { ...run, ctx: { ...run.ctx, ...home.ctx } };
  const keys = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: "secret" });
  const beneath = { kind: "stored", profile: "work" } as const;
  await writeStoredKeys(backend, "work", keys("AKIAOLD"));
  await withKeysOf("work", home.ctx, async () => {
    const source = await readBasis("work", ofHome);
    await writeStoredKeys(backend, "work", keys("AKIANEW"));
    const changed = hasChanged({ step: beneath, beneath, source }, ["work"], ofHome);
    assert.equal(await changed, true);
  });
});

Deno.test("nothing is written through a lock file that is a link: the work is done without", async () => {
  using home = new Home();
  await home.lock("x", () => Promise.resolve());
  const locks = `${home.path}/.awsvault/locks`;
  const [lock] = [...Deno.readDirSync(locks)];
  const target = `${home.path}/target`;
  Deno.writeTextFileSync(target, "the link's own");
  Deno.removeSync(`${locks}/${lock!.name}`);
  Deno.symlinkSync(target, `${locks}/${lock!.name}`);
  assert.equal(await home.lock("x", () => Promise.resolve("done")), "done");
  assert.equal(Deno.readTextFileSync(target), "the link's own");
  assert.match(home.debugged.join("\n"), /without a lock: .*: it is a symbolic link/);
});
