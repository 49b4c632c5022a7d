import assert from "node:assert/strict";
import { formatEnvelope } from "../../backends/envelope.ts";
import { openSecretService } from "../../backends/secret_service.ts";
import type { ProcessRequest } from "../../src/types.ts";
import { requireProgram } from "../require.ts";
import { createTestContext, runToEnd } from "./context.ts";
import { type KeyringSession, startKeyring } from "./keyring_session.ts";
import { decode, encode, isErrorWith, testBackend } from "./suite.ts";

const PROGRAMS = ["secret-tool", "gdbus", "gnome-keyring-daemon", "dbus-daemon"];
const ignore = !PROGRAMS.every(requireProgram);
const WITH = `(${PROGRAMS.join(", ")})`;
const COLLECTIONS = "/org/freedesktop/secrets/collection";

for (const collections of [[], ["awsvault"]]) {
  const where = collections.length === 0 ? "in login" : "in a collection of its own";
  testBackend(`secret-service ${where} ${WITH}`, {
    ignore,
    startsForKeys: 1,
    startsForGet: 1,
    refusesControls: true,
    // Once more than a pipe holds: the service's object tree, which is read anew for each write.
    ...collections.length === 0 && { items: 150 },
    async make() {
      const session = await startKeyring(collections);
      const ctx = createTestContext(session.variables);
      return {
        ctx,
        variables: session.variables,
        open: () => openSecretService({}, ctx),
        writer: ["secret-service"],
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
      };
    },
  });
}

test("items of the Go tool are listed, read, replaced and removed", async () => {
  await using session = await startKeyring(["awsvault"]);
  // What the Go tool stores over D-Bus: the attribute `profile` alone, the envelope as secret.
  await store(session, "awsvault", "go", formatEnvelope({ key: "go", data: encode("from Go") }));
  const { backend } = open(session);
  assert.deepEqual(await backend.keys(), ["go"]);
  assert.equal(decode((await backend.get("go"))!.data), "from Go");
  await backend.set({ key: "go", data: encode("ours") });
  // The Go tool takes the first of several items: there must be one.
  const tree = await runToEnd("gdbus", introspect("awsvault"), session.variables);
  // With the schema that gnome-keyring adds to what it has read from disk meanwhile, or without.
  const found = tree.replaceAll(", 'xdg:schema': 'org.freedesktop.Secret.Generic'", "");
  assert.deepEqual(found.match(/Attributes = .*;/g), ["Attributes = {'profile': 'go'};"]);
  assert.equal(await backend.remove("go"), true);
  assert.deepEqual(await backend.keys(), []);
});

test("parts of a long item go with it, and none is left of what was replaced", async () => {
  await using session = await startKeyring();
  const { backend } = open(session);
  const count = async () => {
    const tree = await runToEnd("gdbus", introspect("login"), session.variables);
    return tree.match(/Attributes = /g)?.length ?? 0;
  };
  // An envelope of 8,200 bytes: secret-tool would cut it at 8,192.
  const long = new Uint8Array(6_055).fill(7);
  await backend.set({ key: "work", data: long });
  assert.deepEqual((await backend.get("work"))?.data, long);
  assert.ok(await count() > 1);
  await backend.set({ key: "work", data: encode("short") });
  assert.equal(await count(), 1);
  await backend.set({ key: "work", data: long });
  assert.equal(await backend.remove("work"), true);
  assert.equal(await count(), 0);
});

test("parts that a killed writer left are cleared a day later by whoever stores anything", async () => {
  await using session = await startKeyring();
  const long = new Uint8Array(6_055).fill(7);
  const { ctx } = open(session);
  const kill = (key: string) => {
    const run = (request: ProcessRequest) =>
      request.args.includes(`--label=${key}`)
        ? Promise.reject(new Error("killed"))
        : ctx.processes.run(request);
    const killed = openSecretService({}, { ...ctx, processes: { ...ctx.processes, run } });
    return assert.rejects(killed.set({ key, data: long }), /killed/);
  };
  const parts = async () => {
    const tree = await runToEnd("gdbus", introspect("login"), session.variables);
    return tree.match(/'aws-vault-part-of': '\w+'/g)?.map((text) => text.slice(22, -1)).sort() ??
      [];
  };
  const later = (hours: number) =>
    openSecretService({}, {
      ...ctx,
      clock: { ...ctx.clock, now: () => Date.now() + hours * 3_600_000 },
    });
  await later(0).set({ key: "whole", data: long });
  const whole = await parts();
  await kill("lost");
  await kill("whole");
  const all = await parts();
  assert.ok(all.length > whole.length + 1 && all.includes("lost"));
  await later(23).set({ key: "other", data: encode("x") });
  assert.deepEqual(await parts(), all, "a writer may be at work yet");
  await later(25).set({ key: "other", data: encode("x") });
  assert.ok(!(await parts()).includes("lost"));
  assert.deepEqual((await later(0).get("whole"))?.data, long, "what an item leads to stays");
  await later(25).set({ key: "whole", data: long });
  assert.deepEqual(await parts(), whole);
  assert.deepEqual((await later(0).get("whole"))?.data, long);
});

test("what is started to store an item stores nothing without the whole of it", async () => {
  await using session = await startKeyring();
  const { backend, ctx } = open(session);
  await backend.set({ key: "work", data: encode("old") });
  const envelope = formatEnvelope({ key: "work", data: encode("new") });
  const [command, ...args] = ctx.started.find((words) => words.includes("store"))!;
  for (const input of ["", envelope.slice(0, 20), envelope]) { // we are killed while we write it
    const child = new Deno.Command(command!, {
      ...{ args, env: session.variables, clearEnv: true },
      ...{ stdin: "piped", stdout: "null", stderr: "null" },
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    assert.notEqual((await child.status).code, 0);
  }
  assert.equal(decode((await backend.get("work"))!.data), "old");
});

test("other programs' items are neither listed, read, overwritten nor removed", async () => {
  await using session = await startKeyring();
  await store(session, "login", "default", "hunter2", ["application", "browser"]);
  const { backend, ctx } = open(session);
  assert.deepEqual(await backend.keys(), []);
  assert.equal(await backend.remove("default"), false);
  const error = isErrorWith("another program", "profile=default");
  await assert.rejects(backend.set({ key: "default", data: encode("x") }), error);
  const found = await runToEnd("secret-tool", ["lookup", "profile", "default"], session.variables);
  assert.equal(found, "hunter2");
  assert.ok(!ctx.debugged.join("\n").includes("hunter2"));
});

test("a collection that is not there is replaced by login, told once under --debug", async () => {
  await using session = await startKeyring();
  const { backend, ctx } = open(session);
  await backend.set({ key: "work", data: encode("x") });
  assert.deepEqual(await backend.keys(), ["work"]);
  const told = ctx.debugged.filter((line) => line.includes("no collection `awsvault`"));
  assert.equal(told.length, 1);
  assert.match(told[0]!, /using `login`/);
});

test("items in login are still read once a collection of its own is there", async () => {
  await using session = await startKeyring(["awsvault"]);
  await store(session, "login", "old", formatEnvelope({ key: "old", data: encode("in login") }));
  await store(session, "login", "both", formatEnvelope({ key: "both", data: encode("in login") }));
  // Items are told apart by number and time: this one takes the next number.
  await store(session, "awsvault", "other", formatEnvelope({ key: "other", data: encode("x") }));
  await store(session, "awsvault", "third", formatEnvelope({ key: "third", data: encode("x") }));
  const { backend } = open({ ...session, variables: { ...session.variables, TZ: "JST-9" } });
  await backend.set({ key: "both", data: encode("in awsvault") });
  assert.deepEqual(await backend.keys(), ["both", "old", "other", "third"]);
  assert.equal(decode((await backend.get("old"))!.data), "in login");
  assert.equal(decode((await backend.get("both"))!.data), "in awsvault");
  assert.equal(await backend.remove("both"), true);
  assert.equal(await backend.get("both"), undefined);
});

test("a locked keyring that stays locked is an error, not an absent item", async () => {
  await using session = await startKeyring();
  await open(session).backend.checkWritable!("keys");
  await open(session).backend.set({ key: "work", data: encode("x") });
  const service = [
    "--dest",
    "org.freedesktop.secrets",
    "--object-path",
    "/org/freedesktop/secrets",
  ];
  const lock = ["--method", "org.freedesktop.Secret.Service.Lock", `['${COLLECTIONS}/login']`];
  await runToEnd("gdbus", ["call", "--session", ...service, ...lock], session.variables);
  const { backend } = open(session);
  await assert.rejects(backend.checkWritable!("keys"), isErrorWith("locked"));
  await assert.rejects(backend.get("work"), isErrorWith("locked"));
  await assert.rejects(backend.set({ key: "new", data: encode("x") }), isErrorWith("locked"));
  await assert.rejects(backend.remove("work"), isErrorWith("locked"));
  assert.match(String(await backend.findLock!()), /is locked/);
});

test("a keyring that was never unlocked is no empty one", async () => {
  await using session = await startKeyring();
  await open(session).backend.set({ key: "work", data: encode("x") });
  await session.restartLocked();
  const { backend } = open(session);
  await assert.rejects(backend.keys(), isErrorWith("locked"));
  await assert.rejects(backend.get("work"), isErrorWith("locked"));
  await assert.rejects(backend.remove("work"), isErrorWith("locked"));
  assert.equal(await backend.remove("absent"), false);
  const peeking = createTestContext(session.variables);
  const options = { unlock: false };
  assert.deepEqual(await openSecretService(options, peeking).keys(), []);
  assert.ok(!peeking.started.flat().includes("--unlock"));
});

test("a keyring that never had a password is told with the ways to give it one", async () => {
  await using session = await startKeyring();
  Deno.removeSync(`${session.variables.XDG_DATA_HOME}/keyrings/login.keyring`);
  await session.restartLocked();
  await assert.rejects(open(session).backend.set({ key: "work", data: encode("x") }), (error) => {
    const { hints } = error as { hints: string[] };
    assert.match(
      hints.join("\n"),
      /never given a password[^]*printf %s "\$p" \| gnome-keyring-daemon --replace --unlock$/m,
    );
    return isErrorWith("secret-tool store", "exit code 1")(error);
  });
});

test("nobody is asked to unlock a keyring that holds other programs' items alone", async () => {
  await using session = await startKeyring();
  const script = "printf hunter2 | secret-tool store --label=x application browser";
  await runToEnd("sh", ["-c", script], session.variables);
  await session.restartLocked();
  const { backend, ctx } = open(session);
  assert.deepEqual(await backend.keys(), []);
  assert.ok(!ctx.started.flat().includes("--unlock"));
});

test("no keyring on the session is an error that says so", async () => {
  await using session = await startKeyring();
  const nowhere = { ...session.variables, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
  const ctx = createTestContext(nowhere);
  const backend = openSecretService({}, ctx);
  await assert.rejects(backend.keys(), (error) => {
    const { hints } = error as { hints: string[] };
    assert.match(hints.join("\n"), /^there is no D-Bus session \(DBUS_SESSION_BUS_ADDRESS\)/);
    return isErrorWith("gdbus", "exit code 1")(error);
  });
  await assert.rejects(backend.get("work"), isErrorWith("secret-tool search", "exit code 1"));
});

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `secret-service: ${name} ${WITH}`, ignore, fn });
}

function open(session: KeyringSession) {
  const ctx = createTestContext(session.variables);
  return { ctx, backend: openSecretService({}, ctx) };
}

/** Stores an item as another program would. */
async function store(
  session: KeyringSession,
  collection: string,
  profile: string,
  secret: string,
  attributes: string[] = [],
): Promise<void> {
  const args = [`--collection=${COLLECTIONS}/${collection}`, `--label=${profile}`];
  const child = new Deno.Command("secret-tool", {
    args: ["store", ...args, "profile", profile, ...attributes],
    env: session.variables,
    clearEnv: true,
    stdin: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(encode(secret));
  await input.close();
  assert.equal((await child.status).code, 0);
}

function introspect(collection: string): string[] {
  const args = ["introspect", "--session", "--dest", "org.freedesktop.secrets", "--recurse"];
  return [...args, "--only-properties", "--object-path", `${COLLECTIONS}/${collection}`];
}
