import assert from "node:assert/strict";
import { waitFor } from "../../src/waiting.ts";

Deno.test("what is awaited is looked for until it is there, or the time is over", async () => {
  let sleptMs = 0;
  const clock = { now: () => 0, sleep: (ms: number) => Promise.resolve(void (sleptMs += ms)) };
  assert.equal(await waitFor(() => sleptMs >= 60 ? "it" : undefined, clock, 10_000), "it");
  assert.equal(sleptMs, 60);
  assert.equal(await waitFor(() => undefined, clock, 1_000), undefined);
  assert.equal(sleptMs, 1_060);
});

Deno.test("what is there at once is had without a wait", async () => {
  const clock = { now: () => 0, sleep: () => Promise.reject(new Error("nobody waits")) };
  assert.equal(await waitFor(() => false, clock, 0), false);
});
