import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND } from "./harness.ts";
import { HAS_STRACE, NO_LOCKS, withFaults } from "./strace.ts";
import { behind, modeOf, ROLE, startVault, type Vault } from "./vault.ts";

const CONFIG = `[profile work]\n[profile reader]\nrole_arn = ${ROLE}\nsource_profile = work\n`;

type Line = Record<string, unknown>;

function trailOf(vault: Vault): { path: string; env: Record<string, string>; lines(): Line[] } {
  const path = `${vault.home.path}/audit.log`;
  const lines = () => {
    const text = Deno.readTextFileSync(path);
    assert.ok(text.endsWith("\n"));
    return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
  };
  return { path, env: { AWS_VAULT_AUDIT_LOG: path }, lines };
}

Deno.test("each credential handed out is a line: whose, what, until when and to whom, no secret", async () => {
  await using vault = await startVault(CONFIG);
  const { path, env, lines } = trailOf(vault);
  const before = Date.now();
  const json = await vault.run(["exec", "--json", "reader"], { env });
  assert.equal(
    (await vault.run(["exec", "--json", "reader"], { env })).stdout,
    json.stdout,
    "cached",
  );
  await vault.run(["export", "work", "-n"], { env });
  const child = ["exec", "reader", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID $$"];
  const shell = behind("cp /bin/sh ./caller", COMMAND);
  const started = await vault.run(child, { env, command: shell });
  assert.equal(modeOf(path), "600");
  const [first, second, third, fourth, ...others] = lines();
  assert.deepEqual(others, []);
  const { AccessKeyId, SecretAccessKey, Expiration, SessionToken } = JSON.parse(json.stdout);
  const { time, pid, parent, ...rest } = first!;
  const arn = String(rest.arn);
  assert.match(arn, /^arn:aws:sts::222222222222:assumed-role\/reader\//);
  const expected = { command: "exec --json", profile: "reader", accessKeyId: AccessKeyId };
  assert.deepEqual(rest, { ...expected, arn, expires: Expiration });
  assert.ok(Date.parse(String(time)) >= before - 1000 && Date.parse(String(time)) <= Date.now());
  assert.equal(typeof pid, "number");
  assert.deepEqual(parent, {
    pid: Deno.pid,
    name: Deno.readTextFileSync("/proc/self/comm").trim(),
  });
  assert.equal(second!.arn, arn, "it is known of a kept session too");
  assert.equal(third!.command, "export");
  assert.equal(third!.accessKeyId, vault.user.accessKeys[0]!.id);
  assert.ok(!("arn" in third!) && !("expires" in third!));
  assert.equal(fourth!.command, "exec");
  assert.equal(`${fourth!.accessKeyId} ${fourth!.pid}\n`, started.stdout);
  const text = Deno.readTextFileSync(path);
  for (const secret of [SecretAccessKey, SessionToken, vault.user.accessKeys[0]!.secret]) {
    assert.ok(!text.includes(secret));
  }
});

Deno.test({
  name: "each answer of a server is a line, and one that is not written gives none (curl)",
  ignore: !requireProgram("curl"),
  fn: async () => {
    await using vault = await startVault(CONFIG);
    const { path, env, lines } = trailOf(vault);
    const ask = 'curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ' +
      '"$AWS_CONTAINER_CREDENTIALS_FULL_URI"';
    const replace = 'mv "$1" "$1.kept"; mkdir "$1"';
    const script = `${ask}; ${ask}; ${replace}; ${ask} -w ' %{http_code}'`;
    const child = ["exec", "reader", "--ecs-server", "--", "sh", "-c", script, "sh", path];
    const ran = await vault.run(child, { env });
    Deno.removeSync(path);
    Deno.renameSync(`${path}.kept`, path);
    const ids = lines().map(({ accessKeyId, command }) => `${command} ${accessKeyId}`);
    assert.equal(ids.length, 2, ran.stderr);
    assert.equal(ids[0], ids[1]);
    assert.match(ids[0]!, /^exec --ecs-server ASIA/);
    assert.equal(ran.stdout.split("AccessKeyId").length - 1, 2, "the third had none");
    assert.match(ran.stdout, / 503$/);
    assert.match(ran.stderr, /AWS_VAULT_AUDIT_LOG: .*audit\.log cannot be written/);
  },
});

Deno.test("a link to the console is a line", async () => {
  await using vault = await startVault(CONFIG);
  const { env, lines } = trailOf(vault);
  const signin = { AWS_ENDPOINT_URL_SIGNIN: vault.aws.url };
  const ran = await vault.run(["login", "reader", "--stdout"], { env: { ...env, ...signin } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(lines().map(({ command, profile }) => [command, profile]), [[
    "login",
    "reader",
  ]]);
});

Deno.test("where no line can be written nothing is handed out, and the reason is told", async () => {
  await using vault = await startVault();
  Deno.mkdirSync(`${vault.home.path}/directory`);
  vault.home.write("file", "");
  Deno.symlinkSync("file", `${vault.home.path}/link`);
  new Deno.Command("mkfifo", { args: [`${vault.home.path}/pipe`] }).outputSync();
  for (
    const [name, why] of [
      [
        "directory",
        /directory.* cannot be written.*: it is a directory/,
      ],
      ["missing/audit.log", /: missing is not there/],
      ["link", /: it is a symbolic link, and nothing is written through it/],
      ["pipe", /: it is a pipe, and not a file/],
      ["/dev/full", /\/dev\/full cannot be written, so no credentials are handed out: /],
    ] as const
  ) {
    const env = { AWS_VAULT_AUDIT_LOG: name };
    for (
      const args of [["exec", "--json", "work"], ["export", "work"], ["exec", "work", "--", "echo"]]
    ) {
      const ran = await vault.run(args, { env });
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, "");
      assert.match(ran.stderr, why);
    }
    if (name === "/dev/full") continue; // only writing to it tells
    const { stdout } = await vault.run(["doctor", "--json"], { env });
    const told = JSON.parse(stdout).findings.find(({ id }: Line) => id === "environment.audit-log");
    assert.match(told?.message ?? "", why, `doctor of ${name}`);
  }
});

Deno.test("fifty at once each write a line in whole, also after one that was cut short", async () => {
  await using vault = await startVault();
  const { path, env, lines } = trailOf(vault);
  Deno.writeTextFileSync(path, '{"time":"cut sho', { mode: 0o644 });
  const script = 'for i in $(seq 50); do "$0" "$@" > /dev/null & done; wait';
  const ran = await vault.run(["exec", "-n", "--json", "work"], {
    command: ["sh", "-c", script, COMMAND],
    env,
    timeoutSeconds: 120,
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(modeOf(path), "600");
  const [cut, ...rest] = Deno.readTextFileSync(path).split("\n");
  assert.equal(cut, '{"time":"cut sho');
  Deno.writeTextFileSync(path, rest.join("\n"));
  assert.equal(new Set(lines().map(({ pid }) => pid)).size, 50);
});

Deno.test({
  name: "a line that was cut short is ended on a file system without locks too (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    await using vault = await startVault();
    const { path, env } = trailOf(vault);
    Deno.writeTextFileSync(path, '{"time":"cut sho');
    const command = withFaults(NO_LOCKS);
    const ran = await vault.run(["exec", "-n", "--json", "work"], { command, env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(Deno.readTextFileSync(path), /^\{"time":"cut sho\n\{.*\}\n$/);
  },
});
