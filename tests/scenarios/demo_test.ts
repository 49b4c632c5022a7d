import assert from "node:assert/strict";
import { COMMAND } from "./harness.ts";

const DEMO = new URL("../../scripts/demo.ts", import.meta.url).pathname;

/** Starts the demo on a built command, with a temporary directory of its own. */
function startDemo(command: string, temporary: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", DEMO, command],
    env: { TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function withTemporary(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "vault-test-demo-" });
  try {
    await work(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name);
}

Deno.test("the demo shows its commands at work and leaves nothing behind", async () => {
  await withTemporary(async (directory) => {
    const child = startDemo(COMMAND, directory);
    const { code, stdout, stderr } = await child.output();
    const shown = new TextDecoder().decode(stdout);
    assert.equal(code, 0, shown + new TextDecoder().decode(stderr));
    assert.match(shown, /\$ aws-vault exec auditor -- who-am-i\narn:aws:sts::333333333333:/);
    assert.match(shown, /aws-vault: error: wrong passphrase/);
    assert.deepEqual(namesIn(directory), []);
  });
});

Deno.test("the demo fails when a step does not do what it should", async () => {
  await withTemporary(async (directory) => {
    const { code, stderr } = await startDemo("/bin/echo", directory).output();
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /That is not what it should do/);
    assert.deepEqual(namesIn(directory), []);
  });
});

Deno.test("the demo leaves nothing behind when it is interrupted", async () => {
  await withTemporary(async (directory) => {
    const child = startDemo(COMMAND, directory);
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let shown = "";
    while (!shown.includes("$ ")) shown += (await reader.read()).value ?? "$ ";
    assert.equal(namesIn(directory).length, 1);
    child.kill("SIGINT");
    assert.equal((await child.status).code, 130);
    assert.deepEqual(namesIn(directory), []);
    await reader.cancel();
    await child.stderr.cancel();
  });
});
