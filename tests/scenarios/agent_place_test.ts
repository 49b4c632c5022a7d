import assert from "node:assert/strict";
import { assertRefused } from "./harness.ts";
import { CONFIG, launcherAsks, type RunningAgent, startAgentWith } from "./agents.ts";
import { modeOf, startVault, storeKeys, type Vault } from "./vault.ts";

const ignore = !launcherAsks;

/** A vault, and a directory such as a login session has. */
async function prepare(): Promise<Vault & { runtime: string }> {
  const vault = await startVault(CONFIG);
  const runtime = `${vault.home.path}/run`;
  Deno.mkdirSync(runtime, { mode: 0o700 });
  return Object.assign(vault, { runtime });
}

const LINE = ["exec", "-n", "work", "--json"];

/** Whether who has no passphrase is answered: by the launcher's question, and by the tool's own. */
async function findAnswers(agent: RunningAgent, env: Record<string, string | undefined> = {}) {
  const byLauncher = await agent.run(LINE, { env: { ...env, DENO: "/nowhere" } }); // it takes none
  const byTool = await agent.run(["exec", "-n", "work"], { env, stdin: "" });
  return [byLauncher, byTool].map(({ code }) => code === 0);
}

Deno.test("an agent listens in XDG_RUNTIME_DIR, and answers who has the same", {
  ignore,
}, async () => {
  await using vault = await prepare();
  const twoSlashes = `/${vault.runtime}`; // as HOME=/ makes them
  await using agent = await startAgentWith({ XDG_RUNTIME_DIR: twoSlashes }, vault);
  const directory = `${vault.runtime}/aws-vault`;
  assert.ok(Deno.lstatSync(`${directory}/agent.sock`).isSocket);
  assert.equal(modeOf(directory), "700");
  assert.deepEqual(await findAnswers(agent), [true, true]);
  for (const XDG_RUNTIME_DIR of [undefined, "run"]) { // a path from here is none
    assert.deepEqual(await findAnswers(agent, { XDG_RUNTIME_DIR }), [false, false]);
  }
});

const ELSEWHERE = ["has no agent", "is no directory", "is not a full path", "is open to others"];

for (const what of ELSEWHERE) {
  Deno.test(`an agent in the home answers where XDG_RUNTIME_DIR ${what}`, { ignore }, async () => {
    await using vault = await prepare();
    const XDG_RUNTIME_DIR = {
      "has no agent": vault.runtime,
      "is no directory": vault.home.write("file", ""),
      "is not a full path": "run",
      "is open to others": vault.runtime, // who could put their own in our directory's place
    }[what]!;
    if (what === "is open to others") Deno.chmodSync(vault.runtime, 0o777);
    await using agent = await startAgentWith(
      what === "has no agent" ? {} : { XDG_RUNTIME_DIR },
      vault,
    );
    assert.ok(Deno.lstatSync(agent.socket).isSocket);
    assert.deepEqual(await findAnswers(agent, { XDG_RUNTIME_DIR }), [true, true]);
  });
}

Deno.test("agent lock reaches an agent in the home too, and so does agent stop", {
  ignore,
}, async () => {
  await using vault = await prepare();
  const { runtime } = vault;
  await using _other = await startAgentWith({ XDG_RUNTIME_DIR: runtime }, vault);
  await using agent = await startAgentWith({}, vault);
  assert.deepEqual(await findAnswers(agent), [true, true]);
  const tell = (word: string) =>
    vault.run(["agent", word], {
      env: { XDG_RUNTIME_DIR: runtime, AWS_VAULT_FILE_PASSPHRASE: undefined },
    });
  assert.equal((await tell("lock")).stderr, "The agent has forgotten its passphrase\n");
  assert.deepEqual(await findAnswers(agent), [false, false]);
  assert.equal((await tell("stop")).stderr, "The agent has ended\n");
  assert.equal((await vault.run(["agent", "status"])).code, 1);
});

Deno.test("a socket whose path is too long to be asked is passed over", { ignore }, async () => {
  await using vault = await prepare();
  await using agent = await startAgentWith({ XDG_RUNTIME_DIR: vault.runtime }, vault);
  const long = `${vault.home.path}/${"x".repeat(100)}`;
  Deno.renameSync(vault.runtime, long);
  try {
    const ran = await agent.run(LINE, { env: { XDG_RUNTIME_DIR: long } });
    assert.match(ran.stderr, /^aws-vault: error: the keyring in .* needs its passphrase/);
  } finally {
    Deno.renameSync(long, vault.runtime);
  }
});

Deno.test("with another HOME its own keyring is used, whoever's agent XDG_RUNTIME_DIR has", {
  ignore,
}, async () => {
  await using vault = await prepare();
  await using agent = await startAgentWith({ XDG_RUNTIME_DIR: vault.runtime }, vault);
  const HOME = `${vault.home.path}/other`;
  await storeKeys(`${HOME}/.awsvault/keys`, "work", "AKIAOTHER", "secret");
  const env = { HOME, XDG_RUNTIME_DIR: vault.runtime };
  const [ran, counted] = await agent.counting(() => vault.run(LINE, { env }));
  assert.equal(JSON.parse(ran.stdout).AccessKeyId, "AKIAOTHER", ran.stderr);
  assert.deepEqual(counted, { answered: 0, passedOn: 1 });
  const same = { ...env, AWS_VAULT_FILE_DIR: vault.keyring };
  const [, { answered }] = await agent.counting(() => vault.run(LINE, { env: same }));
  assert.equal(answered, 0); // it may not write in that home
});

Deno.test("an agent that finds no place says so of a comma in HOME", { ignore }, async () => {
  await using vault = await prepare();
  const HOME = `${vault.home.path}/a,b`;
  Deno.mkdirSync(HOME);
  const ran = await vault.run(["agent", "start"], { env: { HOME } });
  assertRefused(ran, /no place for the agent's socket: .*\n.* no path with a comma in it$/ms);
});
