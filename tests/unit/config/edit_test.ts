import assert from "node:assert/strict";
import { checkEditable, editFile } from "../../../src/config/edit.ts";
import { addProfileSection } from "../../../src/config/edit_profiles.ts";
import { withFileLock } from "../../../src/config/file_lock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

function inDirectory(body: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const directory = Deno.makeTempDirSync({ prefix: "vault-edit-" });
    try {
      await body(`${directory}/config`);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

function listBeside(path: string): string[] {
  return [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))].map(({ name }) => name);
}

Deno.test("a device or a directory is no config file that can be written", () => {
  assert.throws(() => checkEditable("/dev/null", []), {
    message: /is no file that can be written/,
  });
  assert.throws(() => checkEditable("/tmp", []), { message: /is no file that can be written/ });
});

Deno.test(
  "a section is appended once, and what a killed writer left beside the file goes",
  inDirectory(async (path) => {
    Deno.writeTextFileSync(`${path}.aws-vault.tmp-0123456789abcdef`, "half");
    Deno.writeTextFileSync(`${path}.aws-vault.lock`, "");
    Deno.writeTextFileSync(`${path}.bak`, "the user's");
    const ctx = { clock: systemClock, env: new Map([["AWS_CONFIG_FILE", path]]) };
    assert.equal(await addProfileSection(ctx, "a", { region: "r" }), true);
    assert.equal(await addProfileSection(ctx, "a", { region: "s" }), false);
    assert.equal(Deno.readTextFileSync(path), "[profile a]\nregion=r\n");
    assert.deepEqual(listBeside(path).sort(), ["config", "config.bak"]);
  }),
);

Deno.test(
  "what another program writes while a file is changed stays, there before or not",
  inDirectory(async (path) => {
    for (const before of [undefined, "old\n"]) {
      if (before !== undefined) Deno.writeTextFileSync(path, before);
      let calls = 0;
      await editFile(path, systemClock, (bytes) => {
        if (++calls === 1) Deno.writeTextFileSync(path, "typed\n");
        return new TextEncoder().encode(`${new TextDecoder().decode(bytes)}ours\n`);
      }, []);
      assert.equal(Deno.readTextFileSync(path), "typed\nours\n");
      assert.deepEqual(listBeside(path), ["config"]);
      Deno.removeSync(path);
    }
  }),
);

Deno.test(
  "a file that another program writes over and over is left to it, with an error",
  inDirectory(async (path) => {
    let written = "";
    const change = editFile(path, systemClock, () => {
      Deno.writeTextFileSync(path, written += "x");
      return new Uint8Array();
    }, []);
    await assert.rejects(change, /left as it was: another program goes on changing it$/);
    assert.equal(Deno.readTextFileSync(path), written);
    assert.deepEqual(listBeside(path), ["config"]);
  }),
);

Deno.test(
  "one at a time changes a file, and none begins before the last has ended",
  inDirectory(async (path) => {
    Deno.writeTextFileSync(path, "");
    const held = Deno.openSync(`${path}.aws-vault.lock`, { create: true, write: true });
    held.lockSync(true);
    const order: string[] = [];
    const waiting = [1, 2, 3].map((n) =>
      withFileLock(path, systemClock, () => void order.push(`work ${n}`))
    );
    await systemClock.sleep(50);
    order.push("released");
    held.close();
    await Promise.all(waiting);
    assert.equal(order[0], "released");
    assert.equal(order.length, 4);
    assert.deepEqual(listBeside(path), ["config"]);
  }),
);

Deno.test(
  "a lock that is not given back is waited for ten seconds, and then told",
  inDirectory(async (path) => {
    using held = Deno.openSync(`${path}.aws-vault.lock`, { create: true, write: true });
    held.lockSync(true);
    let nowMs = 0;
    const clock = { now: () => nowMs, sleep: (ms: number) => Promise.resolve(void (nowMs += ms)) };
    await assert.rejects(withFileLock(path, clock, () => {}), {
      message: /another aws-vault has been changing .*config for too long/,
    });
    assert.ok(nowMs >= 10_000 && nowMs < 11_000);
  }),
);

Deno.test(
  "a lock that is a link is refused, and what it leads to is not made",
  inDirectory(async (path) => {
    Deno.symlinkSync(`${path}.elsewhere`, `${path}.aws-vault.lock`);
    await assert.rejects(withFileLock(path, systemClock, () => {}), {
      message: /is a symbolic link/,
    });
    assert.deepEqual(listBeside(path), ["config.aws-vault.lock"]);
  }),
);
