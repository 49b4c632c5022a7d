import assert from "node:assert/strict";
import { readStoredKeys } from "../../src/credentials/stored_keys.ts";
import { assertRefused, COMMAND, hasTerminalTests, runInTerminal } from "./harness.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { HAS_STRACE, killAtEachChange, withFaults } from "./strace.ts";
import { listNames, modeOf, PASSPHRASE, startVault, storeKeys, type Vault } from "./vault.ts";

const NEW = "battery staple";
const WITH_NEW = { AWS_VAULT_FILE_NEW_PASSPHRASE: NEW };
const NAMES = ["a/b", "other", "work"];

/** A vault with a session too. */
async function startFull(): Promise<Vault> {
  const vault = await startVault();
  for (const name of ["a/b", "other"]) await storeKeys(vault.keyring, name, `AKIA${name}`, "s");
  assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
  return vault;
}

/** Whether a passphrase opens all that has one; reading as any other run of the tool does. */
async function opensAll(vault: Vault, passphrase: string): Promise<boolean> {
  const keyring = vault.open(passphrase);
  try {
    for (const key of await keyring.keys()) await keyring.get(key);
    return true;
  } catch {
    return false;
  }
}

function headerOf(vault: Vault, name: string): Record<string, unknown> {
  const [header] = Deno.readTextFileSync(`${vault.keyring}/${name}`).split(".");
  return JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(header!, { alphabet: "base64url" })),
  );
}

Deno.test({
  name:
    "on a terminal the old passphrase is asked for, and the new one until it is typed twice alike",
  ignore: !hasTerminalTests,
  fn: async () => {
    await using vault = await startFull();
    const env = { ...vault.env, AWS_VAULT_FILE_PASSPHRASE: undefined };
    const ran = await runInTerminal(["change-passphrase"], {
      home: vault.home,
      env,
      steps: [
        { expect: "Enter passphrase to unlock", type: "mistyped\r" },
        { expect: "Try again.\r\nEnter passphrase to unlock", type: `${PASSPHRASE}\r` },
        { expect: "Please choose the new passphrase for", type: `${NEW}\r` },
        { expect: "Enter it again: ", type: "something else\r" },
        { expect: "from the first.\r\nPlease choose", type: `${NEW}\r` },
        { expect: "Enter it again: ", type: `${NEW}\r` },
      ],
    });
    assert.equal(ran.code, 0, ran.screen);
    assert.match(ran.screen, /Changed the passphrase of .*\.awsvault\/keys: 4 items\.\r\n$/);
    assert.doesNotMatch(ran.screen, /battery|correct/);
    assert.ok(await opensAll(vault, NEW));
    assert.ok(!await opensAll(vault, PASSPHRASE));
  },
});

Deno.test("a script gives both by variables, and finds its work done when it is run again", async () => {
  await using vault = await startFull();
  const names = listNames(vault.keyring);
  const ran = await vault.run(["change-passphrase"], { env: WITH_NEW });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(
    ran.stderr,
    "AWS_VAULT_FILE_PASSPHRASE has the old one: set it anew where it comes from.\n",
  );
  assert.deepEqual(listNames(vault.keyring), names);
  for (const name of names) assert.equal(modeOf(`${vault.keyring}/${name}`), "600");
  const keys = await readStoredKeys(vault.open(NEW), "work");
  assert.equal(keys?.accessKeyId, vault.user.accessKeys[0]!.id);
  const again = await vault.run(["change-passphrase"], { env: WITH_NEW });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /has the new passphrase already/);
  const env = { AWS_VAULT_FILE_PASSPHRASE: NEW };
  assert.equal((await vault.run(["exec", "work", "--json"], { env })).code, 0);
});

Deno.test("AWS_VAULT_FILE_P2C is applied to every item, also where the passphrase stays", async () => {
  await using vault = await startFull();
  const env = { AWS_VAULT_FILE_NEW_PASSPHRASE: PASSPHRASE, AWS_VAULT_FILE_P2C: "20000" };
  const ran = await vault.run(["change-passphrase"], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stderr, "");
  for (const name of listNames(vault.keyring)) assert.equal(headerOf(vault, name).p2c, 20000);
  assert.ok(await opensAll(vault, PASSPHRASE));
});

Deno.test("an item that the old passphrase does not open is named, and none is changed", async () => {
  await using vault = await startFull();
  const before = vault.snapshot();
  const other = "another one";
  const path = `${vault.keyring}/other`;
  await storeKeys(`${vault.home.path}/split`, "other", "AKIA", "s");
  const split = {
    AWS_VAULT_FILE_DIR: `${vault.home.path}/split`,
    AWS_VAULT_FILE_NEW_PASSPHRASE: other,
  };
  assert.equal((await vault.run(["change-passphrase"], { env: split })).code, 0);
  Deno.copyFileSync(`${vault.home.path}/split/other`, path);
  Deno.removeSync(`${vault.home.path}/split`, { recursive: true });
  const odd = Deno.readTextFileSync(path);
  const ran = await vault.run(["change-passphrase"], { env: WITH_NEW });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /keys\/other does not open with the passphrase that opens others/);
  assert.match(ran.stderr, /nothing was changed/);
  assert.deepEqual(vault.snapshot(), { ...before, ".awsvault/keys/other": odd });
});

Deno.test("a wrong old passphrase, an empty new one, no terminal: refused, and nothing is changed", async () => {
  await using vault = await startFull();
  const before = vault.snapshot();
  for (
    const [env, why] of [
      [{ ...WITH_NEW, AWS_VAULT_FILE_PASSPHRASE: "wrong" }, /wrong passphrase: it does not open/],
      [{ AWS_VAULT_FILE_NEW_PASSPHRASE: "" }, /AWS_VAULT_FILE_NEW_PASSPHRASE is empty/],
      [{}, /no terminal to ask for the new passphrase on\n {2}set AWS_VAULT_FILE_NEW_PASSPHRASE/],
      [{ ...WITH_NEW, AWS_VAULT_FILE_DIR: "none" }, /holds nothing yet, and has no passphrase/],
      [{ ...WITH_NEW, AWS_VAULT_BACKEND: "pass" }, /--backend=file/],
    ] as const
  ) {
    const ran = await vault.run(["change-passphrase"], { env });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, why);
  }
  assert.deepEqual(vault.snapshot(), before);
});

Deno.test("what a stopped change has left is done first, and then the one that is asked for now", async () => {
  await using vault = await startVault();
  vault.home.write(".awsvault/keys/.tmp-passphrase-change", "{}");
  const ran = await vault.run(["change-passphrase"], { env: WITH_NEW });
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(await opensAll(vault, NEW), ran.stdout);
});

Deno.test("who has read the keyring with the old passphrase stores nothing more with it", async () => {
  await using vault = await startFull();
  const early = vault.open();
  assert.ok(await early.get("work"));
  assert.equal((await vault.run(["change-passphrase"], { env: WITH_NEW })).code, 0);
  const names = listNames(vault.keyring);
  await assert.rejects(storeWith(early), /wrong passphrase: another run .* or has changed it/);
  assert.deepEqual(listNames(vault.keyring), names);
  assert.ok(await opensAll(vault, NEW));
});

function storeWith(keyring: ReturnType<Vault["open"]>): Promise<void> {
  return keyring.set({ key: "late", data: new TextEncoder().encode("{}") });
}

Deno.test({
  name:
    "killed at any change of a file, all opens with one passphrase, and the next run finishes (strace)",
  ignore: !HAS_STRACE,
  fn: async () => {
    let finished = 0;
    const kills = await killAtEachChange(async (command, where) => {
      await using vault = await startFull();
      const ran = await vault.run(["change-passphrase"], { env: WITH_NEW, command });
      const [withOld, withNew] = [await opensAll(vault, PASSPHRASE), await opensAll(vault, NEW)];
      assert.notEqual(withOld, withNew, `killed at ${where}: old ${withOld}, new ${withNew}`);
      const again = await vault.run(["change-passphrase"], { env: WITH_NEW });
      assert.equal(again.code, 0, `after the kill at ${where}: ${again.stderr}`);
      if (again.stdout.startsWith("Finished the change")) finished++;
      assert.ok(await opensAll(vault, NEW));
      const left = listNames(vault.keyring).filter((name) => name.startsWith(".tmp-passphrase"));
      assert.deepEqual(left, []);
      for (const name of NAMES) assert.ok(await readStoredKeys(vault.open(NEW), name));
      return ran;
    });
    assert.ok(kills >= 10, `${kills} kills`);
    assert.ok(finished >= 6, `${finished} were half done`);
  },
});

Deno.test({
  name: "a store or a removal after a kill finishes what was decided first (strace)",
  ignore: !HAS_STRACE,
  fn: async () => {
    for (const then of ["add", "rm"]) {
      await using vault = await startFull();
      const command = withFaults("rename:signal=SIGKILL:when=2");
      assert.equal((await vault.run(["change-passphrase"], { env: WITH_NEW, command })).code, 137);
      assert.ok(listNames(vault.keyring).includes(".tmp-passphrase-change"));
      const env = { AWS_VAULT_FILE_PASSPHRASE: NEW };
      const listed = await vault.run(["list", "--credentials"], { env });
      assert.equal(listed.stdout, `${NAMES.join("\n")}\n`);
      const ran = then === "add"
        ? await vault.add("other", "AKIANEW", { env })
        : await vault.run(["rm", "-f", "other"], { env });
      assert.equal(ran.code, 0, ran.stderr);
      assert.ok(!listNames(vault.keyring).includes(".tmp-passphrase-change"));
      assert.ok(await opensAll(vault, NEW));
      const kept = await readStoredKeys(vault.open(NEW), "other");
      assert.equal(kept?.accessKeyId, then === "add" ? "AKIANEW" : undefined);
    }
  },
});

Deno.test({
  name:
    "a full disk is told: before the change nothing is changed, within it what is left to do (strace)",
  ignore: !HAS_STRACE,
  fn: async () => {
    for (const n of [1, 2]) {
      await using vault = await startFull();
      const command = withFaults(`rename:error=ENOSPC:when=${n}`);
      const ran = await vault.run(["change-passphrase"], { env: WITH_NEW, command });
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /No space left on device/);
      assert.equal(
        /the new passphrase of .* counts, but the change is not done/.test(ran.stderr),
        n === 2,
      );
      assert.ok(await opensAll(vault, n === 1 ? PASSPHRASE : NEW));
      const again = await vault.run(["change-passphrase"], { env: WITH_NEW });
      assert.equal(again.code, 0, again.stderr);
      assert.ok(await opensAll(vault, NEW));
    }
  },
});

Deno.test({
  name:
    "an item that cannot be read while a change is finished is not left behind with the old one",
  ignore: !HAS_STRACE || !HAS_MODES,
  fn: async () => {
    await using vault = await startFull();
    const killed = withFaults("rename:signal=SIGKILL:when=2");
    assert.equal(
      (await vault.run(["change-passphrase"], { env: WITH_NEW, command: killed })).code,
      137,
    );
    const path = `${vault.keyring}/other`;
    Deno.chmodSync(path, 0);
    const command = boundByModes(COMMAND);
    const ran = await vault.run(["change-passphrase"], { env: WITH_NEW, command });
    assertRefused(ran, /change is not done: \S+keys\/other cannot be read: permission denied/);
    Deno.chmodSync(path, 0o600);
    assert.equal((await vault.run(["change-passphrase"], { env: WITH_NEW })).code, 0);
    assert.ok(await opensAll(vault, NEW));
  },
});

Deno.test("whoever reads meanwhile with either passphrase is served until, or from, one moment on", async () => {
  await using vault = await startFull();
  for (let i = 0; i < 60; i++) await storeKeys(vault.keyring, `more${i}`, `AKIA${i}`, "s");
  const change = vault.run(["change-passphrase"], { env: WITH_NEW });
  let isDone = false;
  void change.finally(() => isDone = true);
  const seen: string[] = [];
  while (!isDone) {
    const key = `more${seen.length % 60}`;
    for (const passphrase of [PASSPHRASE, NEW]) {
      const read = vault.open(passphrase).get(key);
      seen.push(`${passphrase === NEW ? "new" : "old"} ${await read.then(() => "ok", () => "no")}`);
    }
    await new Promise((resume) => setTimeout(resume, 1));
  }
  assert.equal((await change).code, 0);
  const firstNew = seen.indexOf("new ok");
  const lastOld = seen.lastIndexOf("old ok");
  const late = firstNew < 0 ? [] : seen.slice(firstNew).filter((each) => each === "new no");
  assert.deepEqual(late, [], "what the new one opened once it opens from then on");
  assert.ok(firstNew < 0 || lastOld <= firstNew + 1, `old at ${lastOld}, new from ${firstNew}`);
});

Deno.test({
  name:
    "doctor --fix leaves a change that was killed long ago, and says how it is finished (strace)",
  ignore: !HAS_STRACE,
  fn: async () => {
    await using vault = await startFull();
    const command = withFaults("rename:signal=SIGKILL:when=3");
    assert.equal((await vault.run(["change-passphrase"], { env: WITH_NEW, command })).code, 137);
    const record = `${vault.keyring}/.tmp-passphrase-change`;
    Deno.utimeSync(record, new Date(0), new Date(0));
    const { stdout } = await vault.run(["doctor", "--json", "--fix"]);
    const found = JSON.parse(stdout).findings.find(
      ({ id }: { id: string }) => id === "keyring.passphrase-change",
    );
    assert.deepEqual([found?.file, found?.fixable], [record, false]);
    assert.match(found.wayOut, /aws-vault change-passphrase/);
    const finished = await vault.run(["change-passphrase"], { env: WITH_NEW });
    assert.match(finished.stdout, /^Finished the change/);
    assert.ok(await opensAll(vault, NEW));
  },
});
