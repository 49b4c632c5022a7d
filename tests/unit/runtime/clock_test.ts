import assert from "node:assert/strict";
import { systemClock } from "../../../src/runtime/clock.ts";

Deno.test("a sleep that is called off is rejected with the reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  await assert.rejects(systemClock.sleep(60_000, controller.signal), reason);
});

Deno.test("a sleep ends by itself, once others have gone on", async () => {
  const order: string[] = [];
  const sleeping = systemClock.sleep(1, new AbortController().signal);
  const slept = sleeping.then(() => order.push("slept"));
  await Promise.resolve().then(() => order.push("gone on"));
  await slept;
  assert.deepEqual(order, ["gone on", "slept"]);
});

Deno.test("a sleep of weeks does not end at once", async () => {
  const controller = new AbortController();
  const weeks = systemClock.sleep(2 ** 31, controller.signal).then(() => "weeks");
  const moment = systemClock.sleep(200).then(() => "a moment");
  assert.equal(await Promise.race([weeks, moment]), "a moment");
  controller.abort(new Error("enough"));
  await assert.rejects(weeks, /enough/);
});
