import assert from "node:assert/strict";
import { openFile } from "../../../backends/file.ts";
import { changePassphrase } from "../../../backends/file/change_passphrase.ts";
import { CHANGE_RECORD } from "../../../backends/file/change_record.ts";
import type { PassphraseRequest } from "../../../backends/file/unlock.ts";
import { seal } from "../../../backends/file/seal.ts";
import { MIN_ROUNDS } from "../../../backends/settings.ts";
import { BackendError, WrongPassphraseError } from "../../../src/errors.ts";
import type { SecretBackend } from "../../../src/types.ts";

interface Keyring extends Disposable {
  readonly path: string;
  /** What was asked of `passphrase`, over all that were opened. */
  readonly asked: PassphraseRequest[];
  readonly debugged: string[];
  readonly noted: string[];
  nowMs: number;
  /** Answers to come before the passphrase that a keyring was opened with. */
  answers?: string[];
  /** Called in place of each pause. */
  onSleep?: () => void;
  open(passphrase?: string, directory?: string): SecretBackend;
  names(): string[];
  write(name: string, text: string): string;
}

function makeKeyring(): Keyring {
  const path = Deno.makeTempDirSync({ prefix: "vault-keys-" });
  const asked: PassphraseRequest[] = [];
  const debugged: string[] = [];
  const noted: string[] = [];
  const keyring: Keyring = {
    path,
    asked,
    debugged,
    noted,
    nowMs: Date.now(),
    open(passphrase = "right", directory = path) {
      const ask = (request: PassphraseRequest) => {
        asked.push(request);
        return Promise.resolve(keyring.answers?.shift() ?? passphrase);
      };
      const clock = { now: () => keyring.nowMs, sleep: () => Promise.resolve(keyring.onSleep?.()) };
      const debug = (text: string) => void debugged.push(text);
      const note = (text: string) => void noted.push(text);
      return openFile({ directory, passphrase: ask }, { clock, debug, note });
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
  assert.deepEqual(keyring.asked, [{ isNew: false, refused: undefined }]);
});

Deno.test("unlocked beforehand, nobody is asked again: with items, and without any", async () => {
  for (const items of [[], ["other"]]) {
    using keyring = makeKeyring();
    for (const key of items) await keyring.open().set({ key, data: new Uint8Array(1) });
    keyring.asked.length = 0;
    const backend = keyring.open();
    await backend.unlock!("keys");
    assert.equal(keyring.asked.length, 1);
    await backend.set({ key: "work", data: new Uint8Array(1) });
    await backend.get("work");
    assert.equal(keyring.asked.length, 1);
  }
});

Deno.test("a passphrase is confirmed for the first item of a keyring, and for no other", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  await keyring.open().set({ key: "b", data });
  assert.deepEqual(keyring.asked.map(({ isNew }) => isNew), [true, false]);
});

Deno.test("file names are the keys, with slashes and percent signs encoded as the Go tool does", async () => {
  using keyring = makeKeyring();
  const names: Record<string, string> = {
    "team/ops 100%": "team%2Fops 100%25",
    "oidc:https://x/start": "oidc:https:%2F%2Fx%2Fstart",
    "..": "%2E.",
    ".tmp-0123456789abcdef": "%2Etmp-0123456789abcdef",
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

Deno.test("a file that is half written is looked at again before it is judged", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "work", data });
  const whole = Deno.readTextFileSync(`${keyring.path}/work`);
  for (const length of [0, 3, 40, whole.length - 1]) {
    keyring.write("work", whole.slice(0, length));
    let looks = 0;
    keyring.onSleep = () => void (++looks === 3 && keyring.write("work", whole));
    assert.deepEqual(await keyring.open().keys(), ["work"]);
    keyring.write("work", whole.slice(0, length));
    looks = 0;
    assert.deepEqual((await keyring.open().get("work"))?.data, data);
    assert.equal(looks, 3);
  }
});

Deno.test("an item that is removed while it is looked at again is absent", async () => {
  using keyring = makeKeyring();
  const path = keyring.write("work", "eyJhbGciOi");
  keyring.onSleep = () => Deno.removeSync(path);
  assert.equal(await keyring.open().get("work"), undefined);
});

Deno.test("what stays half written is damaged; nobody is told to remove it", async () => {
  using keyring = makeKeyring();
  const path = keyring.write("work", "eyJhbGciOi");
  await assert.rejects(keyring.open().get("work"), (error) => {
    assert.ok(error instanceof BackendError);
    assert.match(error.message, new RegExp(`^${path} is no whole item`));
    assert.doesNotMatch(error.hints.join(), /remove|delete/);
    return true;
  });
  assert.deepEqual(keyring.asked, []);
});

Deno.test("a directory that is a link leads on, and one that leads nowhere is an error", async () => {
  using keyring = makeKeyring();
  using elsewhere = makeKeyring();
  await keyring.open().set({ key: "work", data });
  const link = `${elsewhere.path}/link`;
  Deno.symlinkSync(keyring.path, link);
  assert.deepEqual(await elsewhere.open("right", link).keys(), ["work"]);
  Deno.chmodSync(keyring.path, 0o755);
  await elsewhere.open("right", link).set({ key: "work", data });
  assert.equal(modeOf(keyring.path), "700");
  assert.deepEqual(await elsewhere.open("right", `${link}/below`).keys(), []);
  Deno.removeSync(link);
  Deno.symlinkSync("nowhere", link);
  for (const directory of [link, `${link}/below`]) {
    const backend = elsewhere.open("right", directory);
    const told = new RegExp(`${directory} cannot be read: ${link} is a link that leads nowhere`);
    await assert.rejects(backend.keys(), told);
    await assert.rejects(backend.set({ key: "a", data }), told);
  }
});

Deno.test("an item under another passphrase than the rest is told from a wrong passphrase", async () => {
  using keyring = makeKeyring();
  using other = makeKeyring();
  await keyring.open().set({ key: "b", data });
  await other.open("other").set({ key: "a", data });
  Deno.copyFileSync(`${other.path}/a`, `${keyring.path}/a`);
  await assert.rejects(keyring.open().get("a"), /opens the others/);
});

Deno.test("two that make a keyring at once with two passphrases: the second is refused", async () => {
  for (let round = 0; round < 5; round++) {
    using keyring = makeKeyring();
    const made = await Promise.allSettled(
      ["first", "second"].map((name) => keyring.open(name).set({ key: name, data })),
    );
    const refused = made.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok((refused[0] as PromiseRejectedResult).reason instanceof WrongPassphraseError);
    assert.equal(keyring.names().length, 1);
  }
});

Deno.test("a passphrase may be mistyped, three times at most", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  keyring.answers = ["wrong", "wrong again", "right"];
  assert.deepEqual((await keyring.open().get("a"))?.data, data);
  keyring.answers = ["one", "two", "three", "right"];
  const backend = keyring.open();
  await assert.rejects(backend.get("a"), WrongPassphraseError);
  await assert.rejects(backend.get("a"), WrongPassphraseError);
  assert.deepEqual(keyring.answers, ["right"]);
});

Deno.test("temporary files are no items, and those of a minute ago are swept by a write", async () => {
  using keyring = makeKeyring();
  const jwe = await seal("text", "right", MIN_ROUNDS);
  const left = [".tmp-0123456789abcdef", ".tmp-0123456789abcdef.tmp-0123456789abcdef"];
  const others = [".tmp-of-another", "b.tmp-0123456789abcdef"];
  for (const name of [...left, ...others]) keyring.write(name, jwe);
  await keyring.open().set({ key: "a", data });
  assert.deepEqual(await keyring.open().keys(), ["a", others[1]]);
  assert.deepEqual(keyring.names(), [...left, ...others, "a"].sort());
  keyring.nowMs += 61_000;
  await keyring.open().set({ key: "a", data });
  assert.deepEqual(keyring.names(), [...others, "a"].sort());
});

Deno.test("a look narrows no mode, a write narrows all that is ours", async () => {
  using keyring = makeKeyring();
  await keyring.open().set({ key: "a", data });
  const modes = () => [keyring.path, `${keyring.path}/a`].map(modeOf);
  keyring.write(".DS_Store", "a file manager's");
  Deno.chmodSync(keyring.path, 0o755);
  Deno.chmodSync(`${keyring.path}/a`, 0o644);
  await keyring.open().keys();
  await keyring.open().get("a");
  assert.deepEqual(modes(), ["755", "644"]);
  assert.match(keyring.debugged.join(), /is open to others; a write narrows it/);
  await keyring.open().set({ key: "b", data });
  assert.deepEqual(modes(), ["700", "600"]);
  assert.deepEqual(keyring.noted, []);
});

Deno.test("a directory that holds what is not ours, or is shared, keeps its mode, and that is told", async () => {
  for (const mode of [0o755, 0o1777]) {
    using keyring = makeKeyring();
    if (mode === 0o755) keyring.write("notes", "somebody's own");
    Deno.chmodSync(keyring.path, mode);
    await keyring.open().set({ key: "a", data });
    assert.equal(modeOf(keyring.path), mode.toString(8));
    assert.match(keyring.noted.join(), /is open to others/);
    assert.equal(modeOf(`${keyring.path}/a`), "600");
  }
});

Deno.test("a directory that is closed to others may hold what is not ours, and nothing is told", async () => {
  using keyring = makeKeyring();
  keyring.write("notes", "somebody's own");
  await keyring.open().set({ key: "a", data });
  await keyring.open().keys();
  assert.deepEqual([keyring.noted, keyring.debugged], [[], []]);
});

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o7777).toString(8);
}

Deno.test("who may write in a keyring's directory is told once a run, and of one without items not", async () => {
  using keyring = makeKeyring();
  Deno.chmodSync(keyring.path, 0o777);
  await keyring.open().keys();
  assert.deepEqual([keyring.noted, keyring.debugged], [[], []]);
  await keyring.open().set({ key: "a", data });
  Deno.chmodSync(keyring.path, 0o777);
  const opened = keyring.open();
  for (let looks = 0; looks < 2; looks++) await opened.keys();
  assert.equal(keyring.noted.length, 1, keyring.noted.join());
  assert.match(keyring.noted[0]!, /others may write in the keyring's directory: chmod 700/);
});

Deno.test("nothing is written or removed beside a writer that is stopped: it may be changing the passphrase", async () => {
  using keyring = makeKeyring();
  const opened = keyring.open();
  await opened.set({ key: "a", data });
  using stopped = Deno.openSync(keyring.path);
  await stopped.lock(true);
  const refused = new RegExp(`has been writing to ${keyring.path} for ten seconds`);
  await assert.rejects(opened.set({ key: "b", data }), refused);
  await assert.rejects(opened.remove("a"), refused);
  await assert.rejects(opened.checkWritable!("keys"), refused);
  assert.deepEqual(keyring.names(), ["a"]);
  assert.deepEqual((await keyring.open().get("a"))?.data, data);
});

Deno.test("whether it can be written is tried without leaving anything behind", async () => {
  using keyring = makeKeyring();
  await keyring.open("right", `${keyring.path}/new`).checkWritable!("keys");
  assert.deepEqual([...Deno.readDirSync(`${keyring.path}/new`)], []);
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
    const path = keyring.write("a", await seal(text, "right", MIN_ROUNDS));
    await assert.rejects(keyring.open().get("a"), { message: new RegExp(`^${path} opens, but`) });
  }
});

Deno.test("a key without a name is refused", async () => {
  using keyring = makeKeyring();
  for (const key of ["", "a\0b"]) {
    await assert.rejects(keyring.open().set({ key, data }), /name is empty or holds a NUL/);
  }
});

Deno.test("a change of the passphrase that another run has just ended was not interrupted", async () => {
  using keyring = makeKeyring();
  await keyring.open("old").set({ key: "a", data });
  const record = keyring.write(CHANGE_RECORD, "{}");
  const other = Deno.openSync(keyring.path);
  await other.lock(true);
  const sleep = () => {
    Deno.removeSync(record);
    other.close();
    return Promise.resolve();
  };
  const clock = { now: Date.now, sleep };
  const options = {
    directory: keyring.path,
    p2c: MIN_ROUNDS,
    passphrase: () => Promise.resolve("old"),
    choose: () => Promise.resolve("new"),
  };
  const outcome = await changePassphrase(options, { clock, debug() {}, note() {} });
  assert.deepEqual(outcome, { state: "changed", items: 1, isAnother: true });
  assert.deepEqual((await keyring.open("new").get("a"))?.data, data);
});
