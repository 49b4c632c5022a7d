import assert from "node:assert/strict";
import { dirname } from "node:path";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const REGION_HOST = "sts.eu-west-1.amazonaws.com";
/** The text of a document's blocks in one language. */
function readBlocks(document: string, language: string): string[] {
  const text = Deno.readTextFileSync(`${ROOT}docs/${document}`);
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  return [...blocks].map(([, block]) => block!);
}

/** The `deno run` lines of a document, and the settings its `sh` blocks make before them. */
function readLines(document: string): { settings: string[]; lines: string[] } {
  const all = readBlocks(document, "sh").flatMap((block) => block.trimEnd().split("\n"));
  return {
    settings: all.filter((line) => /^[A-Z]+=/.test(line)),
    lines: all.filter((line) => line.startsWith("deno run ")),
  };
}

const ROLE = "arn:aws:iam::222222222222:role/deploy"; // as in the documents
const CONFIG = `[profile work]
region = eu-west-1
[profile web]
region = eu-west-1
role_arn = ${ROLE}
web_identity_token_file = ~/token
[profile deploy]
region = eu-west-1
role_arn = ${ROLE}
web_identity_token_process = cat ~/token
`;
const TOKEN = "head.body.signature";

/** A user with keys, and a role for who has the token; the user's keys. */
function addIdentities(aws: Aws) {
  aws.addRole({
    arn: ROLE,
    trusts: ["arn:aws:iam::222222222222:oidc-provider/ci.example", "111111111111"],
  });
  aws.addWebIdentity({
    token: TOKEN,
    issuer: "ci.example",
    subject: "job",
    audience: "sts.amazonaws.com",
    expiresMs: Date.now() + 600_000,
  });
  return aws.addUser({ name: "jon" }).accessKeys[0]!;
}

for (const [document, count] of [["sandbox.md", 3], ["ci.md", 2]] as const) {
  const { settings, lines } = readLines(document);
  Deno.test(`${document} has as many \`deno run\` lines as are tried here`, () => {
    assert.equal(lines.length, count);
  });
  for (const line of lines) {
    const command = line.slice(line.indexOf("main.js") + 9);
    Deno.test(`the line of ${document} for \`${command}\` does what it says`, async () => {
      using home = new Home();
      await using aws = await startFakeAws();
      await prepare(home, aws);
      const script = [...settings, line];
      // The lines say `deno` and `aws-vault`, which is mostly a link to the launcher.
      const bin = `${home.path}/bin`;
      Deno.mkdirSync(bin);
      Deno.symlinkSync(`${ROOT}dist/aws-vault`, `${bin}/aws-vault`);
      const path = `${bin}:${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
      const ran = await run([], {
        home,
        env: { AWS_ENDPOINT_URL: aws.url, PATH: path },
        command: ["sh", "-ec", script.join("\n").replace(REGION_HOST, new URL(aws.url).host)],
      });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.stderr, "");
      assert.match(ran.stdout, command.startsWith("list") ? /^work +work/m : /ASIA/);
    });
  }
}

type Aws = Awaited<ReturnType<typeof startFakeAws>>;

/** Profiles, a token and a stored key in a home, and who they are in the stand-in. */
async function prepare(home: Home, aws: Aws): Promise<void> {
  const key = addIdentities(aws);
  home.write(".aws/config", CONFIG.replaceAll("~", home.path));
  home.write("token", TOKEN);
  const added = await run(["add", "work", "--env", "--no-add-config"], {
    home,
    env: { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret },
  });
  assert.equal(added.code, 0, added.stderr);
}

/** What `exec deploy` gives a program, by the config file of ci.md's block that has this text. */
async function execDeploy(holding: string, aws: Aws, env: Record<string, string>): Promise<string> {
  using home = new Home();
  const [config, ...others] = readBlocks("ci.md", "ini").filter((block) => block.includes(holding));
  assert.deepEqual(others, []);
  const AWS_CONFIG_FILE = home.write("ci/aws-config", config!);
  const ran = await run(["exec", "deploy", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"], {
    home,
    env: { AWS_CONFIG_FILE, AWS_ENDPOINT_URL: aws.url, ...env },
  });
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
}

Deno.test({
  name: "the profile for GitHub Actions gets its role by the token of the runner's address",
  ignore: !(requireProgram("curl") && requireProgram("jq")),
  async fn() {
    await using aws = await startFakeAws();
    addIdentities(aws);
    const asked: string[] = [];
    await using runner = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => {
        asked.push(`${new URL(request.url).search} ${request.headers.get("authorization")}`);
        return Response.json({ value: TOKEN });
      },
    );
    const got = await execDeploy("ACTIONS_ID_TOKEN", aws, {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${runner.addr.port}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job",
    });
    assert.match(got, /^ASIA/);
    assert.deepEqual(asked, ["?api-version=2&audience=sts.amazonaws.com bearer of-the-job"]);
  },
});

Deno.test("the profile for GitLab gets its role by the token in its variable", async () => {
  await using aws = await startFakeAws();
  addIdentities(aws);
  assert.match(await execDeploy("GITLAB", aws, { GITLAB_AWS_TOKEN: TOKEN }), /^ASIA/);
});

Deno.test("the profile for a runner in AWS gets its role by the container's credentials", async () => {
  using home = new Home();
  await using aws = await startFakeAws();
  await prepare(home, aws);
  const kept = await run(["exec", "work", "--json"], {
    home,
    env: { AWS_ENDPOINT_URL: aws.url },
  });
  const { SessionToken: Token, ...session } = JSON.parse(kept.stdout);
  await using container = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.json({ ...session, Token }),
  );
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${container.addr.port}/credentials`,
  };
  assert.match(await execDeploy("EcsContainer", aws, env), /^ASIA/);
});

Deno.test("the keyring that ci.md's line makes serves a job with its variables, in that directory", async () => {
  using home = new Home();
  await using aws = await startFakeAws();
  const { id, secret } = addIdentities(aws);
  const text = Deno.readTextFileSync(`${ROOT}docs/ci.md`);
  const [, words] = /`aws-vault (--backend=file \S+ add ci)`/.exec(text)!;
  const [block] = readBlocks("ci.md", "yaml").filter((block) => block.includes("FILE_DIR"));
  const variables = [...block!.matchAll(/^ {2}(\w+): (\S+)/gm)].map((
    [, name, value],
  ) => [name, value]);
  const { AWS_VAULT_FILE_PASSPHRASE: _ofTheCi, ...job } = Object.fromEntries(variables);
  using checkout = new Home();
  const made = await run([...words!.split(" "), "--env"], {
    home,
    cwd: checkout.path,
    env: { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_VAULT_BACKEND: undefined },
  });
  assert.equal(made.code, 0, made.stderr);
  using other = new Home();
  const env = { ...job, AWS_ENDPOINT_URL: aws.url };
  const ran = await run(["export", "ci"], { home: other, cwd: checkout.path, env });
  assert.match(ran.stdout, /^AWS_ACCESS_KEY_ID=ASIA/m, ran.stderr);
});

/** The `sh` block of the handbook's section. */
function readSection(heading: string): string {
  const text = Deno.readTextFileSync(`${ROOT}docs/handbook.md`);
  const [, section] = text.split(`\n## ${heading}\n`);
  return /^```sh\n([\s\S]*?)^```/m.exec(section!)![1]!;
}

Deno.test("the handbook's line takes config and keyring to another machine, where they serve", async () => {
  using home = new Home();
  using other = new Home();
  await using aws = await startFakeAws();
  await prepare(home, aws);
  const ssh = home.write(
    "bin/ssh",
    `#!/bin/sh\n[ $1 = new-machine ] && cd ${other.path} && shift && exec "$@"\n`,
  );
  Deno.chmodSync(ssh, 0o755);
  const command = ["sh", "-ec", readSection("Moving to another machine")];
  const env = { PATH: `${home.path}/bin:/usr/bin:/bin` };
  const moved = await run([], { home, command, env });
  assert.equal(moved.code, 0, moved.stderr);
  const there = { home: other, env: { AWS_ENDPOINT_URL: aws.url } };
  assert.match((await run(["export", "work", "--format=json"], there)).stdout, /ASIA/);
  assert.equal(Deno.statSync(`${other.path}/.awsvault/keys`).mode! & 0o777, 0o700);
});

Deno.test({
  name: "the handbook's lines begin a new keyring after a forgotten passphrase (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    await using aws = await startFakeAws();
    await prepare(home, aws);
    const fresh = aws.addUser({ name: "jo" }).accessKeys[0]!;
    home.write("bin/aws-vault", `#!/bin/sh\nexec ${ROOT}dist/aws-vault "$@"\n`);
    Deno.chmodSync(`${home.path}/bin/aws-vault`, 0o755);
    const ran = await runInTerminal([], {
      home,
      command: ["sh", "-ec", readSection("A forgotten passphrase")],
      env: { PATH: `${home.path}/bin:/usr/bin:/bin`, AWS_VAULT_FILE_PASSPHRASE: undefined },
      steps: [
        { expect: "Enter Access Key ID: ", type: `${fresh.id}\r` },
        { expect: "Enter Secret Access Key: ", type: `${fresh.secret}\r` },
        { expect: "choose a passphrase", type: "another\r" },
        { expect: "again", type: "another\r" },
      ],
    });
    assert.equal(ran.code, 0, ran.screen);
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_VAULT_FILE_PASSPHRASE: "another" };
    assert.match((await run(["export", "work", "--format=json"], { home, env })).stdout, /ASIA/);
  },
});
