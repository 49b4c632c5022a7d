import assert from "node:assert/strict";
import { AwsRefusal, VaultError } from "../../../../src/errors.ts";
import { isKeyLimit, type RotationCalls } from "../../../../src/credentials/rotation/aws.ts";
import {
  journalKey,
  readJournal,
  restoreFromJournal,
} from "../../../../src/credentials/rotation/journal.ts";
import { Rotation } from "../../../../src/credentials/rotation/rotation.ts";
import { isCredentialsKey, parseSessionKey } from "../../../../src/credentials/session_key.ts";
import { removeAllSessions, removeSessions } from "../../../../src/credentials/sessions.ts";
import { readStoredKeys, writeStoredKeys } from "../../../../src/credentials/stored_keys.ts";
import type { Credentials, SecretBackend } from "../../../../src/types.ts";
import { createRun, MemoryBackend } from "../providers/fake_run.ts";

const OLD: Credentials = { accessKeyId: "AKIAOLD0000000000000", secretAccessKey: "old secret" };
const NOW = Date.UTC(2026, 10, 3, 12);
const DENIED = new AwsRefusal("AccessDenied", 403, "not authorized", ["a policy has to allow it"]);

type When = "before" | "after" | "torn";

/** The place, counted over keyring and AWS, where a run meets its fault. */
class Faults {
  count = 0;
  met = false;
  readonly #killed = Promise.withResolvers<void>();
  /** Resolves with the kill: nothing more comes of that run. */
  readonly killed = this.#killed.promise;
  constructor(readonly at: number, readonly when: When, readonly kills: boolean) {}

  async pass<T>(work: () => Promise<T>, tear?: () => void): Promise<T> {
    const here = ++this.count === this.at;
    if (here) this.met = true;
    if (here && this.when === "torn") tear?.();
    if (here && this.when !== "after") return await this.#strike();
    const done = await work();
    return here ? await this.#strike() : done;
  }

  #strike(): Promise<never> {
    if (!this.kills) throw new VaultError("network", "no answer");
    this.#killed.resolve();
    return new Promise(() => {});
  }
}

/** Where in an undisturbed run the key is made, and stored. */
const CREATE = 6;
const STORE = 10;

/** The keys of one IAM user. */
class User implements RotationCalls {
  readonly keys = new Map([[OLD.accessKeyId, OLD.secretAccessKey]]);
  readonly calls: string[] = [];
  /** How often a new key is not known yet. */
  lateTimes = 0;
  mayList = true;
  /** IAM wants a session with MFA from this one, which `prepare` brings. */
  isPrepared = false;
  #made = 0;

  works = (keys: Credentials | undefined) =>
    keys !== undefined && this.keys.get(keys.accessKeyId) === keys.secretAccessKey;

  prepare() {
    this.isPrepared = true;
    return Promise.resolve();
  }

  #checkSession(): void {
    if (!this.isPrepared) throw refusal("AccessDenied", 403, "an explicit deny without MFA");
  }

  createKey() {
    this.#checkSession();
    this.calls.push("create");
    if (this.keys.size >= 2) {
      throw refusal("LimitExceededException", 409, "Cannot exceed quota for AccessKeysPerUser: 2");
    }
    const accessKeyId = `AKIANEW000000000000${++this.#made}`;
    this.keys.set(accessKeyId, `secret ${this.#made}`);
    return Promise.resolve({ accessKeyId, secretAccessKey: `secret ${this.#made}` });
  }

  deleteKey(id: string) {
    this.#checkSession();
    this.calls.push(`delete ${id}`);
    if (!this.keys.delete(id)) throw refusal("NoSuchEntityException", 404, `${id} cannot be found`);
    return Promise.resolve();
  }

  listKeys() {
    this.#checkSession();
    if (!this.mayList) throw refusal("AccessDenied", 403, "not authorized");
    return Promise.resolve([...this.keys.keys()].map((id) => ({
      id,
      createdAtMs: id === OLD.accessKeyId ? NOW - 1e9 : NOW,
      lastUsed: id === OLD.accessKeyId ? { atMs: NOW - 1e6, service: "s3" } : "never" as const,
    })));
  }

  identify(keys: Credentials) {
    const isLate = keys.accessKeyId !== OLD.accessKeyId && this.lateTimes-- > 0;
    if (!isLate && this.works(keys)) return Promise.resolve();
    throw refusal("InvalidClientTokenId", 403, "The security token is invalid");
  }
}

function refusal(code: string, status: number, message: string): AwsRefusal {
  return new AwsRefusal(code, status, `AWS refused it: ${code}: ${message}`, []);
}

/** Both behind the same count of calls. */
function withFaults(backend: MemoryBackend, user: User, faults: Faults) {
  const keyring: SecretBackend = {
    name: "memory",
    get: (key) => faults.pass(() => backend.get(key)),
    set: (item) =>
      faults.pass(() => backend.set(item), () => {
        backend.items.set(item.key, { key: item.key, data: new Uint8Array([1, 2]) });
      }),
    remove: (key) => faults.pass(() => backend.remove(key)),
    keys: () => faults.pass(() => backend.keys()),
  };
  // A throw of the user's own has to be the promise's, as it is with the real client.
  const calls: RotationCalls = {
    prepare: () => faults.pass(() => user.prepare()),
    createKey: () => faults.pass(async () => await user.createKey()),
    deleteKey: (id) => faults.pass(async () => await user.deleteKey(id)),
    listKeys: () => faults.pass(async () => await user.listKeys()),
    identify: (keys) => faults.pass(async () => await user.identify(keys)),
  };
  return { backend: keyring, calls };
}

async function createWorld() {
  const user = new User();
  const world = createRun();
  await writeStoredKeys(world.backend, "work", OLD);
  const said: string[] = [];
  const ctx = { ...world.ctx, out: (text: string) => void said.push(text) };
  const rotate = async (faults = new Faults(0, "before", false)) => {
    user.isPrepared = false;
    await restoreFromJournal(world.backend, "work", await world.backend.keys());
    const { backend, calls } = withFaults(world.backend, user, faults);
    const again = "aws-vault rotate -n reader";
    const request = { profile: "work", again, dependants: ["work"], backend, calls, ctx };
    const rotation = new Rotation(request);
    await Promise.race([rotation.run(), faults.killed]);
  };
  return { ...world, user, said, rotate };
}

type RotationWorld = Awaited<ReturnType<typeof createWorld>>;

const readStored = ({ backend }: RotationWorld) =>
  readStoredKeys(backend, "work").catch(() => undefined);

/** Stored, or in the journal where the item itself is torn. */
async function hasWorkingKey(world: RotationWorld): Promise<boolean> {
  const stored = await readStored(world);
  const journal = await readJournal(world.backend, "work");
  return world.user.works(stored) || world.user.works(journal?.newKey);
}

async function checkEnd(world: RotationWorld, where: string): Promise<void> {
  const stored = await readStored(world);
  assert.ok(world.user.works(stored), `${where}: the stored key works`);
  assert.deepEqual([...world.user.keys.keys()], [stored!.accessKeyId], `${where}: no other key`);
  assert.deepEqual(await world.backend.keys(), ["work"], `${where}: nothing is left over`);
}

Deno.test("rotate makes a key, proves it, stores it and only then deletes the old one", async () => {
  const world = await createWorld();
  world.backend.writeJson("sts.GetSessionToken,d29yaw,,4102444800", {});
  world.backend.writeJson("sts.GetSessionToken,b3RoZXI,,4102444800", {});
  await world.rotate();
  assert.deepEqual(world.user.calls, ["create", `delete ${OLD.accessKeyId}`]);
  assert.equal((await readStored(world))?.secretAccessKey, "secret 1");
  assert.deepEqual(await world.backend.keys(), ["work", "sts.GetSessionToken,b3RoZXI,,4102444800"]);
  assert.equal(
    world.said.join(""),
    "Creating a new access key\nCreated new access key ****************0001\n" +
      "Deleted 1 session made with the old key\n" +
      "Deleting old access key ****************0000\n" +
      "Deleted old access key ****************0000\n" +
      "Finished rotating access key\n",
  );
});

for (const kills of [false, true]) {
  for (const when of ["before", "after", "torn"] as const) {
    const what = kills ? "a kill" : "a fault";
    Deno.test(`${what} (${when}) at any call leaves a working key, and the next rotate mends all`, async () => {
      for (let at = 1;; at++) {
        const world = await createWorld();
        const faults = new Faults(at, when, kills);
        const error = await world.rotate(faults).then(() => undefined, (error) => error);
        if (!faults.met) return assert.equal(at, 16, "every call met its fault");
        const where = `call ${at}`;
        if (error) assert.ok(error instanceof VaultError, `${where}: ${error}`);
        assert.ok(await hasWorkingKey(world), `${where}: ${error}`);
        await world.rotate();
        await checkEnd(world, where);
      }
    });
  }
}

for (const kills of [false, true]) {
  const again = kills ? "interrupted again" : "that meets a fault";
  Deno.test(`an interrupted rotation ${again} while it is mended is mended in the end`, async () => {
    for (let first = 1; first <= 15; first++) {
      for (let second = 1; second <= 16; second++) {
        const world = await createWorld();
        await world.rotate(new Faults(first, "after", true));
        await world.rotate(new Faults(second, "before", kills)).catch(() => {});
        assert.ok(await hasWorkingKey(world), `${first}, ${second}`);
        await world.rotate();
        await checkEnd(world, `${first}, ${second}`);
      }
    }
  });
}

Deno.test("a rotation interrupted with its key in the journal is finished, by no other key", async () => {
  const world = await createWorld();
  await world.rotate(new Faults(STORE, "before", true));
  await world.rotate();
  assert.deepEqual(world.user.calls, ["create", `delete ${OLD.accessKeyId}`]);
  assert.match(world.notes.join(), /That one is finished now; there was no other\./);
  await checkEnd(world, "finished");
});

Deno.test("a new key that was stored and is unknown to AWS by now is told, with the way out", async () => {
  const world = await createWorld();
  await world.rotate(new Faults(STORE, "after", true));
  world.user.keys.clear();
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.equal(
      error.message,
      "the keyring has no working keys for profile work, and AWS does not know AKIANEW0000000000001",
    );
    assert.match(error.hints.join(), /IAM console and store them with: aws-vault add work$/);
    return true;
  });
  assert.deepEqual(world.user.calls, ["create"]);
});

Deno.test("a fault of AWS (500) may have made a key: the next rotate looks for it", async () => {
  const world = await createWorld();
  const { createKey } = world.user;
  world.user.createKey = async () => {
    world.user.createKey = createKey;
    await world.user.createKey();
    throw refusal("ServiceFailure", 500, "something went wrong");
  };
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(
      error.hints.join(),
      /perhaps AWS made a key: aws-vault rotate -n reader looks for it/,
    );
    return true;
  });
  await world.rotate();
  assert.match(world.notes.join(), /Its new key \*{16}0001, never used, is deleted/);
  await checkEnd(world, "500");
});

Deno.test("an old key that AWS does not delete is told by its id, with what to do meanwhile", async () => {
  const world = await createWorld();
  const { deleteKey } = world.user;
  world.user.deleteKey = () => Promise.reject(DENIED);
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(
      error.message,
      /new key is stored and works; the old one, AKIAOLD0{13}, could not/,
    );
    assert.equal(error.hints[0], "a policy has to allow it");
    assert.match(error.hints[1]!, /^aws-vault rotate -n reader tries that again/);
    assert.match(error.hints[2]!, /can be made inactive in the IAM console$/);
    return true;
  });
  world.user.deleteKey = deleteKey;
  await world.rotate();
  await checkEnd(world, "deleted at last");
});

Deno.test("a journal that cannot be removed does not fail a rotation that is done", async () => {
  const world = await createWorld();
  const { remove } = world.backend;
  world.backend.remove = () => Promise.reject(new VaultError("backend", "read-only"));
  await world.rotate();
  assert.equal(world.said.at(-1), "Finished rotating access key\n");
  assert.doesNotMatch(world.said.join(), /session/);
  world.backend.remove = remove;
  await world.rotate();
  await checkEnd(world, "done");
});

Deno.test("sessions that a rotation cannot remove are told, with what removes them", async () => {
  const world = await createWorld();
  world.backend.writeJson("sts.GetSessionToken,d29yaw,,1793880000", {});
  world.backend.remove = () => Promise.reject(new VaultError("backend", "read-only"));
  await world.rotate();
  assert.match(
    world.notes.join("\n"),
    /warning: sessions made with the old key are still kept: read-only\n {2}.*aws-vault clear work$/,
  );
});

Deno.test("a keyring that takes no more after the journal has the key deleted again", async () => {
  const world = await createWorld();
  const { set } = world.backend;
  let writes = 0;
  world.backend.set = (item) =>
    ++writes <= 2 ? set(item) : Promise.reject(new VaultError("backend", "disk full"));
  await assert.rejects(world.rotate(), /disk full; it was deleted again$/);
  assert.deepEqual([...world.user.keys.keys()], [OLD.accessKeyId]);
  assert.deepEqual(await readStored(world), OLD);
});

Deno.test("a key that an interrupted rotation has made is deleted where the keyring does not take it then", async () => {
  const world = await createWorld();
  await world.rotate(new Faults(STORE, "before", true));
  world.backend.set = () => Promise.reject(new VaultError("backend", "disk full"));
  await assert.rejects(world.rotate(), /disk full; it was deleted again$/);
  assert.deepEqual([...world.user.keys.keys()], [OLD.accessKeyId]);
  assert.deepEqual(await readStored(world), OLD);
});

Deno.test("a key that AWS refuses to make is told in AWS's words, and the next rotation begins anew", async () => {
  const world = await createWorld();
  const { createKey } = world.user;
  world.user.createKey = () => Promise.reject(DENIED);
  await assert.rejects(world.rotate(), DENIED);
  await checkEnd(world, "refused");
  world.user.createKey = createKey;
  await world.rotate();
  await checkEnd(world, "allowed by now");
});

Deno.test("a new key that can be neither stored nor deleted is told by its id, and dealt with later", async () => {
  const world = await createWorld();
  const { backend: { set }, user: { deleteKey } } = world;
  let writes = 0;
  world.backend.set = (item) =>
    ++writes <= 2 ? set(item) : Promise.reject(new VaultError("backend", "disk full"));
  world.user.deleteKey = () => Promise.reject(refusal("AccessDenied", 403, "not authorized"));
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(error.message, /disk full; nor could it be deleted again: .*not authorized$/);
    assert.equal(error.hints[0], "the old key is stored and works as before");
    assert.match(error.hints.join("\n"), /the new one, AKIANEW0{12}1, is not needed/);
    return true;
  });
  assert.deepEqual(await readStored(world), OLD);
  world.backend.set = set;
  world.user.deleteKey = deleteKey;
  await world.rotate();
  await checkEnd(world, "dealt with");
});

Deno.test("a keyring that alters the new key without a word gets the old one back", async () => {
  const world = await createWorld();
  const { set } = world.backend;
  let isAltered = false;
  world.backend.set = (item) => {
    if (item.key !== "work" || isAltered) return set(item);
    isAltered = true;
    const text = new TextDecoder().decode(item.data).replace("secret 1", "secret 7");
    return set({ ...item, data: new TextEncoder().encode(text) });
  };
  await assert.rejects(world.rotate(), /does not give back what was .*; it was deleted again$/);
  assert.deepEqual(await readStored(world), OLD);
  await checkEnd(world, "altered");
});

Deno.test("a new key is waited for until AWS knows it, two seconds at a time", async () => {
  const world = await createWorld();
  world.user.lateTimes = 3;
  await world.rotate();
  assert.deepEqual(world.clock.sleptSeconds, [2, 2, 2]);
  await checkEnd(world, "late");
});

Deno.test("a key that AWS does not know after 20 seconds is deleted, and the old one stays", async () => {
  const world = await createWorld();
  world.user.lateTimes = 1000;
  await assert.rejects(world.rotate(), /AWS does not know it after 20 seconds; it was deleted/);
  assert.equal(world.clock.sleptSeconds.length, 10);
  assert.deepEqual(await readStored(world), OLD);
  await checkEnd(world, "unknown");
});

Deno.test("a keyring that cannot be written at all stops before a key is made", async () => {
  const world = await createWorld();
  world.backend.set = () => Promise.reject(new VaultError("backend", "disk full"));
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(error.message, /disk full/);
    assert.match(error.hints.at(-1)!, /no new key was made; the old one .* works as before/);
    return true;
  });
  assert.deepEqual(world.user.calls, []);
});

for (
  const [what, spoil] of [
    ["loses", () => undefined],
    ["tears", (data: Uint8Array) => data.subarray(0, data.length - 1)],
    ["alters", (data: Uint8Array) => data.map((byte, index) => index === 30 ? byte ^ 1 : byte)],
  ] as const
) {
  Deno.test(`a keyring that ${what} the journal without a word stops before a key is made`, async () => {
    const world = await createWorld();
    spoilJournal(world, 1, spoil);
    await assert.rejects(world.rotate(), /does not give back what was written to it/);
    assert.deepEqual(world.user.calls, []);
    assert.deepEqual(await readStored(world), OLD);
  });

  Deno.test(`a keyring that ${what} the new key's journal without a word has the key deleted again`, async () => {
    const world = await createWorld();
    spoilJournal(world, 2, spoil);
    await assert.rejects(world.rotate(), /does not give back .*; it was deleted again$/);
    assert.deepEqual([...world.user.keys.keys()], [OLD.accessKeyId]);
    assert.deepEqual(await readStored(world), OLD);
  });
}

/** Lets the keyring take one write of the journal, and keep something else, or nothing. */
function spoilJournal(
  { backend }: RotationWorld,
  which: number,
  spoil: (data: Uint8Array) => Uint8Array | undefined,
): void {
  const { set } = backend;
  let writes = 0;
  backend.set = (item) => {
    if (item.key !== journalKey("work") || ++writes !== which) return set(item);
    const data = spoil(item.data);
    return data === undefined ? Promise.resolve(undefined) : set({ ...item, data });
  };
}

Deno.test("with both keys lost to the keyring the new one is shown once", async () => {
  const world = await createWorld();
  const { set } = world.backend;
  let writes = 0;
  world.backend.set = (item) => {
    if (++writes <= 2) return set(item); // the journal
    world.backend.items.clear(); // and then the whole disk
    return Promise.reject(new VaultError("backend", "disk failure"));
  };
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(error.message, /disk failure; both keys still work, none was deleted/);
    assert.doesNotMatch(error.message + error.hints.join(), /secret 1/);
    return true;
  });
  assert.match(world.notes.join("\n"), /shown once[^]*AKIANEW0000000000001\n.*secret 1\n/);
  assert.equal(world.user.keys.size, 2);
});

Deno.test("with the item lost and the journal there the new key is not shown, but stored next time", async () => {
  const world = await createWorld();
  const { set } = world.backend;
  let writes = 0;
  world.backend.set = (item) => {
    if (++writes <= 2) return set(item); // the journal
    world.backend.items.delete("work");
    return Promise.reject(new VaultError("backend", "disk failure"));
  };
  await assert.rejects(world.rotate(), /disk failure; both keys still work, none was deleted/);
  assert.deepEqual(world.notes, []);
  world.backend.set = set;
  await world.rotate();
  await checkEnd(world, "stored next time");
});

Deno.test("two keys at the limit are told apart, with how to free one", async () => {
  const world = await createWorld();
  world.user.keys.set("AKIAOTHER00000000000", "other");
  await assert.rejects(world.rotate(), (error: VaultError) => {
    assert.match(error.message, /LimitExceeded/);
    assert.deepEqual(error.hints, [
      "a user has two keys at most; AKIAOLD0000000000000 is the one stored here",
      "AKIAOTHER00000000000 is the other one, made on 2026-11-03 and never used",
      "when nothing uses the other one any more, free it: aws-vault exec -n work -- " +
      "aws iam delete-access-key --access-key-id AKIAOTHER00000000000",
    ]);
    return true;
  });
  assert.deepEqual(await readStored(world), OLD);
  assert.deepEqual(await world.backend.keys(), ["work"]);
  const { listKeys } = world.user;
  for (
    const [lastUsed, told] of [
      [{ atMs: NOW - 1e9, service: "s3" }, "made on 2026-11-03, last used on 2026-10-22 (s3)"],
      [{ atMs: NOW - 1e9, service: "" }, "made on 2026-11-03, last used on 2026-10-22"],
      ["unknown", "made on 2026-11-03"],
    ] as const
  ) {
    world.user.listKeys = async () =>
      (await listKeys.call(world.user)).map((key) => ({ ...key, lastUsed })) as never;
    await assert.rejects(world.rotate(), ({ hints }: VaultError) => {
      assert.equal(hints[1], `AKIAOTHER00000000000 is the other one, ${told}`);
      return true;
    });
  }
  world.user.listKeys = listKeys;
  world.user.mayList = false;
  await assert.rejects(world.rotate(), (error: VaultError) => error.hints.length === 2);
  world.user.listKeys = () => Promise.reject(new VaultError("network", "no answer"));
  await assert.rejects(world.rotate(), (error: VaultError) => error.hints.length === 2);
});

Deno.test("the limit of something else is no limit of keys", () => {
  assert.ok(!isKeyLimit(refusal("LimitExceeded", 409, "refused")));
});

Deno.test("keys added by hand since the interruption are kept, and the half-made key is deleted", async () => {
  const world = await createWorld();
  await world.rotate(new Faults(STORE, "before", true));
  const byHand = { accessKeyId: "AKIAHAND000000000000", secretAccessKey: "by hand" };
  const made = (await readJournal(world.backend, "work"))!.newKey!;
  world.user.keys.delete(OLD.accessKeyId);
  world.user.keys.set(byHand.accessKeyId, byHand.secretAccessKey);
  await writeStoredKeys(world.backend, "work", byHand);
  await world.rotate();
  assert.ok(!world.user.keys.has(made.accessKeyId));
  assert.equal((await readStored(world))!.accessKeyId, "AKIANEW0000000000002"); // it began anew
  await checkEnd(world, "by hand");
});

Deno.test("a key found at the limit is no orphan once it was used, or is of another time", async () => {
  for (
    const change of [{ lastUsed: { atMs: NOW, service: "s3" } }, { createdAtMs: NOW - 301_000 }]
  ) {
    const world = await createWorld();
    const { listKeys } = world.user;
    world.user.listKeys = async () =>
      (await listKeys.call(world.user)).map((key) => ({ ...key, ...change }));
    await world.rotate(new Faults(CREATE, "after", true));
    await assert.rejects(world.rotate(), /LimitExceeded/);
    assert.equal(world.user.keys.size, 2);
    assert.deepEqual(await readStored(world), OLD);
  }
});

Deno.test("the journal is neither credentials nor a session, and no clearing takes it away", async () => {
  const key = journalKey("work");
  assert.ok(!isCredentialsKey(key));
  assert.equal(parseSessionKey(key), undefined);
  // What the Go tool takes for a session, which it purges once expired.
  assert.match(key, /^[^,]+,[\w-]+,d29yaw,4102444800$/);
  const backend = new MemoryBackend();
  backend.writeJson(key, {});
  assert.equal(await removeAllSessions(backend), 0);
  assert.equal(await removeSessions(backend, ["work", "aws-vault rotate"]), 0);
});
