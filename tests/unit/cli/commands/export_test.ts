import assert from "node:assert/strict";
import { TestWorld, type WorldOptions } from "../world.ts";

const CONFIG = "[profile work]\nregion = eu-west-1\n";
const EXPIRY = "2026-11-03T13:00:00Z";

/** What `export work` prints of a session with these parts. */
async function print(
  format: string,
  more: { secretAccessKey?: string; options?: WorldOptions; args?: string[] } = {},
): Promise<string> {
  using world = new TestWorld({ config: CONFIG, ...more.options });
  await world.storeKeys("work", "AKIASTORED", more.secretAccessKey);
  await world.keepSession("work", { secretAccessKey: more.secretAccessKey ?? "s/+=" });
  const args = ["export", "work", `--format=${format}`, ...more.args ?? []];
  assert.deepEqual(await world.run(...args), { code: 0 }, world.stderr);
  return world.stdout;
}

for (
  const [format, printed] of [
    [
      "env",
      "AWS_ACCESS_KEY_ID=ASIASESSION\nAWS_SECRET_ACCESS_KEY=s/+=\nAWS_SESSION_TOKEN=token\n" +
      `AWS_CREDENTIAL_EXPIRATION=${EXPIRY}\nAWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\n`,
    ],
    [
      "export-env",
      "export AWS_ACCESS_KEY_ID=ASIASESSION\nexport AWS_SECRET_ACCESS_KEY=s/+=\n" +
      `export AWS_SESSION_TOKEN=token\nexport AWS_CREDENTIAL_EXPIRATION=${EXPIRY}\n` +
      "export AWS_REGION=eu-west-1\nexport AWS_DEFAULT_REGION=eu-west-1\n",
    ],
    [
      "fish",
      "set -gx AWS_ACCESS_KEY_ID ASIASESSION\nset -gx AWS_SECRET_ACCESS_KEY s/+=\n" +
      `set -gx AWS_SESSION_TOKEN token\nset -gx AWS_CREDENTIAL_EXPIRATION ${EXPIRY}\n` +
      "set -gx AWS_REGION eu-west-1\nset -gx AWS_DEFAULT_REGION eu-west-1\n",
    ],
    [
      "powershell",
      "$Env:AWS_ACCESS_KEY_ID = 'ASIASESSION'\n$Env:AWS_SECRET_ACCESS_KEY = 's/+='\n" +
      `$Env:AWS_SESSION_TOKEN = 'token'\n$Env:AWS_CREDENTIAL_EXPIRATION = '${EXPIRY}'\n` +
      "$Env:AWS_REGION = 'eu-west-1'\n$Env:AWS_DEFAULT_REGION = 'eu-west-1'\n",
    ],
    [
      "dotenv",
      'AWS_ACCESS_KEY_ID="ASIASESSION"\nAWS_SECRET_ACCESS_KEY="s/+="\nAWS_SESSION_TOKEN="token"\n' +
      `AWS_CREDENTIAL_EXPIRATION="${EXPIRY}"\nAWS_REGION="eu-west-1"\n` +
      'AWS_DEFAULT_REGION="eu-west-1"\n',
    ],
  ] as const
) {
  Deno.test(`export --format=${format} prints every variable, a line each`, async () => {
    assert.equal(await print(format), printed);
  });
}

Deno.test("export --format=json is what credential_process expects", async () => {
  assert.deepEqual(JSON.parse(await print("json")), {
    Version: 1,
    AccessKeyId: "ASIASESSION",
    SecretAccessKey: "s/+=",
    SessionToken: "token",
    Expiration: EXPIRY,
  });
});

Deno.test("export --format=ini is a section of the credentials file", async () => {
  const lines = (await print("ini")).split("\n").map((line) => line.replace(/ = /, "="));
  assert.equal(lines[0], "[work]");
  for (
    const line of [
      "aws_access_key_id=ASIASESSION",
      "aws_secret_access_key=s/+=",
      "aws_session_token=token",
    ]
  ) {
    assert.ok(lines.includes(line), `${line} is not in:\n${lines.join("\n")}`);
  }
});

Deno.test("keys that do not expire leave out the token and the expiry in every format", async () => {
  for (const format of ["env", "export-env", "json", "ini", "fish", "powershell", "dotenv"]) {
    const printed = await print(format, { args: ["--no-session"] });
    assert.match(printed, /AKIASTORED/);
    assert.doesNotMatch(printed, /token|expiration/i, format);
  }
});

const LEFT = {
  AWS_SESSION_TOKEN: "old",
  AWS_SECURITY_TOKEN: "old",
  AWS_CREDENTIAL_EXPIRATION: "old",
};

Deno.test("what an earlier export left in the shell is taken out, where it is not set anew", async () => {
  const options = { env: LEFT };
  const args = ["--no-session"];
  const unsets = async (format: string, more: { args?: string[] }) =>
    (await print(format, { options, ...more })).split("\n").filter((line) =>
      /^(unset|set -e|Remove-Item)/.test(line)
    );
  assert.deepEqual(await unsets("export-env", { args }), [
    "unset AWS_SESSION_TOKEN",
    "unset AWS_SECURITY_TOKEN",
    "unset AWS_CREDENTIAL_EXPIRATION",
  ]);
  assert.deepEqual(await unsets("fish", { args }), [
    "set -e AWS_SESSION_TOKEN",
    "set -e AWS_SECURITY_TOKEN",
    "set -e AWS_CREDENTIAL_EXPIRATION",
  ]);
  assert.equal((await unsets("powershell", { args })).length, 3);
  assert.deepEqual(await unsets("export-env", {}), ["unset AWS_SECURITY_TOKEN"]);
  assert.deepEqual(await unsets("env", { args }), []);
});

const NASTY = `it's "quoted" $HOME \`id\` $(id) \\ # ; é`;

Deno.test("a shell reads back any value of export-env as it was", async () => {
  const printed = await print("export-env", { secretAccessKey: NASTY });
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${printed}\nprintf %s "$AWS_SECRET_ACCESS_KEY"`],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), NASTY);
});

Deno.test("quotes are escaped as PowerShell, fish and dotenv files read them", async () => {
  const line = async (format: string, secretAccessKey: string) =>
    (await print(format, { secretAccessKey })).split("\n")
      .find((line) => line.includes("SECRET"))!;
  assert.match(await line("powershell", "it's $x"), /= 'it''s \$x'$/);
  // https://learn.microsoft.com/dotnet/api/system.management.automation.language.codegeneration
  assert.match(await line("powershell", "a’; b ‘‚‛"), /= 'a’’; b ‘‘‚‚‛‛'$/);
  assert.match(await line("dotenv", 'a"b\\c$d`e'), /="a\\"b\\\\c\\\$d\\`e"$/);
  // fish reads a backslash between single quotes, other shells do not.
  assert.match(await line("fish", "it's \\ $x"), / 'it\\'s \\\\ \$x'$/);
});
