import assert from "node:assert/strict";
import { assertRefused } from "./harness.ts";
import { startVault, type Vault } from "./vault.ts";

const DEAD = "http://127.0.0.1:9";
const TAGGED = "arn:aws:iam::222222222222:role/tagged";
const CHAINED = "arn:aws:iam::222222222222:role/chained";
const START_URL = "https://d-1234567890.awsapps.com/start";

type Env = Readonly<Record<string, string>>;

/** What `explain` says of a setting, and where it has it from. */
async function explain(vault: Vault, args: readonly string[], name: string, env: Env = {}) {
  const ran = await vault.run(["explain", ...args, "--json"], { env });
  assert.equal(ran.code, 0, ran.stderr);
  const { settings } = JSON.parse(ran.stdout) as {
    settings: {
      name: string;
      profile: string;
      value: string;
      from: { kind: string; name?: string };
    }[];
  };
  return settings.filter((setting) => setting.name === name)
    .map(({ profile, value, from }) => `${profile} ${value} ${from.name ?? from.kind}`);
}

const ROLES = `[profile work]
[profile reader]
role_arn = ${TAGGED}
source_profile = work
session_tags = team=file
transitive_session_tags = team
source_identity = by-file
role_session_name = by-file
[profile chained]
role_arn = ${CHAINED}
source_profile = reader
session_tags = stage=file
`;

async function startWithRoles(): Promise<Vault> {
  const vault = await startVault(ROLES);
  const all = { trusts: ["*"], allowsTags: true, allowsSourceIdentity: true };
  vault.aws.addRole({ arn: TAGGED, ...all });
  vault.aws.addRole({ arn: CHAINED, ...all });
  return vault;
}

/** What a role was asked for with, of these parameters. */
function askedFor(vault: Vault, role: string): string {
  const { params } = vault.aws.calls.findLast(({ params }) => params.RoleArn === role)!;
  return Object.entries(params).filter(([name]) => /Tag|SourceId|SessionName/.test(name))
    .map((pair) => pair.join("=")).sort().join(" ");
}

const OF_FILE = "RoleSessionName=by-file SourceIdentity=by-file Tags.member.1.Key=team " +
  "Tags.member.1.Value=file TransitiveTagKeys.member.1=team";

Deno.test("tags, source identity and session name of the environment are the role's on the command line", async () => {
  await using vault = await startWithRoles();
  const env = {
    AWS_SESSION_TAGS: "stage=core, env=dev",
    AWS_TRANSITIVE_TAGS: "env,stage",
    AWS_SOURCE_IDENTITY: "by-file",
    AWS_ROLE_SESSION_NAME: "by-env",
  };
  const ran = await vault.run(["exec", "chained", "--json"], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(askedFor(vault, TAGGED), OF_FILE, "of the chain's other roles the file's");
  assert.equal(
    askedFor(vault, CHAINED),
    "RoleSessionName=by-env SourceIdentity=by-file Tags.member.1.Key=stage " +
      "Tags.member.1.Value=core Tags.member.2.Key=env Tags.member.2.Value=dev " +
      "TransitiveTagKeys.member.1=env TransitiveTagKeys.member.2=stage",
  );
  for (
    const [name, told] of [
      ["session_tags", ["chained stage=core,env=dev AWS_SESSION_TAGS", "reader team=file file"]],
      ["transitive_session_tags", ["chained env,stage AWS_TRANSITIVE_TAGS", "reader team file"]],
      ["source_identity", ["chained by-file AWS_SOURCE_IDENTITY", "reader by-file file"]],
      ["role_session_name", ["chained by-env AWS_ROLE_SESSION_NAME", "reader by-file file"]],
    ] as const
  ) assert.deepEqual(await explain(vault, ["chained"], name, env), told);
});

Deno.test("those variables count for nothing where they are empty, and name themselves where they are wrong", async () => {
  await using vault = await startWithRoles();
  const empty = {
    AWS_SESSION_TAGS: "",
    AWS_TRANSITIVE_TAGS: "",
    AWS_SOURCE_IDENTITY: "",
    AWS_ROLE_SESSION_NAME: "",
  };
  const ran = await vault.run(["exec", "reader", "--json"], { env: empty });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(askedFor(vault, TAGGED), OF_FILE);
  const before = vault.aws.calls.length;
  for (
    const [name, value] of [
      ["AWS_SESSION_TAGS", "team"],
      ["AWS_SESSION_TAGS", "team=core,"],
      ["AWS_SOURCE_IDENTITY", "two words"],
      ["AWS_ROLE_SESSION_NAME", "x"],
    ] as const
  ) {
    const refused = await vault.run(["exec", "reader", "--json"], { env: { [name]: value } });
    assertRefused(refused, new RegExp(`${name}: \`${value}\``));
  }
  assert.equal(vault.aws.calls.length, before);
});

Deno.test("the length of a console session is --duration, --federation-token-ttl, the variable, an hour", async () => {
  await using vault = await startVault(
    "[profile work]\nregion = eu-west-1\nduration_seconds = 900\n",
  );
  const login = (args: readonly string[], env: Env = {}) =>
    vault.run(["login", "work", "--stdout", ...args], {
      env: { AWS_ENDPOINT_URL_SIGNIN: vault.aws.url, ...env },
    });
  for (
    const [args, ttl, seconds, from] of [
      [["--duration=3h", "--federation-token-ttl=2h"], "90m", 10_800, "--duration"],
      [["--federation-token-ttl=2h"], "90m", 7200, "--federation-token-ttl"],
      [[], "90m", 5400, "AWS_FEDERATION_TOKEN_TTL"],
      [[], "", 3600, "default"],
    ] as const
  ) {
    const env = { AWS_FEDERATION_TOKEN_TTL: ttl };
    const ran = await login(args, env);
    assert.equal(ran.code, 0, ran.stderr);
    const asked = vault.aws.calls.findLast(({ action }) => action === "GetFederationToken");
    assert.equal(asked?.params.DurationSeconds, String(seconds));
    const told = await explain(vault, ["work", ...args], "federation_token_ttl", env);
    assert.deepEqual(told, [`work ${seconds} ${from}`]);
  }
  const before = vault.aws.calls.length;
  assertRefused(
    await login([], { AWS_FEDERATION_TOKEN_TTL: "2" }),
    /error: profile work: AWS_FEDERATION_TOKEN_TTL: `2` is no duration\n/,
  );
  assertRefused(
    await login(["--federation-token-ttl=2"]),
    /error: profile work: --federation-token-ttl: `2` is no duration\n/,
  );
  assert.equal(vault.aws.calls.length, before);
});

const SSO = `[profile sso]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n` +
  "sso_account_id = 111111111111\nsso_role_name = Dev\n";

/** Each service's variable, and which command asks that service and others. */
const SERVICES: Readonly<
  Record<string, readonly [args: readonly string[], of: readonly string[]]>
> = {
  IAM: [["rotate", "-n", "work"], ["IAM", "STS"]],
  STS: [["exec", "work", "--json"], ["STS"]],
  SSO: [["exec", "--stdout", "sso", "--json"], ["SSO", "SSO_OIDC"]],
  SSO_OIDC: [["exec", "--stdout", "sso", "--json"], ["SSO", "SSO_OIDC"]],
};

for (const [service, [args, all]] of Object.entries(SERVICES)) {
  const variable = `AWS_ENDPOINT_URL_${service}`;
  Deno.test(`${variable} leads to that service alone, before AWS_ENDPOINT_URL and the file`, async () => {
    await using vault = await startVault(
      `[default]\nendpoint_url = ${DEAD}/file\n${SSO}[profile work]\n`,
    );
    vault.aws.addSsoInstance({
      startUrl: START_URL,
      accounts: [{ id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] }],
      approvesAtOnce: true,
    });
    const profile = args.at(-1) === "--json" ? args.at(-2)! : args.at(-1)!;
    const setting = `endpoint_url_${service.toLowerCase()}`;
    const dead = await vault.run(args, { env: { [variable]: `${DEAD}/one` } });
    assert.equal(dead.code, 1);
    assert.match(dead.stderr, /^aws-vault: error: .*127\.0\.0\.1:9\/one/m);
    const own = Object.fromEntries(all.map((name) => [`AWS_ENDPOINT_URL_${name}`, vault.aws.url]));
    const env = { AWS_ENDPOINT_URL: `${DEAD}/general`, ...own };
    const ran = await vault.run(args, { env });
    assert.equal(ran.code, 0, ran.stderr);
    const told = await explain(vault, [profile], setting, env);
    assert.equal(told[0], `${profile} ${vault.aws.url} ${variable}`);
    const empty = await vault.run(args, { env: { [variable]: "" } });
    assert.equal(empty.code, 0, empty.stderr);
    const wrong = await vault.run(args, { env: { [variable]: "localhost:4566" } });
    assertRefused(wrong, new RegExp(`error: .*${variable}: \`localhost:4566\` is no address`));
  });
}

const CONSOLE = ["login", "work", "--stdout"];

/** Each variable that switches something on, a command that asks it, and what shows that it is on. */
const SWITCHES: Readonly<Record<string, readonly [args: readonly string[], shows: RegExp]>> = {
  AWS_VAULT_PROFILE_ENV: [["exec", "work", "--", "env"], /^AWS_PROFILE=work$/m],
  AWS_VAULT_AUTO_LOGOUT: [CONSOLE, /\?Action=logout&/],
  AWS_VAULT_STDOUT: [["login", "work"], /^http:\S+SigninToken=/m],
};

for (const [name, [args, shows]] of Object.entries(SWITCHES)) {
  Deno.test(`${name} is on or off as other programs write that, and all else is refused`, async () => {
    await using vault = await startVault();
    // A browser that takes the link without a word.
    const BROWSER = vault.home.write("browser", "#!/bin/sh\n");
    Deno.chmodSync(BROWSER, 0o755);
    const env = { AWS_ENDPOINT_URL_SIGNIN: vault.aws.url, BROWSER };
    for (
      const [value, isOn] of [["on", true], ["TRUE", true], ["no", false], ["", false]] as const
    ) {
      const ran = await vault.run(args, { env: { ...env, [name]: value } });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(shows.test(ran.stdout), isOn, `${value}: ${ran.stdout}`);
    }
    const wrong = { ...env, [name]: "perhaps" };
    assertRefused(await vault.run(args, { env: wrong }), RegExp(`error: ${name}: \`perhaps\` is`));
    const { stdout, code } = await vault.run(["doctor"], { env: wrong });
    assert.equal(code, 1);
    assert.match(
      stdout,
      RegExp(`environment\\.boolean\n {2}${name}: \`perhaps\` is neither on nor`),
    );
  });
}

Deno.test("an instance's metadata is looked for where AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE says", async () => {
  const box = `[profile box]\nrole_arn = ${TAGGED}\ncredential_source = Ec2InstanceMetadata\n`;
  await using vault = await startVault(box);
  const read = (AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: string) =>
    vault.run(["explain", "box"], { env: { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE } });
  assert.match((await read("IPv6")).stdout, /http:\/\/\[fd00:ec2::254\]/);
  for (const mode of ["ipv4", ""]) {
    assert.match((await read(mode)).stdout, /http:\/\/169\.254\.169\./);
  }
  assertRefused(await read("6"), /error: AWS_EC2_METADATA_\w+_MODE: `6` is neither IPv4 nor IPv6/);
});

Deno.test("a boolean of AWS is true or false, in the environment as in the file", async () => {
  await using vault = await startVault(`[default]\nendpoint_url = ${DEAD}\n[profile work]\n`);
  const read = (env: Record<string, string | undefined>) =>
    vault.run(["explain", "work", "--json"], { env: { AWS_ENDPOINT_URL: undefined, ...env } });
  const ignored = await read({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "True" });
  assert.doesNotMatch(ignored.stdout, /127\.0\.0\.1/);
  assert.match((await read({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "" })).stdout, /127\.0\.0\.1/);
  const name = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
  assertRefused(
    await read({ [name]: "1" }),
    /error: AWS_IGNORE_\w+: `1` is neither true nor false/,
  );
  vault.home.write(".aws/config", "[profile work]\nignore_configured_endpoint_urls = yes\n");
  assertRefused(await read({}), /config, line 2, ignore_\w+ of \[profile work\]: `yes` is neither/);
  const { stdout } = await vault.run(["doctor"]);
  assert.match(stdout, /config\.boolean: \S+config, line 2\n {2}ignore_configured_endpoint_urls: /);
});
