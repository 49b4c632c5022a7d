import assert from "node:assert/strict";
import { build } from "../../scripts/build.ts";
import { totp } from "../fakes/aws/mod.ts";
import { requireProgram } from "../require.ts";
import { CONFIG, launcherAsks, ofLauncher, RunningAgent } from "./agents.ts";
import { InstalledBuild, REPLACEMENTS } from "./builds.ts";
import { COMMAND, hasTerminalTests, Home, runInTerminal } from "./harness.ts";
import {
  behind,
  listNames,
  MFA_SECRET,
  PASSPHRASE,
  ROLE,
  startVault,
  type Vault,
} from "./vault.ts";
import { until } from "../until.ts";

const ASK = 'curl -sSH "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ' +
  '"$AWS_CONTAINER_CREDENTIALS_FULL_URI';
/** Says that it runs, waits until it may go on, and asks for keys and for a role's. */
const LONG_JOB = `touch "$HOME/runs"; until [ -e "$HOME/goes-on" ]; do sleep 0.1; done; ` +
  `${ASK}"; echo; ${ASK}/role-arn/${ROLE}"`;

for (const how of REPLACEMENTS) {
  Deno.test(`a server goes on giving out keys and writing its trail when it is ${how} (curl)`, {
    ignore: !ofLauncher || !requireProgram("curl"),
  }, async () => {
    await using vault = await startVault();
    const installed = new InstalledBuild(vault.home);
    const trail = `${vault.home.path}/trail`;
    const env = { AWS_VAULT_AUDIT_LOG: trail };
    const job = ["exec", "--ecs-server", "--lazy", "work", "--", "sh", "-c", LONG_JOB];
    const running = installed.run(vault, job, { env });
    await until(() => listNames(vault.home.path).includes("runs"));
    installed.replace(how);
    vault.home.write("goes-on", "");
    const { stdout, stderr } = await running;
    const [own, role] = stdout.split("\n").map((line) => JSON.parse(line));
    assert.match(own.AccessKeyId, /^ASIA/, stdout + stderr);
    assert.match(role.AccessKeyId, /^ASIA/, stdout + stderr);
    assert.equal(Deno.readTextFileSync(trail).trim().split("\n").length, 2);
  });
}

for (const how of REPLACEMENTS) {
  Deno.test(`who is asked on the terminal while it is ${how} gets what they asked for (python3)`, {
    ignore: !ofLauncher || !hasTerminalTests,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const installed = new InstalledBuild(vault.home);
    const replaceAndAnswer = `${installed.scriptOf(how)}; printf '${PASSPHRASE}\\r'`;
    const ran = await runInTerminal(
      ["exec", "admin", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"],
      {
        home: vault.home,
        command: [installed.command],
        env: { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined },
        steps: [{ expect: "Enter passphrase", type_output: ["sh", "-c", replaceAndAnswer] }],
      },
    );
    assert.equal(ran.code, 0, ran.screen);
    assert.match(ran.screen, /ASIA/);
  });

  Deno.test(`who is asked in a window while it is ${how} gets what they asked for`, {
    ignore: !ofLauncher,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const installed = new InstalledBuild(vault.home);
    const code = await totp(MFA_SECRET, Date.now());
    const script = `#!/bin/sh\n${installed.scriptOf(how)}\necho ${code}\n`;
    const PATH = putProgram(vault, "zenity", script);
    const line = ["exec", "--prompt", "zenity", "coded", "--json"];
    const ran = await installed.run(vault, line, { env: { PATH } });
    assert.match(JSON.parse(ran.stdout || "{}").AccessKeyId, /^ASIA/, ran.stderr);
  });

  Deno.test(`who waits for another run while it is ${how} gets what they asked for (python3)`, {
    ignore: !ofLauncher || !hasTerminalTests,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const installed = new InstalledBuild(vault.home);
    vault.aws.delay("GetSessionToken", 60_000);
    const other = vault.run(["exec", "work", "--json"], {
      command: behind('echo $$ > "$HOME/pid"', COMMAND),
    });
    await until(() => vault.aws.calls.length === 1);
    const replaceAndKill = `${installed.scriptOf(how)}; kill -KILL "$(cat ${vault.home.path}/pid)"`;
    const ran = await runInTerminal(["exec", "work", "--json"], {
      home: vault.home,
      command: [installed.command],
      env: vault.env,
      steps: [{ expect: "Waiting for another", type_output: ["sh", "-c", replaceAndKill] }],
    });
    assert.match(ran.screen, /"AccessKeyId": "ASIA/);
    await other;
  });

  Deno.test(`a run that finds a part of it gone says that it was ${how}, and no more`, {
    ignore: !ofLauncher,
  }, async () => {
    await using vault = await startVault();
    const installed = new InstalledBuild(vault.home);
    // It takes long enough for what it has taken away to be looked for meanwhile.
    const script = `#!/bin/sh\n${installed.scriptOf(how)}\nsleep 0.7\necho '${KEYS}'\n`;
    const PATH = putProgram(vault, "giver", script);
    vault.home.write(
      ".aws/config",
      `[profile other]\nrole_arn = ${ROLE}\nsource_profile = base\n` +
        "[profile base]\ncredential_process = giver\n",
    );
    const ran = await installed.run(vault, ["exec", "other", "--json"], { env: { PATH } });
    assert.deepEqual([ran.stdout, ran.code], ["", 1]);
    assert.equal(
      ran.stderr,
      "aws-vault: error: a part of aws-vault is gone: it was replaced or removed while this ran\n" +
        "  start it again; where that fails too, install it anew\n",
    );
  });
}

Deno.test(
  "a slip in the command line of a build that has lost a part is told without Deno's words",
  {
    ignore: !ofLauncher,
  },
  async () => {
    await using vault = await startVault();
    const installed = new InstalledBuild(vault.home);
    Deno.removeSync(`${installed.directory}/lib/chunks`, { recursive: true });
    const { code, stderr } = await installed.run(vault, ["--nonsense"]);
    assert.equal(code, 1);
    assert.match(stderr, /^aws-vault: error: a part of aws-vault is gone: .*\n {2}start it again/);
  },
);

for (const how of REPLACEMENTS) {
  Deno.test(`an agent that was ${how} answers for all that it has not answered before`, {
    ignore: !launcherAsks,
  }, async () => {
    await using vault = await startVault(CONFIG);
    const installed = new InstalledBuild(vault.home);
    await using agent = await startOwnAgent(installed, vault);
    installed.replace(how);
    const [ran, counts] = await agent.counting(async () => [
      await agent.run(["exec", "admin", "--json"]),
      await agent.run(["export", "work"]),
    ]);
    for (const { stdout, stderr } of ran) assert.match(stdout, /ASIA/, stderr);
    assert.deepEqual(counts, { answered: 2, passedOn: 0 });
  });
}

Deno.test("an agent of another build is told of, and of the same build not (nc)", {
  ignore: !launcherAsks,
}, async () => {
  await using vault = await startVault(CONFIG);
  const installed = new InstalledBuild(vault.home);
  await using _agent = await startOwnAgent(installed, vault);
  const say = async (...line: string[]) => {
    const { stdout, stderr } = await installed.run(vault, line);
    return stdout + stderr;
  };
  const commands = [["agent", "status"], ["agent", "start"], ["doctor"]];
  for (const line of commands) assert.doesNotMatch(await say(...line), /another|and this is/);
  installed.replace("replaced");
  const warning =
    /the agent is \d+\.\d+\.\d+ \(build (\w{8})\), and this is \d+\.\d+\.\d+ \(build (?!\1)\w{8}\)/;
  for (const line of commands) {
    const said = await say(...line);
    assert.match(said, warning);
    assert.match(said, /aws-vault agent stop; aws-vault agent start/);
  }
  const doctor = async () => JSON.parse((await installed.run(vault, ["doctor", "--json"])).stdout);
  const [told] = (await doctor()).findings;
  assert.deepEqual([told.id, told.severity, told.fixable], ["agent.other", "warning", false]);
  assert.match(told.effect, /as it was when it was started/);
  for (const advised of told.wayOut.split(": ")[1].split("; ")) {
    const [, ...line] = advised.split(" ");
    assert.equal((await installed.run(vault, line)).code, 0, advised);
  }
  assert.deepEqual((await doctor()).findings, []);
});

Deno.test("a build that fails leaves the one before", async () => {
  using home = new Home();
  const before = home.write("dist/lib/main.js", "of the build before");
  for (const entry of ["main.ts", "quick.ts", "credential_process.ts"]) {
    home.write(entry, 'import "./missing.ts";');
  }
  await assert.rejects(() => build(home.path), /missing\.ts/);
  assert.equal(Deno.readTextFileSync(before), "of the build before");
});

async function startOwnAgent(installed: InstalledBuild, vault: Vault): Promise<RunningAgent> {
  const { code, stderr } = await installed.run(vault, ["agent", "start"]);
  assert.equal(code, 0, stderr);
  return new RunningAgent(vault);
}

const KEYS = '{"Version": 1, "AccessKeyId": "AKIAGIVEN", "SecretAccessKey": "s"}';

/** Returns the PATH that has it. */
function putProgram(vault: Vault, name: string, script: string): string {
  Deno.chmodSync(vault.home.write(`bin/${name}`, script), 0o755);
  return `${vault.home.path}/bin:${Deno.env.get("PATH")}`;
}
