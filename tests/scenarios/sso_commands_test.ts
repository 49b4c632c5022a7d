import assert from "node:assert/strict";
import { type FakeAws, type SsoAccount, startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { CLIENT_NAMES, CLIENTS_BY_NAME, requireClient } from "./clients/run_client.ts";
import {
  assertRefused,
  COMMAND,
  hasTerminalTests,
  Home,
  type Ran,
  run,
  runInTerminal,
} from "./harness.ts";
import { listNames, openKeyring } from "./vault.ts";
import { boundByModes, FULL_DISK, HAS_MODES, HAS_MOUNTS, KEYS, withMounts } from "./sandbox.ts";

const START_URL = "https://d-1234567890.awsapps.com/start";
const SESSION = `[sso-session corp]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n`;
const PROFILE =
  "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Dev\n";

const MAIN = { id: "111111111111", name: "Main", email: "m@example.com", roles: ["Dev"] };
const LAB = { id: "222222222222", name: "Lab", email: "l@example.com", roles: ["Dev", "Ops"] };

/** An Identity Center that says yes, and a way to run the command against it. */
async function withSso(
  config: string,
  test: (world: {
    aws: FakeAws;
    home: Home;
    vault(...args: string[]): Promise<Ran>;
  }) => Promise<void>,
  accounts: readonly SsoAccount[] = [MAIN],
): Promise<void> {
  await using aws = await startFakeAws();
  aws.addSsoInstance({ startUrl: START_URL, accounts, approvesAtOnce: true });
  using home = new Home();
  home.write(".aws/config", config);
  const vault = (...args: string[]) => run(args, { home, env: { AWS_ENDPOINT_URL: aws.url } });
  await test({ aws, home, vault });
}

function count(aws: FakeAws, action: string): number {
  return aws.calls.filter((call) => call.action === action).length;
}

const COPIED = `${START_URL}/#/?tab=accounts`;

for (const name of ["dev", "corp", START_URL, COPIED, undefined]) {
  Deno.test(`sso login ${name ?? "without a name"} keeps a sign-in that exec uses`, () =>
    withSso(SESSION + PROFILE, async ({ aws, vault }) => {
      const ran = await vault("sso", "login", "--stdout", ...name ? [name] : []);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^Signed in to https:.* until \d{4}-.*Z\.\n$/);
      assert.equal((await vault("exec", "dev", "--json")).code, 0);
      assert.equal(count(aws, "StartDeviceAuthorization"), 1);
    }));
}

Deno.test("sso profiles begins with a start URL and its region alone, and says where programs get one", () =>
  withSso("", async ({ aws, home }) => {
    const ask = (env: Record<string, string>) =>
      run(["sso", "profiles", START_URL, "--stdout", "--write"], {
        home,
        env: { AWS_ENDPOINT_URL: aws.url, ...env },
      });
    const shown = await ask({ AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-1" });
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stderr, /^Sign in to \S+ \(Ctrl-C gives up\):$/m);
    assert.doesNotMatch(shown.stderr, /no region/);
    home.write(".aws/config", SESSION);
    assert.match((await ask({})).stderr, /no region for your programs: set one in \[default\]/);
  }));

Deno.test("a start URL that was copied from a browser is AWS' own, though no config file has it", () =>
  withSso("", async ({ aws, home }) => {
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: "eu-west-1" };
    const ran = await run(["sso", "profiles", COPIED, "--stdout", "--write"], { home, env });
    assert.equal(ran.code, 0, ran.stderr);
    const written = Deno.readTextFileSync(`${home.path}/.aws/config`);
    assert.match(written, new RegExp(`^sso_start_url *= *${START_URL}$`, "m"));
    home.write(".aws/config", "");
    const out = await run(["sso", "logout", COPIED], { home, env });
    assert.equal(out.stdout, `Signed out of ${START_URL}.\n`, out.stderr);
  }));

const CHAINED =
  "[profile admin]\nsource_profile = dev\nrole_arn = arn:aws:iam::111111111111:role/x\n";

Deno.test("sso login takes the sign-in that a role on top of it begins with", () =>
  withSso(SESSION + PROFILE + CHAINED, async ({ vault }) => {
    const ran = await vault("sso", "login", "--stdout", "admin");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /for profile dev/);
  }));

for (const profile of ["dev", "admin", "keys", "nobody"]) {
  Deno.test(`sso list with AWS_PROFILE=${profile} finds the one sign-in there is`, () =>
    withSso(SESSION + PROFILE + CHAINED + "[profile keys]\n", async ({ aws, home }) => {
      const env = { AWS_ENDPOINT_URL: aws.url, AWS_PROFILE: profile };
      const ran = await run(["sso", "list", "--stdout", "--json"], { home, env });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(JSON.parse(ran.stdout).length, 1);
    }));
}

Deno.test("sso login signs in anew although what is kept is fresh: it may be another person's", () =>
  withSso(SESSION + PROFILE + CHAINED, async ({ aws, vault }) => {
    aws.addRole({ arn: "arn:aws:iam::111111111111:role/x", trusts: [MAIN.id] });
    for (const signIns of [1, 2]) {
      await vault("sso", "login", "--stdout");
      assert.equal((await vault("exec", "admin", "--json")).code, 0);
      assert.equal(count(aws, "StartDeviceAuthorization"), signIns);
      assert.equal(count(aws, "GetRoleCredentials"), signIns);
      assert.equal(count(aws, "AssumeRole"), signIns);
    }
  }));

Deno.test("what is asked for while somebody signs in anew is not kept: it may be another person's", async () => {
  let signIn = () => Promise.resolve<unknown>(undefined);
  await using aws = await startFakeAws({
    onCall: ({ action }) => action === "GetRoleCredentials" && signIn(),
  });
  aws.addSsoInstance({ startUrl: START_URL, accounts: [MAIN], approvesAtOnce: true });
  aws.addRole({ arn: "arn:aws:iam::111111111111:role/x", trusts: [MAIN.id] });
  using home = new Home();
  home.write(".aws/config", SESSION + PROFILE + CHAINED);
  const vault = (...args: string[]) => run(args, { home, env: { AWS_ENDPOINT_URL: aws.url } });
  signIn = async () => {
    signIn = () => Promise.resolve();
    const ran = await vault("sso", "login", "--stdout");
    assert.equal(ran.code, 0, ran.stderr);
  };
  assert.equal((await vault("sso", "login", "--stdout")).code, 0);
  const former = await vault("exec", "admin", "--json");
  assert.equal(former.code, 0, former.stderr);
  assert.deepEqual(
    listNames(`${home.path}/.awsvault/keys`).filter((name) => name.includes(",")),
    [],
  );
  for (let run = 0; run < 2; run++) assert.equal((await vault("exec", "admin", "--json")).code, 0);
  assert.equal(count(aws, "GetRoleCredentials"), 2, "and what the new sign-in gives is");
});

Deno.test("what is asked for while the token is refreshed is kept: it is the same person's", async () => {
  let meanwhile = () => Promise.resolve<unknown>(undefined);
  await using aws = await startFakeAws({
    onCall: ({ action }) => action === "GetRoleCredentials" && meanwhile(),
  });
  aws.addSsoInstance({ startUrl: START_URL, accounts: [MAIN], approvesAtOnce: true });
  using home = new Home();
  home.write(".aws/config", SESSION + PROFILE + PROFILE.replace("dev", "second"));
  const vault = (...args: string[]) => run(args, { home, env: { AWS_ENDPOINT_URL: aws.url } });
  assert.equal((await vault("sso", "login", "--stdout")).code, 0);
  meanwhile = async () => {
    meanwhile = () => Promise.resolve();
    await expireToken(home);
    const ran = await vault("exec", "second", "--json");
    assert.equal(ran.code, 0, ran.stderr);
  };
  for (let run = 0; run < 2; run++) assert.equal((await vault("exec", "dev", "--json")).code, 0);
  assert.equal(count(aws, "CreateToken"), 2, "it was refreshed");
  assert.equal(count(aws, "GetRoleCredentials"), 2, "one for each profile");
});

async function expireToken(home: Home): Promise<void> {
  const backend = openKeyring(`${home.path}/.awsvault/keys`);
  const key = `oidc:${START_URL}`;
  const { data } = (await backend.get(key))!;
  const kept = JSON.parse(new TextDecoder().decode(data));
  const text = JSON.stringify({ ...kept, Expiration: new Date().toISOString() });
  await backend.set({ key, data: new TextEncoder().encode(text) });
}

Deno.test("sso login names the places to sign in when there is more than one, or none", async () => {
  const other = "[sso-session the lab]\nsso_start_url = https://d-2.awsapps.com/start\n" +
    "sso_region = eu-west-1\n";
  await withSso(SESSION + other + PROFILE, async ({ aws, home, vault }) => {
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_PROFILE: "dev" };
    const own = await run(["sso", "login", "--stdout"], { home, env });
    assert.match(own.stdout, new RegExp(`^Signed in to ${START_URL} `), own.stderr);
    const ran = await vault("sso", "login");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /more than one IAM Identity Center[^]*name one: corp, the lab/);
    const mistyped = await vault("sso", "login", "crop");
    assert.match(
      mistyped.stderr,
      /nor is there an \[sso-session\] of that name\n.*did you mean corp\?/,
    );
  });
  await withSso("[profile plain]\nregion = eu-west-1\n", async ({ vault }) => {
    const none = await vault("sso", "login");
    assert.match(
      none.stderr,
      /names no IAM Identity Center[^]*\[sso-session NAME\][^]*aws-vault configure/,
    );
    assert.match((await vault("sso", "login", "plain")).stderr, /profile plain has no IAM/);
    assert.match((await vault("sso", "login", "https://x.example/")).stderr, /does not know https/);
  });
});

Deno.test("sso list and sso login take the one sso-session, beside start URLs of profiles' own", () =>
  withSso(
    SESSION + PROFILE + "[profile old]\nsso_start_url = https://d-2.awsapps.com/start\n" +
      "sso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = Dev\n",
    async ({ vault }) => {
      const login = await vault("sso", "login", "--stdout");
      assert.match(login.stdout, new RegExp(`^Signed in to ${START_URL} `), login.stderr);
      const list = await vault("sso", "list", "--json");
      assert.equal(JSON.parse(list.stdout).length, 1, list.stderr);
    },
  ));

const FAULTS = {
  "an sso-session without a region":
    "[sso-session b]\nsso_start_url = https://b.awsapps.com/start\n",
  "an sso-session with a line that is nothing": "[sso-session b]\nnonsense\n",
  "a profile with a line that is nothing": "[profile b]\nnonsense\n",
  "a header that is not closed": "[profile b\nregion = eu-west-1\n",
  "a profile that includes itself":
    "[profile b]\nsso_start_url = https://b.awsapps.com/start\ninclude_profile = b\n",
};

for (const [what, fault] of Object.entries(FAULTS)) {
  Deno.test(`${what} keeps nobody from signing in elsewhere, and out again`, () =>
    withSso(SESSION + fault, async ({ home, vault }) => {
      for (const name of [[], ["corp"], [START_URL]]) {
        const ran = await vault("sso", "list", "--stdout", ...name);
        assert.equal(ran.code, 0, ran.stderr);
      }
      assert.equal((await vault("sso", "logout")).stdout, `Signed out of ${START_URL}.\n`);
      home.write(".aws/config", fault);
      assert.equal((await vault("sso", "login")).code, 1);
    }));
}

Deno.test("who has one sso-session alone, and that is faulty, is told of its fault", () =>
  withSso(FAULTS["an sso-session without a region"], async ({ vault }) => {
    for (const name of [[], ["https://b.awsapps.com/start"]]) {
      const ran = await vault("sso", "login", ...name);
      assert.match(ran.stderr, /^aws-vault: error: sso-session b: sso_region is missing/);
    }
  }));

Deno.test("a group of commands shows its own, and refuses one it does not have", async () => {
  using home = new Home();
  const shown = await run(["sso", "--help"], { home });
  assert.match(shown.stdout, /login \[options\] \[profile\|start-url\]|login\b.*Sign in/);
  const refused = await run(["sso", "logn"], { home });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /unknown command 'logn'/);
});

for (const name of ["corp", "dev", START_URL, undefined]) {
  Deno.test(`sso list ${name ?? "without a name"} shows a line for each role, after signing in`, () =>
    withSso(SESSION + PROFILE, async ({ vault }) => {
      const ran = await vault("sso", "list", "--stdout", ...name ? [name] : []);
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(
        ran.stdout,
        [
          "Account                  Account ID               Role",
          "=======                  ==========               ====",
          "Main                     111111111111             Dev",
          "Lab                      222222222222             Dev",
          "Lab                      222222222222             Ops",
          "",
        ].join("\n"),
      );
    }, [MAIN, LAB]));
}

Deno.test("sso list --json names accounts and roles as AWS does", () =>
  withSso(SESSION, async ({ vault }) => {
    const ran = await vault("sso", "list", "--stdout", "--json");
    assert.deepEqual(JSON.parse(ran.stdout), [
      { accountId: MAIN.id, accountName: "Main", emailAddress: MAIN.email, roles: ["Dev"] },
      { accountId: LAB.id, accountName: "Lab", emailAddress: LAB.email, roles: ["Dev", "Ops"] },
    ]);
  }, [MAIN, LAB]));

Deno.test("an account that has neither name nor address is listed by its number", () => {
  const bare = { id: LAB.id, roles: ["Dev"] } as unknown as SsoAccount; // JSON leaves them out
  return withSso(SESSION, async ({ vault }) => {
    const ran = await vault("sso", "list", "--stdout", "--json");
    assert.deepEqual(JSON.parse(ran.stdout), [
      { accountId: LAB.id, accountName: "", emailAddress: "", roles: ["Dev"] },
    ], ran.stderr);
    assert.match((await vault("sso", "list")).stdout, /^- {24}222222222222 {13}Dev$/m);
  }, [bare]);
});

/** As many as large organisations have. */
const MANY = Array.from({ length: 300 }, (_, index) => ({
  id: String(100_000_000_000 + index),
  name: `Account ${index}`,
  email: `a${index}@example.com`,
  roles: Array.from({ length: index === 7 ? 250 : 16 }, (_, role) => `Role${role}`),
}));

Deno.test("sso list has a line for an account without a role", () =>
  withSso(SESSION, async ({ vault }) => {
    const { stdout } = await vault("sso", "list", "--stdout");
    assert.match(stdout, /^Main +111111111111 +-$/m);
  }, [{ ...MAIN, roles: [] }]));

Deno.test({
  name: "sso login whose sign-in the keyring does not take in the end is an error (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    using home = new Home();
    home.write(".aws/config", SESSION);
    const keyring = `${home.path}/.awsvault/keys`;
    Deno.mkdirSync(keyring, { recursive: true });
    await using aws = await startFakeAws({
      onCall: ({ action }) => action === "CreateToken" && Deno.chmodSync(keyring, 0o500),
    });
    aws.addSsoInstance({ startUrl: START_URL, accounts: [MAIN], approvesAtOnce: true });
    const command = boundByModes(COMMAND);
    const env = { AWS_ENDPOINT_URL: aws.url };
    const ran = await run(["sso", "login", "--stdout"], { home, command, env });
    Deno.chmodSync(keyring, 0o700);
    assert.deepEqual([ran.code, ran.stdout], [1, ""]);
    assert.match(ran.stderr, /^aws-vault: warning: the sign-in to .* could not be kept: /m);
    assert.match(ran.stderr, /^aws-vault: error: the sign-in to .* is not kept: it is lost$/m);
  },
});

Deno.test("sso list gets every page of accounts and roles, in their order, whatever AWS throttles", () =>
  withSso(SESSION, async ({ aws, vault }) => {
    aws.fail("ListAccountRoles", { code: "TooManyRequestsException", status: 429 }, 20);
    const ran = await vault("sso", "list", "--stdout", "--json");
    assert.equal(ran.code, 0, ran.stderr);
    const listed = JSON.parse(ran.stdout) as { accountId: string; roles: string[] }[];
    assert.deepEqual(
      listed.map(({ accountId, roles }) => [accountId, roles]),
      MANY.map(({ id, roles }) => [id, roles]),
    );
    assert.equal(count(aws, "ListAccounts"), 3);
    assert.equal(count(aws, "ListAccountRoles"), 300 + 2 + 20);
  }, MANY));

Deno.test("sso list ends at the first refusal, and asks for no more accounts", () =>
  withSso(SESSION, async ({ aws, vault }) => {
    aws.delay("ListAccountRoles", 20, Infinity);
    aws.fail("ListAccountRoles", { code: "ForbiddenException", status: 403 });
    const ran = await vault("sso", "list", "--stdout");
    assert.deepEqual([ran.code, ran.stdout], [1, ""]);
    assert.match(
      ran.stderr,
      /sso-session corp: AWS refused ListAccountRoles of 1000000000\d\d: Forbid/,
    );
    assert.ok(count(aws, "ListAccountRoles") < 30);
  }, MANY));

Deno.test("nothing in an account's name is obeyed by a terminal, and a role is a line", () =>
  withSso(SESSION, async ({ vault }) => {
    const ran = await vault("sso", "list", "--stdout");
    assert.match(ran.stdout, /^\\x1b\[31mred \\u202e two {2,}111111111111 +Dev$/m);
  }, [{ ...MAIN, name: "\x1b[31mred\t\u202e\ntwo" }]));

for (const role of ["Dev\ncredential_process = evil", "", "a b"]) {
  Deno.test(`a role called ${JSON.stringify(role)} is refused, and not written to a config file`, () =>
    withSso(SESSION, async ({ home, vault }) => {
      const ran = await vault("sso", "profiles", "--stdout", "--write");
      assert.deepEqual([ran.code, ran.stdout], [1, ""]);
      assert.match(ran.stderr, /error: ListAccountRoles of 111111111111: the answer has "/);
      assert.equal(Deno.readTextFileSync(`${home.path}/.aws/config`), SESSION);
    }, [{ ...MAIN, roles: [role] }]));
}

Deno.test("sso list replaces a token that the portal refuses, by its refresh token", () =>
  withSso(SESSION, async ({ aws, vault }) => {
    await vault("sso", "login", "--stdout");
    aws.revokeSsoTokens("access");
    const ran = await vault("sso", "list");
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stderr, "");
    assert.equal(count(aws, "StartDeviceAuthorization"), 1);
  }));

Deno.test("sso list goes on with another token where the portal ends the first in the middle", async () => {
  let roles = 0;
  await using aws: FakeAws = await startFakeAws({
    onCall: ({ action }) =>
      void (action === "ListAccountRoles" && ++roles === 20 && aws.revokeSsoTokens("access")),
  });
  const accounts = MANY.slice(0, 60);
  aws.addSsoInstance({ startUrl: START_URL, accounts, approvesAtOnce: true });
  using home = new Home();
  home.write(".aws/config", SESSION);
  const env = { AWS_ENDPOINT_URL: aws.url };
  await run(["sso", "login", "--stdout"], { home, env });
  const ran = await run(["sso", "list", "--json"], { home, env });
  assert.equal(ran.code, 0, ran.stderr);
  const listed = JSON.parse(ran.stdout) as { accountId: string }[];
  assert.deepEqual(listed.map(({ accountId }) => accountId), accounts.map(({ id }) => id));
  assert.equal(count(aws, "StartDeviceAuthorization"), 1);
});

Deno.test({
  name: "sso list tells on a terminal how far it is, and takes that away (needs python3)",
  ignore: !hasTerminalTests,
  fn: () =>
    withSso(SESSION, async ({ aws, home }) => {
      const ran = await runInTerminal(["sso", "list", "--stdout"], {
        home,
        env: { AWS_ENDPOINT_URL: aws.url },
        steps: [{ expect: "Roles of 0 of 2 accounts" }, { expect: "Lab" }],
      });
      assert.match(ran.screen, /\rRoles of 2 of 2 accounts\r {24}\r[^]*Account ID/);
    }, [MAIN, LAB]),
});

for (const name of ["corp", "dev", START_URL, undefined]) {
  Deno.test(`sso logout ${name ?? "without a name"} ends the sign-in at AWS and drops all of it here`, () =>
    withSso(SESSION + PROFILE + CHAINED, async ({ aws, home, vault }) => {
      aws.addRole({ arn: "arn:aws:iam::111111111111:role/x", trusts: [MAIN.id] });
      const ran = await vault("exec", "--stdout", "dev", "--profile-env", "--", "true");
      assert.equal(ran.code, 0, ran.stderr);
      if (name === "corp") assert.equal((await vault("exec", "admin", "--json")).code, 0);
      const cache = `${home.path}/.aws/sso/cache`;
      const [copy] = [...Deno.readDirSync(cache)];
      Deno.copyFileSync(`${cache}/${copy!.name}`, `${cache}/of-another-session.json`);
      const out = await vault("sso", "logout", ...name ? [name] : []);
      assert.equal(out.stdout, `Signed out of ${START_URL}.\n`, out.stderr);
      assert.equal(out.stderr, "");
      assert.deepEqual([...Deno.readDirSync(cache)], []);
      assert.equal((await vault("list", "--sessions")).stdout, "");
      assert.deepEqual([aws.world.sso.accessTokens.size, aws.world.sso.refreshTokens.size], [0, 0]);
    }));
}

Deno.test("sso logout without a sign-in says so, and with one that AWS has ended is no error", () =>
  withSso(SESSION, async ({ aws, home, vault }) => {
    const left = home.write(".aws/sso/cache/x.json", '{ "writtenBy": "aws-vault" }'); // it was killed
    assert.equal(
      (await vault("sso", "logout")).stdout,
      "Not signed in to any IAM Identity Center.\n",
    );
    assert.throws(() => Deno.statSync(left), Deno.errors.NotFound);
    assert.equal((await vault("sso", "logout", "corp")).stdout, `Not signed in to ${START_URL}.\n`);
    await vault("sso", "login", "--stdout");
    aws.revokeSsoTokens("all");
    const ran = await vault("sso", "logout");
    assert.deepEqual([ran.code, ran.stderr], [0, ""]);
  }));

Deno.test("sso logout drops what is kept here though AWS cannot be told, and says that", () =>
  withSso(SESSION, async ({ aws, vault }) => {
    await vault("sso", "login", "--stdout");
    aws.fail("Logout", { code: "InvalidRequestException", status: 400 });
    const ran = await vault("sso", "logout");
    assert.deepEqual([ran.code, ran.stdout], [0, `Signed out of ${START_URL}.\n`]);
    assert.match(ran.stderr, /warning: AWS was not told, the sign-in lasts until it expires/);
    assert.equal((await vault("list", "--sessions")).stdout, "");
  }));

Deno.test({
  name: "a disk with room for keys and for no sign-in is told before anybody signs in (mount)",
  ignore: !HAS_MOUNTS,
  fn: () =>
    withSso(SESSION, async ({ aws, home }) => {
      Deno.mkdirSync(`${home.path}/.awsvault/keys`, { recursive: true, mode: 0o700 });
      const nearlyFull = `${FULL_DISK}; truncate -s -8k ${KEYS}/fill`;
      const command = withMounts(nearlyFull, COMMAND);
      const env = { AWS_ENDPOINT_URL: aws.url };
      const ran = await run(["sso", "login", "--stdout"], { home, command, env });
      assertRefused(ran, /\.awsvault\/keys cannot be written to: no space left/i);
      assert.deepEqual(aws.calls, []);
    }),
});

Deno.test({
  name: "sso logout of a token that cannot be read says that AWS was not told (setpriv)",
  ignore: !HAS_MODES,
  fn: () =>
    withSso(SESSION, async ({ aws, home, vault }) => {
      await vault("sso", "login", "--stdout");
      const keys = `${home.path}/.awsvault/keys`;
      for (const name of listNames(keys)) Deno.chmodSync(`${keys}/${name}`, 0);
      const command = boundByModes(COMMAND);
      const ran = await run(["sso", "logout"], {
        home,
        command,
        env: { AWS_ENDPOINT_URL: aws.url },
      });
      assert.deepEqual([ran.code, ran.stdout], [0, `Signed out of ${START_URL}.\n`]);
      assert.match(
        ran.stderr,
        /warning: AWS was not told, .*: what was kept of it could not be read$/m,
      );
      assert.deepEqual([listNames(keys), count(aws, "Logout")], [[], 0]);
    }),
});

/** Cuts off what the keyring holds of the sign-in. */
function tearToken(home: Home): void {
  const keyring = `${home.path}/.awsvault/keys`;
  const [token] = [...Deno.readDirSync(keyring)].filter(({ name }) => name.startsWith("oidc:"));
  Deno.truncateSync(`${keyring}/${token!.name}`, 300);
}

Deno.test("a sign-in that the keyring fails to give is told, once, before somebody signs in anew", () =>
  withSso(SESSION + PROFILE, async ({ home, vault }) => {
    await vault("sso", "login", "--stdout");
    tearToken(home);
    const ran = await vault("exec", "--stdout", "dev", "--json");
    assert.equal(ran.code, 0, ran.stderr);
    const told = ran.stderr.matchAll(
      /^aws-vault: warning: the kept SSO token of .* is not used: /gm,
    );
    assert.equal([...told].length, 1, ran.stderr);
  }));

for (const args of [[], [START_URL]]) {
  const command = ["sso", "logout", ...args];
  Deno.test(`${command.join(" ")} ends a sign-in that the config file does not know any more`, () =>
    withSso(SESSION, async ({ aws, home, vault }) => {
      await vault("sso", "login", "--stdout");
      home.write(".aws/config", "");
      assert.equal((await vault(...command)).stdout, `Signed out of ${START_URL}.\n`);
      assert.equal(aws.world.sso.accessTokens.size, 0);
    }));
}

for (const args of [["clear"], ["clear", "dev"]]) {
  Deno.test(`${args.join(" ")} takes away what exec --profile-env wrote for the AWS CLI`, () =>
    withSso(`${SESSION}${PROFILE}[profile other]\n`, async ({ home, vault }) => {
      await vault("exec", "--stdout", "dev", "--profile-env", "--", "true");
      const cache = `${home.path}/.aws/sso/cache`;
      assert.equal((await vault("clear", "other")).code, 0); // which signs in nowhere
      assert.equal(listNames(cache).length, 1);
      assert.equal((await vault(...args)).code, 0);
      assert.deepEqual(listNames(cache), []);
    }));
}

for (const args of [["clear", "dev"], ["sso", "logout"]]) {
  Deno.test({
    name: `${
      args.join(" ")
    } drops what is kept though the AWS CLI's copy cannot be removed (setpriv)`,
    ignore: !HAS_MODES,
    fn: () =>
      withSso(SESSION + PROFILE, async ({ aws, home, vault }) => {
        await vault("exec", "--stdout", "dev", "--profile-env", "--", "true");
        Deno.chmodSync(`${home.path}/.aws/sso/cache`, 0o500);
        const command = boundByModes(COMMAND);
        const ran = await run(args, { home, command, env: { AWS_ENDPOINT_URL: aws.url } });
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /cannot remove \S+\.json: permission denied\n.*by hand$/m);
        assert.equal((await vault("list", "--sessions")).stdout, "");
      }),
  });
}

/** As awkward as such files get: comments, another's sections, a profile of the same name. */
const OLD_CONFIG = [
  "# my profiles",
  "[default]",
  "region = eu-west-1 ; near",
  "",
  ...SESSION.trimEnd().split("\n"),
  "[profile Main-Dev]",
  "role_arn = arn:aws:iam::111111111111:role/x",
  "s3 =",
  "  max_concurrent_requests = 5",
  "[preview]",
  "cloudsearch = true",
].join("\r\n");

const ODD = {
  id: "333333333333",
  name: 'Zürich ]#; "x" 生産',
  email: "z@example.com",
  roles: ["Ops=1", "Dev"],
};

Deno.test("sso profiles shows what it would write, and writes nothing", () =>
  withSso(OLD_CONFIG, async ({ home, vault }) => {
    const ran = await vault("sso", "profiles", "--stdout");
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(
      ran.stdout,
      "+ [profile Lab-Dev]\n+ sso_session=corp\n+ sso_account_id=222222222222\n+ sso_role_name=Dev\n\n" +
        "+ [profile Lab-Ops]\n+ sso_session=corp\n+ sso_account_id=222222222222\n+ sso_role_name=Ops\n",
    );
    assert.match(
      ran.stderr,
      /^Main-Dev is a profile of another kind already: it is left as it is\.$/m,
    );
    assert.match(ran.stderr, /^Nothing is written yet\. With --write: 2 profiles added\.$/m);
    assert.equal(Deno.readTextFileSync(`${home.path}/.aws/config`), OLD_CONFIG);
  }, [MAIN, LAB]));

Deno.test("sso profiles --write appends sections and changes no other byte; again it changes nothing", () =>
  withSso(OLD_CONFIG, async ({ home, vault }) => {
    const path = `${home.path}/.aws/config`;
    const ran = await vault("sso", "profiles", "corp", "--stdout", "--write");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /2 profiles added in .*config\.$/m);
    const written = Deno.readTextFileSync(path);
    const sections = ["Dev", "Ops"].map((role) =>
      `[profile Lab-${role}]\r\nsso_session=corp\r\nsso_account_id=222222222222\r\nsso_role_name=${role}\r\n`
    );
    assert.equal(written, `${OLD_CONFIG}\r\n\r\n${sections.join("\r\n")}`);
    const { mtime } = Deno.statSync(path);
    const again = await vault("sso", "profiles", "corp", "--write");
    assert.deepEqual([again.code, again.stdout], [0, ""]);
    assert.match(again.stderr, /config is as it should be\.$/m);
    assert.deepEqual(Deno.statSync(path).mtime, mtime);
    assert.equal((await vault("exec", "Lab-Ops", "--json")).code, 0);
  }, [MAIN, LAB]));

Deno.test("sso profiles --write refuses a file that it may not write before anybody signs in", () =>
  withSso(SESSION, async ({ aws, home, vault }) => {
    Deno.renameSync(`${home.path}/.aws/config`, `${home.path}/dotfiles`);
    Deno.symlinkSync("../dotfiles", `${home.path}/.aws/config`);
    const ran = await vault("sso", "profiles", "--stdout", "--write");
    assert.deepEqual([ran.code, ran.stdout], [1, ""]);
    assert.match(ran.stderr, /config is a symbolic link, and nothing is written through it/);
    assert.equal(aws.calls.length, 0);
    assert.equal((await vault("sso", "profiles", "--stdout")).code, 0);
  }));

Deno.test({
  name:
    "a config directory or keyring that cannot be written is told before anybody signs in (setpriv)",
  ignore: !HAS_MODES,
  fn: () =>
    withSso(SESSION, async ({ aws, home }) => {
      const command = boundByModes(COMMAND);
      for (
        const [closed, told, ...commands] of [
          [".awsvault/keys", /keys cannot be written/, ["sso", "login"], ["signin", "new"]],
          [".aws", /config cannot be written/, ["sso", "profiles", "--write"], ["signin", "new"]],
        ] as const
      ) {
        const path = `${home.path}/${closed}`;
        Deno.mkdirSync(path, { recursive: true });
        Deno.chmodSync(path, 0o500);
        for (const args of commands) {
          const env = { AWS_ENDPOINT_URL: aws.url };
          assertRefused(await run([...args, "--stdout"], { home, env, command }), told);
        }
        Deno.chmodSync(path, 0o700);
      }
      assert.deepEqual(aws.calls, []);
    }),
});

Deno.test("sso profiles tells of roles that have vanished, and takes them away with --prune alone", () =>
  withSso(SESSION, async ({ aws, home, vault }) => {
    const path = `${home.path}/.aws/config`;
    await vault("sso", "profiles", "--stdout", "--write", "--template", "{role}.{account_id}");
    const written = Deno.readTextFileSync(path);
    const gone = "\n[profile gone]\nsso_session = corp\nsso_account_id = 999999999999\n" +
      "sso_role_name = Dev\naws_secret_access_key = not to be shown\n";
    Deno.writeTextFileSync(path, written + gone);
    const template = ["--template", "{role}.{account_id}"];
    const told = await vault("sso", "profiles", "--write", ...template);
    assert.match(told.stderr, /role of profile gone is no longer assigned: --prune takes/);
    assert.equal(Deno.readTextFileSync(path), written + gone);
    const shown = await vault("sso", "profiles", "--prune", ...template);
    assert.match(shown.stdout, /^- \[profile gone\]\n- sso_session=corp\n/);
    assert.doesNotMatch(shown.stdout + shown.stderr, /not to be shown/);
    assert.equal(Deno.readTextFileSync(path), written + gone);
    const pruned = await vault("sso", "profiles", "--prune", "--write", ...template);
    assert.match(pruned.stderr, /1 profile taken away in/);
    assert.equal(Deno.readTextFileSync(path), written);
    assert.equal(count(aws, "StartDeviceAuthorization"), 1);
  }, [MAIN, LAB]));

Deno.test("sso profiles --prune leaves a profile that another needs, and says which", () =>
  withSso(SESSION, async ({ home, vault }) => {
    const vanished = (name: string) =>
      `[profile ${name}]\nsso_session = corp\nsso_account_id = 999999999999\nsso_role_name = Dev\n\n`;
    const user =
      `[profile user]\nsource_profile = needed\nrole_arn = arn:aws:iam::111111111111:role/x\n`;
    const [before, after] = [vanished("gone"), ""].map((gone) =>
      `${SESSION}\n${gone}${vanished("needed")}${user}`
    );
    const path = home.write(".aws/config", before!);
    const ran = await vault("sso", "profiles", "--stdout", "--write", "--prune");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /profile needed is no .*: it is left, for the profile user needs it/);
    assert.equal(Deno.readTextFileSync(path), after);
  }, []));

Deno.test("sso profiles goes by the config file as it is once the person has signed in", async () => {
  using home = new Home();
  const vanished = (name: string) =>
    `\n[profile ${name}]\nsso_session = corp\nsso_account_id = 999999999999\nsso_role_name = Dev\n`;
  const path = home.write(".aws/config", SESSION + vanished("gone") + vanished("mine"));
  const now = SESSION + vanished("gone") + vanished("mine").replace("999999999999", MAIN.id);
  await using aws = await startFakeAws({
    onCall: ({ action }) => action === "ListAccounts" && Deno.writeTextFileSync(path, now),
  });
  aws.addSsoInstance({ startUrl: START_URL, accounts: [MAIN], approvesAtOnce: true });
  const env = { AWS_ENDPOINT_URL: aws.url };
  const refused = await run(["sso", "profiles", "--template", "{acount}"], { home, env });
  assert.match(refused.stderr, /^aws-vault: error: --template knows no \{acount\}/, "at once");
  assert.deepEqual(aws.calls, []);
  const args = ["sso", "profiles", "--stdout", "--write", "--prune", "--template", "mine"];
  const ran = await run(args, { home, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(Deno.readTextFileSync(path), now.replace(vanished("gone"), ""));
});

for (const name of CLIENT_NAMES) {
  Deno.test({
    name: `${name} signs in by every profile that sso profiles wrote`,
    ignore: !requireClient(name),
    fn: () =>
      withSso(OLD_CONFIG, async ({ home, vault }) => {
        await vault("sso", "profiles", "--stdout", "--write");
        const config = Deno.readTextFileSync(`${home.path}/.aws/config`);
        const profiles = [...config.matchAll(/^\[profile (.*)\]\r\nsso_/gm)].map(([, name]) =>
          name!
        );
        assert.deepEqual(profiles, ["Lab-Dev", "Lab-Ops", "Zurich-x-Ops-1", "Zurich-x-Dev"]);
        for (const profile of profiles) {
          const client = ["--region", "eu-west-1", "--profile-env", "--", ...CLIENTS_BY_NAME[name]];
          const ran = await vault("exec", profile, ...client);
          assert.equal(ran.code, 0, `${profile}: ${ran.stderr}`);
          const [, account, role] = /::(\d+):assumed-role\/AWSReservedSSO_(.*)_/.exec(ran.stdout)!;
          assert.ok(config.includes(`sso_account_id=${account}\r\nsso_role_name=${role}\r\n`));
          assert.equal(profile.endsWith(role!.replace("=", "-")), true);
        }
      }, [MAIN, LAB, ODD]),
  });
}

Deno.test({
  name: "the AWS SDK for Go reads every profile that sso profiles wrote (needs go)",
  ignore: !requireProgram("go"),
  fn: () =>
    withSso(OLD_CONFIG, async ({ home, vault }) => {
      await vault("sso", "profiles", "--stdout", "--write");
      const program = await buildGoClient(home);
      const names = ["Lab-Dev", "Lab-Ops", "Zurich-x-Ops-1", "Zurich-x-Dev"];
      const ran = await run(names, { home, command: [program] });
      assert.equal(ran.stderr, "");
      assert.deepEqual(ran.stdout.trimEnd().split("\n"), [
        "Lab-Dev corp 222222222222 Dev",
        "Lab-Ops corp 222222222222 Ops",
        "Zurich-x-Ops-1 corp 333333333333 Ops=1",
        "Zurich-x-Dev corp 333333333333 Dev",
      ]);
    }, [MAIN, LAB, ODD]),
});

async function buildGoClient(home: Home): Promise<string> {
  const program = `${home.path}/go_profiles`;
  const { success, stderr } = await new Deno.Command("go", {
    args: ["build", "-o", program, "."],
    cwd: new URL("clients/go_profiles", import.meta.url),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return program;
}
