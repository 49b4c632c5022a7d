import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import {
  agentTest,
  CONFIG,
  isStopped,
  launcherAsks,
  MARK,
  ofLauncher,
  PretendedAgent,
  type RunningAgent,
  startAgent,
  startStopped,
} from "./agents.ts";
import { COMMAND } from "./harness.ts";
import { ROLE, startVault, type Vault } from "./vault.ts";
import { until } from "../until.ts";

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

for (const closed of ["<&-", ">&-", "2>&-"]) {
  agentTest(`with ${closed} a run ends with an agent as without`, async (agent) => {
    const command = ["sh", "-c", `"$@" ${closed}`, "sh", COMMAND];
    const program = "cat; echo out && echo err >&2";
    for (const args of [["work", "--json"], ["work", "--", "sh", "-c", program]]) {
      const whole = ["exec", "-n", ...args];
      const [answered, counted] = await agent.counting(() => agent.run(whole, { command }));
      assert.deepEqual(counted, { answered: 1, passedOn: 0 });
      const { code, stdout, stderr } = await agent.runAlone(whole, { command });
      assert.deepEqual([answered.code, answered.stdout, answered.stderr], [code, stdout, stderr]);
      assert.equal(code, 0);
    }
  });
}

agentTest(
  "a program whose name begins with - is started with an agent as without (bash)",
  async (agent, vault) => {
    Deno.chmodSync(vault.home.write("bin/-p", '#!/bin/sh\necho "$AWS_VAULT $*"\n'), 0o755);
    const ran = await agent.run(["exec", "-n", "work", "--", "-p", "x"], {
      command: ["bash", COMMAND], // for its own `exec`, -p is an option
      env: { PATH: `${vault.home.path}/bin:${Deno.env.get("PATH")}` },
    });
    assert.deepEqual([ran.stdout, ran.stderr], ["work x\n", ""]);
  },
  { ignore: !requireProgram("bash") },
);

agentTest(
  "a word or a variable that holds what ends words goes the ordinary way",
  async (agent) => {
    const print = ["exec", "-n", "work", "--", "sh", "-c", 'echo "$AWS_REGION $*"', "sh"];
    const ask = (word: string, more: Record<string, string>) =>
      agent.counting(() =>
        agent.run([...print, word], { env: { AWS_REGION: undefined, ...more } })
      );
    const text = "a\x1eAWS_REGION=b";
    for (const [word, more] of [[text, {}], ["", { AWS_VAULT_PASS_PREFIX: text }]] as const) {
      const [ran, counted] = await ask(word, more);
      assert.deepEqual([ran.stdout, ran.stderr], [`eu-west-1 ${word}\n`, ""]);
      assert.deepEqual(counted, { answered: 1, passedOn: 0 }); // the passphrase
    }
  },
);

agentTest("an answer of the agent that goes to a full disk is one plain error", async (agent) => {
  const command = ["sh", "-c", '"$@" > /dev/full', "sh", COMMAND];
  const ran = await agent.run(["exec", "-n", "work", "--json"], {
    command,
    env: { DENO: "/nowhere" },
  });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^aws-vault: error: standard output cannot be written\n {2}send .*\n$/);
});

agentTest("what a killed agent leaves is passed over, and replaced", async (agent, vault) => {
  Deno.kill((await agent.status()).pid, "SIGKILL");
  await until(async () => !(await agent.status()).running);
  assert.ok(Deno.lstatSync(agent.socket).isSocket);
  assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
  // Its number is another's by now, who was stopped.
  await using another = await startStopped();
  Deno.writeTextFileSync(agent.socket.replace(/[^/]*$/, "pid"), `${another.pid}\n`);
  await startAgent(vault);
  assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
});

for (const name of ["lock", "pid"]) {
  Deno.test(`an agent that cannot write its ${name} says so, and the way out`, async () => {
    await using vault = await startVault();
    vault.home.write(`.awsvault/agent/${name}/of-another`, "");
    const ran = await vault.run(["agent", "start"]);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /^aws-vault: error: .*\/\.awsvault\/agent\/.* cannot be .*: .*irector/,
    );
    assert.match(ran.stderr, /^ {2}check the owner and mode of it and of its directory, and /m);
  });
}

Deno.test("an agent whose socket's path is too long says that", async () => {
  await using vault = await startVault();
  const runtime = `${vault.home.path}/${"x".repeat(100)}`;
  Deno.mkdirSync(runtime, { mode: 0o700 });
  const ran = await vault.run(["agent", "start"], { env: { XDG_RUNTIME_DIR: runtime } });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^ {2}its path is too long: 100 bytes at most; set XDG_RUNTIME_DIR/m);
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
    ["a mark that is none", "aws-vault 2 exit 0 mark\n{}markmark"],
    ["another version's", `aws-vault 3 exit 0 ${MARK}\n{}${MARK}${MARK}`],
    ["an exit code that is none", `aws-vault 2 exit x;y ${MARK}\n{}${MARK}${MARK}`],
    ["a change that is none", `aws-vault 2 exec 99999999 ${MARK}\nPATH=/x\n${MARK}${MARK}`],
  ] as const
) {
  Deno.test(
    `an agent that answers ${how} is as good as none`,
    { ignore: !launcherAsks },
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
  vault.home.write(".curlrc", "include\n"); // a user's own settings are for other addresses
  const env = { PATH, DENO: "/nowhere" }; // no Deno is taken
  for (
    const words of [["exec", "-n", "work", "--json"], ["export", "--format=json", "-n", "work"]]
  ) {
    const [ran, counted] = await agent.counting(() =>
      agent.run(words, { command: [launcher], env })
    );
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^AKIA/, ran.stderr);
    assert.deepEqual(counted, { answered: 1, passedOn: 0 });
  }
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
        await until(() => isStopped(pid));
        const ran = await vault.run(["exec", "-n", "work", "--json"]);
        assert.deepEqual([ran.code, ran.stderr], [0, ""]);
        const alone = await agent.run(["exec", "-n", "work", "--json"]);
        assert.match(alone.stderr, /needs its passphrase/);
        for (const order of ["start", "lock", "status", "stop"]) {
          const told = await vault.run(["agent", order]);
          assert.match(told.stderr, /^aws-vault: error: the agent \(process \d+\) was stopped/);
          assert.equal(told.code, 1);
        }
        const { findings } = JSON.parse((await vault.run(["doctor", "--json"])).stdout);
        assert.match(findings[0].message, /^the agent \(process \d+\) was stopped/);
        assert.match(findings[0].wayOut, /: kill -CONT \d+; or end it/);
      } finally {
        Deno.kill(pid, "SIGCONT");
      }
    });
    assert.deepEqual(counted, { answered: 0, passedOn: 0 });
  },
  { ignore: Deno.build.os !== "linux" },
);

Deno.test("an agent that lives and answers nobody is told of, with how to end it", {
  ignore: !ofLauncher,
}, async () => {
  await using vault = await startVault();
  using agent = new PretendedAgent(vault);
  using lock = Deno.openSync(`${agent.directory}/lock`, { create: true, write: true });
  lock.lockSync(true);
  const orders = ["start", "lock", "status", "stop"];
  for (const { stderr, code } of await Promise.all(orders.map((o) => vault.run(["agent", o])))) {
    assert.equal(
      stderr,
      `aws-vault: error: the agent (process ${Deno.pid}) does not answer\n` +
        `  it may be busy: try again\n  or end it, and what it holds: kill -KILL ${Deno.pid}\n`,
    );
    assert.equal(code, 1);
  }
});
