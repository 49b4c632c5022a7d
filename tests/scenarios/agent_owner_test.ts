import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import {
  launcherAsks,
  MARK,
  ofLauncher,
  PretendedAgent,
  startAgent,
  startStopped,
} from "./agents.ts";
import { IS_ROOT, otherUser } from "./sandbox.ts";
import { startVault } from "./vault.ts";

/** What an agent of somebody else's would like us to take. */
const EVIL = `aws-vault 2 exit 0 ${MARK}\n{"AccessKeyId":"EVIL"}\n${MARK}${MARK}`;
const OTHER = 12345;

/** Runs a command that would ask an agent, the passphrase too, for it has none. */
async function ask(spoil: (agent: PretendedAgent) => void) {
  await using vault = await startVault();
  using agent = new PretendedAgent(vault, EVIL);
  spoil(agent);
  const AWS_VAULT_FILE_PASSPHRASE = undefined;
  const ran = await vault.run(["exec", "-n", "work", "--json"], {
    env: { AWS_VAULT_FILE_PASSPHRASE },
  });
  return { ran, asked: agent.asked };
}

Deno.test("what lies where our agent listens, and is ours alone, is asked", {
  ignore: !launcherAsks,
}, async () => {
  const { ran, asked } = await ask(() => {});
  assert.deepEqual([ran.stdout, asked], ['{"AccessKeyId":"EVIL"}\n', 1]);
});

Deno.test(
  "signs of life before an answer are no part of it",
  { ignore: !launcherAsks },
  async () => {
    await using vault = await startVault();
    using _agent = new PretendedAgent(vault, `   ${EVIL}`);
    assert.equal((await vault.run(["exec", "work", "--json"])).stdout, '{"AccessKeyId":"EVIL"}\n');
  },
);

Deno.test(
  "who listens where our agent does and says nothing is waited for no longer than a moment",
  {
    ignore: !ofLauncher,
  },
  async () => {
    await using vault = await startVault();
    using agent = new PretendedAgent(vault);
    const ran = await vault.run(["agent", "status", "--json"]);
    assert.deepEqual([JSON.parse(ran.stdout).running, ran.code, agent.asked], [false, 1, 1]);
  },
);

const toLink = ({ directory }: PretendedAgent) => {
  Deno.renameSync(directory, `${directory}.elsewhere`);
  Deno.symlinkSync(`${directory}.elsewhere`, directory);
};
const SPOILT: readonly (readonly [string, (agent: PretendedAgent) => void, boolean])[] = [
  ["a socket of another user", ({ socket }) => Deno.chownSync(socket, OTHER, OTHER), true],
  [
    "a directory of another user",
    ({ directory }) => Deno.chownSync(directory, OTHER, OTHER),
    true,
  ],
  [
    "a directory that others may write to",
    ({ directory }) => Deno.chmodSync(directory, 0o777),
    false,
  ],
  [
    "a directory that a group may write to",
    ({ directory }) => Deno.chmodSync(directory, 0o770),
    false,
  ],
  [
    "a directory that others may look into",
    ({ directory }) => Deno.chmodSync(directory, 0o755),
    false,
  ],
  ["a link to a directory", toLink, false],
];

for (const [what, spoil, takesRoot] of SPOILT) {
  Deno.test(`${what} is not spoken to, and the command does its work itself`, {
    ignore: !ofLauncher || takesRoot && !IS_ROOT,
  }, async () => {
    const { ran, asked } = await ask(spoil);
    assert.match(ran.stderr, /^aws-vault: error: the keyring in .* needs its passphrase/);
    assert.deepEqual([ran.stdout, asked], ["", 0]);
  });
}

/** What an agent's directory tells of its process, and whether that is asked. */
const NUMBERS: readonly (readonly [string, (stopped: number) => string | undefined, boolean])[] = [
  ["the number of a stopped process", (stopped) => `${stopped}\n`, false],
  ["the number of a process that nobody sees", () => "4194305\n", true],
  ["no number", () => undefined, true],
  ["an empty file for its number", () => "", true],
];

for (const [what, say, isAsked] of NUMBERS) {
  const asked = isAsked ? "asked" : "not asked";
  Deno.test(`an agent that has left ${what} is ${asked}, by the launcher and by us (sleep)`, {
    ignore: !launcherAsks || Deno.build.os !== "linux" || !requireProgram("sleep"),
  }, async () => {
    await using vault = await startVault();
    using agent = new PretendedAgent(vault, `aws-vault 2 exit 0 ${MARK}\n{"pid":7}${MARK}${MARK}`);
    await using process = await startStopped();
    const text = say(process.pid);
    if (text === undefined) Deno.removeSync(`${agent.directory}/pid`);
    else Deno.writeTextFileSync(`${agent.directory}/pid`, text);
    const byLauncher = await vault.run(["exec", "-n", "work", "--json"]);
    assert.equal(byLauncher.stdout === '{"pid":7}', isAsked, byLauncher.stdout);
    if (isAsked) assert.equal(byLauncher.stderr, "");
    assert.equal(agent.asked, isAsked ? 1 : 0);
    const byUs = await vault.run(["agent", "status", "--json"]);
    assert.equal(byUs.stdout.includes('"pid":7'), isAsked, byUs.stderr);
  });
}

Deno.test("another user gets nothing from our agent (setpriv)", {
  ignore: !launcherAsks || otherUser(OTHER, "true") === undefined,
}, async () => {
  await using vault = await startVault();
  await using agent = await startAgent(vault);
  // All but the agent's own directory is open to him.
  for (const path of [vault.home.path, `${vault.home.path}/.awsvault`]) Deno.chmodSync(path, 0o755);
  const request = ["aws-vault 2 4 1 1 00", "exec", "-n", "work", "--json", ""]
    .map((text) => `${text}\x1e`).join("");
  const [program, ...args] = otherUser(OTHER, "nc", "-w", "2", "-U", agent.socket)!;
  const [output, counted] = await agent.counting(async () => {
    const caller = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = caller.stdin.getWriter();
    await writer.write(new TextEncoder().encode(request)).catch(() => {});
    await writer.close().catch(() => {});
    return await caller.output();
  });
  assert.equal(new TextDecoder().decode(output.stdout), "");
  assert.match(new TextDecoder().decode(output.stderr), /Permission denied/);
  assert.deepEqual(counted, { answered: 0, passedOn: 0 });
});

Deno.test("of an answer's changes those of AWS's variables alone are made", {
  ignore: !launcherAsks,
}, async () => {
  await using vault = await startVault();
  const answer = `aws-vault 2 exec 1 ${MARK}\nAWS_X=set\nEVIL=set\n${MARK}${MARK}`;
  using _agent = new PretendedAgent(vault, answer);
  const { stdout } = await vault.run(["exec", "work", "--", "env"]);
  assert.match(stdout, /^AWS_X=set$/m);
  assert.doesNotMatch(stdout, /^EVIL=/m);
});
