import assert from "node:assert/strict";
import { formatAnswer } from "../../src/agent/protocol.ts";
import { requireProgram } from "../require.ts";
import {
  agentTest,
  CONFIG,
  launcherAsks,
  ofLauncher,
  RunningAgent,
  startAgent,
  startAgentWith,
} from "./agents.ts";
import { fakeDeno } from "./fake_deno.ts";
import { COMMAND, hasTerminalTests, runInTerminal } from "./harness.ts";
import { IS_ROOT } from "./sandbox.ts";
import { HAS_STRACE } from "./strace.ts";
import { listNames, modeOf, PASSPHRASE, startVault } from "./vault.ts";
import { until } from "../until.ts";

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
    if (how === "lock") {
      const { stderr } = await agent.run(["agent", "lock"]);
      assert.equal(stderr, "The agent has forgotten its passphrase\n");
    } else Deno.kill(pid, "SIGHUP");
    await until(async () => (await agent.status()).locked);
    const told = await agent.run(["agent", "status"]);
    assert.equal(told.code, 0); // one is running
    assert.ok(told.stdout.startsWith(`The agent is locked (process ${pid}, since 2`), told.stdout);
    const { stderr } = await agent.run(["exec", "work", "--json"]);
    assert.match(
      stderr,
      /needs its passphrase.*\n {2}the agent is locked, .*: aws-vault agent start\n$/,
    );
    await startAgent(vault);
    assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
    assert.notEqual((await agent.status()).pid, pid);
  });
}

agentTest("an agent that nobody asks locks itself", async (agent) => {
  await until(async () => (await agent.status()).locked);
}, { flags: ["--idle", "1s"] });

agentTest("an agent ends with its life, and takes its socket away", async (agent) => {
  await until(async () => !(await agent.status()).running);
  assert.throws(() => Deno.lstatSync(agent.socket), Deno.errors.NotFound);
}, { flags: ["--lifetime", "1s"] });

agentTest("stop ends it; without one all say so, and status exits 1", async (agent) => {
  const { pid } = await agent.status();
  const stopped = await agent.run(["agent", "stop"]);
  assert.deepEqual([stopped.stderr, stopped.code], ["The agent has ended\n", 0]);
  for (const order of ["stop", "lock"]) {
    const { stderr, code } = await agent.run(["agent", order]);
    assert.deepEqual([stderr, code], ["No agent is running\n", 0], order);
  }
  const ran = await agent.run(["agent", "status"]);
  assert.deepEqual([ran.stdout, ran.code], ["No agent is running\n", 1]);
  const json = await agent.run(["agent", "status", "--json"]);
  assert.deepEqual(JSON.parse(json.stdout), {
    ...{ running: false, pid: null, locked: null, since: null },
    ...{ answered: 0, passedOn: 0 },
  });
  assert.deepEqual(listNames(agent.socket.replace("/agent.sock", "")), ["lock"]);
  await until(() => !isAlive(pid));
});

Deno.test("in the foreground --debug tells of each hand-out, to whom, and of what it passes on", {
  ignore: !launcherAsks,
}, async () => {
  await using vault = await startVault(CONFIG);
  const agent = new RunningAgent(vault);
  const served = vault.run(["agent", "start", "--foreground", "--debug"]);
  await until(async () => (await agent.status()).running);
  const ran = await agent.run(["exec", "-n", "work", "--", "sh", "-c", "echo $$", "a secret"]);
  await agent.run(["exec", "-n", "work"], { stdin: "" });
  await agent.run(["exec", "-n", "wrok", "--json"]);
  await agent.run(["exec", "work", "--json"]);
  await vault.run(["exec", "-n", "work", "--json"], { env: { AWS_CONFIG_FILE: "/dev/null" } });
  await agent.run(["agent", "stop"]);
  const { code, stdout, stderr } = await served;
  const pid = ran.stdout.trim();
  assert.deepEqual([code, stdout], [0, ""]);
  const told = stderr.split("\n").filter((line) => /^\S+Z (answered|passed on)/.test(line))
    .map((line) => line.replace(/^\S+ /, "").replace(` ${pid}`, " PID"))
    .map((line) => line.replace(/ \d+$/, " N"));
  assert.deepEqual(told, [
    "answered: exec -n work, process PID",
    "passed on, as it is for a shell on the user's terminal: exec -n work, process N",
    `answered: the passphrase of ${vault.keyring}, process N`,
    "passed on, as it is an error: exec -n wrok --json, process N",
    "answered: exec work --json, process N",
    "passed on, as AWS_CONFIG_FILE is a pipe or a device: exec -n work --json, process N",
  ]);
  assert.match(stderr, /GetSessionToken/); // what the runs in it have to tell
  assert.doesNotMatch(stderr, /a secret|correct horse/);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`an agent in the foreground ends by itself at ${signal}, and takes its socket away`, {
    ignore: !ofLauncher,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const agent = new RunningAgent(vault);
    const served = vault.run(["agent", "start", "--foreground"]);
    await until(async () => (await agent.status()).running);
    Deno.kill((await agent.status()).pid, signal);
    const ran = await served;
    assert.deepEqual([ran.code, ran.signal, ran.stderr], [0, null, ""]);
    assert.deepEqual(listNames(agent.socket.replace("/agent.sock", "")), ["lock"]);
  });
}

agentTest(
  "an agent has left the terminal, the directory and the streams it was started with",
  async (agent) => {
    const { pid } = await agent.status();
    assert.equal(Deno.readLinkSync(`/proc/${pid}/cwd`), "/");
    for (const stream of [0, 1, 2]) {
      assert.equal(Deno.readLinkSync(`/proc/${pid}/fd/${stream}`), "/dev/null");
    }
    const [, , group, session] = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "")
      .split(" ").map(Number);
    assert.deepEqual([group, session], [pid, pid]);
  },
  { ignore: Deno.build.os !== "linux" || !IS_ROOT },
); // its memory is closed to others

for (const [how, end] of [["an exit code", [3, null]], ["a signal", [137, "SIGKILL"]]] as const) {
  Deno.test(`agent start ends by ${how}, as what it starts in the background does`, {
    ignore: !ofLauncher,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const DENO = fakeDeno(vault.home, Deno.version.deno, {
      does: 'case "$*" in *--in-background*) ' +
        `${end[1] === null ? "exit 3" : "kill -KILL $$"} ;; esac\nexec '${Deno.execPath()}' "$@"`,
    });
    const ran = await vault.run(["agent", "start"], { env: { DENO } });
    assert.deepEqual([ran.code, ran.signal], end, ran.stderr);
  });
}

Deno.test(
  "an agent starts with options between its two words",
  { ignore: !ofLauncher },
  async () => {
    await using vault = await startVault();
    const ran = await vault.run(["agent", "--backend", "file", "start"]);
    assert.equal(ran.code, 0, ran.stderr);
    await using agent = new RunningAgent(vault);
    assert.equal((await agent.run(["exec", "-n", "work", "--json"])).code, 0);
  },
);

Deno.test("an agent starts where nobody reads what its start has to say (pass)", {
  ignore: !ofLauncher || !requireProgram("pass"),
}, async () => {
  await using vault = await startVault();
  vault.home.write(".password-store/.gpg-id", "jon\n");
  const script = '{ "$0" "$@" 2>&1 >/dev/null; echo $? >"$HOME/code"; } | :';
  const command = ["sh", "-c", script, COMMAND];
  await vault.run(["agent", "start"], { command, env: { AWS_VAULT_BACKEND: "pass" } });
  await using agent = new RunningAgent(vault);
  assert.equal(Deno.readTextFileSync(`${vault.home.path}/code`), "0\n");
  assert.ok((await agent.status()).running);
});

agentTest("a second start says that one is running, and leaves it", async (agent, vault) => {
  const { pid } = await agent.status();
  const ran = await vault.run(["agent", "start"]);
  assert.deepEqual([ran.stderr, ran.code], [`An agent is running already (process ${pid})\n`, 0]);
});

Deno.test("a second start names the agent that it has found, also where that ends just then", {
  ignore: !ofLauncher,
}, async () => {
  await using vault = await startVault(CONFIG);
  const path = vault.home.write(".awsvault/agent/agent.sock", "");
  Deno.chmodSync(`${vault.home.path}/.awsvault/agent`, 0o1700);
  Deno.removeSync(path);
  const listener = Deno.listen({ transport: "unix", path });
  const started = vault.run(["agent", "start"]);
  const connection = await listener.accept();
  listener.close();
  await connection.read(new Uint8Array(8192));
  const output = JSON.stringify({ running: true, pid: 4711, locked: false });
  const answer = formatAnswer({ kind: "exit", code: 0, output, errors: "" });
  await connection.write(new TextEncoder().encode(answer));
  connection.close();
  assert.equal((await started).stderr, "An agent is running already (process 4711)\n");
});

agentTest("a second start says what of its own it does not bring about", async (_agent, vault) => {
  const flags = ["--idle", "15m", "--confirm"];
  const same = await vault.run(["agent", "start", ...flags]);
  assert.match(same.stderr, /warning: it goes on as it was started: --idle and --confirm/);
  assert.match(same.stderr, /agent stop; aws-vault agent start --idle=15m --confirm\n/);
  assert.doesNotMatch(same.stderr, /passphrase/);
  const directory = `${vault.home.path}/other`;
  const other = await vault.run(["agent", "start", "--file-dir", directory]);
  assert.ok(other.stderr.includes(`it holds no passphrase of the keyring in ${directory}\n`));
  assert.equal(other.code, 0);
});

agentTest("an agent says how often it has answered", async (agent) => {
  await agent.run(["exec", "work", "--json"]);
  const ran = await agent.run(["agent", "status"]);
  assert.match(ran.stdout, /^It has answered once and passed on 0$/m);
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

Deno.test("an agent closes its memory before it asks for the passphrase (setsid, strace)", {
  ignore: !ofLauncher || !HAS_STRACE || !requireProgram("setsid"),
}, async () => {
  await using vault = await startVault(CONFIG);
  const trace = `${vault.home.path}/trace`;
  const strace = ["strace", "-f", "-qq", "-e", "trace=prctl,openat", "-o", trace];
  const ran = await vault.run(["agent", "start", "--foreground"], {
    command: ["setsid", ...strace, COMMAND],
    env: { AWS_VAULT_FILE_PASSPHRASE: undefined },
  });
  assert.match(ran.stderr, /there is no terminal to ask on/);
  const calls = Deno.readTextFileSync(trace).split("\n");
  const closed = calls.findIndex((call) => call.includes("SUID_DUMP_DISABLE) = 0"));
  const asked = calls.findIndex((call) => call.includes('"/dev/tty"'));
  assert.ok(closed >= 0 && closed < asked, `closed at ${closed}, asked at ${asked}`);
});

Deno.test("a terminal that is closed once the agent runs takes nothing from it (python3, strace)", {
  ignore: !hasTerminalTests || !ofLauncher || !HAS_STRACE,
}, async () => {
  await using vault = await startVault(CONFIG);
  const late = ["-e", "trace=setsid", "-e", "inject=setsid:delay_enter=300000"];
  const ran = await runInTerminal(["agent", "start"], {
    home: vault.home,
    env: vault.env,
    command: ["strace", "-DDD", "-f", "-o", "/dev/null", ...late, COMMAND],
    steps: [{ expect: "The agent is running" }],
  });
  assert.equal(ran.code, 0, ran.screen);
  await using agent = new RunningAgent(vault);
  assert.equal((await agent.run(["exec", "work", "--json"])).code, 0);
});

Deno.test("an agent holds no lock of the script that starts it (flock)", {
  ignore: !ofLauncher || !requireProgram("flock"),
}, async () => {
  await using vault = await startVault(CONFIG);
  const script = 'exec 9> "$HOME/held"; flock 9; exec "$0" "$@"';
  const ran = await vault.run(["agent", "start"], { command: ["bash", "-c", script, COMMAND] });
  assert.equal(ran.code, 0, ran.stderr);
  await using agent = new RunningAgent(vault);
  using held = Deno.openSync(`${vault.home.path}/held`);
  assert.equal(held.tryLockSync(true), true);
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
  ignore: !launcherAsks,
}, async () => {
  await using vault = await startVault(CONFIG);
  const zenity = vault.home.write(
    "bin/zenity",
    '#!/bin/sh\nprintf "%s\\n" "$*" >> "$HOME/asked"\nread -r code < "$HOME/answer"\nexit "$code"\n',
  );
  Deno.chmodSync(zenity, 0o755);
  const PATH = `${vault.home.path}/bin:${Deno.env.get("PATH")}`;
  await using agent = await startAgentWith({ PATH }, vault, "--confirm");
  const env: Record<string, string> = { PATH };
  const ask = async (answer: number, ...line: string[]) => {
    vault.home.write("answer", `${answer}\n`);
    return await agent.run(line, { env });
  };
  assert.equal((await ask(0, "exec", "-n", "work", "--json")).code, 0);
  const refused = await ask(1, "exec", "-n", "work", "--json");
  assert.deepEqual([refused.stdout, refused.code], ["", 1]);
  assert.match(refused.stderr, /^aws-vault: error: the agent's window was answered with no\n {2}/);
  assert.match((await ask(1, "exec", "coded", "--json")).stderr, /window was answered with no/);
  assert.match((await ask(1, "rotate", "work")).stderr, /needs its passphrase/);
  env.AWS_PROFILE = "work";
  await ask(1, "exec", "--keychain=a\nb\u202e", "--json");
  const asked = Deno.readTextFileSync(`${vault.home.path}/asked`).trim().split("\n");
  assert.equal(asked.length, 5);
  assert.match(asked[0]!, /Hand out credentials for: exec -n work --json, process \d+\?/);
  assert.match(asked[4]!, /: AWS_PROFILE=work exec "--keychain=a\\nb\\u202e" --json, process /);
  assert.match(asked[3]!, /Unlock the keyring in .*\/keys for process \d+\?/);
});

agentTest(
  "a change of the passphrase locks it, and agent start gives it the new one",
  async (agent, vault) => {
    const both = { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE, AWS_VAULT_FILE_NEW_PASSPHRASE: "new" };
    const same = { ...both, AWS_VAULT_FILE_NEW_PASSPHRASE: PASSPHRASE };
    const unchanged = await vault.run(["change-passphrase"], { env: same });
    assert.equal(unchanged.code, 0);
    assert.doesNotMatch(unchanged.stderr, /agent/);
    assert.equal((await agent.status()).locked, false);
    const changed = await vault.run(["change-passphrase"], { env: both });
    assert.equal(changed.code, 0);
    assert.match(changed.stderr, /^The agent is locked now: `aws-vault agent start` unlocks it/m);
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

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}
