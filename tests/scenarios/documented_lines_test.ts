import assert from "node:assert/strict";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { Home, run } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const REGION_HOST = "sts.eu-west-1.amazonaws.com";
const CONFIG = `[profile work]
region = eu-west-1
[profile web]
region = eu-west-1
role_arn = arn:aws:iam::222222222222:role/web
web_identity_token_file = ~/token
`;

/** The `deno run` lines of a document, and the settings its `sh` blocks make before them. */
function readLines(document: string): { settings: string[]; lines: string[] } {
  const text = Deno.readTextFileSync(`${ROOT}docs/${document}`);
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
  const all = blocks.flatMap((block) => block.replaceAll("\\\n", "").trimEnd().split("\n"));
  return {
    settings: all.filter((line) => /^[A-Z]+=/.test(line)),
    lines: all.filter((line) => line.includes("deno run ")),
  };
}

const TOKEN = "head.body.signature";

/** A user with keys, and a role for who has the token; the user's keys. */
function addIdentities(aws: Awaited<ReturnType<typeof startFakeAws>>) {
  aws.addRole({
    arn: "arn:aws:iam::222222222222:role/web",
    trusts: ["arn:aws:iam::222222222222:oidc-provider/ci.example"],
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

const { settings, lines } = readLines("sandbox.md");

Deno.test("the document of narrower runs has a line for each of its cases", () => {
  assert.equal(settings.length, 3);
  assert.equal(lines.length, 3);
});

for (const line of lines) {
  const command = line.slice(line.indexOf("main.js") + 9);
  Deno.test(`the documented line for \`${command}\` does what it says`, async () => {
    using home = new Home();
    await using aws = await startFakeAws();
    const key = addIdentities(aws);
    home.write(".aws/config", CONFIG.replace("~", home.path));
    home.write("token", TOKEN);
    const added = await run(["add", "work", "--env", "--no-add-config"], {
      home,
      env: { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret },
    });
    assert.equal(added.code, 0, added.stderr);
    const script = [
      `LIB=${ROOT}dist/lib`,
      ...settings,
      line.replace(REGION_HOST, new URL(aws.url).host),
    ];
    const env = { AWS_ENDPOINT_URL: aws.url };
    const ran = await run([], { home, env, command: ["sh", "-ec", script.join("\n")] });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stderr, "");
    assert.match(ran.stdout, command.startsWith("list") ? /^work +work/m : /ASIA/);
  });
}
