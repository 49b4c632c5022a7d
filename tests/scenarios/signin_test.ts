import assert from "node:assert/strict";
import { type ConsoleOptions, type FakeAws, startFakeAws } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import {
  canLeaveTerminal,
  hasTerminalTests,
  Home,
  type Ran,
  run,
  runInTerminal,
  type RunOptions,
  WITHOUT_TERMINAL,
} from "./harness.ts";

const JON = "arn:aws:iam::111111111111:user/jon";
const ANN = "arn:aws:iam::111111111111:user/ann";
const HAS_CURL = requireProgram("curl");

interface World {
  readonly aws: FakeAws;
  readonly home: Home;
  readonly env: Record<string, string>;
  vault(args: readonly string[], more?: Partial<RunOptions>): Promise<Ran>;
  readConfig(): string;
}

async function withConsole(
  config: string | undefined,
  test: (world: World) => Promise<void>,
  options: ConsoleOptions = {},
): Promise<void> {
  await using aws = await startFakeAws();
  for (const name of ["jon", "ann"]) aws.addUser({ name });
  aws.addConsoleLogin({ approvesAtOnce: true, ...options });
  using home = new Home();
  if (config !== undefined) home.write(".aws/config", config);
  const BROWSER = home.write("browser", '#!/bin/sh\nexec curl -sL "$1"\n');
  Deno.chmodSync(BROWSER, 0o755);
  const env = { AWS_ENDPOINT_URL: aws.url, BROWSER };
  await test({
    aws,
    home,
    env,
    vault: (args, more = {}) => run(args, { ...more, home, env: { ...env, ...more.env } }),
    readConfig: () => Deno.readTextFileSync(`${home.path}/.aws/config`),
  });
}

function hasSigned(ran: Ran, arn: string): void {
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, `Signed in as ${arn}.\n`);
}

Deno.test({
  name:
    "signin makes a profile of a session of the console, whose credentials are at hand (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(undefined, async ({ aws, vault, readConfig }) => {
      hasSigned(await vault(["signin", "dev", "--region", "eu-west-1"]), JON);
      assert.equal(readConfig(), `[profile dev]\nlogin_session=${JON}\nregion=eu-west-1\n`);
      const before = aws.calls.length;
      const ran = await vault(["exec", "dev", "--json"]);
      assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/, ran.stderr);
      assert.equal(aws.calls.length, before);
    }),
});

Deno.test({
  name:
    "signin without a profile and a config file makes [default], as the AWS CLI does (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(undefined, async ({ vault, readConfig }) => {
      hasSigned(await vault(["signin"]), JON);
      assert.equal(readConfig(), `[default]\nlogin_session=${JON}\n`);
    }),
});

Deno.test({
  name: "signin adds a line to a profile that is there, once (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole("# mine\n[profile dev]\nregion = x-y-1\n\n[profile b]\n", async (world) => {
      const { vault, readConfig } = world;
      for (const _ of [1, 2]) hasSigned(await vault(["signin", "dev"]), JON);
      assert.equal(
        readConfig(),
        `# mine\n[profile dev]\nregion = x-y-1\nlogin_session=${JON}\n\n[profile b]\n`,
      );
      const other = await vault(["sso", "login", "dev"]);
      assert.match(other.stderr, /^ {2}it signs in to the AWS console: aws-vault signin dev$/m);
    }),
});

Deno.test({
  name: "somebody else's session is not put into a profile without a word (needs curl)",
  ignore: !HAS_CURL,
  fn: () =>
    withConsole(`[profile dev]\nlogin_session = ${ANN}\n`, async ({ vault, readConfig }) => {
      const ran = await vault(["signin", "dev"]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /error: arn:\S+jon signed in, and profile dev is another/);
      assert.equal(readConfig(), `[profile dev]\nlogin_session = ${ANN}\n`);
      assert.equal((await vault(["list", "--sessions"])).stdout, "");
    }),
});

Deno.test({
  name: "on a terminal (python3) it is asked, and done after a yes (needs curl)",
  ignore: !hasTerminalTests || !HAS_CURL,
  fn: () =>
    withConsole(`[profile dev]\nlogin_session = ${ANN}\n`, async ({ home, env, readConfig }) => {
      for (const [answer, arn] of [["\r", ANN], ["y\r", JON]] as const) {
        const steps = [{ expect: `is ${ANN}; make it ${JON}? (y|N)`, type: answer }];
        const ran = await runInTerminal(["signin", "dev"], { home, env, steps });
        assert.equal(ran.code, 0, ran.screen);
        assert.equal(readConfig(), `[profile dev]\nlogin_session = ${arn}\n`);
      }
    }),
});

const ELSEWHERE: Readonly<Record<string, string>> = {
  source_profile: "[profile dev]\nsource_profile = b\n[profile b]\n",
  sso_start_url: "[profile dev]\nsso_start_url = https://x\nsso_region = eu-west-1\n",
  web_identity_token_file: "[profile dev]\nweb_identity_token_file = f\n",
};

for (const [key, config] of Object.entries(ELSEWHERE)) {
  Deno.test(`signin is refused for a profile with ${key}, by its line, before any browser`, () =>
    withConsole(config, async ({ aws, vault, readConfig }) => {
      const ran = await vault(["signin", "dev"]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, new RegExp(`error: profile dev has .*\n.*line 2, ${key}`));
      assert.equal(aws.calls.length, 0);
      assert.equal(readConfig(), config);
    }));
}

/** What a person does with the link on another machine: the page shows a code. */
const COPY_CODE = [
  "sh",
  "-c",
  'link=$(tr -d "\\r" | grep -o "http://[^ ]*" | tail -n 1); ' +
  'curl -sL "$link" | sed -n "s/.*<code id=\\"code\\">\\([^<]*\\)<.*/\\1/p"; printf "\\r"',
];
const PASTE = { expect: "Paste the code that it shows: " };

Deno.test({
  name: "signin --remote takes the code that a browser elsewhere shows (python3, curl)",
  ignore: !hasTerminalTests || !HAS_CURL,
  fn: () =>
    withConsole(undefined, async ({ aws, home, env, readConfig }) => {
      const steps = [{ ...PASTE, type: "no code\r" }, { ...PASTE, type_output: COPY_CODE }];
      const ran = await runInTerminal(["signin", "dev", "--remote"], { home, env, steps });
      assert.equal(ran.code, 0, ran.screen);
      assert.match(ran.screen, /That is not the code/);
      assert.match(ran.screen, new RegExp(`Signed in as ${JON}`));
      assert.match(aws.calls[0]!.params.clientId!, /cross-device$/);
      assert.equal(readConfig(), `[profile dev]\nlogin_session=${JON}\n`);
    }),
});

Deno.test({
  name: "over SSH a code is pasted without --remote, and renews as well (python3, curl)",
  ignore: !hasTerminalTests || !HAS_CURL,
  fn: () =>
    withConsole(`[profile dev]\nlogin_session = ${JON}\n`, async ({ aws, home, env, vault }) => {
      const there = { ...env, SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" };
      const steps = [{ ...PASTE, type_output: COPY_CODE }];
      const ran = await runInTerminal(["exec", "dev", "--", "true"], { home, env: there, steps });
      assert.equal(ran.code, 0, ran.screen);
      await vault(["exec", "dev", "--json"]);
      assert.equal(aws.calls.at(-1)!.params.grantType, "refresh_token");
    }, { credentialSeconds: 240 }),
});

Deno.test("signin --remote without a terminal says so at once (setsid)", {
  ignore: !canLeaveTerminal,
}, () =>
  withConsole(undefined, async ({ aws, vault }) => {
    const ran = await vault(["signin", "dev", "--remote"], { command: WITHOUT_TERMINAL });
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /^aws-vault: error: profile dev: there is no terminal to paste a code/,
    );
    assert.equal(aws.calls.length, 0);
  }));

Deno.test(
  "with neither a browser nor a terminal here exec ends at once, and says what to do (setsid)",
  {
    ignore: !canLeaveTerminal,
  },
  () =>
    withConsole(`[profile dev]\nlogin_session = ${JON}\n`, async ({ aws, vault }) => {
      const ran = await vault(["exec", "dev", "--json"], {
        command: WITHOUT_TERMINAL,
        env: { BROWSER: undefined },
      });
      assert.equal(ran.code, 1);
      assert.match(
        ran.stderr,
        /^aws-vault: error: profile dev: there is no terminal to paste a code into\n {2}run it in a/,
      );
      assert.equal(aws.calls.length, 0);
    }),
);
