import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { agentTest, CONFIG, launcherAsks, type RunningAgent, startAgentWith } from "./agents.ts";
import { COMMAND, hasTerminalTests, type Ran, runInTerminal } from "./harness.ts";
import { MFA_SERIAL, openKeyring, ROLE, startVault, storeKeys, type Vault } from "./vault.ts";
import { until } from "../until.ts";

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

for (const shells of ["", ", and those of shells"]) {
  agentTest(
    `a program gets the same variables with an agent as without${shells}`,
    async (agent, vault) => {
      const env = {
        MULTI: "a\nexport AWS_REGION=x",
        EMPTY: "",
        AWS_PROFILE: "work",
        AWS_X_FILE: "/a b",
        AWS_VAULT_FILE_NEW_PASSPHRASE: "another",
        ...(shells !== "" && { PWD: vault.home.path, OLDPWD: "/", SHLVL: "3" }),
      };
      const print = ["exec", "-n", "work", "--", "cat", "/proc/self/environ"];
      const sort = (text: string) => text.split("\0").sort();
      const [helped, counted] = await agent.counting(() => agent.run(print, { env }));
      assert.deepEqual(counted, { answered: 1, passedOn: 0 });
      await agent.run(["agent", "stop"]);
      const alone = await vault.run(print, { env });
      assert.deepEqual(sort(helped.stdout), sort(alone.stdout));
    },
    { ignore: Deno.build.os !== "linux" },
  );
}

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

for (
  const [what, shell, script] of [
    [
      "only the caller has open",
      "sh",
      `AWS_CONFIG_FILE=/dev/fd/9 exec "$0" "$@" 9<<'E'\n[profile work]\nregion = eu-north-1\nE\n`,
    ],
    [
      "bash makes of a program, <(…),",
      "bash",
      'AWS_CONFIG_FILE=<(printf "[profile work]\\nregion = eu-north-1\\n") exec "$0" "$@"',
    ],
  ] as const
) {
  agentTest(`a config file that ${what} is read by the caller (${shell})`, async (agent) => {
    const [ran, counted] = await agent.counting(() =>
      agent.run(["exec", "-n", "work", "--", "printenv", "AWS_REGION"], {
        command: [shell, "-c", script, COMMAND],
        env: { AWS_REGION: undefined },
      })
    );
    assert.deepEqual([ran.stdout, ran.stderr], ["eu-north-1\n", ""]);
    assert.deepEqual(counted, { answered: 1, passedOn: 1 }); // the passphrase
  }, { ignore: !requireProgram(shell) });
}

agentTest("a relative path leads from where the caller stands", async (agent, vault) => {
  vault.home.write("here/config", "[profile work]\nregion = eu-north-1\n");
  const [ran, counted] = await agent.counting(() =>
    agent.run(["exec", "-n", "work", "--", "printenv", "AWS_REGION"], {
      cwd: `${vault.home.path}/here`,
      env: { AWS_CONFIG_FILE: "config", AWS_REGION: undefined },
    })
  );
  assert.deepEqual([ran.stdout, ran.stderr], ["eu-north-1\n", ""]);
  assert.deepEqual(counted, { answered: 1, passedOn: 1 }); // the passphrase
});

agentTest("a config file elsewhere is read by the agent", async (agent, vault) => {
  const AWS_CONFIG_FILE = vault.home.write("else/where", "[profile work]\nregion = eu-north-1\n");
  const [ran, counted] = await agent.counting(() =>
    agent.run(["exec", "-n", "work", "--", "printenv", "AWS_REGION"], {
      env: { AWS_CONFIG_FILE, AWS_REGION: undefined },
    })
  );
  assert.equal(ran.stdout, "eu-north-1\n");
  assert.deepEqual(counted, { answered: 1, passedOn: 0 });
});

agentTest("what changes while an agent runs is known at the next answer", async (agent, vault) => {
  const keyOf = async (...args: string[]) => {
    const ran = await askNext(agent, vault, ["exec", ...args, "--json"]);
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

/** Whether nothing of what an answer is made from was changed just now: it may be given again. */
function isSettled({ home, keyring }: Vault): boolean {
  const items = Array.from(Deno.readDirSync(keyring), ({ name }) => `${keyring}/${name}`);
  const paths = [`${home.path}/.aws/config`, keyring, ...items];
  const changesMs = paths.map((path) => Deno.statSync(path).mtime!.getTime());
  return Date.now() - Math.max(...changesMs) > 200;
}

/** The next answer; from then on it may be given again, as it is asked for anew once all is settled. */
async function askNext(
  agent: RunningAgent,
  vault: Vault,
  ...asked: Parameters<RunningAgent["run"]>
): Promise<Ran> {
  const ran = await agent.run(...asked);
  await until(() => isSettled(vault));
  await agent.run(...asked);
  return ran;
}

agentTest("a setting that is changed is in the next answer", async (agent, vault) => {
  const line = ["exec", "work", "--", "printenv", "AWS_REGION"];
  const regionOf = async () =>
    (await askNext(agent, vault, line, { env: { AWS_REGION: undefined } })).stdout;
  assert.equal(await regionOf(), "eu-west-1\n");
  assert.equal(await regionOf(), "eu-west-1\n");
  vault.home.write(".aws/config", CONFIG.replace("eu-west-1", "eu-north-1"));
  assert.equal(await regionOf(), "eu-north-1\n");
});

agentTest("keys whose file is gone give nothing any more", async (agent, vault) => {
  assert.equal((await askNext(agent, vault, ["exec", "work", "--json"])).code, 0);
  Deno.removeSync(`${vault.keyring}/work`);
  assert.match((await agent.run(["exec", "work", "--json"])).stderr, /credentials missing/);
});

agentTest(
  "a session that another program writes in place is the next answer",
  async (agent, vault) => {
    const accessKeyId = async () =>
      JSON.parse((await agent.run(["exec", "work", "--json"])).stdout).AccessKeyId;
    const first = await accessKeyId();
    await until(() => isSettled(vault));
    assert.equal(await accessKeyId(), first);
    const name = Array.from(Deno.readDirSync(vault.keyring), ({ name }) => name)
      .find((name) => name.startsWith("sts."))!;
    const path = `${vault.keyring}/${name}`;
    const item = await openKeyring(vault.keyring).get(name);
    const text = new TextDecoder().decode(item!.data).replace(first, first.replace(/.$/, "Z"));
    await openKeyring(`${vault.home.path}/else`)
      .set({ ...item!, data: new TextEncoder().encode(text) });
    Deno.writeTextFileSync(path, Deno.readTextFileSync(`${vault.home.path}/else/${name}`));
    assert.equal(await accessKeyId(), first.replace(/.$/, "Z"));
  },
);

agentTest(
  "errors and their exit codes are those of a run without an agent",
  async (agent, vault) => {
    const lines = [
      ["exec", "wrok", "--json"],
      ["exec", "work", "--", "no-such-program"],
      ["exec", "work", "--", vault.home.path],
      ["exec", "work", "--", vault.home.write("no-program", "#!/bin/sh\n")],
      ["exec", "--no-such-option", "work"],
      ["exec", "--prompt=terminal", "coded", "--json"],
      ["export", "--format=xml", "work"],
      ["agent", "passphrase", vault.keyring, "exec"], // what we ask it ourselves
      ["agent", "lock", "exec"],
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

agentTest(
  "an answer on a terminal shows control characters by their numbers, and into a pipe has them (python3)",
  async (agent, vault) => {
    await storeKeys(vault.keyring, "work", "AKIAWORK", "a\x1b[31mb");
    const line = ["export", "-n", "work", "--format=dotenv"];
    const show = () =>
      runInTerminal(line, {
        home: vault.home,
        env: { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined },
        steps: [],
      });
    const [{ screen }, counted] = await agent.counting(show);
    assert.match(screen, /SECRET_ACCESS_KEY=.*a\\x1b\[31mb/);
    assert.deepEqual(counted, { answered: 1, passedOn: 0 });
    assert.ok((await agent.run(line)).stdout.includes("a\x1b[31mb"));
  },
  { ignore: !hasTerminalTests },
);

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
  ignore: !launcherAsks || !requireProgram("pass"),
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
  await until(() => isSettled(vault));
  const [ran, counted] = await agent.counting(() => agent.run(["exec", "work", "--json"], { env }));
  assert.equal(JSON.parse(ran.stdout).AccessKeyId, "ASIAKEPT", ran.stderr);
  assert.deepEqual(counted, { answered: 1, passedOn: 0 });
  Deno.removeSync(`${vault.home.path}/store/work.gpg`);
  const gone = await agent.run(["exec", "work", "--json"], { env });
  assert.match(gone.stderr, /credentials missing/);
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

agentTest(
  "with a proxy or certificates of its own an agent answers who has the same, and no other",
  async (_, vault) => {
    await vault.run(["agent", "stop"]);
    const certificates = vault.home.write("authorities.pem", "");
    const network = {
      HTTPS_PROXY: "http://127.0.0.1:9",
      http_proxy: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1",
      SSL_CERT_FILE: certificates,
      DENO_CERT: certificates,
      DENO_TLS_CA_STORE: "mozilla",
    };
    await using agent = await startAgentWith(network, vault);
    const ask = (env: Record<string, string>) =>
      agent.counting(() => agent.run(["exec", "-n", "work", "--", "true"], { env }));
    const [ran, counted] = await ask(network);
    assert.deepEqual([ran.code, ran.stderr], [0, ""]);
    assert.deepEqual(counted, { answered: 1, passedOn: 0 });
    for (const name of ["HTTPS_PROXY", "http_proxy", "SSL_CERT_FILE"]) {
      const [, { passedOn }] = await ask({ ...network, [name]: "" });
      assert.equal(passedOn, 1, name);
    }
  },
);
