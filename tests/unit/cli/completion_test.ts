import assert from "node:assert/strict";
import { COMMANDS } from "../../../src/cli/mod.ts";
import { TestWorld } from "./world.ts";

const CONFIG = `[default]
[profile work]
region = eu-west-1
[profile work-admin]
source_profile = work
[profile my team]
region = eu-west-1
[profile $(id)]
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
`;

/** What is answered, over a keyring that could not be opened: its passphrase is not known. */
async function answer(line: string, config = CONFIG): Promise<string[]> {
  using world = new TestWorld({ config, env: { AWS_VAULT_FILE_PASSPHRASE: "" } });
  await world.storeKeys("work", "AKIAWORK");
  await world.storeKeys("only", "AKIAONLY");
  await world.keepSession("work", {});
  const exit = await world.run(...line.split(" "));
  assert.deepEqual(exit, { code: 0 });
  assert.equal(world.stderr, "");
  return world.stdout.split("\n").filter((word) => word !== "");
}

const GROUP = Object.keys((COMMANDS.sso as { commands: object }).commands);
const PUBLIC = Object.keys(COMMANDS).filter((name) => !COMMANDS[name]!.hidden);

for (
  const [line, words] of [
    ["--completion-names stored", ["only", "work"]],
    ["--completion-names profiles", ["work", "work-admin", "my team", "$(id)", "only"]],
    ["--completion-names sessions", ["corp"]],
    ["--completion-names stored --file-dir /nowhere rm", []],
    ["--completion-names stored rm --file-dir=/nowhere", []],
    ["--completion-names profiles --file-dir /nowhere", ["work", "work-admin", "my team", "$(id)"]],
    ["--completion-bash", PUBLIC],
    ["--completion-bash ", PUBLIC],
    ["--completion-bash ex", PUBLIC],
    ["--completion-bash --debug ", PUBLIC],
    ["--completion-bash exec ", ["work", "work-admin", "only"]],
    ["--completion-bash exec", ["work", "work-admin", "only"]],
    ["--completion-bash exec -nt 123456 ", ["work", "work-admin", "only"]],
    ["--completion-bash exec -n", ["work", "work-admin", "only"]],
    ["--completion-bash exec --debug --lazy", ["work", "work-admin", "only"]],
    ["--completion-bash rm --force", ["only", "work"]],
    ["--completion-bash --debug", PUBLIC],
    ["--completion-bash exec work -n", []],
    ["--completion-bash exec --duration ", []],
    ["--completion-bash rm ", ["only", "work"]],
    ["--completion-bash rotate w", ["only", "work"]],
    ["--completion-bash exec work ", []],
    ["--completion-bash exec work -- --", []],
    ["--completion-bash exec work ls --", []],
    ["--completion-bash sso ", GROUP],
    ["--completion-bash help ", PUBLIC],
    ["--completion-bash help sso ", GROUP],
    ["--completion-bash help sso l", GROUP],
    ["--completion-bash help sso", GROUP],
    ["--completion-bash help exec ", []],
    ["--completion-bash help nope ", []],
    ["--completion-bash nope ", []],
    [
      "--completion-bash export --format ",
      ["env", "export-env", "json", "ini", "fish", "powershell", "dotenv"],
    ],
    [
      "--completion-bash --backend",
      ["keychain", "wincred", "secret-service", "pass", "file", "helper"],
    ],
  ] as const
) {
  Deno.test(`\`${line}\` is answered by ${words.join(", ") || "nothing"}`, async () => {
    assert.deepEqual(await answer(line), words);
  });
}

Deno.test("a half typed option is answered by the command's options and the global ones", async () => {
  const options = await answer("--completion-bash list --");
  for (const option of ["--json", "--sessions", "--backend", "--help"]) {
    assert.ok(options.includes(option), option);
  }
  assert.ok(!options.includes("--format"));
});

Deno.test("a config file with a fault leaves the names that the keyring has, and no message", async () => {
  assert.deepEqual(await answer("--completion-names stored", "[profile\n"), ["only", "work"]);
  assert.deepEqual(await answer("--completion-names profiles", "[profile\n"), ["only", "work"]);
});

Deno.test("a line of [default] that cannot be read leaves all names", async () => {
  using world = new TestWorld({ config: "[default]\nno line\n[profile work]\n" });
  await world.run("--completion-names", "profiles");
  assert.equal(world.stdout, "default\nwork\n");
});
