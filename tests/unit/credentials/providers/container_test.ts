import assert from "node:assert/strict";
import { createProvider, findUrl } from "../../../../src/credentials/providers/container.ts";
import type { VaultError } from "../../../../src/errors.ts";
import { createFakeEnv } from "../../../fakes/env.ts";
import { createRun } from "./fake_run.ts";
import { METADATA_CREDENTIALS, RETRIEVED, withMetadata } from "./metadata_server.ts";

const ANSWERS = { "GET /creds": () => Response.json(METADATA_CREDENTIALS) };

const STEP = { kind: "container", profile: "task" } as const;

function retrieve(env: Record<string, string>) {
  const { run } = createRun({ env });
  return createProvider(STEP, run).retrieve();
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

Deno.test("a token file that is not UTF-8 is called that", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, Uint8Array.of(0x61, 0xff));
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/creds",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
  };
  await assert.rejects(retrieve(env), /_TOKEN_FILE \S+: it is not UTF-8$/);
  await Deno.remove(path);
});

Deno.test("without TLS nobody is asked but ECS, EKS and this machine", async () => {
  const refused = [
    "http://example.com/creds",
    "http://169.254.170.2.example.com/creds",
    "http://127.0.0.1@example.com/creds",
    "http://notlocalhost/creds",
    "http://jon:a secret@127.0.0.1/creds",
    "http://localhost.example.com/creds",
    "http://169.254.169.254/creds",
    "file:///etc/passwd",
    "creds",
  ];
  for (const uri of refused) {
    await assert.rejects(
      retrieve({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }),
      (error: VaultError) => {
        assert.match(error.message, /CREDENTIALS_FULL_URI names no address that may be asked/);
        return /https one, or http on this machine/.test(error.hints.join());
      },
      uri,
    );
  }
  const taken = [
    "http://169.254.170.2/creds",
    "http://169.254.170.23/v1/credentials",
    "http://[fd00:ec2::23]/v1/credentials",
    "http://localhost:1338/creds",
    "http://127.1.2.3/creds",
    "http://[::1]:1338/creds",
    "https://example.com/creds",
  ];
  for (const uri of taken) {
    const env = createFakeEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri });
    assert.equal(findUrl(STEP, env), uri);
  }
});

Deno.test("a relative URI that could name another host is refused", async () => {
  const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "@example.com/creds" };
  await assert.rejects(retrieve(env), /does not begin with \//);
});

Deno.test("outside of a container the variables that are missing are named", async () => {
  await assert.rejects(retrieve({}), (error: VaultError) => {
    assert.match(error.hints.join(), /^ECS and EKS set one of them/);
    return /neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is s/
      .test(error.message);
  });
});

Deno.test("a token with a line break, or what no header carries, is not sent", async () => {
  for (const token of ["one\r\nx: y", "one\ny", "one\ry", "one\x01", "tök→n"]) {
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/creds",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    };
    await assert.rejects(retrieve(env), /line breaks/);
  }
});

Deno.test("a service that stumbles is asked again, up to three times", async () => {
  let asked = 0;
  let stumbles = 2;
  const stumble = () =>
    ++asked <= stumbles ? new Response("", { status: 499 + asked }) : ANSWERS["GET /creds"]();
  await withMetadata({ "GET /creds": stumble }, async (url) => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` };
    assert.deepEqual(await retrieve(env), RETRIEVED);
    assert.equal(asked, 3);
    [asked, stumbles] = [0, 9];
    await assert.rejects(retrieve(env), /HTTP 502 from/);
    assert.equal(asked, 3);
  });
});

Deno.test("an answer that is no answer of a metadata service is neither read nor shown", async () => {
  const answers = {
    "GET /long": () => new Response(`{"Token":"${"x".repeat(70_000)}"}`),
    "GET /none": () => Response.json({ ...METADATA_CREDENTIALS, Token: null }),
  };
  await withMetadata(answers, async (url) => {
    const get = (path: string) => retrieve({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url + path });
    await assert.rejects(get("/long"), /cannot reach http:.*\/long: the answer is too long$/);
    await assert.rejects(get("/none"), /container credentials answered without Token$/);
  });
});

Deno.test("a refusal is told with its status", () =>
  withMetadata({}, async (url) => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` };
    await assert.rejects(retrieve(env), /profile task: container credentials: HTTP 404 from/);
  }));
