import assert from "node:assert/strict";
import { type FakeAws, startFakeAws, totp } from "../fakes/aws/mod.ts";
import { exists } from "../../src/files.ts";
import {
  canLeaveTerminal,
  COMMAND,
  hasTerminalTests,
  Home,
  run,
  runInTerminal,
  type Step,
  WITHOUT_TERMINAL,
} from "./harness.ts";

const SERIAL = "arn:aws:iam::111111111111:mfa/jon";
const QUESTION = `Enter MFA code for ${SERIAL}: `;

interface World extends AsyncDisposable {
  readonly aws: FakeAws;
  readonly home: Home;
  readonly env: Readonly<Record<string, string>>;
  /** The code the device shows now; each is good once. */
  code(): Promise<string>;
  /** Puts a script into PATH, before all else. */
  addProgram(name: string, script: string): void;
}

/** A home whose profile `work` has keys and an MFA device. */
async function createWorld(): Promise<World> {
  const aws = await startFakeAws();
  const home = new Home();
  const user = aws.addUser({ name: "jon", mfa: [{}] });
  const [key] = user.accessKeys;
  home.write(
    ".aws/config",
    `[profile work]\nregion = eu-west-1\nmfa_serial = ${SERIAL}\n\n` +
      "[profile plain]\nregion = eu-west-1\n\n[profile play]\nregion = eu-west-1\n",
  );
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    PATH: `${home.path}/bin:${pathWithoutWindows(home)}`,
  };
  const keys = { AWS_ACCESS_KEY_ID: key!.id, AWS_SECRET_ACCESS_KEY: key!.secret };
  for (const profile of ["work", "plain"]) {
    const args = ["add", profile, "--env", "--no-add-config"];
    const added = await run(args, { home, env: { ...env, ...keys } });
    assert.equal(added.code, 0, added.stderr);
  }
  return {
    aws,
    home,
    env,
    code: () => totp(user.mfaDevices[0]!.secretBase32, Date.now()),
    addProgram(name, script) {
      Deno.chmodSync(home.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
    },
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
      await aws[Symbol.asyncDispose]();
    },
  };
}

/** PATH without the programs that open windows, which this machine may have. */
function pathWithoutWindows(home: Home): string {
  const hidden = ["zenity", "kdialog"];
  const directories = Deno.env.get("PATH")!.split(":").map((directory, index) => {
    if (!hidden.some((name) => exists(`${directory}/${name}`))) return directory;
    const links = `${home.path}/path-${index}`;
    Deno.mkdirSync(links);
    for (const { name } of Deno.readDirSync(directory)) {
      if (!hidden.includes(name)) Deno.symlinkSync(`${directory}/${name}`, `${links}/${name}`);
    }
    return links;
  });
  return directories.join(":");
}

const EXEC = ["exec", "work", "--json"];

for (const name of ["zenity", "kdialog"]) {
  Deno.test(`without a terminal a window of ${name} asks, and sees no secret of ours`, async () => {
    await using world = await createWorld();
    world.addProgram(
      name,
      `printf '%s\\n' "$@" >"$HOME/asked"; env >"$HOME/env"; cat "$HOME/code"`,
    );
    world.home.write("code", await world.code());
    const secret = "correct horse";
    const { code, stdout, stderr } = await run(EXEC, {
      home: world.home,
      env: { ...world.env, DISPLAY: ":0", AWS_SECRET_ACCESS_KEY: "of no use" },
    });
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
    assert.ok(Deno.readTextFileSync(`${world.home.path}/asked`).includes(QUESTION));
    const seen = Deno.readTextFileSync(`${world.home.path}/env`);
    assert.ok(!seen.includes(secret) && !seen.includes("of no use"), seen);
    assert.match(seen, /^DISPLAY=:0$/m);
  });
}

Deno.test("a window that is closed ends the run, and no request is made", async () => {
  await using world = await createWorld();
  world.addProgram("zenity", "exit 1");
  const { code, stderr } = await run(["--prompt", "zenity", ...EXEC], world);
  assert.equal(code, 1);
  assert.match(stderr, /the window of zenity was closed without an answer/);
  assert.deepEqual(world.aws.calls, []);
});

Deno.test("ykman's code is taken, what it says about the touch is seen, and it sees no AWS keys", async () => {
  await using world = await createWorld();
  world.addProgram(
    "ykman",
    `echo "$@" >"$HOME/asked"; env >"$HOME/env"; echo Touch your YubiKey... >&2; cat "$HOME/code"`,
  );
  world.home.write("code", await world.code());
  const { code, stderr } = await run(EXEC, {
    home: world.home,
    env: { ...world.env, AWS_VAULT_PROMPT: "ykman", AWS_SECRET_ACCESS_KEY: "of no use" },
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Touch your YubiKey\.\.\./);
  assert.ok(!Deno.readTextFileSync(`${world.home.path}/env`).includes("of no use"));
  const asked = Deno.readTextFileSync(`${world.home.path}/asked`);
  assert.equal(asked, `oath accounts code --single ${SERIAL}\n`);
});

Deno.test({
  name: "no terminal (setsid) and no window: an error at once that says what to set",
  ignore: !canLeaveTerminal,
  async fn() {
    await using world = await createWorld();
    const { code, stderr } = await run(EXEC, { ...world, command: WITHOUT_TERMINAL });
    assert.equal(code, 1);
    assert.match(stderr, /no terminal to ask on[^]*--mfa-token[^]*mfa_process[^]*--prompt/);
    assert.deepEqual(world.aws.calls, []);
  },
});

Deno.test("an unknown driver is refused with those that are offered", async () => {
  await using world = await createWorld();
  world.addProgram("ykman", "exit 1");
  const { code, stderr } = await run(["--prompt", "nonsense", ...EXEC], world);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /--prompt: there is no driver `nonsense`\n {2}offered here: terminal.*ykman/,
  );
});

interface TerminalCase {
  readonly args: readonly string[];
  readonly steps: readonly Step[];
}

async function onTerminal(world: World, { args, steps }: TerminalCase) {
  const ran = await runInTerminal(args, { ...world, steps, pipeStdout: true });
  assert.ok(ran.echo, "the terminal echoes again");
  return ran;
}

Deno.test({
  name: "on a terminal (python3) what is no six digits is asked again, and the right code counts",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    const steps = [
      { expect: QUESTION, type: "correct horse battery\r" },
      { expect: `six digits.\r\n${QUESTION}`, type: `${await world.code()}\r` },
    ];
    const ran = await onTerminal(world, { args: EXEC, steps });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
  },
});

Deno.test({
  name: "on a terminal (python3) three codes that AWS refuses end the run",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    const steps = ["000000", "000001", "000002"].map((wrong) => ({
      expect: QUESTION,
      type: `${wrong}\r`,
    }));
    const ran = await onTerminal(world, { args: EXEC, steps });
    assert.equal(ran.code, 1);
    assert.match(ran.screen, /MultiFactorAuthentication failed/);
    assert.equal(world.aws.calls.length, 3);
  },
});

Deno.test({
  name: "on a terminal (python3) Ctrl-C at the question ends the run by SIGINT",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    const ran = await onTerminal(world, {
      args: EXEC,
      steps: [{ expect: QUESTION, type: "12\x03" }],
    });
    assert.equal(ran.signal, "SIGINT");
    assert.match(ran.screen, /\r\n$/); // what is shown next has a line of its own
    assert.deepEqual(world.aws.calls, []);
  },
});

Deno.test({
  name: "on a terminal (python3) a profile is picked by a part of its name",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    const steps = [
      {
        expect: "  1  work   stored keys\r\n  2  plain  stored keys\r\n  3  play\r\nChoose AWS",
        type: "pl\r",
      },
      { expect: "  1  plain  stored keys\r\n  2  play\r\nChoose AWS profile", type: "1\r" },
    ];
    const ran = await onTerminal(world, { args: ["exec", "--json"], steps });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
  },
});

Deno.test({
  name: "on a terminal (python3) keys are picked that the config file has no section for",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    world.home.write(".aws/config", "[profile other]\n");
    const ran = await onTerminal(world, {
      args: ["exec", "-n", "--json"],
      steps: [
        { expect: "  1  other\r\n  2  plain  stored keys\r\n  3  work   stored keys\r\n" },
        { expect: "leaves): ", type: "3\r" },
      ],
    });
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^AKIA/, ran.screen);
  },
});

Deno.test({
  name: "on a terminal (python3) what was picked last stands first, and Esc leaves with 130",
  ignore: !hasTerminalTests,
  async fn() {
    await using world = await createWorld();
    const first = await run(["exec", "plain", "--json"], world);
    assert.equal(first.code, 0, first.stderr);
    const begin = world.aws.calls.length;
    const steps = [
      { expect: "  1  plain  stored keys\r\n  2  work   stored keys\r\n" },
      { expect: "Esc leaves): ", type: "wo" },
      { expect: "wo", type: "\x1b[A" }, // an arrow key is no Escape
      { type: "r" },
      { expect: "r", type: "\x1b" },
    ];
    const ran = await onTerminal(world, { args: ["exec", "--json"], steps });
    assert.equal(ran.code, 130, ran.screen);
    assert.match(ran.screen, /nothing was chosen/);
    assert.deepEqual([ran.stdout, world.aws.calls.length], ["", begin]);
  },
});

const TOKEN_SCRIPT = 'printf "PIN: " >&2; read -r pin; test "$pin" = 1234 && cat "$HOME/code"';

for (
  const [asked, setting, env] of [
    ["mfa_process", `mfa_process = ${TOKEN_SCRIPT}\n`, {}],
    ["ykman", "", { AWS_VAULT_PROMPT: "ykman" }],
  ] as const
) {
  Deno.test({
    name: `${asked} has the terminal (python3) for its questions, whatever is piped where`,
    ignore: !hasTerminalTests,
    async fn() {
      await using world = await createWorld();
      world.addProgram("ykman", TOKEN_SCRIPT);
      world.home.write("code", await world.code());
      const config = Deno.readTextFileSync(`${world.home.path}/.aws/config`);
      world.home.write(".aws/config", `${config}[profile work]\n${setting}`);
      const ran = await runInTerminal(["-c", `"$0" exec work -- cat 2>"$HOME/errors"`, COMMAND], {
        home: world.home,
        env: { ...world.env, ...env },
        command: ["/bin/sh"],
        stdin: "for the program\n",
        pipeStdout: true,
        steps: [{ expect: "PIN: ", type: "1234\r" }],
      });
      assert.equal(ran.code, 0, ran.screen);
      assert.equal(ran.stdout, "for the program\n");
      assert.equal(Deno.readTextFileSync(`${world.home.path}/errors`), "");
    },
  });
}

Deno.test("without a terminal mfa_process gets nothing to read, and the program all of it", async () => {
  await using world = await createWorld();
  world.home.write("code", await world.code());
  const config = Deno.readTextFileSync(`${world.home.path}/.aws/config`);
  const script = 'cat > "$HOME/taken"; cat "$HOME/code"';
  world.home.write(".aws/config", config + `[profile work]\nmfa_process = ${script}\n`);
  const ran = await run(["exec", "work", "--", "cat"], { ...world, stdin: "for the program\n" });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, "for the program\n");
  assert.equal(Deno.readTextFileSync(`${world.home.path}/taken`), "");
});
