import assert from "node:assert/strict";
import { openFile } from "../../../backends/file.ts";
import { DEFAULT_P2C, seal } from "../../../backends/jwe.ts";
import { BackendError, WrongPassphraseError } from "../../../src/errors.ts";
import type { SecretBackend } from "../../../src/types.ts";

interface Keyring extends Disposable {
  readonly path: string;
  /** What was asked of `passphrase`, over all that were opened. */
  readonly asked: { confirm: boolean }[];
  readonly debugged: string[];
  nowMs: number;
  open(passphrase?: string): SecretBackend;
  names(): string[];
  write(name: string, text: string): string;
}

function makeKeyring(): Keyring {
  const path = Deno.makeTempDirSync({ prefix: "vault-keys-" });
  const asked: { confirm: boolean }[] = [];
  const debugged: string[] = [];
  const keyring: Keyring = {
    path,
    asked,
    debugged,
    nowMs: Date.now(),
    open(passphrase = "right") {
      const ask = (options: { confirm: boolean }) => {
        asked.push(options);
        return Promise.resolve(passphrase);
      };
      const clock = { now: () => keyring.nowMs, sleep: () => Promise.resolve() };
      const debug = (text: string) => void debugged.push(text);
      return openFile({ directory: path, passphrase: ask }, { platform: "linux", clock, debug });
    },
    names: () => [...Deno.readDirSync(path)].map(({ name }) => name).sort(),
    write(name, text) {
      Deno.writeTextFileSync(`${path}/${name}`, text);
      return `${path}/${name}`;
    },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
  return keyring;
}

const data = new TextEncoder().encode("secret");

Deno.test("the passphrase is asked once a run, and not for names alone", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  keyring.asked.length = 0;
  const backend = keyring.open();
  await backend.keys();
  assert.equal(await backend.get("absent"), undefined);
  assert.equal(await backend.remove("absent"), false);
  assert.deepEqual(keyring.asked, []);
  await backend.get("a");
  await backend.set({ key: "b", data });
  await backend.get("b");
  assert.deepEqual(keyring.asked, [{ confirm: false }]);
});

Deno.test("a passphrase is confirmed for the first item of a keyring, and for no other", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  await keyring.open().set({ key: "b", data });
  assert.deepEqual(keyring.asked, [{ confirm: true }, { confirm: false }]);
});

Deno.test("file names are the keys, with slashes and percent signs encoded as the Go tool does", async () => {
  using keyring = makeKeyring();
  const names: Record<string, string> = {
    "team/ops 100%": "team%2Fops 100%25",
    "oidc:https://x/start": "oidc:https:%2F%2Fx%2Fstart",
    "..": "%2E.",
    "%2F": "%252F",
    "zoë": "zoë",
  };
  for (const key of Object.keys(names)) await keyring.open().set({ key, data });
  assert.deepEqual(keyring.names(), Object.values(names).sort());
  assert.deepEqual(await keyring.open().keys(), Object.keys(names).sort());
});

Deno.test("a wrong passphrase is refused before anything is written with it", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  for (const key of ["a", "b"]) {
    await assert.rejects(keyring.open("wrong").set({ key, data }), WrongPassphraseError);
  }
  await assert.rejects(keyring.open("wrong").get("a"), WrongPassphraseError);
  assert.deepEqual(keyring.names(), ["a"]);
  assert.deepEqual((await keyring.open().get("a"))?.data, data);
});

Deno.test("a torn item beside good ones says nothing of the passphrase", async () => {
  using keyring = makeKeyring();
  keyring.write("a torn one", "eyJ.torn");
  await keyring.open().set({ key: "good", data });
  await keyring.open().set({ key: "another", data });
  await assert.rejects(keyring.open("wrong").set({ key: "new", data }), WrongPassphraseError);
});

Deno.test("one item under another passphrase does not keep the others from being written", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "b", data });
  using other = makeKeyring();
  await other.open("other").set({ key: "a", data });
  Deno.copyFileSync(`${other.path}/a`, `${keyring.path}/a`);
  await keyring.open().set({ key: "c", data });
  assert.deepEqual((await keyring.open().get("c"))?.data, data);
});

Deno.test("an item that another name was given on disk is refused, and named", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "test", data });
  Deno.renameSync(`${keyring.path}/test`, `${keyring.path}/production`);
  await assert.rejects(keyring.open().get("production"), {
    message: `${keyring.path}/production holds the item of another name, \`test\``,
  });
});

Deno.test("what is no item is not listed, read, removed or written over", async () => {
  using keyring = makeKeyring();
  Deno.mkdirSync(`${keyring.path}/directory`);
  const target = keyring.write("notes", "a note");
  Deno.symlinkSync(target, `${keyring.path}/link`);
  assert.deepEqual(await keyring.open().keys(), []);
  for (const key of ["directory", "link"]) {
    await assert.rejects(keyring.open().get(key), BackendError);
  }
  for (const key of ["directory", "link", "notes"]) {
    await assert.rejects(keyring.open().set({ key, data }), /is no item of the keyring/);
    await assert.rejects(keyring.open().remove(key), /is no item of the keyring/);
  }
  assert.equal(Deno.readTextFileSync(target), "a note");
  assert.deepEqual(keyring.names(), ["directory", "link", "notes"]);
});

Deno.test("an empty file, as a killed Go tool leaves it, is no item and may be written anew", async () => {
  using keyring = makeKeyring();
  keyring.write("work", "");
  assert.deepEqual(await keyring.open().keys(), []);
  await keyring.open().set({ key: "work", data });
  assert.deepEqual((await keyring.open().get("work"))?.data, data);
});

Deno.test("temporary files are no items, and those of a minute ago are swept by a write", async () => {
  using keyring = makeKeyring();
  const jwe = await seal("text", "right", DEFAULT_P2C);
  keyring.write(".tmp-0123", jwe);
  await keyring.open().set({ key: "a", data });
  assert.deepEqual(await keyring.open().keys(), ["a"]);
  assert.deepEqual(keyring.names(), [".tmp-0123", "a"]);
  keyring.nowMs += 61_000;
  await keyring.open().set({ key: "a", data });
  assert.deepEqual(keyring.names(), ["a"]);
});

Deno.test("modes wider than ours are narrowed, and told under --debug", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  Deno.chmodSync(keyring.path, 0o755);
  Deno.chmodSync(`${keyring.path}/a`, 0o644);
  const backend = keyring.open();
  await backend.keys();
  await backend.get("a");
  assert.equal(Deno.statSync(keyring.path).mode! & 0o777, 0o700);
  assert.equal(Deno.statSync(`${keyring.path}/a`).mode! & 0o777, 0o600);
  assert.equal(keyring.debugged.length, 2);
});

Deno.test("the label and description that were stored are read back", async () => {
  using keyring = makeKeyring();
  const item = { key: "a", data, label: "aws-vault (a)", description: "aws-vault credentials" };
  await keyring.open().set(item);
  assert.deepEqual(await keyring.open().get("a"), item);
});

Deno.test("an item that opens and is no envelope is damage, and names its file", async () => {
  using keyring = makeKeyring();
  for (const text of ["", "no JSON", "null", "[]", '{"Key":1,"Data":""}', '{"Key":"a"}']) {
    const path = keyring.write("a", await seal(text, "right", DEFAULT_P2C));
    await assert.rejects(keyring.open().get("a"), { message: new RegExp(`^${path} opens, but`) });
  }
});

Deno.test("a key without a name is refused", async () => {
  using keyring = makeKeyring();
  for (const key of ["", "a\0b"]) {
    await assert.rejects(keyring.open().set({ key, data }), BackendError);
  }
});
