import assert from "node:assert/strict";
import { withLock } from "../../../src/credentials/lock.ts";

/** A home of its own, whose clock lets a time pass when it is told to. */
class Home implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "vault-lock-" });
  readonly notes: string[] = [];
  readonly debugged: string[] = [];
  /** Lets everybody who sleeps wake up. */
  wake = () => {};
  readonly #awake = new Promise<void>((resolve) => this.wake = resolve);

  readonly ctx = {
    env: { get: (name: string) => name === "HOME" ? this.path : undefined },
    clock: { now: () => 0, sleep: () => this.#awake },
    note: (text: string) => void this.notes.push(text),
    debug: (text: string) => void this.debugged.push(text),
  };

  lock<T>(name: string, work: () => Promise<T>, doing = "at work"): Promise<T> {
    return withLock(name, doing, this.ctx, work);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** Runs two works at once; says in which order they began and ended. */
async function overlap(names: readonly [string, string]): Promise<string[]> {
  using home = new Home();
  const seen: string[] = [];
  const work = async () => {
    seen.push("begins");
    // Long enough for the other to begin, if nothing keeps it from that.
    for (let tries = 0; tries < 50 && seen.length < 2; tries++) await pause();
    seen.push("ends");
  };
  await Promise.all(names.map((name) => home.lock(name, work)));
  return seen;
}

Deno.test("works of one name are done one after the other", async () => {
  assert.deepEqual(await overlap(["x", "x"]), ["begins", "ends", "begins", "ends"]);
});

Deno.test("works of two names do not wait for each other", async () => {
  assert.deepEqual(await overlap(["x", "y"]), ["begins", "begins", "ends", "ends"]);
});

Deno.test("a work that fails gives its lock back, and its error", async () => {
  using home = new Home();
  await assert.rejects(home.lock("x", () => Promise.reject(new Error("broken"))), /broken/);
  assert.equal(await home.lock("x", () => Promise.resolve("done")), "done");
});

Deno.test("whoever waits longer than a moment is told for what, and nobody else is", async () => {
  using home = new Home();
  const first = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holder = home.lock("x", () => {
    begun.resolve();
    return first.promise;
  });
  await begun.promise;
  const waiting = home.lock("x", () => Promise.resolve(), "asking its user something");
  while (home.notes.length === 0) {
    home.wake();
    await pause();
  }
  first.resolve();
  await Promise.all([holder, waiting]);
  assert.deepEqual(home.notes, [
    "Waiting for another aws-vault that is asking its user something",
  ]);
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

Deno.test("where no lock file can be made the work is done without, and --debug says so", async () => {
  using home = new Home();
  Deno.writeTextFileSync(`${home.path}/.awsvault`, "a file");
  assert.equal(await home.lock("x", () => Promise.resolve("done")), "done");
  assert.match(home.debugged.join(), /^working without a lock: /);
  const homeless = { ...home.ctx, env: { get: () => undefined } };
  assert.equal(await withLock("x", "", homeless, () => Promise.resolve("done")), "done");
});
