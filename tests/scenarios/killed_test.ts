import assert from "node:assert/strict";
import { writeJournal } from "../../src/credentials/rotation/journal.ts";
import { hasTerminalTests, runInTerminal } from "./harness.ts";
import { HAS_STRACE, killAtEachChange } from "./strace.ts";
import { listNames, startVault, type Vault } from "./vault.ts";

const NEW_KEY = { accessKeyId: "AKIANEW", secretAccessKey: "secret/of+new" };

/** A vault with a session of `work`, and a rotation of its keys that was stopped. */
async function startHalfRotated(): Promise<Vault> {
  const vault = await startVault();
  assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
  const journal = { profile: "work", oldKeyId: "AKIAOLD", beganAtMs: 0, newKey: NEW_KEY };
  await writeJournal(vault.open(), journal);
  return vault;
}

Deno.test({
  name: "killed at any item that it takes away, remove is finished by the next one (strace)",
  ignore: !HAS_STRACE,
  async fn() {
    const kills = await killAtEachChange(async (command, where) => {
      await using vault = await startHalfRotated();
      const ran = await vault.run(["remove", "--force", "work"], { command });
      if (ran.code !== 0) {
        const again = await vault.run(["remove", "--force", "work"]);
        assert.equal(again.code, 0, `after the kill at ${where}: ${again.stderr}`);
      }
      assert.deepEqual(listNames(vault.keyring), [], where);
      return ran;
    });
    assert.ok(kills >= 3, `the session, the journal and the keys: ${kills} kills`);
  },
});

Deno.test("keys that were removed do not come back from a rotation that was stopped", async () => {
  await using vault = await startHalfRotated();
  await vault.open().remove("work"); // as the Go tool does, which knows no journal
  const ran = await vault.run(["remove", "--force", "work"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(listNames(vault.keyring), []);
  assert.equal((await vault.run(["rotate", "work"])).code, 1);
  assert.deepEqual(listNames(vault.keyring), []);
});

Deno.test({
  name: "what came while remove asks goes too: a session, and the journal of a rotation",
  ignore: !hasTerminalTests,
  async fn() {
    await using vault = await startHalfRotated();
    const later = listNames(vault.keyring).filter((name) => name !== "work");
    assert.equal(later.length, 2);
    const aside = `${vault.home.path}/aside`;
    Deno.mkdirSync(aside);
    for (const name of later) Deno.renameSync(`${vault.keyring}/${name}`, `${aside}/${name}`);
    const come = ["sh", "-c", 'mv "$1"/* "$2" && printf "y\\r"', "sh", aside, vault.keyring];
    const steps = [{ expect: "(y|N)", type_output: come }];
    const ran = await runInTerminal(["remove", "work"], {
      home: vault.home,
      env: vault.env,
      steps,
    });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(ran.screen, /Deleted 1 session made with them/);
    assert.deepEqual(listNames(vault.keyring), []);
  },
});
