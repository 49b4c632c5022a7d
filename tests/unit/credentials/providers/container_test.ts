import assert from "node:assert/strict";
import { createProvider } from "../../../../src/credentials/providers/container.ts";
import { createRun } from "./fake_run.ts";
import { METADATA_CREDENTIALS, RETRIEVED, withMetadata } from "./metadata_server.ts";

const ANSWERS = { "GET /creds": () => Response.json(METADATA_CREDENTIALS) };

function retrieve(env: Record<string, string>) {
  const { run } = createRun({ env });
  return createProvider({ kind: "container", profile: "task" }, run).retrieve();
}

Deno.test("a container's credentials come from its full URI, with its token", () =>
  withMetadata(ANSWERS, async (url, asked) => {
    const credentials = await retrieve({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer one",
    });
    assert.deepEqual(credentials, RETRIEVED);
    assert.deepEqual(asked, [{ request: "GET /creds", token: "Bearer one" }]);
  }));

Deno.test("a token file stands before the token variable", () =>
  withMetadata(ANSWERS, async (url, asked) => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, "Bearer from-file\n");
    try {
      await retrieve({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer one",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
      });
      assert.equal(asked[0]!.token, "Bearer from-file");
    } finally {
      await Deno.remove(file);
    }
  }));

Deno.test("a token file that is not there is named with its variable", async () => {
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/creds",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/nonexistent/token",
  };
  await assert.rejects(
    retrieve(env),
    /AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \/nonexistent\/token: no such file/,
  );
});

Deno.test("a token file that is a pipe nobody writes to is not waited for", async () => {
  const pipe = await Deno.makeTempFile();
  await Deno.remove(pipe);
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/creds",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: pipe,
  };
  await assert.rejects(retrieve(env), /_TOKEN_FILE \S+: it is no plain file$/);
  await Deno.remove(pipe);
});

Deno.test("without TLS nobody is asked but ECS, EKS and this machine", async () => {
  const refused = [
    "http://example.com/creds",
    "http://169.254.170.2.example.com/creds",
    "http://127.0.0.1@example.com/creds",
    "http://169.254.169.254/creds",
    "file:///etc/passwd",
    "creds",
  ];
  for (const uri of refused) {
    await assert.rejects(
      retrieve({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }),
      /AWS_CONTAINER_CREDENTIALS_FULL_URI names no address that may be asked/,
      uri,
    );
  }
});

Deno.test("a relative URI that could name another host is refused", async () => {
  const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "@example.com/creds" };
  await assert.rejects(retrieve(env), /does not begin with \//);
});

Deno.test("outside of a container the variables that are missing are named", async () => {
  await assert.rejects(
    retrieve({}),
    /neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set/,
  );
});

Deno.test("a token with a line break is not sent", async () => {
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/creds",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "one\r\nx: y",
  };
  await assert.rejects(retrieve(env), /line breaks/);
});

Deno.test("a service that stumbles is asked again, up to three times", async () => {
  let asked = 0;
  const stumble = () => ++asked < 3 ? new Response("", { status: 503 }) : ANSWERS["GET /creds"]();
  await withMetadata({ "GET /creds": stumble }, async (url) => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` };
    assert.deepEqual(await retrieve(env), RETRIEVED);
    assert.equal(asked, 3);
  });
});

Deno.test("a refusal is told with its status", () =>
  withMetadata({}, async (url) => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` };
    await assert.rejects(retrieve(env), /profile task: container credentials: HTTP 404 from/);
  }));
