import assert from "node:assert/strict";
import { freshUntilMs, SessionCache } from "../../../src/credentials/session_cache.ts";
import { formatSessionKey } from "../../../src/credentials/session_key.ts";
import { BackendError, WrongPassphraseError } from "../../../src/errors.ts";
import type { CacheIdentity } from "../../../src/credentials/steps.ts";
import { createCountingRun } from "./memory_keyring.ts";

const ID: CacheIdentity = {
  type: "sts.GetSessionToken",
  profile: "work",
  serial: "arn:mfa",
  asked: ["an hour", "eight hours"],
};
const MINUTE_MS = 60_000;

function setUp(minTtlSeconds = 300) {
  const made = createCountingRun();
  const cache = new SessionCache(made.backend, made.ctx, minTtlSeconds);
  const now = made.clock.nowMs;
  return {
    ...made,
    cache,
    now,
    /** Keeps a session as `keep` does; its access key id tells which one it is. */
    keep: (accessKeyId: string, minutes: number, id = ID) =>
      cache.keep(id, {
        accessKeyId,
        secretAccessKey: "s",
        sessionToken: "t",
        expiresAtMs: now + minutes * MINUTE_MS,
      }),
    /** Puts a session as another program would. */
    put(accessKeyId: string, minutes: number, more: Record<string, unknown> = {}) {
      const expiresAtMs = now + minutes * MINUTE_MS;
      made.backend.writeJson(formatSessionKey(ID, expiresAtMs), {
        AccessKeyId: accessKeyId,
        SecretAccessKey: "s",
        SessionToken: "t",
        Expiration: new Date(expiresAtMs).toISOString(),
        ...more,
      });
    },
    find: async (id = ID) => (await cache.find(id, await made.backend.keys()))?.accessKeyId,
  };
}

Deno.test("what was kept is found with its expiry, by reading one item", async () => {
  const { cache, keep, backend, now } = setUp();
  await keep("A", 60);
  const keys = await backend.keys();
  backend.calls.length = 0;
  assert.deepEqual(await cache.find(ID, keys), {
    accessKeyId: "A",
    secretAccessKey: "s",
    sessionToken: "t",
    expiresAtMs: now + 60 * MINUTE_MS,
  });
  assert.deepEqual(backend.calls, [`get ${keys[0]}`]);
});

Deno.test("a session is found for any of the requests it answers, and for no other", async () => {
  const { keep, find } = setUp();
  await keep("A", 60);
  assert.equal(await find({ ...ID, asked: ["eight hours", "an hour"] }), "A");
  assert.equal(await find({ ...ID, asked: ["a role"] }), undefined);
  assert.equal(await find({ ...ID, asked: ["eight hours"] }), undefined);
});

Deno.test("a session of the Go tool's, which has no fingerprint, is found", async () => {
  const { put, find } = setUp();
  put("GO", 60);
  assert.equal(await find(), "GO");
});

Deno.test("a session is found for its type, profile and serial alone", async () => {
  const { keep, find } = setUp();
  await keep("A", 60);
  assert.equal(await find({ ...ID, type: "sts.AssumeRole" }), undefined);
  assert.equal(await find({ ...ID, profile: "wor" }), undefined);
  assert.equal(await find({ ...ID, serial: "" }), undefined);
});

Deno.test("of several sessions the latest expiry wins", async () => {
  const { put, find } = setUp();
  put("SOON", 30);
  put("LATE", 90);
  put("LATER", 600);
  put("BETWEEN", 60);
  assert.equal(await find(), "LATER");
});

Deno.test("a session counts while it has the least time to live left, and no longer", async () => {
  const { put, find, clock } = setUp(300);
  put("A", 60);
  clock.nowMs += 55 * MINUTE_MS;
  assert.equal(await find(), "A");
  clock.nowMs += 1000;
  assert.equal(await find(), undefined);
});

for (
  const [use, minutes] of [["for its minimum", 55], ["to renew it early", 45], [
    undefined,
    55,
  ]] as const
) {
  Deno.test(`credentials tell until when they are used ${use ?? "as they are"}`, async () => {
    const { put, cache, backend, now, clock } = setUp(300);
    put("A", 60);
    const find = async () => await cache.find(ID, await backend.keys(), use);
    const untilMs = freshUntilMs((await find())!)!;
    assert.equal(untilMs, now + minutes * MINUTE_MS);
    clock.nowMs = untilMs + 1000;
    assert.equal(await find(), undefined);
    assert.equal(freshUntilMs({ accessKeyId: "A", secretAccessKey: "s" }), undefined);
  });
}

Deno.test("where no least time is set a session counts to its last second, and what has ended does not", async () => {
  const { keep, find, clock } = setUp(0);
  await keep("A", 1);
  clock.nowMs += MINUTE_MS - 1;
  assert.equal(await find(), "A");
  clock.nowMs += 1;
  assert.equal(await find(), undefined);
});

Deno.test("AWS_MIN_TTL of more than a session lasts keeps it from being used", async () => {
  const { put, find } = setUp(3600);
  put("A", 59);
  assert.equal(await find(), undefined);
});

Deno.test("an expiry inside the item that is earlier than its name's counts", async () => {
  const { put, find, now } = setUp();
  put("A", 60, { Expiration: new Date(now + MINUTE_MS).toISOString() });
  assert.equal(await find(), undefined);
});

Deno.test("a read deletes nothing, however old or broken it is", async () => {
  const { put, find, backend } = setUp();
  put("OLD", -60);
  put("BROKEN", 60, { AccessKeyId: 1 });
  assert.equal(await find(), undefined);
  assert.deepEqual(backend.calls.filter((call) => /^(set|remove)/.test(call)), []);
});

for (
  const [what, more] of [
    ["no access key id", { AccessKeyId: undefined }],
    ["no secret", { SecretAccessKey: null }],
    ["no token", { SessionToken: undefined }],
    ["an expiry that is none", { Expiration: "soon" }],
  ] as const
) {
  Deno.test(`a session with ${what} is as good as none, and --debug says why`, async () => {
    const { put, find, debug } = setUp();
    put("A", 60, more);
    assert.equal(await find(), undefined);
    assert.match(debug.join(), /session sts.GetSessionToken of work not used: /);
  });
}

Deno.test("--debug says which session is used, and until when", async () => {
  const { put, find, debug } = setUp();
  put("A", 60);
  assert.equal(await find(), "A");
  assert.match(debug.join(), /^session sts.GetSessionToken of work is kept until \S+Z, and used$/);
});

Deno.test("a session the keyring cannot read is as good as none", async () => {
  const { put, find, backend } = setUp();
  put("A", 60);
  backend.broken = "get";
  assert.equal(await find(), undefined);
});

Deno.test("that a keyring fails at a session is told, once, and what failed", async () => {
  const { put, find, backend, notes } = setUp();
  put("A", 60);
  backend.get = () =>
    Promise.reject(new BackendError("pass", "`pass show` failed with exit code 2"));
  assert.equal(await find(), undefined);
  assert.equal(await find(), undefined);
  assert.deepEqual(notes, [
    "aws-vault: warning: a kept session of work is not used: `pass show` failed with exit code 2",
  ]);
});

Deno.test("a wrong passphrase is no session that cannot be read: it is told", async () => {
  const { put, find, backend } = setUp();
  put("A", 60);
  backend.get = () => Promise.reject(new WrongPassphraseError("wrong passphrase"));
  await assert.rejects(find(), WrongPassphraseError);
});

Deno.test("a session is kept in the Go tool's form, with its fingerprint beside", async () => {
  const { keep, backend, now } = setUp();
  await keep("A", 60);
  const [key] = [...backend.items.keys()];
  assert.equal(key, `sts.GetSessionToken,d29yaw,YXJuOm1mYQ,${(now + 60 * MINUTE_MS) / 1000}`);
  const expiry = "2026-11-03T13:00:00Z";
  const { Fingerprint, ...fields } = backend.readJson(key!);
  assert.deepEqual(fields, {
    AccessKeyId: "A",
    SecretAccessKey: "s",
    SessionToken: "t",
    Expiration: expiry,
    Made: "2026-11-03T12:00:00Z",
  });
  assert.match(Fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(backend.items.get(key!)?.label, `aws-vault session for work (expires ${expiry})`);
});

Deno.test("keeping a session drops older ones of its name, what is expired, and old forms", async () => {
  const { keep, put, backend, now } = setUp();
  put("SAME NAME", 30);
  const expired = formatSessionKey({ ...ID, profile: "other" }, now - 1000);
  const alive = formatSessionKey({ ...ID, profile: "other" }, now + MINUTE_MS);
  const old = ["session,work,,99999999999", "session:work:serial:1", "work session (123)"];
  const others = ["work", "oidc:https://x/start", "aws-vault.Rotation,d29yaw,,0"];
  for (const key of [expired, alive, ...old, ...others]) backend.writeJson(key, {});
  await keep("A", 60);
  const kept = formatSessionKey(ID, now + 60 * MINUTE_MS);
  assert.deepEqual([...backend.items.keys()].sort(), [...others, alive, kept].sort());
});

Deno.test("a session that cannot be kept, or an older one removed, is a warning, and no error", async () => {
  const faults = [
    ["set", "the session of work could not be kept"],
    ["remove", "older sessions are still kept"],
    ["keys", "older sessions are still kept"],
  ] as const;
  for (const [broken, told] of faults) {
    const { keep, backend, notes, put } = setUp();
    put("OLD", 1);
    backend.broken = broken;
    await keep("A", 60);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, new RegExp(`^aws-vault: warning: ${told}: `));
  }
});

Deno.test("a session that cannot be removed keeps no other from being removed", async () => {
  const { keep, put, backend, now } = setUp();
  put("STUCK", -10);
  const [stuck] = await backend.keys();
  put("OLD", -5);
  backend.broken = `remove ${stuck}`;
  await keep("A", 60);
  const kept = formatSessionKey(ID, now + 60 * MINUTE_MS);
  assert.deepEqual(await backend.keys(), [stuck, kept]);
});

Deno.test("keys that do not expire are not kept", async () => {
  const { cache, backend } = setUp();
  await cache.keep(ID, { accessKeyId: "A", secretAccessKey: "s" });
  assert.deepEqual(backend.calls, []);
});

const ALONE: CacheIdentity = { ...ID, asked: ["an hour", "eight hours"], kinship: "here" };
const BENEATH: CacheIdentity = {
  ...ALONE,
  asked: ["eight hours", "an hour"],
  takesAnyLength: true,
};
const SHORT: CacheIdentity = { ...ALONE, asked: ["half an hour"] };

Deno.test("beneath a role a session of any length serves, of the same endpoint", async () => {
  const { keep, find } = setUp();
  await keep("SHORT", 30, SHORT);
  assert.equal(await find(BENEATH), "SHORT");
  assert.equal(await find(ALONE), undefined);
  assert.equal(await find({ ...BENEATH, kinship: "there" }), undefined);
});

Deno.test("sessions of two lengths lie side by side, and each is replaced by its own kind", async () => {
  const { keep, find, backend } = setUp();
  await keep("LONG", 480, BENEATH);
  await keep("SHORT", 30, SHORT);
  await keep("SHORT AGAIN", 31, SHORT);
  await keep("LONG AGAIN", 481, BENEATH);
  assert.equal(backend.items.size, 2);
  assert.equal(await find(BENEATH), "LONG AGAIN");
  assert.equal(await find(SHORT), "SHORT AGAIN");
});

Deno.test("a role's session made for another request is replaced", async () => {
  const { keep, find, backend } = setUp();
  await keep("A", 60, { ...ID, asked: ["another role"] });
  await keep("B", 30);
  assert.equal(backend.items.size, 1);
  assert.equal(await find(), "B");
});

Deno.test("a longer session of the Go tool's is not dropped for a shorter one", async () => {
  const { keep, put, find, backend } = setUp();
  put("GO, LONG", 480);
  put("GO, SHORT", 10);
  await keep("SHORT", 30, SHORT);
  assert.equal(backend.items.size, 2);
  assert.equal(await find(BENEATH), "GO, LONG");
});

Deno.test("who waited takes a session made since, though it lasts less than the least time, and no older one", async () => {
  const { cache, keep, put, backend, now } = setUp(7200);
  const findSince = async (sinceMs: number) =>
    (await cache.find(ID, await backend.keys(), undefined, sinceMs))?.accessKeyId;
  put("GO", 70);
  await keep("A", 60);
  assert.equal(await findSince(now), "A");
  assert.equal(await findSince(now + 1), undefined);
});

Deno.test("a session that was made in days to come, for the clock was set back, serves where no other can be had", async () => {
  const { cache, keep, find, backend, clock } = setUp();
  await keep("A", 60);
  clock.nowMs -= 4 * MINUTE_MS;
  assert.equal(await find(), "A");
  clock.nowMs -= 2 * MINUTE_MS;
  const keys = await backend.keys();
  assert.equal(await find(), undefined);
  assert.equal(await cache.find(ID, keys, undefined, clock.nowMs - 1000), undefined);
  const valid = await cache.findValid(ID, keys, "for its minimum");
  assert.deepEqual([valid?.credentials.accessKeyId, valid?.isFresh], ["A", false]);
});

Deno.test("of several sessions the latest counts that was asked for alike and can be read", async () => {
  const { keep, put, find } = setUp();
  put("BROKEN", 600, { AccessKeyId: 1 });
  await keep("LONG", 480, BENEATH);
  await keep("SHORT", 30, SHORT);
  put("BROKEN", 600, { AccessKeyId: 1 });
  assert.equal(await find(SHORT), "SHORT");
});

for (
  const [length, window] of [[480, 15], [60, 15], [45, 15], [30, 10], [15, 5]] as const
) {
  Deno.test(`a session of ${length} minutes is to be renewed in its last ${window}`, async () => {
    const { cache, keep, backend, clock, debug } = setUp(60);
    await keep("A", length);
    const early = async () =>
      (await cache.find(ID, await backend.keys(), "to renew it early"))?.accessKeyId;
    clock.nowMs += (length - window) * MINUTE_MS;
    assert.equal(await early(), "A");
    clock.nowMs += 1000;
    assert.equal(await early(), undefined);
    debug.length = 0;
    const kept = await cache.findValid(ID, await backend.keys(), "to renew it early");
    assert.equal(kept?.isFresh, false);
    assert.deepEqual(debug, [], "it is not used yet");
    assert.equal(kept?.credentials.accessKeyId, "A");
  });
}

Deno.test("a session is valid to its last second, and no longer", async () => {
  const { cache, keep, backend, clock } = setUp();
  await keep("A", 60);
  const isValid = async () =>
    await cache.findValid(ID, await backend.keys(), "for its minimum") !== undefined;
  clock.nowMs += 60 * MINUTE_MS - 1000;
  assert.ok(await isValid());
  clock.nowMs += 1000;
  assert.ok(!await isValid());
});
