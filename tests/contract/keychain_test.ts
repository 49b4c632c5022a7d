import assert from "node:assert/strict";
import type { VaultError } from "../../src/errors.ts";
import { openKeychain } from "../../backends/keychain.ts";
import { exists } from "../../src/files.ts";
import { createTestContext, makeTemporary, writeProgram } from "./context.ts";
import { decode, encode, isErrorWith, testBackend } from "./suite.ts";

const FAKE = new URL("../fakes/programs/security.ts", import.meta.url).pathname;
const WITH = "(a stand-in for security; never run on a Mac here)";

testBackend(`keychain ${WITH}`, {
  startsForKeys: 1,
  startsForGet: 1,
  refusesControls: true,
  make() {
    const mac = makeMac();
    const ctx = createTestContext(mac.variables, "darwin");
    return Promise.resolve({
      ctx,
      variables: mac.variables,
      open: () => openKeychain({ keychain: "aws-vault" }, ctx),
      writer: ["keychain"],
      [Symbol.asyncDispose]: () => Promise.resolve(mac[Symbol.dispose]()),
    });
  },
});

Deno.test(`keychain: items of the Go tool are listed and read ${WITH}`, async () => {
  using mac = makeMac();
  const items = [
    goItem("work", '{"AccessKeyID":"AKIAGO"}'),
    goItem('it\'s "ü"', '{"AccessKeyID":"ü"}'),
    { ...goItem("mail", "hunter2"), service: "another program" },
  ];
  mac.write(items);
  const { backend } = open(mac);
  assert.deepEqual(await backend.keys(), ['it\'s "ü"', "work"]);
  assert.equal(decode((await backend.get("work"))!.data), '{"AccessKeyID":"AKIAGO"}');
  assert.equal(decode((await backend.get('it\'s "ü"'))!.data), '{"AccessKeyID":"ü"}');
  assert.equal(await backend.get("mail"), undefined);
  await backend.set({ key: "work", data: encode('{"a":1}'), label: "aws-vault (work)" });
  // What the Go tool then reads: the bytes as they are, under its service and label.
  const stored = mac.read().find(({ account }) => account === "work")!;
  assert.equal(decode(Uint8Array.fromHex(stored.data)), '{"a":1}');
  assert.deepEqual([stored.service, stored.label], ["aws-vault", "aws-vault (work)"]);
  assert.equal(stored.kind, "aws-vault item");
  await backend.set({ key: "work", data: encode("{}"), description: "aws-vault session" });
  assert.equal(mac.read().find(({ account }) => account === "work")!.kind, "aws-vault session");
});

Deno.test(`keychain: the keychain is made on first use, by the name that is set ${WITH}`, async () => {
  using mac = makeMac();
  const ctx = createTestContext(mac.variables, "darwin");
  const backend = openKeychain({ keychain: "my vault" }, ctx);
  assert.deepEqual(await backend.keys(), []);
  await backend.set({ key: "work", data: encode("x") });
  assert.deepEqual(await backend.keys(), ["work"]);
  assert.ok(Deno.statSync(`${mac.home}/Library/Keychains/my vault.keychain-db`).isFile);
  const commands = ctx.started.map(([, command]) => command);
  assert.ok(!commands.includes("set-keychain-settings"));
});

Deno.test(`keychain: a keychain that another makes at the same moment, or adds to, is written to ${WITH}`, async () => {
  using mac = makeMac();
  mac.intervene('create-keychain) "$0.real" "$@"; exit 48');
  const { backend } = open(mac);
  await backend.set({ key: "work", data: encode("{}") });
  assert.deepEqual(await backend.keys(), ["work"]);
  mac.intervene('-q) [ -e "$0.once" ] || { : >"$0.once"; exit 45; }');
  await backend.set({ key: "other", data: encode("{}") });
  assert.deepEqual(await backend.keys(), ["other", "work"]);
});

Deno.test(`keychain: one that cannot be made is told with the command that makes it ${WITH}`, async () => {
  using mac = makeMac();
  mac.intervene("create-keychain) echo no dialog here >&2; exit 1");
  const ctx = createTestContext(mac.variables, "darwin");
  const backend = openKeychain({ keychain: "it's" }, ctx);
  await assert.rejects(backend.set({ key: "work", data: encode("{}") }), (error) => {
    const { hints } = error as { hints: string[] };
    assert.equal(hints.at(-1), 'security create-keychain "it\'s.keychain-db"');
    return isErrorWith("security create-keychain", "exit code 1: no dialog here")(error);
  });
});

Deno.test(`keychain: one that is not there has no items; a file of that path makes it an error ${WITH}`, async () => {
  using mac = makeMac();
  Deno.writeTextFileSync(`${mac.home}/security-fails`, "50 The keychain could not be found.");
  const ctx = createTestContext(mac.variables, "darwin");
  const backend = openKeychain({ keychain: `${mac.home}/own` }, ctx);
  assert.deepEqual([await backend.get("work"), await backend.remove("work")], [undefined, false]);
  Deno.writeTextFileSync(`${mac.home}/own.keychain-db`, "");
  await assert.rejects(backend.get("work"), isErrorWith("find-generic-password", "exit code 50"));
  await assert.rejects(backend.remove("work"), isErrorWith("delete-generic-password"));
  assert.throws(() => openKeychain({ keychain: "two\nlines" }, ctx), isErrorWith("two\\nlines"));
});

Deno.test(`keychain: an item that is not whole is told by its name, and can be replaced ${WITH}`, async () => {
  using mac = makeMac();
  const { backend } = open(mac);
  for (const text of ["parts:0123456789abcdef:1", "base64:torn!"]) {
    mac.write([goItem("work", text)]);
    await assert.rejects(backend.get("work"), (error) => {
      assert.match((error as { hints: string[] }).hints.join(), /store it anew, which replaces it/);
      return isErrorWith("the item work of aws-vault.keychain-db is not whole")(error);
    });
    await backend.set({ key: "work", data: encode("{}") });
    assert.equal(decode((await backend.get("work"))!.data), "{}");
  }
});

Deno.test(`keychain: a long item that is replaced while it is read is read anew ${WITH}`, async () => {
  using mac = makeMac();
  mac.write([goItem("work", "new")]);
  mac.intervene(`find-generic-password) case "$*" in
    *"aws-vault part"*) : >"$0.new";;
    *) [ -e "$0.new" ] || { echo parts:0123456789abcdef:1; exit; };;
  esac`);
  assert.equal(decode((await open(mac).backend.get("work"))!.data), "new");
});

const REFUSALS = [
  {
    code: 36,
    message: "User interaction is not allowed.",
    hint: /unlock it first:\nsecurity unlock-keychain aws-vault.keychain-db$/,
  },
  {
    code: 51,
    message: "The user name or passphrase you entered is not correct.",
    hint: /wrong; .*:\nsecurity unlock-keychain aws-vault.keychain-db$/,
  },
  { code: 128, message: "User canceled the operation.", hint: /cancelled/ },
  { code: 1, message: "something else", hint: /by hand/ },
];
for (const { code, message, hint } of REFUSALS) {
  Deno.test(`keychain: exit code ${code} is an error of its own, not an absent item ${WITH}`, async () => {
    using mac = makeMac();
    mac.write([goItem("work", "{}")]);
    Deno.writeTextFileSync(`${mac.home}/security-fails`, `${code} ${message}`);
    const { backend } = open(mac);
    const check = (error: unknown) => {
      assert.match((error as { hints: string[] }).hints.join("\n"), hint);
      return isErrorWith("security ", `exit code ${code}`, message)(error);
    };
    await assert.rejects(backend.get("work"), check);
    await assert.rejects(backend.set({ key: "work", data: encode("x") }), check);
    await assert.rejects(backend.remove("work"), check);
  });
}

Deno.test(`keychain: a way out names the keychain as a shell takes it, quotes in it too ${WITH}`, async () => {
  using mac = makeMac();
  Deno.writeTextFileSync(`${mac.home}/security-fails`, "36 User interaction is not allowed.");
  const keychain = `${mac.home}/jon's`;
  Deno.writeTextFileSync(`${keychain}.keychain-db`, "");
  const backend = openKeychain({ keychain }, createTestContext(mac.variables, "darwin"));
  const { hints }: VaultError = await backend.get("work")
    .then(() => assert.fail("it was read"), (error) => error);
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `security() { printf '[%s]' "$@"; }\n${hints.at(-1)}`],
  }).output();
  assert.equal(decode(stdout), `[unlock-keychain][${keychain}.keychain-db]`);
});

Deno.test(`keychain: an item that does not fit one line of security -i is split ${WITH}`, async () => {
  using mac = makeMac();
  const { backend, ctx } = open(mac);
  const key = "k".repeat(600);
  const data = encode(`{"SessionToken":"${"'\\\"".repeat(900)}"}`);
  await backend.set({ key, data });
  assert.deepEqual((await backend.get(key))?.data, data);
  assert.deepEqual(await backend.keys(), [key]);
  assert.ok(!ctx.started.flat().join(" ").includes("SessionToken"));
  await assert.rejects(backend.set({ key: "k".repeat(601), data }), (error) => {
    assert.match((error as { hints: string[] }).hints.join(), /^choose a shorter profile name/);
    return isErrorWith("longer than the 600 bytes")(error);
  });
  assert.ok(mac.read().length > 1);
  await backend.set({ key, data: encode("{}") });
  assert.equal(mac.read().length, 1); // no part is left of what was replaced
  ctx.started.length = 0;
  await backend.set({ key, data });
  // Reading it would ask for a password, and there is no part to be removed.
  assert.ok(!ctx.started.flat().includes("find-generic-password"));
  assert.equal(await backend.remove(key), true);
  assert.deepEqual(mac.read(), []);
});

interface Item {
  account: string;
  service: string;
  label: string;
  kind?: string;
  data: string;
}

function goItem(account: string, text: string): Item {
  const data = encode(text).toHex();
  return { account, service: "aws-vault", label: `aws-vault (${account})`, data };
}

/** A home with the stand-in first in PATH. */
function makeMac() {
  const temporary = makeTemporary("vmac-");
  const home = temporary.path;
  const bin = `${home}/bin`;
  const keychains = `${home}/Library/Keychains`;
  Deno.mkdirSync(bin);
  const run = "run --quiet --no-config --no-check -A";
  writeProgram(bin, "security", `#!/bin/sh\nexec '${Deno.execPath()}' ${run} '${FAKE}' "$@"\n`);
  const path = `${keychains}/aws-vault.keychain-db`;
  return {
    home,
    variables: { PATH: `${bin}:/usr/bin:/bin`, HOME: home },
    /** Has a branch of `case "$1"` before the stand-in does what it is told. */
    intervene(branch: string): void {
      const real = `${bin}/security.real`;
      if (!exists(real)) Deno.renameSync(`${bin}/security`, real);
      writeProgram(
        bin,
        "security",
        `#!/bin/sh\ncase $1 in\n${branch};;\nesac\nexec "$0.real" "$@"\n`,
      );
    },
    read: (): Item[] => JSON.parse(Deno.readTextFileSync(path)),
    write(items: Item[]): void {
      Deno.mkdirSync(keychains, { recursive: true });
      Deno.writeTextFileSync(path, JSON.stringify(items));
    },
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
}

function open(mac: ReturnType<typeof makeMac>) {
  const ctx = createTestContext(mac.variables, "darwin");
  return { ctx, backend: openKeychain({ keychain: "aws-vault" }, ctx) };
}
