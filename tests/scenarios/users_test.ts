/** Items of docs/users.md that no other file's scenarios show. */
import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { cleanEnvironment, COMMAND, hasTerminalTests, Home, run } from "./harness.ts";
import { Recorder } from "./recorder.ts";

/** A docker credential helper that keeps items in a file and counts what it is asked. */
const HELPER = `#!/usr/bin/env python3
import json, os, sys
home = os.environ["HOME"]
with open(home + "/asked", "a") as asked: asked.write(sys.argv[1] + "\\n")
try: items = json.load(open(home + "/items"))
except FileNotFoundError: items = {}
text = sys.stdin.read()
if sys.argv[1] == "list": print(json.dumps({key: value["Username"] for key, value in items.items()}))
elif sys.argv[1] == "get":
  if text.strip() not in items: sys.exit("credentials not found in native keychain")
  print(json.dumps(items[text.strip()]))
elif sys.argv[1] == "store": items[json.loads(text)["ServerURL"]] = json.loads(text)
elif sys.argv[1] == "erase": items.pop(text.strip(), None)
json.dump(items, open(home + "/items", "w"))
`;

const KEYS = { AWS_ACCESS_KEY_ID: "AKIAWORK000000000000", AWS_SECRET_ACCESS_KEY: "long-term" };

function list(path: string): string[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n");
}

/** Keys of `work` and a kept session in a keyring that counts; the environment that leads to it. */
async function startCounting(home: Home, aws: Recorder): Promise<Record<string, string>> {
  const helper = home.write("helper", HELPER);
  Deno.chmodSync(helper, 0o755);
  home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_VAULT_BACKEND: "helper",
    AWS_VAULT_HELPER: helper,
  };
  const added = await run(["add", "work", "--env"], { home, env: { ...env, ...KEYS } });
  assert.equal(added.code, 0, added.stderr);
  assert.equal((await run(["exec", "work", "--json"], { home, env })).code, 0);
  return env;
}

Deno.test({
  name: "a run that finds a kept session asks its keyring (python3) twice: for names, for one item",
  ignore: !hasTerminalTests,
}, async () => {
  using home = new Home();
  await using aws = new Recorder();
  const env = await startCounting(home, aws);
  Deno.removeSync(`${home.path}/asked`);
  assert.equal((await run(["exec", "work", "--json"], { home, env })).code, 0);
  assert.deepEqual(list(`${home.path}/asked`), ["list", "get"]);
  assert.equal(aws.requests.length, 1);
});

Deno.test("a shell goes from a role's credentials to plain keys, and nothing of the role is left", async () => {
  using home = new Home();
  await using aws = new Recorder();
  const role = "arn:aws:iam::222222222222:role/admin";
  home.write(
    ".aws/config",
    `[profile work]\nregion=eu-west-1\n[profile admin]\nrole_arn=${role}\nsource_profile=work\n`,
  );
  const env = { AWS_ENDPOINT_URL: aws.url };
  await run(["add", "work", "--env"], { home, env: { ...env, ...KEYS } });

  const script = [
    `eval "$("$1" export --format=export-env admin)"`,
    'echo "$AWS_SESSION_TOKEN"',
    `eval "$("$1" export --no-session --format=export-env work)"`,
    'echo "$AWS_ACCESS_KEY_ID ${AWS_SESSION_TOKEN-none} ${AWS_CREDENTIAL_EXPIRATION-none}"',
  ].join("\n");
  const ran = await run(["-c", script, "sh", COMMAND], { home, env, command: ["/bin/sh"] });
  assert.equal(ran.stdout, "token\nAKIAWORK000000000000 none none\n", ran.stderr);
});

Deno.test("a kept role session is not used once the profile names another role", async () => {
  using home = new Home();
  await using aws = new Recorder();
  const config = (role: string) =>
    `[profile work]\nregion = eu-west-1\n[profile admin]\nsource_profile = work\n` +
    `role_arn = arn:aws:iam::222222222222:role/${role}\n`;
  const env = { AWS_ENDPOINT_URL: aws.url };
  home.write(".aws/config", config("one"));
  await run(["add", "work", "--env"], { home, env: { ...env, ...KEYS } });
  for (const [role, requests] of [["one", 1], ["one", 1], ["two", 2], ["two", 2]] as const) {
    home.write(".aws/config", config(role));
    const ran = await run(["exec", "admin", "--json"], { home, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(aws.requests.length, requests, role);
  }
});

Deno.test({
  name: "a list asks its keyring (python3) once, for names, and opens no item",
  ignore: !hasTerminalTests,
}, async () => {
  using home = new Home();
  await using aws = new Recorder();
  const env = await startCounting(home, aws);
  for (const options of [[], ["--json"], ["--sessions"], ["--credentials"]]) {
    Deno.removeSync(`${home.path}/asked`);
    const ran = await run(["list", ...options], { home, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, options[0] === "--credentials" ? /^work$/m : /sts\.GetSessionToken/);
    assert.deepEqual(list(`${home.path}/asked`), ["list"], options.join(" "));
  }
});

Deno.test("a cycle of source profiles is named before any request, whoever asks", async () => {
  using home = new Home();
  await using aws = new Recorder();
  const profile = (name: string, source: string) =>
    `[profile ${name}]\nsource_profile = ${source}\nrole_arn = arn:aws:iam::111111111111:role/x\n`;
  home.write(".aws/config", profile("a", "b") + profile("b", "c") + profile("c", "a"));
  const env = { AWS_ENDPOINT_URL: aws.url };
  for (const args of [["exec", "a", "--", "true"], ["exec", "a", "--json"], ["export", "a"]]) {
    const ran = await run(args, { home, env });
    assert.deepEqual([ran.code, ran.stdout], [1, ""]);
    assert.match(ran.stderr, /error: profile a: source_profile is a loop: a → b → c → a$/m);
    assert.match(ran.stderr, /^ {2}the loop closes at .*config, line 8/m);
  }
  assert.deepEqual(aws.requests, []);
});

Deno.test({
  name: "what export prints for a shell (fish) gives it the credentials, quotes and all",
  ignore: !requireProgram("fish"),
}, async () => {
  using home = new Home();
  const secret = `it's "$(odd)" \\ \`enough\``;
  const keys = { AWS_ACCESS_KEY_ID: "AKIAODD", AWS_SECRET_ACCESS_KEY: secret };
  const added = await run(["add", "work", "--env"], { home, env: keys });
  assert.equal(added.code, 0, added.stderr);
  const script = [
    "set -x AWS_SESSION_TOKEN left",
    `$argv[1] export --no-session --format=fish work | source`,
    'echo "$AWS_SECRET_ACCESS_KEY"',
    "set -q AWS_SESSION_TOKEN; or echo gone",
  ].join("\n");
  const ran = await run(["--no-config", "-c", script, COMMAND], { home, command: ["fish"] });
  assert.equal(ran.stdout, `${secret}\ngone\n`, ran.stderr);
});

Deno.test("while nobody answers, a line says after three seconds what is waited for", async () => {
  using home = new Home();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await run(["add", "work", "--env"], { home, env: KEYS });
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${silent.addr.port}` };
  const child = new Deno.Command(COMMAND, {
    args: ["exec", "work", "--json"],
    clearEnv: true,
    env: cleanEnvironment({ home, env }),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  using connection = await silent.accept();
  let told = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    told += text;
    if (told.includes("\n")) break;
  }
  child.kill("SIGKILL");
  await child.status;
  assert.match(told, /^Waiting for an answer of .*127\.0\.0\.1/);
  assert.ok(connection.localAddr);
});
