import assert from "node:assert/strict";
import { dirname } from "node:path";
import { startFakeAws, totp } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const README = Deno.readTextFileSync(`${ROOT}/README.md`);

/** The README's block in a language that has some text in it. */
function readBlock(language: string, holding: string): string {
  const blocks = [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))];
  const found = blocks.map(([, block]) => block!).filter((block) => block.includes(holding));
  assert.equal(found.length, 1, `blocks with ${holding}`);
  return found[0]!;
}

const INSTALLS = ["deno task install", "deno task build"];

for (const first of INSTALLS) {
  Deno.test(`what the README says of \`${first}\` makes aws-vault a command in an empty home`, async () => {
    using home = new Home();
    const script = `${readBlock("sh", first)}\ncd\naws-vault --version\ncommand -v aws-vault`;
    const ran = await run([], {
      home,
      cwd: ROOT,
      command: ["sh", "-ec", script],
      env: { PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`, DENO: undefined },
      timeoutSeconds: 60,
    });
    assert.equal(ran.code, 0, ran.stderr);
    const [path, version] = ran.stdout.trim().split("\n").reverse();
    assert.match(version!, /^\d+\.\d+\.\d+$/);
    assert.ok(path!.startsWith(home.path), path);
  });
}

Deno.test({
  name:
    "the README's first commands do what they say, one after the other, on a terminal (python3)",
  ignore: !(hasTerminalTests && requireProgram("aws")),
  async fn() {
    using home = new Home();
    await using aws = await startFakeAws();
    const { accessKeys: [key] } = aws.addUser({ name: "jon" });
    Deno.mkdirSync(`${home.path}/bin`);
    Deno.symlinkSync(`${ROOT}/dist/aws-vault`, `${home.path}/bin/aws-vault`);
    const script = readBlock("sh", "aws-vault add work") + '\necho "here: $AWS_ACCESS_KEY_ID"';
    const ran = await runInTerminal([], {
      home,
      command: ["sh", "-ec", script],
      env: { PATH: `${home.path}/bin:${Deno.env.get("PATH")}`, AWS_ENDPOINT_URL: aws.url },
      steps: [
        { expect: "Enter Access Key ID: ", type: `${key!.id}\r` },
        { expect: "Enter Secret Access Key: ", type: `${key!.secret}\r` },
        { expect: "MFA Device ARN", type: "\r" },
        { expect: "user/jon" },
        { expect: "Starting subshell", type: 'echo "in $AWS_VAULT"; exit\r' },
        { expect: "in work" },
        { expect: "sts.GetSessionToken (59 min" },
        { expect: "here: ASIA" },
      ],
    });
    assert.equal(ran.code, 0, ran.screen);
  },
});

Deno.test({
  name: "with the README's config a role takes one code, and the AWS CLI asks for it by itself",
  ignore: !requireProgram("aws"),
  async fn() {
    using home = new Home();
    await using aws = await startFakeAws();
    const { accessKeys: [key], mfaDevices: [device] } = aws.addUser({ name: "jon", mfa: [{}] });
    aws.addRole({ arn: "arn:aws:iam::222222222222:role/admin", trusts: ["111111111111"] });
    home.write(
      ".aws/config",
      readBlock("ini", "[profile work]") + readBlock("ini", "[profile cli]"),
    );
    Deno.mkdirSync(`${home.path}/bin`);
    Deno.symlinkSync(`${ROOT}/dist/aws-vault`, `${home.path}/bin/aws-vault`);
    const env = { PATH: `${home.path}/bin:${Deno.env.get("PATH")}`, AWS_ENDPOINT_URL: aws.url };
    const act = async (line: string, more = {}) => {
      const ran = await run([], { home, command: ["sh", "-c", line], env: { ...env, ...more } });
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout;
    };
    await act("aws-vault add work --env", {
      AWS_ACCESS_KEY_ID: key!.id,
      AWS_SECRET_ACCESS_KEY: key!.secret,
    });
    const code = await totp(device!.secretBase32, Date.now());
    const whoAmI = "sts get-caller-identity --query Arn --output text";
    const role = /^arn:aws:sts::222222222222:assumed-role\/admin\//;
    assert.match(await act(`aws-vault exec -t ${code} work-admin -- aws ${whoAmI}`), role);
    assert.match(await act(`aws --profile cli ${whoAmI}`), role);
  },
});
