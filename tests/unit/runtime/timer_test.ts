import assert from "node:assert/strict";
import { doMeanwhile } from "../../../src/runtime/timer.ts";

Deno.test("something is done while other work takes long, and that goes on", async () => {
  const { promise: work, resolve } = Promise.withResolvers<string>();
  assert.equal(
    await doMeanwhile(1, work, () => resolve("it was done meanwhile")),
    "it was done meanwhile",
  );
});

Deno.test("nothing is done beside work that is over, or fails, before its time", async () => {
  let isDone = false;
  const act = () => void (isDone = true);
  assert.equal(await doMeanwhile(60_000, Promise.resolve(1), act), 1);
  await assert.rejects(doMeanwhile(60_000, Promise.reject(new Error("no")), act), /no/);
  assert.equal(isDone, false);
});
