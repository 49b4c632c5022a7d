import assert from "node:assert/strict";
import { Held } from "../../../src/agent/held.ts";

/** An hour without a question, twelve of life; a clock and a time awake that are moved by hand. */
function setUp() {
  const time = { nowMs: 1_000_000, awakeMs: 50_000 };
  const pass = (ms: number) => {
    time.nowMs += ms;
    time.awakeMs += ms;
  };
  const limits = { idleSeconds: 3600, lifetimeSeconds: 12 * 3600 };
  const held = new Held({ now: () => time.nowMs }, () => time.awakeMs, limits);
  held.keep("/keys", "secret");
  held.opened.set("a", "b");
  return { held, time, pass };
}

const HOUR_MS = 3_600_000;

Deno.test("it forgets a keyring's passphrase that opens nothing, and for another keyring's sake none", async () => {
  const { held } = setUp();
  await held.forget("/others");
  assert.equal(await held.find("/keys"), "secret");
  await held.forget("/keys");
  assert.ok(held.isLocked());
  assert.equal(await held.find("/keys"), undefined);
});

Deno.test("what is held is for one keyring, and gone once it is locked", async () => {
  const { held } = setUp();
  assert.equal(await held.find("/keys"), "secret");
  assert.equal(await held.find("/others"), undefined);
  held.lock();
  assert.equal(await held.find("/keys"), undefined);
  assert.equal(held.opened.size, 0);
  held.keep("/keys", "secret");
  assert.equal(await held.find("/keys"), undefined);
});

Deno.test("an hour without a question locks it, each question begins a new one", async () => {
  const { held, pass } = setUp();
  pass(HOUR_MS - 1);
  assert.equal(await held.find("/keys"), "secret");
  held.touch();
  pass(HOUR_MS - 1);
  assert.ok(!held.isLocked());
  assert.equal(held.msLeft(), 1);
  pass(1);
  assert.equal(await held.find("/keys"), undefined);
});

Deno.test("its life ends however often it is asked", () => {
  const { held, pass } = setUp();
  for (let half = 0; half < 24; half++) {
    assert.ok(!held.isLocked());
    held.touch();
    pass(HOUR_MS / 2);
  }
  assert.ok(held.isLocked());
  assert.ok(held.isOver());
});

Deno.test("its life ends in time where the clock is set back", () => {
  const { held, time, pass } = setUp();
  time.nowMs -= 24 * HOUR_MS;
  assert.ok(held.isLocked());
  assert.equal(held.msLeft(), 12 * HOUR_MS);
  pass(12 * HOUR_MS);
  assert.ok(held.isOver());
});

Deno.test("a machine that slept, or a clock that was set, locks it", () => {
  for (const jumpMs of [30_000, -30_000]) {
    const { held, time } = setUp();
    time.nowMs += jumpMs;
    assert.ok(held.isLocked());
    time.nowMs -= jumpMs;
    assert.ok(held.isLocked());
  }
});

Deno.test("a clock that is put right by a second does not", () => {
  const { held, time } = setUp();
  time.nowMs += 1_000;
  assert.ok(!held.isLocked());
});
