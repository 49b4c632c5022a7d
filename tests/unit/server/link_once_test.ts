import assert from "node:assert/strict";
import { serveLinkOnce } from "../../../src/server/link_once.ts";
import { request } from "./raw_http.ts";

const LINK = "https://signin.example/federation?Action=login&SigninToken=t";

/** Serves the link; `ask` is for a path, its own by default. */
function serve() {
  const { address, taken, close } = serveLinkOnce(LINK);
  const { port, pathname } = new URL(address);
  const ask = (path = pathname, options = {}) => request(Number(port), path, options);
  return { ask, taken, close };
}

Deno.test("the first who asks is sent on to the link, and no one after", async () => {
  const { ask, taken, close } = serve();
  const first = await ask();
  await taken;
  const second = await ask();
  await close();
  assert.equal(first.status, 302);
  assert.equal(first.headers.get("location"), LINK);
  assert.equal(first.headers.get("cache-control"), "no-store");
  assert.equal(first.headers.get("referrer-policy"), "no-referrer");
  assert.equal(second.status, 400);
  assert.match(second.body, /opened before/);
  await assert.rejects(ask());
});

Deno.test("who does not know the address gets nothing, and takes nothing away", async () => {
  const { ask, close } = serve();
  const strangers = [
    await ask("/"),
    await ask("/favicon.ico"),
    await ask(undefined, { method: "POST" }),
    await ask(undefined, { host: "evil.example" }),
  ];
  assert.deepEqual(strangers.map(({ status }) => status), [404, 404, 405, 421]);
  for (const { headers, body } of strangers) {
    assert.equal(headers.get("location"), undefined);
    assert.ok(!body.includes("SigninToken"));
  }
  assert.equal((await ask()).status, 302);
  await close();
});
