import assert from "node:assert/strict";
import { type FakeAws, startFakeAws, type User } from "../fakes/aws/mod.ts";
import { assertRefused, Home, type Ran, run } from "./harness.ts";
import { until, untilWritten } from "../until.ts";

const READER = "arn:aws:iam::111111111111:role/reader";
const CHAINED = "arn:aws:iam::111111111111:role/chained";
const MFA = "arn:aws:iam::111111111111:mfa/jon";
const CONFIG = `[default]
region = us-east-1

[profile work]
region = eu-west-1
mfa_serial = ${MFA}

[profile reader]
role_arn = ${READER}
source_profile = work
region = eu-central-1

[profile chained]
role_arn = ${CHAINED}
source_profile = reader

[profile borrower]
source_profile = work
mfa_serial = ${MFA}
`;

type Env = Readonly<Record<string, string | undefined>>;

interface World extends AsyncDisposable {
  readonly aws: FakeAws;
  readonly home: Home;
  readonly user: User;
  login(args: readonly string[], env?: Env): Promise<Ran>;
  exec(args: readonly string[]): Promise<Ran>;
}

async function createWorld(userName = "jon"): Promise<World> {
  const aws = await startFakeAws();
  const home = new Home();
  home.write(".aws/config", CONFIG);
  const user = aws.addUser({ name: userName });
  for (const arn of [READER, CHAINED]) aws.addRole({ arn, trusts: ["*"] });
  const [key] = user.accessKeys;
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_ENDPOINT_URL_SIGNIN: aws.url };
  const keys = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  const added = await run(["add", "work", "--env", "--no-add-config"], {
    home,
    env: { ...env, ...keys },
  });
  assert.equal(added.code, 0, added.stderr);
  return {
    aws,
    home,
    user,
    login: (args, more) => run(["login", ...args], { home, env: { ...env, ...more } }),
    exec: (args) => run(["exec", ...args], { home, env }),
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
      await aws[Symbol.asyncDispose]();
    },
  };
}

/** Follows a printed link as a browser does: who is signed in, and where they land. */
async function follow({ code, stdout, stderr }: Ran): Promise<{ arn: string; landed: string }> {
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/\S+\n$/);
  const page = await (await fetch(stdout.trim())).text();
  const [, arn, landed] = /id="arn">([^<]*)<[^]*id="destination">([^<]*)</.exec(page) ??
    assert.fail(page);
  return { arn: arn!, landed: landed! };
}

const signinCalls = ({ aws }: World) =>
  aws.calls.filter(({ action }) => action === "getSigninToken");

Deno.test("login with a role signs in as that role, in the profile's region, for as long", async () => {
  await using world = await createWorld();
  const { arn, landed } = await follow(await world.login(["--stdout", "reader"]));
  assert.match(arn, /^arn:aws:sts::111111111111:assumed-role\/reader\//);
  assert.equal(
    landed,
    "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1",
  );
  assert.equal(signinCalls(world)[0]!.params.SessionDuration, "3600");
  assert.ok(!world.aws.calls.some(({ action }) => action === "GetSessionToken"));
});

Deno.test("a role on the keys of a program or the environment signs in for as long as the role", async () => {
  await using world = await createWorld();
  const { accessKeys: [key] } = world.user;
  const keys = { Version: 1, AccessKeyId: key!.id, SecretAccessKey: key!.secret };
  const answer = world.home.write("keys.json", JSON.stringify(keys));
  world.home.write(
    ".aws/config",
    `[default]\nregion = eu-west-1\n[profile tool]\ncredential_process = cat ${answer}\n` +
      `[profile made]\nrole_arn = ${READER}\nsource_profile = tool\n` +
      `[profile lent]\nrole_arn = ${READER}\ncredential_source = Environment\n`,
  );
  const env = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  for (const profile of ["made", "lent"]) {
    await follow(await world.login(["-s", profile], env));
    assert.equal(signinCalls(world).at(-1)!.params.SessionDuration, "3600");
  }
});

Deno.test("a chained role is sent no session duration, which AWS would refuse", async () => {
  await using world = await createWorld();
  const { arn } = await follow(await world.login(["-s", "chained"]));
  assert.match(arn, /assumed-role\/chained\//);
  assert.equal(signinCalls(world)[0]!.params.SessionDuration, undefined);
});

Deno.test("a role on a session that a program or the environment gives is sent no session duration either", async () => {
  await using world = await createWorld();
  const role = `role_arn = ${CHAINED}\nregion = eu-west-1\n`;
  world.home.write(
    ".aws/config",
    `[profile work]\n[profile reader]\nrole_arn = ${READER}\nsource_profile = work\n` +
      `[profile tool]\ncredential_process = cat session.json\n` +
      `[profile by-tool]\n${role}source_profile = tool\n` +
      `[profile by-env]\n${role}credential_source = Environment\n`,
  );
  const session = (await world.exec(["reader", "--json"])).stdout;
  world.home.write("session.json", session);
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(session);
  const env = {
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
  };
  for (const profile of ["by-tool", "by-env"]) {
    const { arn } = await follow(await world.login(["-s", profile], env));
    assert.match(arn, /assumed-role\/chained\//);
  }
});

Deno.test("roles of Identity Center and web identity go to the console as they are", async () => {
  await using world = await createWorld();
  const { aws, home } = world;
  const startUrl = "https://d-1.awsapps.com/start";
  const account = { id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] };
  aws.addSsoInstance({ startUrl, accounts: [account], approvesAtOnce: true });
  const arn = "arn:aws:iam::111111111111:role/web";
  aws.addRole({ arn, trusts: ["arn:aws:iam::111111111111:oidc-provider/ci"] });
  const expiresMs = Date.now() + 600_000;
  const claims = { issuer: "ci", subject: "job", audience: "sts.amazonaws.com", expiresMs };
  aws.addWebIdentity({ token: "head.body.signature", ...claims });
  home.write("token", "head.body.signature");
  home.write(
    ".aws/config",
    "[default]\nregion = eu-west-1\n[profile ci]\nweb_identity_token_file = token\n" +
      `role_arn = ${arn}\n[profile sso]\nsso_start_url = ${startUrl}\nsso_region = eu-west-1\n` +
      "sso_account_id = 111111111111\nsso_role_name = Dev\n",
  );
  for (const [profile, role] of [["ci", /\/web\//], ["sso", /Dev/]] as const) {
    assert.match((await follow(await world.login(["-s", profile]))).arn, role);
  }
  const lengths = signinCalls(world).map(({ params }) => params.SessionDuration);
  assert.deepEqual(lengths, ["3600", undefined], "the portal's roles have a length of their own");
  assert.ok(!aws.calls.some(({ action }) => action === "GetCallerIdentity"));
});

for (const profile of ["work", "borrower"]) {
  Deno.test(`login of ${profile} with a user's keys signs in as a federated user`, async () => {
    await using world = await createWorld("jon");
    const { arn } = await follow(await world.login(["-s", "--duration", "2h", profile]));
    assert.equal(arn, "arn:aws:sts::111111111111:federated-user/jon");
    const federation = world.aws.calls.find(({ action }) => action === "GetFederationToken");
    assert.equal(federation?.params.DurationSeconds, "7200");
    assert.match(federation?.params.Policy ?? "", /"Effect":"Allow","Action":"\*","Resource":"\*"/);
    assert.equal(signinCalls(world)[0]!.params.SessionDuration, undefined);
  });
}

Deno.test("a user's name is cut to what GetFederationToken takes", async () => {
  await using world = await createWorld("a-name-that-is-longer-than-thirty-two-characters");
  const { arn } = await follow(await world.login(["-s", "work"]));
  assert.equal(
    arn.split("/").at(-1),
    "a-name-that-is-longer-than-thirty-two-characters".slice(0, 32),
  );
  await using short = await createWorld("j");
  assert.match((await follow(await short.login(["-s", "work"]))).arn, /federated-user\/j-$/);
});

Deno.test("without a profile the environment's credentials sign in, in the environment's region", async () => {
  await using world = await createWorld();
  const { accessKeys: [key] } = world.user;
  const env = {
    AWS_ACCESS_KEY_ID: key!.id,
    AWS_SECRET_ACCESS_KEY: key!.secret,
    AWS_REGION: "ap-south-1",
    AWS_VAULT_FILE_PASSPHRASE: undefined,
  };
  const { arn, landed } = await follow(await world.login(["-s"], env));
  assert.match(arn, /federated-user\/jon$/);
  assert.match(landed, /^https:\/\/ap-south-1\.console/);
  const unlocked = { ...env, AWS_VAULT_FILE_PASSPHRASE: "correct horse" };
  for (
    const ran of [
      await world.login(["-s", "reader"], unlocked),
      await world.login(["-s"], { ...unlocked, AWS_PROFILE: "reader" }),
    ]
  ) assert.match((await follow(ran)).arn, /assumed-role\/reader\//);
});

Deno.test("in the environment half a key pair, and a user's session, are told for what they are", async () => {
  await using world = await createWorld();
  const half = await world.login(["-s", "--file-dir=/k"], { AWS_ACCESS_KEY_ID: "AKIA" });
  assert.equal(half.code, 1);
  assert.match(half.stderr, /AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not/);
  assert.match(half.stderr, /: aws-vault --file-dir=\/k login PROFILE$/m);
  const unknown = { AWS_ACCESS_KEY_ID: "AKIAUNKNOWN", AWS_SECRET_ACCESS_KEY: "x" };
  const { stderr } = await world.login(["-s"], unknown);
  assert.match(stderr, /^ {2}the keys are those in the environment: see AWS_ACCESS_KEY_ID/m);
  assert.doesNotMatch(stderr, /aws-vault explain/, "which knows profiles alone");
  const { accessKeys: [key] } = world.user;
  world.home.write(".aws/config", "[profile work]\nregion = eu-west-1\n"); // no code is needed
  const exec = await world.exec(["work", "--json"]);
  assert.equal(exec.code, 0, exec.stderr);
  const session = JSON.parse(exec.stdout);
  assert.notEqual(session.AccessKeyId, key!.id);
  const refused = await world.login(["-s"], {
    AWS_ACCESS_KEY_ID: session.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: session.SecretAccessKey,
    AWS_SESSION_TOKEN: session.SessionToken,
  });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /the console takes no session credentials of a user/);
  assert.match(refused.stderr, /AWS refused GetFederationToken/);
});

Deno.test("login takes a role anew, and no session of it that is kept for who renews", async () => {
  await using world = await createWorld();
  const config = CONFIG.replaceAll(/^mfa_serial.*\n/gm, ""); // no code is needed
  world.home.write(".aws/config", config);
  assert.equal((await world.exec(["reader", "--json"])).code, 0);
  await follow(await world.login(["-s", "reader"]));
  const roles = world.aws.calls.filter(({ action }) => action === "AssumeRole");
  assert.equal(roles.length, 2);
});

Deno.test("--path, --region and --auto-logout shape the link", async () => {
  await using world = await createWorld();
  const path = "ec2/home?x=1#Instances:";
  const args = ["--stdout", "--path", path, "--region", "us-west-2", "--auto-logout", "reader"];
  const ran = await world.login(args);
  assert.match(ran.stdout, /^http:\/\/127\.0\.0\.1:\d+\/oauth\?Action=logout&redirect_uri=http%3A/);
  const { landed } = await follow(ran);
  assert.equal(
    landed,
    "https://us-west-2.console.aws.amazon.com/ec2/home?x=1&amp;region=us-west-2#Instances:",
  );
});

/** A browser that notes what the page it is given says, the page's mode, and all arguments there are. */
const BROWSER = `#!/bin/sh
page=\${1#file://}
cat /proc/[0-9]*/cmdline >"$HOME/arguments" 2>/dev/null
stat -c "%a %n" "$page" >"$HOME/mode"
cp "$page" "$HOME/page.new" && mv "$HOME/page.new" "$HOME/page"
`;

/** A `sleep` that notes how long it is to last, and lasts until it is let go, or nobody waits. */
const SLEEP = `#!/bin/sh
echo "$1" >"$HOME/seconds.new" && mv "$HOME/seconds.new" "$HOME/seconds"
until [ -e "$HOME/is-over" ] || [ ! -d "$HOME" ]; do /bin/sleep 0.05; done
`;

/** A `mktemp` beside which somebody who may write to ~/Downloads puts a directory in the new one's place. */
const MKTEMP = `#!/bin/sh
directory=$(PATH=\${PATH#*:} mktemp "$@") && echo "$directory"
case $directory in */Downloads/*) chmod 777 "$directory" ;; esac
`;

Deno.test("the link goes to the browser alone: to no argument, open directory, standard output or --debug", async () => {
  await using world = await createWorld();
  const browser = world.home.write("browser", BROWSER);
  const { home } = world;
  for (
    const program of [browser, home.write("bin/sleep", SLEEP), home.write("bin/mktemp", MKTEMP)]
  ) {
    Deno.chmodSync(program, 0o755);
  }
  Deno.mkdirSync(`${home.path}/Downloads`);
  const PATH = `${world.home.path}/bin:${Deno.env.get("PATH")}`;
  const ran = await world.login(["reader"], { BROWSER: browser, PATH, TMPDIR: "not/there" });
  assert.equal(ran.code, 0, ran.stderr);
  const page = await untilWritten(`${world.home.path}/page`);
  const [, link] = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(page)!;
  const { arn } = await follow({ ...ran, stdout: link!.replaceAll("&amp;", "&") + "\n" });
  assert.match(arn, /assumed-role\/reader\//);
  assert.equal(ran.stdout, "");
  const [, path] = /^600 (.*)$/m.exec(await untilWritten(`${world.home.path}/mode`))!;
  const seen = Deno.readTextFileSync(`${world.home.path}/arguments`);
  assert.ok(seen.includes("sign-in.html") && !seen.includes("SigninToken"), "it was looked at");
  assert.equal(await untilWritten(`${world.home.path}/seconds`), "20\n");
  assert.ok(Deno.statSync(path!).isFile);
  assert.deepEqual([...Deno.readDirSync(`${home.path}/Downloads`)], [], path);
  world.home.write("is-over", "");
  await until(() => Deno.stat(path!).then(() => false, () => true));
  const debug = await run(["--debug", "login", "-s", "reader"], {
    home: world.home,
    env: { AWS_ENDPOINT_URL: world.aws.url, AWS_ENDPOINT_URL_SIGNIN: world.aws.url },
  });
  const token = new URL(debug.stdout).searchParams.get("SigninToken")!;
  assert.ok(token.length > 10 && !debug.stderr.includes(token));
  assert.match(debug.stderr, /getSigninToken/);
});

Deno.test("where the disk is full no part of the page with the link is left, and no browser is opened", async () => {
  await using world = await createWorld();
  const { home } = world;
  const cat = home.write("bin/cat", "#!/bin/sh\nhead -c 200; exit 1\n");
  const browser = home.write("browser", '#!/bin/sh\necho "$1" >"$HOME/opened"\n');
  for (const program of [browser, cat]) Deno.chmodSync(program, 0o755);
  Deno.mkdirSync(`${home.path}/Downloads`);
  const PATH = `${home.path}/bin:${Deno.env.get("PATH")}`;
  const ran = await world.login(["reader"], { BROWSER: browser, PATH });
  assert.deepEqual([...Deno.readDirSync(`${home.path}/Downloads`)], [], ran.stderr);
  assertRefused(ran, /no browser could be opened/);
});

Deno.test("under WSL a browser of Windows gets the page by the path it knows it by, and Explorer's code is no failure", async () => {
  await using world = await createWorld();
  const { home } = world;
  const script = '#!/bin/sh\necho "$1 $2" >"$HOME/opened"\nexit 1\n'; // as Explorer always ends
  const browser = home.write("Program Files/Explorer.exe", script);
  const wslpath = home.write("bin/wslpath", '#!/bin/sh\n[ "$1" = -w ] && echo "W:$2"\n');
  for (const program of [browser, wslpath]) Deno.chmodSync(program, 0o755);
  const PATH = `${home.path}/bin:${Deno.env.get("PATH")}`;
  const ran = await world.login(["reader"], { BROWSER: `${browser} --guest`, PATH });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(await untilWritten(`${home.path}/opened`), /^--guest W:\/.*\/sign-in\.html\n$/);
});

Deno.test("without a browser, or by one that fails, login fails and says how to get the link", async () => {
  await using world = await createWorld();
  for (
    const [BROWSER, why] of [
      ["no-such-browser", "BROWSER names no-such-browser: not found"],
      ["/bin/false", "/bin/false ended with exit code 1"],
    ] as const
  ) {
    const ran = await world.login(["reader"], { BROWSER });
    assert.equal(ran.code, 1, BROWSER);
    assert.match(ran.stderr, /no browser could be opened[^]*--stdout/);
    assert.ok(ran.stderr.includes(`(${why})`), ran.stderr);
    assert.doesNotMatch(ran.stdout + ran.stderr, /SigninToken/);
  }
});

Deno.test("a refusal of the sign-in endpoint is told with its status", async () => {
  await using world = await createWorld();
  world.aws.fail("getSigninToken", { code: "BadRequest", status: 400 });
  const ran = await world.login(["-s", "reader"]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /profile reader: the sign-in endpoint .* gave no token \(HTTP 400\)/);
});

Deno.test("a sign-in address that nobody answers at is told with the variable that names it", async () => {
  await using world = await createWorld();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const ran = await world.login(["reader", "--stdout"], { AWS_ENDPOINT_URL_SIGNIN: address });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /getSigninToken: cannot reach http:\/\/127\.0\.0\.1:\d+/);
  assert.match(ran.stderr, /and AWS_ENDPOINT_URL_SIGNIN and the region where they are set/);
});
