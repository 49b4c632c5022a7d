import assert from "node:assert/strict";
import { findIssuer } from "../../../src/aws/issuer.ts";

const AWS = "https://d-1234567890.awsapps.com/start";

/** An organisation's own domain, whose pages lead where `redirects` says. */
async function withDomain(
  redirects: Readonly<Record<string, string>>,
  test: (origin: string, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    const location = redirects[pathname + search];
    return location === undefined
      ? new Response("a page")
      : new Response(null, { status: 302, headers: { location } });
  });
  await test(`http://127.0.0.1:${server.addr.port}`, asked);
}

const quiet = { debug: () => {} };

Deno.test("AWS's own start URLs are their own issuers, unasked", async () => {
  const portals = ["https://start.us-gov-home.awsapps.com/directory/corp", `${AWS}#/`];
  for (const url of [AWS, ...portals, "https://ssoins-1.portal.us-east-1.app.aws"]) {
    assert.equal(await findIssuer(url, { debug: assert.fail }), url); // of who does not answer
  }
});

Deno.test("the issuer of a start URL on a domain of one's own is where its redirects lead", () =>
  withDomain({ "/start": "/sso?to=aws", "/sso?to=aws": `${AWS}/?x=1#/` }, async (origin, asked) => {
    assert.equal(await findIssuer(`${origin}/start`, quiet), AWS);
    assert.deepEqual(asked, ["/start", "/sso?to=aws"]);
  }));

Deno.test("redirects in a circle, and an address that only looks like AWS's, end somewhere", () =>
  withDomain({ "/a": "/b", "/b": "/a" }, async (origin, asked) => {
    assert.equal(await findIssuer(`${origin}/a`, quiet), `${origin}/b`);
    assert.equal(asked.length, 5);
    assert.equal(await findIssuer(`${origin}/x?awsapps.com`, quiet), `${origin}/x?awsapps.com`);
  }));

Deno.test("where nothing answers, the start URL is taken as it is", async () => {
  assert.equal(await findIssuer("http://127.0.0.1:1/start", quiet), "http://127.0.0.1:1/start");
});
