import assert from "node:assert/strict";
import { clientInit } from "../../../src/aws/send.ts";

const LOCAL = [
  ...["http://127.0.0.1:8080/x", "http://127.9.9.9", "http://localhost:1", "https://sts.localhost"],
  ...["http://[::1]:80/", "http://169.254.169.254/latest", "http://169.254.170.2/v2"],
  ...["http://169.254.170.23/v1", "http://[fd00:ec2::254]", "http://[fd00:ec2::23]/v1"],
  ...["http://[fe80::1]", "http://2130706433/"],
];
const ELSEWHERE = [
  ...["https://sts.amazonaws.com", "http://localhost.example.com", "http://10.0.0.1"],
  ...["http://127.0.0.1.example.com", "http://[fd00:ec3::23]", "http://169.253.0.1"],
];

for (const address of LOCAL) {
  Deno.test(`${address} is this machine's or its link's, and is asked without a proxy`, () => {
    assert.ok(clientInit(address).client !== undefined);
  });
}

for (const address of ELSEWHERE) {
  Deno.test(`${address} is asked as the proxy variables say`, () => {
    assert.deepEqual(clientInit(address), {});
  });
}

Deno.test("a host in NO_PROXY is asked without a proxy, in the forms too that Deno does not know", () => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "localhost,*.amazonaws.com:443" };
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    assert.ok(clientInit("https://sts.eu-west-1.amazonaws.com").client !== undefined);
    assert.deepEqual(clientInit("https://sts.eu-west-1.amazonaws.com:8443"), {});
    assert.deepEqual(clientInit("https://corp.awsapps.com"), {});
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
  }
});

Deno.test("an ALL_PROXY that Deno does not take keeps no request back, as the AWS CLI does not read it", () => {
  Deno.env.set("ALL_PROXY", "socks://127.0.0.1:9/");
  try {
    assert.deepEqual(clientInit("https://sts.eu-west-1.amazonaws.com"), {});
  } finally {
    Deno.env.delete("ALL_PROXY");
  }
});

Deno.test("making the client without a proxy leaves the environment as it was", async () => {
  for (const value of [undefined, "corp.example"]) {
    if (value !== undefined) Deno.env.set("NO_PROXY", value);
    try {
      // A module of its own each time: the client is made once.
      const { clientInit } = await import(`../../../src/aws/send.ts?${value}`);
      assert.ok(clientInit("http://127.0.0.1/").client !== undefined);
      assert.equal(Deno.env.get("NO_PROXY"), value);
    } finally {
      Deno.env.delete("NO_PROXY");
    }
  }
});

const PROXIES = [
  ...[
    "http://AT",
    "HTTP://AT/",
    "AT",
    "http://u:p@AT",
    "u:p@AT",
    "http://u:p!%zz~@AT",
    "http://AT/x?y#z",
  ],
  ...[
    "http://u:p@ss@AT",
    "http://AT ",
    " http://AT",
    "http://",
    "foo bar",
    "AT/",
    "//AT",
    "http:AT",
    "*",
  ],
  ...["http://u@AT", "http://u:p^q@AT", "http://u:p|q@AT", 'http://u:p"q@AT', "http://u:pä@AT"],
  ...[
    "socks4://AT",
    "ftp://AT",
    "socks5:AT",
    "http:///AT",
    '"http://AT"',
    "/",
    "@",
    "u@",
    "http//AT",
  ],
];

Deno.test("a proxy's address that Deno passes over is refused, and none that it takes", async () => {
  const serve = (name: string) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response(name));
  await using direct = serve("direct");
  await using proxy = serve("proxy");
  const target = `http://0.0.0.0:${direct.addr.port}/`;
  for (const text of PROXIES) {
    Deno.env.set("HTTP_PROXY", text.replace("AT", `127.0.0.1:${proxy.addr.port}`));
    try {
      using client = Deno.createHttpClient({});
      const asked = await (await fetch(target, { client })).text();
      const request = () => clientInit(target);
      if (asked === "proxy") assert.deepEqual(request(), {}, text);
      else assert.throws(request, /^VaultError: HTTP_PROXY holds no address of a proxy$/, text);
      assert.deepEqual(clientInit(target.replace("http:", "https:")), {});
    } finally {
      Deno.env.delete("HTTP_PROXY");
    }
  }
});
