import assert from "node:assert/strict";
import { openPass } from "../../backends/pass.ts";
import { createTestContext, makeTemporary, runToEnd, writeProgram } from "./context.ts";
import { makePasswordStore } from "./gpg.ts";
import { open, test } from "./pass_store.ts";
import { encode, isErrorWith } from "./suite.ts";

test("pass writes one item at a time, and waits for other writers", async () => {
  await using store = await makePasswordStore();
  const ctx = createTestContext(store.variables);
  const backend = openPass({ directory: store.directory, command: "pass", prefix: "" }, ctx);
  for (
    const [keys, write] of [
      [["work"], () => backend.set({ key: "work", data: encode("x") })],
      [[], () => backend.remove("work")],
    ] as const
  ) {
    const writing = await holdLock(`${store.directory}/.gpg-id`, async () => {
      ctx.started.length = 0;
      const promise = write();
      await ctx.clock.sleep(50);
      assert.deepEqual(ctx.started, []);
      return { promise };
    });
    await writing.promise;
    assert.deepEqual(await backend.keys(), keys);
  }
});

test("pass waits for another writer ten seconds, and then says so", async () => {
  await using store = await makePasswordStore();
  const ctx = createTestContext(store.variables);
  let sleptMs = 0;
  const clock = { ...ctx.clock, sleep: (ms: number) => Promise.resolve(void (sleptMs += ms)) };
  const options = { directory: store.directory, command: "pass", prefix: "" };
  const backend = openPass(options, { ...ctx, clock });
  await holdLock(`${store.directory}/.gpg-id`, async () => {
    const writing = backend.set({ key: "work", data: encode("x") });
    await assert.rejects(writing, (error) => {
      const wayOut = `\`fuser ${store.directory}/.gpg-id\` tells its process id`;
      assert.ok(String((error as { hints: string[] }).hints).endsWith(wayOut));
      return isErrorWith("another aws-vault has been writing")(error);
    });
  });
  assert.equal(sleptMs, 10_000);
  assert.deepEqual(ctx.started, []);
  await backend.set({ key: "work", data: encode("x") });
});

Deno.test("pass: writers to a store that is one below its prefix alone wait for each other too", async () => {
  using store = makeTemporary("vpass-");
  Deno.mkdirSync(`${store.path}/team`);
  Deno.writeTextFileSync(`${store.path}/team/.gpg-id`, "me\n");
  const ctx = createTestContext({ PATH: "/usr/bin:/bin", HOME: store.path });
  const clock = { ...ctx.clock, sleep: () => Promise.resolve() }; // ten seconds pass at once
  const options = { directory: store.path, command: "true", prefix: "team" };
  const backend = openPass(options, { ...ctx, clock });
  await holdLock(`${store.path}/team/.gpg-id`, async () => {
    const writing = backend.set({ key: "work", data: encode("x") });
    await assert.rejects(writing, isErrorWith("another aws-vault has been writing"));
  });
  assert.deepEqual(ctx.started, []);
});

test("writers of one process wait for each other as long as it takes", async () => {
  await using store = await makePasswordStore();
  const ctx = createTestContext(store.variables);
  const clock = { ...ctx.clock, sleep: () => Promise.resolve() }; // ten seconds pass at once
  const options = { directory: store.directory, command: "pass", prefix: "" };
  const backend = openPass(options, { ...ctx, clock });
  const keys = ["a", "b", "c"];
  await Promise.all(keys.map((key) => backend.set({ key, data: encode(key) })));
  assert.deepEqual(await backend.keys(), keys);
});

test("pass keeps what it had where gpg is stopped while it writes, or the disk is full", async () => {
  await using store = await makePasswordStore();
  const [old, young] = [encode("old"), encode("new")];
  for (const key of ["work", "team/work"]) {
    await open(store).set({ key, data: old });
    for (const end of ["kill -9 $$", "kill -9 $PPID $$", 'rm "$file"; exit 2']) {
      using program = makeTemporary("vgpg-");
      writeProgram(program.path, "gpg", stopAtWriting(end));
      const variables = { ...store.variables, PATH: `${program.path}:${store.variables.PATH}` };
      await assert.rejects(open({ ...store, variables }).set({ key, data: young }));
      assert.deepEqual((await open(store).get(key))?.data, old, end);
      assert.equal(Deno.statSync(`${store.directory}/${key}.gpg`).mode! & 0o777, 0o600);
      const leave =
        `mkdir -p "$1/.aws-vault-previous"; mv "$1/$2" "$1/.aws-vault-previous/$2"; >"$1/$2"`;
      const folder = `${store.directory}/${key}`.replace(/\/[^/]*$/, "");
      await runToEnd("sh", ["-c", leave, "sh", folder, "work.gpg"], store.variables);
      assert.deepEqual((await open(store).get(key))?.data, old, "we were killed there");
      assert.ok((await open(store).keys()).includes(key));
    }
  }
});

test("pass takes what a killed writer has begun for nothing, where there was nothing before", async () => {
  await using store = await makePasswordStore();
  using program = makeTemporary("vgpg-");
  const backend = open(store);
  const variables = { ...store.variables, PATH: `${program.path}:${store.variables.PATH}` };
  for (const key of ["work", "team/work"]) {
    for (const end of ["kill -9 $$", "kill -9 $PPID $$", "exit 2"]) {
      writeProgram(program.path, "gpg", stopAtWriting(end));
      await assert.rejects(open({ ...store, variables }).set({ key, data: encode("x") }));
      assert.deepEqual(await backend.keys(), [], end);
    }
    const path = `${store.directory}/${key}.gpg`;
    const folder = path.replace("work.gpg", ".aws-vault-previous");
    for (const next of ["set", "remove"]) {
      Deno.mkdirSync(folder, { recursive: true });
      Deno.writeTextFileSync(`${folder}/work.gpg`, "");
      Deno.writeTextFileSync(path, "torn");
      assert.deepEqual([await backend.keys(), await backend.get(key)], [[], undefined]);
      if (next === "set") await backend.set({ key, data: encode("y") });
      if (next === "set") assert.deepEqual(await backend.keys(), [key]);
      assert.equal(await backend.remove(key), next === "set");
      assert.deepEqual(await backend.keys(), []);
    }
  }
});

test("pass is read again where one writer came after the other while it was", async () => {
  await using store = await makePasswordStore();
  using program = makeTemporary("vgpg-");
  await open(store).set({ key: "work", data: encode("old") });
  const aside = `${store.directory}/.aws-vault-previous/work.gpg`;
  Deno.mkdirSync(aside.replace(/\/[^/]*$/, ""));
  Deno.renameSync(`${store.directory}/work.gpg`, aside);
  const next = `cp '${aside}' '${aside}.new'; mv '${aside}.new' '${aside}'; exit 1`;
  const script = `#!/bin/sh\n[ -e "$0.done" ] || { : >"$0.done"; ${next}; }\nexec pass "$@"\n`;
  const command = writeProgram(program.path, "pass", script);
  assert.deepEqual((await open(store, { command }).get("work"))?.data, encode("old"));
});

test("pass says that the disk is full where gpg says so", async () => {
  await using store = await makePasswordStore();
  using program = makeTemporary("vgpg-");
  const full = "echo 'gpg: error writing: No space left on device' >&2; exit 2";
  writeProgram(program.path, "gpg", stopAtWriting(full));
  const variables = { ...store.variables, PATH: `${program.path}:${store.variables.PATH}` };
  const writing = open({ ...store, variables }).set({ key: "work", data: encode("x") });
  await assert.rejects(writing, (error) => {
    assert.match(String((error as { hints: string[] }).hints), /disk is full: make room/);
    return isErrorWith("pass insert work")(error);
  });
});

test("pass is done with what a killed writer left at the next write, and at the removal", async () => {
  await using store = await makePasswordStore();
  const left = `${store.directory}/.aws-vault-previous`;
  const leave = (text: string | undefined) => {
    Deno.mkdirSync(left);
    Deno.writeTextFileSync(`${left}/work.gpg.new`, "half a copy");
    if (text === undefined) return; // killed while it copied
    Deno.renameSync(`${store.directory}/work.gpg`, `${left}/work.gpg`);
    if (text !== "") Deno.writeTextFileSync(`${store.directory}/work.gpg`, text);
  };
  const backend = open(store);
  for (const text of ["torn", "", undefined]) {
    await backend.set({ key: "work", data: encode("old") });
    leave(text);
    assert.deepEqual(await backend.keys(), ["work"]);
    await backend.set({ key: "work", data: encode("new") });
    assert.deepEqual((await backend.get("work"))?.data, encode("new"));
    leave(text);
    assert.equal(await backend.remove("work"), true);
    assert.equal(await backend.get("work"), undefined);
    assert.deepEqual([...Deno.readDirSync(store.directory)].map(({ name }) => name), [".gpg-id"]);
  }
});

test("pass leaves an entry where others find it until gpg writes the new one", async () => {
  await using store = await makePasswordStore();
  using program = makeTemporary("vgpg-");
  await open(store).set({ key: "work", data: encode("old") });
  const isPrivate = '[ "$(stat -c %a "${file%/*}/.aws-vault-previous")" = 700 ]';
  writeProgram(
    program.path,
    "gpg",
    atWriting(`[ -s "$file" ] && ${isPrivate} || exit 2; exec gpg "$@"`),
  );
  const variables = { ...store.variables, PATH: `${program.path}:${store.variables.PATH}` };
  await open({ ...store, variables }).set({ key: "work", data: encode("new") });
  assert.deepEqual((await open(store).get("work"))?.data, encode("new"));
});

test("pass changes nothing where there is no room for a copy of what is replaced", async () => {
  await using store = await makePasswordStore();
  using program = makeTemporary("vcp-");
  await open(store).set({ key: "work", data: encode("old") });
  const full = 'for word; do to=$word; done; printf half >"$to"; echo No space left >&2; exit 1';
  writeProgram(program.path, "cp", `#!/bin/sh\n${full}\n`);
  const variables = { ...store.variables, PATH: `${program.path}:${store.variables.PATH}` };
  const writing = open({ ...store, variables }).set({ key: "work", data: encode("new") });
  await assert.rejects(writing, (error) => {
    assert.match(String((error as { hints: string[] }).hints), /^check the owner and mode of it/);
    return isErrorWith("what was there before is kept: No space left")(error);
  });
  assert.deepEqual((await open(store).get("work"))?.data, encode("old"));
  const left = [...Deno.readDirSync(store.directory)].map(({ name }) => name);
  assert.deepEqual(left.sort(), [".gpg-id", "work.gpg"]);
});

/** A `gpg` that is stopped with its output open and half written. */
function stopAtWriting(end: string): string {
  return atWriting(`printf torn >"$file"\n${end}`);
}

/** A `gpg` that does something else where it would write a file. */
function atWriting(commands: string): string {
  return `#!/bin/sh
for word; do [ "$last" != -o ] || file=$word; last=$word; done
PATH=\${PATH#*:}
[ -n "$file" ] || exec gpg "$@"
${commands}
`;
}

/** Does something while another writer is at work. */
async function holdLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  using file = await Deno.open(path);
  await file.lock(true);
  return await work();
}
