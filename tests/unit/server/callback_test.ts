import assert from "node:assert/strict";
import { type BrowserAnswer, listenForCallback } from "../../../src/server/callback.ts";
import { request } from "./raw_http.ts";

/** What a browser that brings these is shown, one after the other, and what comes of it. */
async function bring(...queries: readonly string[]) {
  const { redirectUri, answer, close } = listenForCallback("s1");
  const { port, pathname } = new URL(redirectUri);
  const pages = [];
  for (const query of queries) {
    const { status, body } = await request(Number(port), `${pathname}?${query}`);
    pages.push({ status, body });
  }
  const nothing = Symbol("nothing");
  const found: BrowserAnswer | symbol = await Promise.race([answer, Promise.resolve(nothing)]);
  await close();
  return { pages, found: found === nothing ? undefined : found };
}

for (
  const [query, found, status, shown] of [
    ["code=c&state=s1", { kind: "code", code: "c" }, 200, /You can close this window/],
    ["code=c&state=s2", { kind: "wrong state" }, 400, /another sign-in.*Its answer was not taken/s],
    [
      "error=access_denied&state=s1",
      { kind: "error", error: "access_denied", description: undefined },
      400,
      /sign-in was refused.*AWS says: access_denied\./s,
    ],
    [
      "error=x&error_description=its%20%3Cb%3E%20%26%20%22words'&state=s1",
      { kind: "error", error: "x", description: "its <b> & \"words'" },
      400,
      /sign-in failed.*AWS says: its &lt;b&gt; &amp; &quot;words&#39;\./s,
    ],
    ["state=s1", undefined, 400, /no sign-in in this address/],
  ] as const
) {
  Deno.test(`a browser that comes back with ${query} is shown what comes of that`, async () => {
    const came = await bring(query);
    assert.deepEqual(came.found, found);
    assert.equal(came.pages[0]!.status, status);
    assert.match(came.pages[0]!.body, shown);
  });
}

Deno.test("the first answer counts, and who comes after it is told so", async () => {
  const { found, pages } = await bring("state=s1", "code=a&state=s1", "code=b&state=s1");
  assert.deepEqual(found, { kind: "code", code: "a" });
  assert.deepEqual(pages.map(({ status }) => status), [400, 200, 400]);
  assert.match(pages[2]!.body, /This sign-in was answered before/);
});
