import assert from "node:assert/strict";
import { watch } from "../../../src/aws/wire.ts";

type Handler = (args: { request: unknown }) => Promise<{ response: unknown }>;

/** A client's part that is watched, and what sends a request which is answered, or refused, so. */
function createClient() {
  let middleware: (next: Handler) => Handler;
  const client = {
    middlewareStack: { add: (added: typeof middleware) => void (middleware = added) },
  };
  const send = (request: object, answer: () => Promise<{ response: unknown }>) =>
    middleware(answer)({ request });
  return { client, send };
}

const REQUEST = { protocol: "http:", hostname: "sts.example", path: "/" };

Deno.test("of a client's requests it is known where they go, to the port, and when they were answered", async () => {
  const { client, send } = createClient();
  const wire = watch(client);
  assert.deepEqual({ ...wire }, { url: undefined, answeredAtMs: NaN, refusal: undefined });
  const headers = { date: "Thu, 01 Jan 1970 00:01:00 GMT" };
  await send({ ...REQUEST, port: 4566 }, () => Promise.resolve({ response: { headers } }));
  assert.deepEqual([wire.url?.href, wire.answeredAtMs], ["http://sts.example:4566/", 60_000]);
  await send(REQUEST, () => Promise.resolve({ response: { headers: {} } }));
  assert.deepEqual([wire.url?.href, wire.answeredAtMs], ["http://sts.example/", NaN]);
});

Deno.test("what AWS refused last is known until it has answered, and a lost connection is no refusal", async () => {
  const { client, send } = createClient();
  const wire = watch(client);
  const refusal = Object.assign(new Error("slow down"), { $metadata: { httpStatusCode: 429 } });
  await assert.rejects(send(REQUEST, () => Promise.reject(refusal)), refusal);
  await assert.rejects(send(REQUEST, () => Promise.reject(new TypeError("reset"))), TypeError);
  assert.equal(wire.refusal, refusal);
  await send(REQUEST, () => Promise.resolve({ response: { headers: {} } }));
  assert.equal(wire.refusal, undefined);
});
