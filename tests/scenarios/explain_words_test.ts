import assert from "node:assert/strict";
import { hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";
import { Recorder } from "./recorder.ts";

const CONFIG = `[default]
region = eu-west-1

[profile shared]
external_id = a-secret-of-sorts
mfa_process = /opt/bin/code --pin 1234

[profile work]
mfa_serial = arn:aws:iam::111111111111:mfa/jon
include_profile = shared

[profile admin]
role_arn = arn:aws:iam::222222222222:role/admin
source_profile = work
mfa_serial = arn:aws:iam::111111111111:mfa/jon
include_profile = shared

[profile deep]
role_arn = arn:aws:iam::333333333333:role/deep
source_profile = admin
duration_seconds = 14400

[profile heir]
source_profile = work

[profile near]
services = office
include_profile = work

[profile nearer]
source_profile = work
include_profile = near

[services office]
sts =
  endpoint_url = http://127.0.0.1:9
`;

/** A home with that config file and keys for `work`. */
async function prepare(): Promise<Home> {
  const home = new Home();
  home.write(".aws/config", CONFIG);
  const env = { AWS_ACCESS_KEY_ID: "AKIAWORK", AWS_SECRET_ACCESS_KEY: "verysecret" };
  const { code, stderr } = await run(["add", "work", "--env"], { home, env });
  assert.equal(code, 0, stderr);
  return home;
}

const ESCAPE = "\x1b";
const LOCKED = { AWS_VAULT_FILE_PASSPHRASE: undefined };

async function explain(home: Home, args: readonly string[], env: Record<string, string> = {}) {
  const ran = await run(["explain", "--json", ...args], { home, env: { ...LOCKED, ...env } });
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

Deno.test("explain has the one-hour rule in words where a chained role is cut", async () => {
  using home = await prepare();
  const { steps, requests } = await explain(home, ["deep"]);
  assert.match(
    steps.at(-1).why,
    /for 1 h instead of 4 h: AWS gives .* one hour at most \(role chaining\)/,
  );
  assert.equal(requests.at(-1).durationSeconds, 3600);
  assert.equal(requests.at(-1).endpoint, "https://sts.eu-west-1.amazonaws.com");
});

Deno.test("explain says of every setting which file, line, include or variable it came by", async () => {
  using home = await prepare();
  const { settings } = await explain(home, ["-d", "2h", "admin"], { AWS_REGION: "us-west-2" });
  const of = (name: string) =>
    settings.find((setting: { profile: string; name: string }) =>
      setting.profile === "admin" && setting.name === name
    );
  const path = `${home.path}/.aws/config`;
  assert.deepEqual(of("region").from, { kind: "environment", name: "AWS_REGION" });
  assert.deepEqual(of("duration_seconds"), {
    profile: "admin",
    name: "duration_seconds",
    value: "7200",
    from: { kind: "flag", name: "--duration" },
  });
  assert.deepEqual(of("role_arn").from, {
    kind: "file",
    path,
    line: 13,
    section: "[profile admin]",
  });
  assert.deepEqual(of("external_id").from, {
    kind: "file",
    path,
    line: 5,
    section: "[profile shared]",
    inherited: ["shared"],
  });
  assert.equal(of("mfa_process").value, "(a command)");
  const { settings: near } = await explain(home, ["nearer"]);
  const services = near.find(({ name }: { name: string }) => name === "services");
  assert.deepEqual([services.value, services.from.inherited], ["office", ["near"]]);
  const { settings: plain } = await explain(home, ["admin"]);
  const length = plain.find(({ name }: { name: string }) => name === "duration_seconds");
  assert.deepEqual(length.from, { kind: "default" });
});

Deno.test("explain names a role inherited from [default], and the line", async () => {
  using home = await prepare();
  const everyone = "role_arn = arn:aws:iam::111111111111:role/everyone\n";
  home.write(
    ".aws/config",
    CONFIG.replace("region = eu-west-1\n", `region = eu-west-1\n${everyone}`),
  );
  const { settings, remarks } = await explain(home, ["heir"]);
  const role = settings.find(({ name }: { name: string }) => name === "role_arn");
  assert.deepEqual(role.from.inherited, ["default"]);
  assert.ok(
    remarks.some((remark: string) =>
      /heir: its role is inherited from \[default\].*line 3/.test(remark)
    ),
    remarks.join("\n"),
  );
});

Deno.test("explain tells what a person would be asked, and asks nothing", async () => {
  using home = await prepare();
  Deno.writeTextFileSync(`${home.path}/.aws/config`, CONFIG.replaceAll(/mfa_process.*\n/g, ""));
  const asked = await explain(home, ["admin"]);
  assert.deepEqual(asked.asks, ["passphrase", "mfa:arn:aws:iam::111111111111:mfa/jon"]);
  const given = await explain(home, ["-t", "123456", "admin"], { AWS_VAULT_FILE_PASSPHRASE: "x" });
  assert.deepEqual(given.asks, []);
});

Deno.test("explain shows a kept session with its end, and says what is not known of it", async () => {
  using home = await prepare();
  const encoded = (text: string) =>
    new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
  const serial = encoded("arn:aws:iam::111111111111:mfa/jon");
  const ends = Math.floor(Date.now() / 1000) + 3000;
  home.write(
    `.awsvault/keys/sts.GetSessionToken,${encoded("work")},${serial},${ends}`,
    "eyJ, and not read",
  );
  const { steps, requests, remarks } = await explain(home, ["admin"]);
  const expires = new Date(ends * 1000).toISOString().replace(".000Z", "Z");
  assert.deepEqual(
    steps.map(({ kind, cached }: { kind: string; cached?: unknown }) => [kind, cached]),
    [
      ["stored", undefined],
      ["session_token", { expires }],
      ["assume_role", undefined],
    ],
  );
  assert.deepEqual(requests.map(({ action }: { action: string }) => action), ["AssumeRole"]);
  assert.match(
    remarks.join("\n"),
    /kept session of work serves if it was made for the same request/,
  );
});

Deno.test("a short session is kept for its first two thirds, as explain says and exec does", async () => {
  using home = await prepare();
  await using aws = new Recorder();
  const env = { AWS_ENDPOINT_URL: aws.url };
  home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
  const args = ["work", "-d", "15m"];
  assert.equal((await explain(home, ["--renews", ...args], env)).requests.length, 1);
  await run(["exec", "--json", ...args], { home, env });
  assert.deepEqual((await explain(home, ["--renews", ...args], env)).requests, []);
  await run(["exec", "--json", ...args], { home, env });
  assert.equal(aws.requests.length, 1);
});

Deno.test("inside another exec explain says that exec refuses, and names no request and no session", async () => {
  using home = await prepare();
  const { requests, asks, remarks } = await explain(home, ["work"], { AWS_VAULT: "work" });
  assert.deepEqual([requests, asks], [[], []]);
  assert.match(remarks[0], /^exec refuses here: this is a subshell/);
  assert.deepEqual(remarks.filter((remark: string) => remark.includes("kept")), []);
});

Deno.test("explain says that exec refuses a length that AWS gives nobody", async () => {
  using home = await prepare();
  const { requests, asks, remarks } = await explain(home, ["work", "-d", "99h"]);
  assert.deepEqual([requests, asks], [[], []]);
  assert.match(remarks[0], /^exec refuses here: profile work: --duration: AWS gives .* 36h/);
});

const ENVIRONMENT_ROLE =
  "[profile ci]\nrole_arn = arn:aws:iam::111111111111:role/ci\ncredential_source = Environment\n";

Deno.test("where the environment lacks what credential_source takes, explain says that exec refuses", async () => {
  using home = new Home();
  home.write(".aws/config", ENVIRONMENT_ROLE);
  const lacks: [Record<string, string>, RegExp][] = [
    [{}, /AWS_ACCESS_KEY_ID is not set/],
    [{ AWS_ACCESS_KEY_ID: "AKIAX" }, /AWS_SECRET_ACCESS_KEY is not set/],
    [{
      AWS_ACCESS_KEY_ID: "ASIAX",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_CREDENTIAL_EXPIRATION: "2020-01-01T00:00:00Z",
    }, /expired at 2020-01-01T00:00:00Z/],
  ];
  for (const [env, reason] of lacks) {
    const { requests, remarks } = await explain(home, ["ci"], env);
    assert.deepEqual(requests, []);
    const refusal = remarks[0].replace("exec refuses here: ", "");
    assert.match(refusal, reason);
    const ran = await run(["exec", "ci", "--", "true"], { home, env });
    assert.ok(ran.stderr.startsWith(`aws-vault: error: ${refusal}`), ran.stderr);
  }
  const env = { AWS_ACCESS_KEY_ID: "AKIAX", AWS_SECRET_ACCESS_KEY: "s" };
  assert.equal((await explain(home, ["ci"], env)).requests[0].action, "AssumeRole");
  home.write(".aws/config", ENVIRONMENT_ROLE.replace("Environment", "EcsContainer"));
  const { steps, requests, remarks } = await explain(home, ["ci"]);
  assert.deepEqual([steps.length, requests], [2, []]);
  assert.match(remarks[0], /^exec refuses here: .*AWS_CONTAINER_CREDENTIALS_FULL_URI is set$/);
});

Deno.test("what is wrong with a metadata service's address explain and exec say alike", async () => {
  using home = new Home();
  home.write(".aws/config", ENVIRONMENT_ROLE.replace("Environment", "Ec2InstanceMetadata"));
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: "nonsense" };
  const explained = await run(["explain", "ci"], { home, env });
  const ran = await run(["exec", "ci", "--", "true"], { home, env });
  assert.deepEqual([explained.code, explained.stderr], [1, ran.stderr]);
  assert.match(ran.stderr, /AWS_EC2_METADATA_SERVICE_ENDPOINT is `nonsense`, which is no address/);
});

Deno.test("a role on a kept session of a credential_process is asked for an hour, as exec does", async () => {
  using home = new Home();
  home.write(
    ".aws/config",
    "[profile p]\ncredential_process = echo hi\n[profile a]\nsource_profile = p\n" +
      "role_arn = arn:aws:iam::111111111111:role/a\nduration_seconds = 7200\n",
  );
  const fresh = await explain(home, ["a"]);
  assert.equal(fresh.requests[0].durationSeconds, 7200);
  assert.match(fresh.remarks[0], /cut to 1h where the credential_process gives a session token/);
  home.write(`.awsvault/keys/credential_process,cA,,${4_000_000_000}`, "eyJhbGciOi, or so");
  const kept = await explain(home, ["a"]);
  assert.equal(kept.requests[0].durationSeconds, 3600);
});

Deno.test("a password in an address is shown by no setting and no request, whatever is in it", async () => {
  using home = await prepare();
  const { stdout } = await run(["explain", "--json", "work"], {
    home,
    env: { ...LOCKED, AWS_ENDPOINT_URL: "http://jon:pa@ss@127.0.0.1:1" },
  });
  assert.equal(JSON.parse(stdout).requests[0].endpoint, "http://…@127.0.0.1:1");
  assert.doesNotMatch(stdout, /pa@|ss@/);
});

Deno.test({
  name: "explain shows people a tree on a terminal (python3), in colours",
  ignore: !hasTerminalTests,
}, async () => {
  using home = await prepare();
  const env = { ...LOCKED, TERM: "xterm", NO_COLOR: undefined };
  const { screen, code } = await runInTerminal(["explain", "admin"], { home, env, steps: [] });
  assert.equal(code, 0);
  const plain = screen.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), "").replaceAll(
    "\r\n",
    "\n",
  );
  assert.notEqual(plain, screen, "it has colours");
  assert.match(
    plain,
    /^admin\n└─ stored keys \(profile work\)\n.*\n {3}└─ GetSessionToken \(profile work\)\n.*\n {6}└─ AssumeRole/m,
  );
  assert.match(plain, /Requests now, in order:\n {2}1\. GetSessionToken for 8 h, profile work/);
});
