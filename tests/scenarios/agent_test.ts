import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import {
  MARK,
  ofLauncher,
  PretendedAgent,
  RunningAgent,
  startAgent,
  startAgentWith,
} from "./agents.ts";
import { COMMAND, hasTerminalTests, runInTerminal } from "./harness.ts";
import {
  MFA_SERIAL,
  modeOf,
  openKeyring,
  PASSPHRASE,
  ROLE,
  startVault,
  storeKeys,
  type Vault,
} from "./vault.ts";

const CONFIG = `[profile work]
region = eu-west-1
[profile admin]
source_profile = work
role_arn = ${ROLE}
[profile coded]
source_profile = work
role_arn = ${ROLE}
mfa_serial = ${MFA_SERIAL}
`;

function agentTest(
  name: string,
  body: (agent: RunningAgent, vault: Vault) => Promise<void>,
  { flags = [], ignore = false }: { flags?: string[]; ignore?: boolean } = {},
): void {
  Deno.test(name, { ignore: ignore || !ofLauncher || !requireProgram("nc") }, async () => {
    await using vault = await startVault(CONFIG);
    await using agent = await startAgent(vault, ...flags);
    await body(agent, vault);
  });
}

agentTest(
  "an agent answers exec --json, export and exec -- without a passphrase",
  async (agent) => {
    const [json, first] = await agent.counting(() => agent.run(["exec", "work", "--json"]));
    assert.equal(json.stderr, "");
    assert.match(JSON.parse(json.stdout).AccessKeyId, /^ASIA/);
    assert.deepEqual(first, { answered: 1, passedOn: 0 });
    const [exported, second] = await agent.counting(() => agent.run(["export", "admin"]));
    assert.match(exported.stdout, /^AWS_ACCESS_KEY_ID=ASIA/);
    assert.deepEqual(second, { answered: 1, passedOn: 0 });
    const script = 'echo "$AWS_VAULT $AWS_REGION ${AWS_SESSION_TOKEN:+token} $0 $1"; exit 7';
    const [child, third] = await agent.counting(() =>
      agent.run(["exec", "work", "--", "sh", "-c", script, "zero", "a  b"])
    );
    assert.deepEqual([child.stdout, child.code], ["work eu-west-1 token zero a  b\n", 7]);
    assert.deepEqual(third, { answered: 1, passedOn: 0 });
  },
);

agentTest("a program gets the same environment with an agent as without", async (agent, vault) => {
  const env = {
    MULTI: "a\nexport AWS_REGION=x",
    EMPTY: "",
    AWS_PROFILE: "work",
    AWS_X_FILE: "/a b",
  };
  const print = ["exec", "-n", "work", "--", "cat", "/proc/self/environ"];
  const sort = (text: string) => text.split("\0").sort();
  const [helped, counted] = await agent.counting(() => agent.run(print, { env }));
  assert.deepEqual(counted, { answered: 1, passedOn: 0 });
  await agent.run(["agent", "stop"]);
  const alone = await vault.run(print, { env });
  assert.deepEqual(sort(helped.stdout), sort(alone.stdout));
}, { ignore: Deno.build.os !== "linux" });

for (const [name, value] of [["a.b", "1"], ["IFS", ":"], ["PWD", "/nowhere"], ["1st", "x"]]) {
  agentTest(
    `with ${name} in the environment a program is started the ordinary way`,
    async (agent) => {
      const command = ["env", `${name}=${value}`, COMMAND];
      const [ran, counted] = await agent.counting(() =>
        agent.run(["exec", "-n", "work", "--", "cat", "/proc/self/environ"], { command })
      );
      assert.ok(ran.stdout.split("\0").includes(`${name}=${value}`), ran.stdout + ran.stderr);
      assert.deepEqual(counted, { answered: 1, passedOn: 1 }); // the passphrase
    },
    { ignore: Deno.build.os !== "linux" },
  );
}

const SHELLS = ["bash", "busybox", "dash", "zsh"];
/** Without a `printf` of its own, a shell could not keep a secret out of arguments. */
const DUMB_SHELL = "mksh";
const LONG = "x".repeat(20_000);

agentTest("mksh asks no agent, and the answer is the same (mksh)", async (agent, vault) => {
  const [ran, counted] = await agent.counting(() =>
    vault.run(["exec", "-n", "work", "--json"], { command: [DUMB_SHELL, COMMAND] })
  );
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^AKIA/);
  assert.equal(ran.stderr, "");
  assert.deepEqual(counted, { answered: 0, passedOn: 0 });
}, { ignore: !requireProgram(DUMB_SHELL) });

for (const shell of SHELLS) {
  agentTest(
    `an agent understands ${shell}, whatever a command line and a variable hold (${shell})`,
    async (agent) => {
      const command = [shell, ...shell === "busybox" ? ["sh"] : [], COMMAND];
      const words = ["", "a  b", "c\nd", "\ne\n", '$HOME `id` \\ "', "ü"];
      const DENO = "/nowhere"; // it takes none
      const lines = [
        { words, env: { AWS_VAULT_PASS_PREFIX: "a=b\n c\n", DENO } },
        { words: [...words, LONG], env: { AWS_VAULT_PASS_PREFIX: LONG, DENO } },
      ];
      for (const { words, env } of lines) {
        const [ran, counted] = await agent.counting(() =>
          agent.run(["exec", "-n", "work", "--", "printf", "<%s>", ...words], { command, env })
        );
        assert.equal(ran.stderr, "");
        assert.ok(ran.stdout === words.map((word) => `<${word}>`).join(""), "it is other words");
        assert.deepEqual(counted, { answered: 1, passedOn: 0 });
      }
    },
    { ignore: !requireProgram(shell) },
  );
}

agentTest("a word that holds what ends words goes the ordinary way", async (agent) => {
  const [ran, counted] = await agent.counting(() =>
    agent.run(["exec", "-n", "work", "--", "printf", "%s", "a\x1eb"])
  );
  assert.deepEqual([ran.stdout, ran.stderr], ["a\x1eb", ""]);
  assert.deepEqual(counted, { answered: 1, passedOn: 0 }); // the passphrase
});

agentTest("a config file that only the caller has open is read by the caller", async (agent) => {
  const script =
    `AWS_CONFIG_FILE=/dev/fd/9 exec "$0" "$@" 9<<'E'\n[profile work]\nregion = eu-north-1\nE\n`;
  const [ran, counted] = await agent.counting(() =>
    agent.run(["exec", "-n", "work", "--", "printenv", "AWS_REGION"], {
      command: ["sh", "-c", script, COMMAND],
      env: { AWS_REGION: undefined },
    })
  );
  assert.deepEqual([ran.stdout, ran.stderr], ["eu-north-1\n", ""]);
  assert.deepEqual(counted, { answered: 1, passedOn: 1 }); // the passphrase
}, { ignore: !requireProgram("sh") });

agentTest("what changes while an agent runs is known at the next answer", async (agent, vault) => {
  const keyOf = async (...args: string[]) => {
    const ran = await agent.run(["exec", ...args, "--json"]);
    return ran.code === 0 ? JSON.parse(ran.stdout).AccessKeyId : ran.stderr;
  };
  const session = await keyOf("work");
  assert.equal(await keyOf("work"), session);
  await vault.run(["clear", "work"]);
  assert.notEqual(await keyOf("work"), session);
  await storeKeys(vault.keyring, "work", "AKIAOTHER", "secret");
  assert.equal(await keyOf("-n", "work"), "AKIAOTHER");
  vault.home.write(".aws/config", `${CONFIG}[profile new]\nsource_profile = work\n`);
  assert.match(await keyOf("-n", "new"), /AKIAOTHER/);
  await vault.run(["remove", "work", "--force"]);
  assert.match(await keyOf("-n", "work"), /credentials missing/);
});

agentTest(
  "errors and their exit codes are those of a run without an agent",
  async (agent) => {
    const lines = [
      ["exec", "wrok", "--json"],
      ["exec", "work", "--", "no-such-program"],
      ["exec", "--no-such-option", "work"],
      ["exec", "coded", "--json"],
      ["export", "--format=xml", "work"],
    ];
    for (const line of lines) {
      const helped = await agent.run(line);
      const alone = await agent.runAlone(line);
      assert.deepEqual([helped.stderr, helped.stdout, helped.code], [
        alone.stderr,
        alone.stdout,
        alone.code,
      ]);
      assert.notEqual(helped.code, 0);
    }
    const env = { AWS_VAULT_FILE_PASSPHRASE: "wrong" };
    assert.match((await agent.run(["exec", "work", "--json"], { env })).stderr, /wrong passphrase/);
  },
);

agentTest("a refusal by AWS is told by the agent, and asked for once", async (agent, vault) => {
  vault.aws.calls.length = 0;
  vault.home.write(".aws/config", CONFIG.replaceAll(ROLE, `${ROLE}-unknown`));
  const [ran, counted] = await agent.counting(() => agent.run(["exec", "admin", "--json"]));
  assert.match(ran.stderr, /^aws-vault: error: .*AWS refused AssumeRole/);
  assert.deepEqual([ran.code, counted.answered], [1, 1]);
  assert.equal(vault.aws.calls.filter(({ action }) => action === "AssumeRole").length, 1);
});

agentTest("where a code is needed further up, AWS is asked no oftener", async (agent, vault) => {
  const config = `[profile first]\nsource_profile = work\nrole_arn = ${ROLE}\n[profile second]\n` +
    `source_profile = first\nrole_arn = ${ROLE}\nmfa_serial = ${MFA_SERIAL}\n` +
    "mfa_process = printf 123456\n";
  vault.home.write(".aws/config", CONFIG + config);
  const line = ["exec", "-n", "second", "--", "true"];
  const asked = async (work: () => Promise<unknown>) => {
    vault.aws.calls.length = 0;
    await work();
    return vault.aws.calls.map(({ action }) => action);
  };
  const alone = await asked(() => agent.runAlone(line));
  const helped = await asked(() => agent.run(line));
  assert.deepEqual(alone, ["AssumeRole", "AssumeRole"]); // the second is refused: no user's session
  assert.deepEqual(helped, alone);
});

agentTest("of thirty that miss at once AWS is asked for one session", async (agent, vault) => {
  vault.aws.calls.length = 0;
  const runs = Array.from({ length: 30 }, () => agent.run(["exec", "work", "--json"]));
  const answers = await Promise.all(runs);
  assert.equal(new Set(answers.map(({ stdout }) => stdout)).size, 1);
  assert.ok(answers.every(({ code }) => code === 0));
  assert.equal(vault.aws.calls.filter(({ action }) => action === "GetSessionToken").length, 1);
});

Deno.test("sessions in files are answered where keys are in another program's keyring (pass)", {
  ignore: !ofLauncher || !requireProgram("nc") || !requireProgram("pass"),
}, async () => {
  await using vault = await startVault(CONFIG);
  vault.home.write("store/work.gpg", ""); // a key's name is all that is looked at
  const session = { AccessKeyId: "ASIAKEPT", SecretAccessKey: "s", SessionToken: "t" };
  await openKeyring(vault.keyring).set({
    key: "sts.GetSessionToken,d29yaw,,4102444799",
    data: new TextEncoder().encode(
      JSON.stringify({ ...session, Expiration: "2099-12-31T23:59:59Z" }),
    ),
  });
  const env = {
    AWS_VAULT_BACKEND: "pass",
    AWS_VAULT_SESSION_BACKEND: "file",
    PASSWORD_STORE_DIR: `${vault.home.path}/store`,
  };
  await using agent = await startAgentWith(env, vault);
  const [ran, counted] = await agent.counting(() => agent.run(["exec", "work", "--json"], { env }));
  assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIAKEPT", ran.stderr);
  assert.deepEqual(counted, { answered: 1, passedOn: 0 });
});

agentTest("other commands get the passphrase from the agent", async (agent) => {
  const [login] = await agent.counting(() => agent.run(["rotate", "--help"]));
  assert.equal(login.code, 0);
  const [shell, counted] = await agent.counting(() =>
    agent.run(["exec", "work"], { stdin: "echo $AWS_VAULT\n" })
  );
  assert.deepEqual([shell.stdout, shell.code], ["work\n", 0]);
  assert.deepEqual(counted, { answered: 1, passedOn: 1 });
});

agentTest("the socket is in a directory of ours alone", async (agent) => {
  const directory = agent.socket.replace("/agent.sock", "");
  assert.deepEqual([modeOf(directory), modeOf(agent.socket)], ["700", "600"]);
  Deno.chmodSync(directory, 0o777);
  const ran = await agent.run(["exec", "work", "--json"]);
  assert.match(ran.stderr, /needs its passphrase/);
  Deno.chmodSync(directory, 0o1700);
  assert.equal((await agent.status()).answered, 0);
});

for (const how of ["lock", "SIGHUP"]) {
  agentTest(`a locked agent gives nothing; start unlocks it (${how})`, async (agent, vault) => {
    const { pid } = await agent.status();
    if (how === "lock") await agent.run(["agent", "lock"]);
    else Deno.kill(pid, "SIGHUP");
    await settles(async () => (await agent.status()).locked);
    assert.match((await agent.run(["exec", "work", "--json"])).stderr, /needs its passphrase/);
    await startAgent(vault);
    assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
    assert.notEqual((await agent.status()).pid, pid);
  });
}

agentTest("an agent that nobody asks locks itself", async (agent) => {
  await settles(async () => (await agent.status()).locked);
}, { flags: ["--idle", "1s"] });

agentTest("an agent ends with its life, and takes its socket away", async (agent) => {
  await settles(async () => !(await agent.status()).running);
  assert.throws(() => Deno.lstatSync(agent.socket), Deno.errors.NotFound);
}, { flags: ["--lifetime", "1s"] });

agentTest("stop ends it; without one, status says so and exits 1", async (agent) => {
  const { pid } = await agent.status();
  assert.equal((await agent.run(["agent", "stop"])).code, 0);
  const ran = await agent.run(["agent", "status"]);
  assert.deepEqual([ran.stdout, ran.code], ["No agent is running\n", 1]);
  await settles(() => Promise.resolve(!isAlive(pid)));
});

agentTest("a second start says that one is running, and leaves it", async (agent, vault) => {
  const { pid } = await agent.status();
  const ran = await vault.run(["agent", "start"]);
  assert.deepEqual([ran.stderr, ran.code], [`An agent is running already (process ${pid})\n`, 0]);
});

Deno.test("of two starts at once one agent comes about, and both are content", {
  ignore: !ofLauncher,
}, async () => {
  await using vault = await startVault(CONFIG);
  await using agent = new RunningAgent(vault);
  const starts = await Promise.all([1, 2, 3].map(() => vault.run(["agent", "start"])));
  const said = starts.map(({ code, stderr }) => [code, stderr.replace(/\d+/, "N")].join(" "))
    .sort();
  assert.deepEqual(said, [
    "0 An agent is running already (process N)\n",
    "0 An agent is running already (process N)\n",
    "0 The agent is running (process N)\n",
  ]);
  assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
});

agentTest("what a killed agent leaves is passed over, and replaced", async (agent, vault) => {
  Deno.kill((await agent.status()).pid, "SIGKILL");
  await settles(async () => !(await agent.status()).running);
  assert.ok(Deno.lstatSync(agent.socket).isSocket);
  assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
  await startAgent(vault);
  assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
});

agentTest(
  "callers that say nothing, too much or nonsense, or go, leave the agent well",
  async (agent) => {
    const silent = await Deno.connect({ transport: "unix", path: agent.socket });
    await converse(agent, new Uint8Array(10_000_000));
    await converse(agent, new TextEncoder().encode("aws-vault 2 1 1 1 00\x1ex\x1e\x1ey"));
    await converse(agent, new TextEncoder().encode(`GET / HTTP/1.1\r\n${"x".repeat(200)}`));
    const gone = await Deno.connect({ transport: "unix", path: agent.socket });
    await gone.write(
      new TextEncoder().encode("aws-vault 2 3 1 1 00\x1eexec\x1ework\x1e--json\x1e\x1e"),
    );
    gone.close();
    assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
    assert.equal(await silent.read(new Uint8Array(1)), null); // hung up on, after a while
    silent.close();
  },
);

async function converse(agent: RunningAgent, bytes: Uint8Array): Promise<void> {
  const connection = await Deno.connect({ transport: "unix", path: agent.socket });
  try {
    for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
    assert.equal(await connection.read(new Uint8Array(1)), null);
  } catch (error) {
    assert.ok(
      error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset,
    );
  } finally {
    connection.close();
  }
}

for (
  const [how, answer] of [
    ["nothing", ""],
    ["nonsense", "HTTP/1.0 200 OK\n\nhello"],
    ["half of an answer", `aws-vault 2 exit 0 ${MARK}\n{"Version": 1`],
    ["an answer without its end", `aws-vault 2 exit 0 ${MARK}\n{}${MARK}`],
    ["another version's", `aws-vault 3 exit 0 ${MARK}\n{}${MARK}${MARK}`],
    ["an exit code that is none", `aws-vault 2 exit x;y ${MARK}\n{}${MARK}${MARK}`],
    ["a change that is none", `aws-vault 2 exec 99999999 ${MARK}\nPATH=/x\n${MARK}${MARK}`],
  ] as const
) {
  Deno.test(
    `an agent that answers ${how} is as good as none`,
    { ignore: !ofLauncher },
    async () => {
      await using vault = await startVault(CONFIG);
      using pretended = new PretendedAgent(vault, answer);
      const ran = await vault.run(["exec", "-n", "work", "--json"]);
      assert.deepEqual([ran.stderr, ran.code], ["", 0]);
      assert.match(JSON.parse(ran.stdout).AccessKeyId, /^AKIA/);
      assert.ok(pretended.asked > 0);
    },
  );
}

Deno.test("an agent is asked by curl where there is no nc (curl)", {
  ignore: !ofLauncher || !requireProgram("curl"),
}, async () => {
  await using vault = await startVault(CONFIG);
  await using agent = await startAgent(vault);
  const text = Deno.readTextFileSync(COMMAND).replace(/_nc='.*?'/, "_nc=''");
  const launcher = vault.home.write("bin/aws-vault", text);
  Deno.chmodSync(launcher, 0o755);
  const where = (name: string) =>
    new TextDecoder().decode(new Deno.Command("which", { args: [name] }).outputSync().stdout)
      .trim();
  for (const name of ["curl", "cat", "env", "od"]) {
    Deno.symlinkSync(where(name), `${vault.home.path}/bin/${name}`);
  }
  const PATH = `${vault.home.path}/bin`;
  const [ran, counted] = await agent.counting(() =>
    agent.run(["exec", "-n", "work", "--json"], { command: [launcher], env: { PATH } })
  );
  assert.match(JSON.parse(ran.stdout).AccessKeyId, /^AKIA/);
  assert.deepEqual(counted, { answered: 1, passedOn: 0 });
});

Deno.test("agent start asks for the passphrase on the terminal, and lets go of it (python3)", {
  ignore: !hasTerminalTests || !ofLauncher,
}, async () => {
  await using vault = await startVault(CONFIG);
  const env = { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined };
  const ran = await runInTerminal(["agent", "start"], {
    home: vault.home,
    env,
    steps: [{ expect: "Enter passphrase", type: "wrong\r" }, {
      expect: "Try again",
      type: "correct horse\r",
    }],
  });
  assert.equal(ran.code, 0, ran.screen);
  assert.match(ran.screen, /The agent is running \(process \d+\)/);
  await using agent = new RunningAgent(vault);
  assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
});

Deno.test("agent start with a wrong passphrase starts none", { ignore: !ofLauncher }, async () => {
  await using vault = await startVault(CONFIG);
  const env = { AWS_VAULT_FILE_PASSPHRASE: "wrong" };
  const ran = await vault.run(["agent", "start"], { env });
  assert.match(ran.stderr, /^aws-vault: error: wrong passphrase/);
  assert.equal(ran.code, 1);
  assert.equal((await vault.run(["agent", "status"])).code, 1);
});

Deno.test("with --confirm a window asks before each hand-out, the passphrase's too", {
  ignore: !ofLauncher,
}, async () => {
  await using vault = await startVault(CONFIG);
  const zenity = vault.home.write(
    "bin/zenity",
    '#!/bin/sh\necho "$*" >> "$HOME/asked"\nread -r code < "$HOME/answer"\nexit "$code"\n',
  );
  Deno.chmodSync(zenity, 0o755);
  const PATH = `${vault.home.path}/bin:${Deno.env.get("PATH")}`;
  await using agent = await startAgentWith({ PATH }, vault, "--confirm");
  const ask = async (answer: number, ...line: string[]) => {
    vault.home.write("answer", `${answer}\n`);
    return await agent.run(line, { env: { PATH } });
  };
  assert.equal((await ask(0, "exec", "-n", "work", "--json")).code, 0);
  const refused = await ask(1, "exec", "-n", "work", "--json");
  assert.deepEqual([refused.stdout, refused.code], ["", 1]);
  assert.match(refused.stderr, /^aws-vault: error: the agent's window was answered with no\n {2}/);
  assert.match((await ask(1, "exec", "coded", "--json")).stderr, /window was answered with no/);
  assert.match((await ask(1, "rotate", "work")).stderr, /needs its passphrase/);
  const asked = Deno.readTextFileSync(`${vault.home.path}/asked`).trim().split("\n");
  assert.equal(asked.length, 4);
  assert.match(asked[0]!, /Hand out credentials for: exec -n work --json, process \d+\?/);
  assert.match(asked[3]!, /Unlock the keyring in .*\/keys for a command\?/);
});

/** An AWS that says nothing, and a profile `stuck` that has to ask it. */
function startSilentAws(vault: Vault): Deno.TcpListener {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const config =
    `[profile stuck]\nendpoint_url = http://127.0.0.1:${port}\ninclude_profile = work\n` +
    `source_profile = work\nrole_arn = ${ROLE}\n`;
  vault.home.write(".aws/config", CONFIG + config);
  return silent;
}

agentTest("a profile that AWS answers slowly holds up no other", async (agent, vault) => {
  using silent = startSilentAws(vault);
  const stuck = agent.run(["exec", "stuck", "--json"], { env: { AWS_ENDPOINT_URL: "" } });
  const connection = await silent.accept();
  const [ran, counted] = await agent.counting(() => agent.run(["exec", "-n", "work", "--json"]));
  assert.deepEqual([ran.code, counted.answered], [0, 1]);
  connection.close();
  silent.close();
  await stuck;
});

agentTest(
  "an agent that is killed while it answers leaves the work to us",
  async (agent, vault) => {
    using silent = startSilentAws(vault);
    const { pid } = await agent.status();
    const env = { AWS_ENDPOINT_URL: "" };
    const ran = vault.run(["exec", "stuck", "--json"], { env });
    const byAgent = await silent.accept();
    Deno.kill(pid, "SIGKILL");
    const byCommand = await silent.accept(); // it asks AWS itself
    byAgent.close();
    byCommand.close();
    silent.close();
    assert.match((await ran).stderr, /^aws-vault: error: .*AssumeRole/);
  },
);

agentTest(
  "an agent that was stopped is not asked, by the launcher or by us",
  async (agent, vault) => {
    const { pid } = await agent.status();
    const [, counted] = await agent.counting(async () => {
      Deno.kill(pid, "SIGSTOP");
      try {
        await settles(() => Promise.resolve(isStopped(pid)));
        const ran = await vault.run(["exec", "-n", "work", "--json"]);
        assert.deepEqual([ran.code, ran.stderr], [0, ""]);
        const alone = await agent.run(["exec", "-n", "work", "--json"]);
        assert.match(alone.stderr, /needs its passphrase/);
        for (const order of ["start", "lock", "status", "stop"]) {
          const told = await vault.run(["agent", order]);
          assert.match(told.stderr, /^aws-vault: error: the agent \(process \d+\) was stopped/);
          assert.equal(told.code, 1);
        }
      } finally {
        Deno.kill(pid, "SIGCONT");
      }
    });
    assert.deepEqual(counted, { answered: 0, passedOn: 0 });
  },
  { ignore: Deno.build.os !== "linux" },
);

agentTest(
  "a hand-out by the agent is in the audit trail, with the process that asked",
  async (_, vault) => {
    await vault.run(["agent", "stop"]);
    const AWS_VAULT_AUDIT_LOG = `${vault.home.path}/audit`;
    await using agent = await startAgentWith({ AWS_VAULT_AUDIT_LOG }, vault);
    const env = { AWS_VAULT_AUDIT_LOG };
    const [ran, counted] = await agent.counting(() =>
      agent.run(["exec", "-n", "work", "--", "sh", "-c", "echo $$"], { env })
    );
    assert.equal(counted.answered, 1);
    const entry = JSON.parse(Deno.readTextFileSync(AWS_VAULT_AUDIT_LOG));
    assert.deepEqual([entry.profile, entry.pid], ["work", Number(ran.stdout)]);
    assert.equal(entry.parent.pid, Deno.pid);
    if (Deno.build.os !== "linux") return;
    assert.equal(entry.parent.name, Deno.readTextFileSync(`/proc/${Deno.pid}/comm`).trim());
  },
);

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

/** Waits for something that comes about by itself, ten seconds at most. */
async function settles(look: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !await look(); looks++) {
    assert.ok(looks < 100, "it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

agentTest(
  "a change of the passphrase locks it, and agent start gives it the new one",
  async (agent, vault) => {
    const both = { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE, AWS_VAULT_FILE_NEW_PASSPHRASE: "new" };
    const same = { ...both, AWS_VAULT_FILE_NEW_PASSPHRASE: PASSPHRASE };
    assert.equal((await vault.run(["change-passphrase"], { env: same })).code, 0);
    assert.equal((await agent.status()).locked, false);
    assert.equal((await vault.run(["change-passphrase"], { env: both })).code, 0);
    assert.equal((await agent.status()).locked, true);
    const started = await vault.run(["agent", "start"], {
      env: { AWS_VAULT_FILE_PASSPHRASE: "new" },
    });
    assert.match(started.stderr, /^The agent is running/, started.stderr);
    const ran = await agent.run(["exec", "work", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal((await vault.run(["change-passphrase"], { env: both })).code, 0); // it is done already
    assert.equal((await agent.status()).locked, false);
  },
);

agentTest(
  "it forgets a passphrase that opens nothing any more, however that came about",
  async (agent, vault) => {
    const away = `${vault.keyring}.away`;
    Deno.renameSync(vault.keyring, away);
    const other = { AWS_VAULT_FILE_PASSPHRASE: "another" };
    assert.equal((await vault.add("work", "AKIAOTHER", { env: other })).code, 0);
    const ran = await agent.run(["exec", "--no-session", "work", "--json"]);
    assert.match(ran.stderr, /needs its passphrase/);
    assert.equal((await agent.status()).locked, true);
  },
);

agentTest("change-passphrase asks for the old one all the same (python3)", async (agent, vault) => {
  const ran = await runInTerminal(["change-passphrase"], {
    home: vault.home,
    env: { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined },
    steps: [
      { expect: "Enter passphrase to unlock", type: "wrong\r" },
      { expect: "Try again", type: `${PASSPHRASE}\r` },
      { expect: "choose the new passphrase", type: "new\r" },
      { expect: "again: ", type: "new\r" },
    ],
  });
  assert.equal(ran.code, 0, ran.screen);
  assert.equal((await agent.status()).locked, true);
}, { ignore: !hasTerminalTests });
