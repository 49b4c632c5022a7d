import assert from "node:assert/strict";
import {
  createProvider,
  readService,
} from "../../../../src/credentials/providers/instance_metadata.ts";
import type { VaultError } from "../../../../src/errors.ts";
import { createFakeEnv } from "../../../fakes/env.ts";
import { createRun } from "./fake_run.ts";
import { METADATA_CREDENTIALS, RETRIEVED, withMetadata } from "./metadata_server.ts";

const ROLES = "/latest/meta-data/iam/security-credentials/";

function retrieve(url: string, env: Record<string, string> = {}) {
  const { run } = createRun({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: url, ...env } });
  return createProvider({ kind: "instance_metadata", profile: "box" }, run).retrieve();
}

const V1 = {
  [`GET ${ROLES}`]: () => new Response("box-role"),
  [`GET ${ROLES}box-role`]: () => Response.json(METADATA_CREDENTIALS),
};
const V2 = {
  ...V1,
  "PUT /latest/api/token": ({ headers }: Request) =>
    /^[1-9]\d*$/.test(headers.get("x-aws-ec2-metadata-token-ttl-seconds") ?? "")
      ? new Response("imds-token")
      : new Response("", { status: 400 }),
};

Deno.test("the instance's role is asked for by IMDSv2, its token with every request", () =>
  withMetadata(V2, async (url, asked) => {
    assert.deepEqual(await retrieve(url), RETRIEVED);
    assert.deepEqual(asked, [
      { request: "PUT /latest/api/token", token: null },
      { request: `GET ${ROLES}`, token: "imds-token" },
      { request: `GET ${ROLES}box-role`, token: "imds-token" },
    ]);
  }));

for (const status of [403, 404, 405]) {
  Deno.test(`IMDSv1 serves where the token request gets HTTP ${status}`, () =>
    withMetadata(
      { ...V1, "PUT /latest/api/token": () => new Response("", { status }) },
      async (url, asked) => {
        assert.deepEqual(await retrieve(url), RETRIEVED);
        assert.equal(asked[1]!.token, null);
      },
    ));
}

Deno.test("the first line is the role's name, which is asked for as it stands", () =>
  withMetadata({
    ...V2,
    [`GET ${ROLES}`]: () => new Response(" ops+box=1,a@b \nanother"),
    [`GET ${ROLES}ops+box=1,a@b`]: () =>
      Response.json({ ...METADATA_CREDENTIALS, Code: undefined }),
  }, async (url) => assert.deepEqual(await retrieve(url), RETRIEVED)));

Deno.test("credentials without a token are none of an instance", () =>
  withMetadata(
    {
      ...V2,
      [`GET ${ROLES}box-role`]: () => Response.json({ ...METADATA_CREDENTIALS, Token: "" }),
    },
    (url) => assert.rejects(retrieve(url), /EC2 instance metadata answered without Token$/),
  ));

Deno.test("the variables of the AWS CLI are read as it does, empty ones as if unset", () => {
  const read = (variables: Record<string, string>) => {
    const step = { kind: "instance_metadata", profile: "box" } as const;
    const { name: _, ...service } = readService(step, createFakeEnv(variables));
    return service;
  };
  const standard = {
    endpoint: "http://169.254.169.254",
    timeoutSeconds: 1,
    attempts: 1,
    allowsV1: true,
  };
  const [E, T, N] = [
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
  ];
  const cases: [Record<string, string>, Partial<typeof standard>][] = [
    [{ [`${E}_MODE`]: "IPv6" }, { endpoint: "http://[fd00:ec2::254]" }],
    [{ [E]: "" }, {}],
    [{ [E]: "https://imds.example/base//" }, { endpoint: "https://imds.example/base" }],
    [{ [T]: "30", [N]: "999" }, { timeoutSeconds: 30, attempts: 999 }],
    [{ [T]: "", [N]: "" }, {}],
    [{ AWS_EC2_METADATA_V1_DISABLED: "TRUE" }, { allowsV1: false }],
    [{ AWS_EC2_METADATA_V1_DISABLED: "False" }, {}],
  ];
  for (const [variables, changes] of cases) {
    assert.deepEqual(read(variables), { ...standard, ...changes }, JSON.stringify(variables));
  }
});

Deno.test("AWS_EC2_METADATA_V1_DISABLED keeps from IMDSv1", () =>
  withMetadata(V1, async (url, asked) => {
    const credentials = retrieve(url, { AWS_EC2_METADATA_V1_DISABLED: "true" });
    await assert.rejects(credentials, /HTTP 404 to the IMDSv2 token request/);
    assert.equal(asked.length, 1);
  }));

Deno.test("AWS_EC2_METADATA_DISABLED keeps from asking at all", () =>
  withMetadata(V2, async (url, asked) => {
    const credentials = retrieve(url, { AWS_EC2_METADATA_DISABLED: "true" });
    await assert.rejects(credentials, /switched off by AWS_EC2_METADATA_DISABLED/);
    assert.equal(asked.length, 0);
  }));

Deno.test("an instance without a role is told so", () =>
  withMetadata({ "PUT /latest/api/token": V2["PUT /latest/api/token"] }, async (url) => {
    await assert.rejects(retrieve(url), /profile box: .* this instance has no role/);
    await withMetadata(
      { ...V2, [`GET ${ROLES}`]: () => new Response("\n") },
      (url) => assert.rejects(retrieve(url), /profile box: .* this instance has no role/),
    );
  }));

Deno.test("a role that the service names and does not know, or wants a token for, is told so", async () => {
  const refuse = (status: number) => ({
    ...V1,
    [`GET ${ROLES}box-role`]: () => new Response("", { status }),
  });
  const hints = async (status: number) => {
    let error: VaultError | undefined;
    await withMetadata(refuse(status), async (url) => {
      error = await retrieve(url).then(() => undefined, (error) => error);
    });
    assert.match(error!.message, new RegExp(`HTTP ${status} to ${ROLES}box-role$`));
    return error!.hints;
  };
  assert.deepEqual(await hints(404), []);
  assert.match((await hints(401)).join(), /^the service wants IMDSv2/);
});

Deno.test("a token request that is a bad one is an error, not IMDSv1", () =>
  withMetadata(
    { ...V1, "PUT /latest/api/token": () => new Response("", { status: 400 }) },
    async (url) => {
      await assert.rejects(retrieve(url), /HTTP 400 to the token request/);
    },
  ));

Deno.test("credentials the service itself calls unsuccessful are refused with its code", () =>
  withMetadata(
    {
      ...V2,
      [`GET ${ROLES}box-role`]: () => Response.json({ Code: "AssumeRoleUnauthorizedAccess" }),
    },
    async (url) => {
      await assert.rejects(retrieve(url), /gave no credentials: AssumeRoleUnauthorizedAccess/);
    },
  ));

Deno.test("a redirect is not followed, so that nobody else gets the token", () =>
  withMetadata(
    {
      ...V2,
      [`GET ${ROLES}`]: () => new Response("", { status: 302, headers: { location: "/x" } }),
    },
    async (url, asked) => {
      await assert.rejects(retrieve(url), /HTTP 302/);
      assert.equal(asked.length, 2);
    },
  ));

Deno.test("where nobody answers the address is named", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const error = await retrieve(url).catch((error) => error);
  assert.match(
    error.message,
    /cannot reach http:\/\/127\.0\.0\.1:\d+\/latest\/api\/token: .*refused/,
  );
  assert.match(error.hints.join(), /^only EC2 instances .* another credential_source$/);
});

Deno.test("an answer is waited for as long as AWS_METADATA_SERVICE_TIMEOUT says", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  const env = { AWS_METADATA_SERVICE_TIMEOUT: "1", AWS_EC2_METADATA_V1_DISABLED: "true" };
  await assert.rejects(retrieve(url, env), /no answer to the IMDSv2 token request/);
  listener.close();
});

Deno.test("a fault is asked about as often as AWS_METADATA_SERVICE_NUM_ATTEMPTS says", async () => {
  for (const [attempts, isRetrieved] of [["2", true], ["1", false], ["", false]] as const) {
    let faults = 1;
    const answers = {
      ...V2,
      [`GET ${ROLES}`]: () =>
        faults-- > 0 ? new Response("", { status: 500 }) : new Response("box-role"),
    };
    await withMetadata(answers, async (url) => {
      const credentials = retrieve(url, { AWS_METADATA_SERVICE_NUM_ATTEMPTS: attempts });
      if (isRetrieved) assert.deepEqual(await credentials, RETRIEVED);
      else await assert.rejects(credentials, /HTTP 500/);
    });
  }
});

Deno.test("a variable that says nothing of its kind is refused by its name, and nothing is asked", () =>
  withMetadata(V2, async (url, asked) => {
    for (
      const [name, value] of [
        ["AWS_METADATA_SERVICE_NUM_ATTEMPTS", "5 times"],
        ["AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1000"],
        ["AWS_METADATA_SERVICE_TIMEOUT", "0"],
        ["AWS_METADATA_SERVICE_TIMEOUT", "1s"],
        ["AWS_EC2_METADATA_DISABLED", "1"],
        ["AWS_EC2_METADATA_V1_DISABLED", "yes"],
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "6"],
      ] as const
    ) {
      const message = RegExp(`^${name}: \`${value}\` is n`);
      await assert.rejects(retrieve(url, { [name]: value }), { code: "config", message });
    }
    assert.deepEqual(asked, []);
  }));

Deno.test("an address that is none is refused by its variable, before anything is asked", async () => {
  for (const url of ["nonsense", "169.254.169.254", "ftp://169.254.169.254"]) {
    await assert.rejects(retrieve(url), {
      code: "config",
      message:
        `profile box: EC2 instance metadata: AWS_EC2_METADATA_SERVICE_ENDPOINT is \`${url}\`, which is no address`,
    });
  }
  await assert.rejects(retrieve("http://jon:a secret@127.0.0.1"), /is `http:\/\/127\.0\.0\.1`/);
});
