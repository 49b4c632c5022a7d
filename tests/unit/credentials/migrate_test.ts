import assert from "node:assert/strict";
import { migrate, type MigrateOptions, type Outcome } from "../../../src/credentials/migrate.ts";
import { journalKey } from "../../../src/credentials/rotation/journal.ts";
import { BackendError } from "../../../src/errors.ts";
import type { SecretBackend, SecretItem } from "../../../src/types.ts";

const SESSION = "sts.GetSessionToken,d29yaw,,1795229414";

Deno.test("long-term keys are copied with their labels, sessions and SSO tokens are not", async () => {
  const from = makeBackend("file", { work: "w", [SESSION]: "s", "oidc:https://x": "o", home: "h" });
  const to = makeBackend("pass");
  assert.deepEqual(await run(from, to), ["home copied", "work copied"]);
  assert.deepEqual(to.contents(), { home: "h", work: "w" });
  assert.equal((await to.get("work"))?.label, "label of work");
  assert.equal(Object.keys(from.contents()).length, 4);
});

Deno.test("one profile is copied when one is named, and no other", async () => {
  const from = makeBackend("file", { work: "w", home: "h" });
  const to = makeBackend("pass");
  assert.deepEqual(await run(from, to, { profile: "work" }), ["work copied"]);
  assert.deepEqual(to.contents(), { work: "w" });
});

Deno.test("a dry run reads and writes nothing but names", async () => {
  const from = makeBackend("file", { work: "w", home: "h" });
  const to = makeBackend("pass", { home: "other" });
  const refuse = () => Promise.reject(new Error("not in a dry run"));
  Object.assign(from, { get: refuse, set: refuse, remove: refuse });
  Object.assign(to, { get: refuse, set: refuse, remove: refuse });
  const options = { dryRun: true, overwrite: true, deleteSource: true };
  assert.deepEqual(await run(from, to, options), ["home present", "work copied"]);
});

Deno.test("a dry run tells of keys that would not be copied for their unfinished rotation", async () => {
  const from = makeBackend("file", { work: "w", home: "h", [journalKey("work")]: "{}" });
  assert.deepEqual(await run(from, makeBackend("pass"), { dryRun: true }), [
    "home copied",
    "work unreadable (its rotation is unfinished; finish it with: aws-vault --backend=file rotate work)",
  ]);
});

Deno.test("what the target has is left alone, unless it is equal or to be overwritten", async () => {
  const from = makeBackend("file", { work: "w", home: "h" });
  const to = makeBackend("pass", { work: "other", home: "h" });
  const options = { deleteSource: true };
  assert.deepEqual(await run(from, to, options), ["home equal deleted", "work different"]);
  assert.deepEqual(from.contents(), { work: "w" });
  assert.deepEqual(to.contents(), { work: "other", home: "h" });
  assert.deepEqual(await run(from, to, { overwrite: true }), ["work overwritten"]);
  assert.deepEqual(to.contents(), { work: "w", home: "h" });
});

Deno.test("a run that was cut off is finished by the next one", async () => {
  const from = makeBackend("file", { a: "1", b: "2", c: "3" });
  const to = makeBackend("pass");
  const set = to.set;
  to.set = (item) =>
    item.key === "b" ? Promise.reject(new BackendError("pass", "full")) : set(item);
  await assert.rejects(run(from, to, { deleteSource: true }), /full/);
  assert.deepEqual([from.contents(), to.contents()], [{ b: "2", c: "3" }, { a: "1" }]);
  to.set = set;
  await run(from, to, { deleteSource: true });
  assert.deepEqual([from.contents(), to.contents()], [{}, { a: "1", b: "2", c: "3" }]);
});

for (const back of ["other", "", "wor", "works"]) {
  Deno.test(`a target that gives back \`${back}\` for \`work\` stops the run, and nothing is removed`, async () => {
    const from = makeBackend("file", { work: "work" });
    const to = makeBackend("pass");
    to.set = ({ key }) => Promise.resolve(void to.put(key, back));
    await assert.rejects(run(from, to, { deleteSource: true }), /does not give back/);
    assert.deepEqual(from.contents(), { work: "work" });
  });
}

Deno.test("two names of one store lose nothing with --delete-source", async () => {
  const one = makeBackend("helper", { work: "w" });
  const other: SecretBackend = { ...one, name: "wincred" };
  await assert.rejects(run(one, other, { deleteSource: true }), /are one store/);
  assert.deepEqual(one.contents(), { work: "w" });
});

Deno.test("an item that cannot be read is told, and the others are copied", async () => {
  const from = makeBackend("pass", { "Email/me": "p", work: "w" });
  const { get } = from;
  from.get = (key) =>
    key === "work" ? get(key) : Promise.reject(new BackendError("pass", "holds no item"));
  const to = makeBackend("file");
  const outcomes = await run(from, to, { deleteSource: true });
  assert.deepEqual(outcomes, ["Email/me unreadable (holds no item)", "work copied deleted"]);
  assert.deepEqual(to.contents(), { work: "w" });
});

Deno.test("keys that are stored in the source while it is emptied are not removed with the old ones", async () => {
  const from = makeBackend("file", { a: "1", b: "2" });
  const to = makeBackend("pass");
  const set = to.set;
  to.set = (item) => {
    if (item.key === "a") from.put("a", "newer");
    return set(item);
  };
  const outcomes = await run(from, to, { deleteSource: true });
  assert.deepEqual(outcomes, [
    "a unreadable (other keys were stored in file meanwhile; they are left there)",
    "b copied deleted",
  ]);
  assert.deepEqual(from.contents(), { a: "newer" });
});

Deno.test("keys whose rotation has begun since the names were read are left where they are", async () => {
  const from = makeBackend("file", { a: "1", b: "2" });
  const to = makeBackend("pass");
  const set = to.set;
  to.set = (item) => {
    from.put(journalKey("b"), "{}");
    return set(item);
  };
  const [a, b] = await run(from, to, { deleteSource: true });
  assert.equal(a, "a copied deleted");
  assert.match(b!, /^b unreadable \(its rotation is unfinished/);
  assert.equal(from.contents().b, "2");
});

async function run(
  from: SecretBackend,
  to: SecretBackend,
  options: MigrateOptions = {},
): Promise<string[]> {
  const describe = ({ key, state, isDeleted, reason }: Outcome) =>
    `${key} ${state}${isDeleted ? " deleted" : ""}${reason ? ` (${reason})` : ""}`;
  const clock = { now: Date.now, sleep: () => Promise.resolve() };
  const ctx = { clock, env: new Map(), note: () => {}, debug: () => {} }; // no home, no lock
  return (await Array.fromAsync(migrate(from, to, options, ctx))).map(describe);
}

function makeBackend(name: string, contents: Record<string, string> = {}) {
  const items = new Map(Object.entries(contents));
  const backend = {
    name,
    get(key: string): Promise<SecretItem | undefined> {
      const text = items.get(key);
      if (text === undefined) return Promise.resolve(undefined);
      const data = new TextEncoder().encode(text);
      return Promise.resolve({ key, data, label: labels.get(key) ?? `label of ${key}` });
    },
    set(item: { key: string; data: Uint8Array; label?: string }) {
      items.set(item.key, new TextDecoder().decode(item.data));
      labels.set(item.key, item.label ?? "");
      return Promise.resolve();
    },
    remove: (key: string) => Promise.resolve(items.delete(key)),
    keys: () => Promise.resolve([...items.keys()].sort()),
    contents: () => Object.fromEntries(items),
    put: (key: string, text: string) => items.set(key, text),
  };
  const labels = new Map<string, string>();
  return backend;
}
