import assert from "node:assert/strict";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { hasTerminalTests, Home, type Ran, run, runInTerminal } from "./harness.ts";

const MINTED = {
  Version: 1,
  AccessKeyId: "ASIAMINT",
  SecretAccessKey: "mint/secret",
  SessionToken: "mint-token",
  Expiration: "2099-01-01T00:00:00Z",
};

/** Gets the credentials of `profile x`, whose settings are given. */
async function get(
  settings: string,
  options: {
    files?: Readonly<Record<string, string>>;
    env?: Readonly<Record<string, string>>;
    stdin?: string;
  } = {},
): Promise<Ran> {
  using home = new Home();
  for (const [name, text] of Object.entries(options.files ?? {})) {
    Deno.chmodSync(home.write(name, text), 0o755);
  }
  home.write(".aws/config", `[profile x]\n${settings}\n`);
  return await run(["exec", "x", "--json"], { home, env: options.env, stdin: options.stdin });
}

const TALKATIVE = `#!/bin/sh\nread -r pin\necho "pin was $pin" >&2\ncat "$HOME/minted"\n`;

Deno.test("credential_process says its words on standard error, and what is piped is not its", async () => {
  const files = { mint: TALKATIVE, minted: JSON.stringify(MINTED) };
  const stdin = "1234\n";
  const ran = await get("credential_process = ./mint", { files, stdin });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stderr, "pin was \n");
  assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIAMINT");
});

Deno.test({
  name: "credential_process reads the terminal (python3) while the program gets what is piped",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    Deno.chmodSync(home.write("mint", `#!/bin/sh\ntty >&2\n${TALKATIVE}`), 0o755);
    home.write("minted", JSON.stringify(MINTED));
    home.write(".aws/config", "[profile x]\ncredential_process = ./mint\n");
    const ran = await runInTerminal(["exec", "x", "--", "cat"], {
      home,
      stdin: "for the program\n",
      pipeStdout: true,
      steps: [{ expect: "/dev/pts/", type: "1234\r" }, { expect: "pin was 1234" }],
    });
    assert.equal(ran.code, 0, ran.screen);
    assert.equal(ran.stdout, "for the program\n");
  },
});

Deno.test("credential_process sees the environment without the keyring's passphrase", async () => {
  const mint = '#!/bin/sh\nenv >&2\ncat "$HOME/minted"\n';
  const ran = await get("credential_process = ./mint", {
    files: { mint, minted: JSON.stringify(MINTED) },
    env: { AWS_VAULT_FILE_PASSPHRASE: "open sesame", OWN_SETTING: "yes" },
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /^OWN_SETTING=yes$/m);
  assert.doesNotMatch(ran.stderr, /open sesame/);
});

Deno.test("a credential_process that fails ends exec with its place and exit code", async () => {
  const ran = await get("credential_process = echo mint/secret; echo no card >&2; exit 3");
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^no card$/m);
  assert.match(
    ran.stderr,
    /aws-vault: error: .*\.aws\/config, line 2, credential_process .*\(echo\) failed with exit code 3/,
  );
  assert.equal(ran.stdout, "");
});

Deno.test("a credential_process that prints nonsense is named, and its output kept to itself", async () => {
  const ran = await get("credential_process = printf '%s' $((6*7))-secret");
  assert.equal(ran.code, 1);
  assert.match(
    ran.stderr,
    /line 2, credential_process .*\(printf\) answered something that is not JSON/,
  );
  assert.doesNotMatch(ran.stderr, /42-secret/);
});

Deno.test("a credential_process that leaves fields out has them named", async () => {
  const ran = await get(`credential_process = echo '{"Version": 1, "AccessKeyId": "AKIAX"}'`);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /answered without SecretAccessKey/);
});

Deno.test("a role is assumed by web identity, from a file and from a command", async () => {
  await using aws = await startFakeAws();
  const roleArn = "arn:aws:iam::222222222222:role/web";
  aws.addRole({ arn: roleArn, trusts: ["arn:aws:iam::222222222222:oidc-provider/ci.example"] });
  aws.addWebIdentity({
    token: "head.body.signature",
    issuer: "ci.example",
    subject: "job",
    audience: "sts.amazonaws.com",
    expiresMs: Date.now() + 600_000,
  });
  const files = { token: "head.body.signature\n" };
  const env = { AWS_ENDPOINT_URL: aws.url };
  for (
    const setting of [
      "web_identity_token_file = token",
      "web_identity_token_process = cat ~/token",
    ]
  ) {
    const ran = await get(`role_arn = ${roleArn}\n${setting}`, { files, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
  }
});

Deno.test("a web identity token file that is not there is named with its setting", async () => {
  const ran = await get(
    "role_arn = arn:aws:iam::222222222222:role/web\nweb_identity_token_file = /nonexistent/token",
  );
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /web_identity_token_file \/nonexistent\/token: no such file/);
});

Deno.test("a role is assumed on the credentials of the environment", async () => {
  await using aws = await startFakeAws();
  const { accessKeys: [key] } = aws.addUser({ name: "ci" });
  aws.addRole({ arn: "arn:aws:iam::222222222222:role/deploy", trusts: ["111111111111"] });
  const settings = "role_arn = arn:aws:iam::222222222222:role/deploy\n" +
    "credential_source = Environment";
  const ran = await get(settings, {
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: key!.id,
      AWS_SECRET_ACCESS_KEY: key!.secret,
    },
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(aws.calls.map(({ action, signer }) => [action, signer]), [
    ["AssumeRole", key!.id],
  ]);
  const missing = await get(settings, { env: { AWS_ENDPOINT_URL: aws.url } });
  assert.match(
    missing.stderr,
    /credential_source is Environment, but AWS_ACCESS_KEY_ID is not set/,
  );
});

/** A metadata service on loopback, of an instance (IMDSv2 only) and a container. */
async function withMetadata(test: (url: string) => Promise<void>): Promise<void> {
  const { Version: _, SessionToken: Token, ...keys } = MINTED;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    const { method, headers } = request;
    if (method === "PUT" && pathname === "/latest/api/token") return new Response("imds-token");
    const isContainer = pathname === "/container" && headers.get("authorization") === "Bearer one";
    if (isContainer) return Response.json({ ...keys, Token });
    if (headers.get("x-aws-ec2-metadata-token") !== "imds-token") {
      return new Response("", { status: 401 });
    }
    if (pathname.endsWith("/security-credentials/")) return new Response("box-role");
    return Response.json({ Code: "Success", ...keys, Token });
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("credentials come from the metadata service of an instance by IMDSv2", () =>
  withMetadata(async (url) => {
    const ran = await get("credential_source = Ec2InstanceMetadata", {
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: url },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIAMINT");
  }));

Deno.test("credentials come from the endpoint of a container, with its token", () =>
  withMetadata(async (url) => {
    const ran = await get("credential_source = EcsContainer", {
      env: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer one",
      },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIAMINT");
  }));

Deno.test("an instance's metadata service that does not answer is told within its time", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ran = await get("credential_source = Ec2InstanceMetadata", {
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${listener.addr.port}` },
  });
  listener.close();
  assert.equal(ran.code, 1);
  assert.match(
    ran.stderr,
    /aws-vault: error: profile x: EC2 instance metadata: cannot reach .* 1 s/,
  );
});

/** A server of 127.0.0.1, or of ::1, that remembers what it was asked. */
function listen(hostname: string, answer: (path: string) => unknown) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname, port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    const body = answer(pathname);
    return new Response(typeof body === "string" ? body : JSON.stringify(body));
  });
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const url = `http://${host}:${server.addr.port}`;
  return { asked, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

for (const host of ["127.0.0.1", "localhost", "::1"]) {
  Deno.test({
    name: `no proxy sees what ${host} is told, be it a container's agent, EC2's service or AWS`,
    ignore: host === "::1" && !hasIpv6(),
    async fn() {
      const { Version: _, SessionToken: Token, ...rest } = MINTED;
      const given = { Token, ...rest };
      await using proxy = listen("127.0.0.1", () => given);
      await using agent = listen(host, (path) => path.endsWith("credentials/") ? "role" : given);
      await using aws = await startFakeAws();
      const sts = aws.url.replace("127.0.0.1", host === "::1" ? "127.0.0.1" : host);
      const env = {
        ...Object.fromEntries(
          ["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map((name) => [name, proxy.url]),
        ),
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/creds`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: "secret-token",
        AWS_EC2_METADATA_SERVICE_ENDPOINT: agent.url,
      };
      for (const source of ["EcsContainer", "Ec2InstanceMetadata"]) {
        const ran = await get(`credential_source = ${source}`, { env });
        assert.equal(JSON.parse(ran.stdout || "{}").AccessKeyId, "ASIAMINT", ran.stderr);
      }
      const ran = await get(
        "role_arn = arn:aws:iam::222222222222:role/x\ncredential_source = EcsContainer",
        {
          env: { ...env, AWS_ENDPOINT_URL: sts },
        },
      );
      assert.deepEqual(aws.calls.map(({ action }) => action), ["AssumeRole"], ran.stderr);
      assert.deepEqual(proxy.asked, []);
    },
  });
}

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
