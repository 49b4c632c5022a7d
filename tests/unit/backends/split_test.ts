import assert from "node:assert/strict";
import { SplitBackend } from "../../../backends/split.ts";
import type { SecretBackend, SecretItem } from "../../../src/types.ts";

/** A store that notes what it is asked, under its name. */
function makeStore(name: string, keys: string[], asked: string[], hasPassphrase = true) {
  const items = new Map(keys.map((key): [string, SecretItem] => [key, makeItem(key, name)]));
  const store: SecretBackend = {
    name,
    keys: () => Promise.resolve([...items.keys()]),
    get(key) {
      asked.push(`${name} get ${key}`);
      return Promise.resolve(items.get(key));
    },
    set: (item) => Promise.resolve(void items.set(item.key, item)),
    remove(key) {
      asked.push(`${name} remove ${key}`);
      return Promise.resolve(items.delete(key));
    },
    ...hasPassphrase && { unlock: () => Promise.resolve(void asked.push(`${name} unlock`)) },
  };
  return store;
}

const makeItem = (key: string, from: string): SecretItem => ({
  key,
  data: new TextEncoder().encode(from),
});

const isSession = (key: string) => key.startsWith("session ");

function split(kept: { keys: string[]; sessions: string[] }) {
  const asked: string[] = [];
  const [keys, sessions] = [makeStore("K", kept.keys, asked), makeStore("S", kept.sessions, asked)];
  return { asked, keys, sessions, backend: new SplitBackend(keys, sessions, isSession) };
}

Deno.test("of two stores only the one that is needed is unlocked, and both where both are", async () => {
  const { backend, asked } = split({ keys: [], sessions: [] });
  for (
    const [purpose, wanted] of [
      ["keys", ["K unlock"]],
      ["sessions", ["S unlock"]],
      ["all", ["K unlock", "S unlock"]],
    ] as const
  ) {
    asked.length = 0;
    await backend.unlock!(purpose);
    assert.deepEqual(asked, wanted);
  }
});

Deno.test("what asks for no passphrase of its own is not unlocked beforehand", async () => {
  for (const [first, second] of [[false, true], [true, false]] as const) {
    const asked: string[] = [];
    const [keys, sessions] = [
      makeStore("K", [], asked, first),
      makeStore("S", [], asked, second),
    ];
    await new SplitBackend(keys, sessions, isSession).unlock!("all");
    assert.deepEqual(asked, [first ? "K unlock" : "S unlock"]);
  }
  const none = ["K", "S"].map((name) => makeStore(name, [], [], false));
  assert.equal(new SplitBackend(none[0]!, none[1]!, isSession).unlock, undefined);
});

Deno.test("keys are taken from their store alone, sessions from the other's first", async () => {
  const { backend, asked } = split({
    keys: ["work", "session old", "session both"],
    sessions: ["hidden", "session new", "session both"],
  });
  assert.deepEqual((await backend.keys()).sort(), [
    ...["session both", "session new", "session old", "work"],
  ]);
  const from = async (key: string) => {
    const item = await backend.get(key);
    return item && new TextDecoder().decode(item.data);
  };
  assert.equal(await from("work"), "K");
  assert.equal(await from("hidden"), undefined);
  assert.equal(await from("session new"), "S");
  assert.equal(await from("session old"), "K");
  assert.equal(await from("session both"), "S");
  asked.length = 0;
  assert.equal(await from("session nowhere"), undefined);
  assert.deepEqual(asked, ["S get session nowhere"]); // K was seen not to have it
});

Deno.test("a session is removed from both stores, and keys from theirs alone", async () => {
  const { backend, keys, sessions } = split({
    keys: ["work", "session old", "session both"],
    sessions: ["work", "session new", "session both"],
  });
  for (const key of ["work", "session old", "session new", "session both"]) {
    assert.equal(await backend.remove(key), true, key);
  }
  assert.equal(await backend.remove("session both"), false);
  assert.deepEqual([await keys.keys(), await sessions.keys()], [[], ["work"]]);
});

Deno.test("whether keys or sessions can be kept is asked of their store, before they are there", async () => {
  const asked: string[] = [];
  const free = makeStore("F", [], asked);
  const full = { ...free, checkWritable: () => Promise.reject(new Error("it is full")) };
  const check = (keys: SecretBackend, sessions: SecretBackend, purpose: "keys" | "sessions") =>
    new SplitBackend(keys, sessions, isSession).checkWritable(purpose);
  await assert.rejects(check(full, free, "keys"), /it is full/);
  await assert.rejects(check(free, full, "sessions"), /it is full/);
  await check(free, full, "keys");
  await check(full, free, "sessions");
});
