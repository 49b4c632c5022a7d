import assert from "node:assert/strict";
import { type HelperOptions, openHelper } from "../../backends/helper.ts";
import type { BackendError } from "../../src/errors.ts";
import { requireProgram } from "../require.ts";
import { createTestContext, makeTemporary, writeProgram } from "./context.ts";
import { makePasswordStore } from "./gpg.ts";
import { decode, encode, isErrorWith, testBackend } from "./suite.ts";

const PROGRAMS = ["docker-credential-pass", "pass", "gpg"];
const ignore = !PROGRAMS.every(requireProgram);
const WITH = `(${PROGRAMS.join(", ")})`;

testBackend(`helper ${WITH}`, {
  ignore,
  startsForKeys: 1,
  startsForGet: 1,
  async make() {
    const store = await makePasswordStore();
    const ctx = createTestContext(store.variables);
    return {
      ctx,
      variables: store.variables,
      open: () => openHelper({ helper: "pass" }, ctx),
      writer: ["helper", "helper=pass"],
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  },
});

Deno.test({ name: `helper leaves docker's own logins alone ${WITH}`, ignore }, async () => {
  await using store = await makePasswordStore();
  const login = { ServerURL: "https://index.docker.io/v1/", Username: "me", Secret: "hunter2" };
  await speak("store", JSON.stringify(login), store.variables);
  const ctx = createTestContext(store.variables);
  const backend = openHelper({ helper: "pass" }, ctx);
  await backend.set({ key: "me", data: encode("x") });
  await backend.set({ key: login.ServerURL, data: encode("y") });
  assert.deepEqual(await backend.keys(), [login.ServerURL, "me"].sort());
  assert.equal(await backend.remove("me"), true);
  assert.equal(await backend.remove(login.ServerURL), true);
  assert.equal(JSON.parse(await speak("get", login.ServerURL, store.variables)).Secret, "hunter2");
  assert.ok(!ctx.debugged.join("\n").includes("hunter2"));
});

Deno.test({ name: `helper: an item that stays was not removed ${WITH}`, ignore }, async () => {
  await using store = await makePasswordStore();
  const open = (variables: typeof store.variables) =>
    openHelper({ helper: "pass" }, createTestContext(variables));
  await open(store.variables).set({ key: "work", data: encode("x") });
  const bin = `${store.directory}/../bin`;
  Deno.mkdirSync(bin);
  writeProgram(bin, "rm", "#!/bin/sh\nexit 1\n"); // as of a disk that is read-only
  const removal = open({ ...store.variables, PATH: `${bin}:${store.variables.PATH}` }).remove(
    "work",
  );
  await assert.rejects(removal, isErrorWith("erase` has left the item of `work` where it was"));
  assert.deepEqual(await open(store.variables).keys(), ["work"]);
});

Deno.test(
  { name: `helper tells what gpg said when no key opens an item ${WITH}`, ignore },
  async () => {
    await using store = await makePasswordStore();
    await using stranger = await makePasswordStore();
    const options = { helper: "pass" };
    await openHelper(options, createTestContext(store.variables)).set({
      key: "work",
      data: encode("x"),
    });
    const variables = { ...store.variables, GNUPGHOME: stranger.variables.GNUPGHOME! };
    const backend = openHelper(options, createTestContext(variables));
    const error = isErrorWith("docker-credential-pass get", "exit code 1", "No secret key");
    await assert.rejects(backend.get("work"), error);
  },
);

Deno.test(
  { name: `helper tells how to go on where a store that failed is in the way ${WITH}`, ignore },
  async () => {
    await using store = await makePasswordStore();
    const backend = openHelper({ helper: "pass" }, createHastyContext(store.variables));
    const item = { key: "work", data: encode("x") };
    const path = `${store.directory}/.gpg-id`;
    const id = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, "nobody@example.com\n");
    await assert.rejects(backend.set(item), isErrorWith("Password encryption aborted"));
    Deno.writeTextFileSync(path, id);
    const error: BackendError = await backend.keys().then(() => assert.fail(), (error) => error);
    assert.match(error.message, /exit code 1: no usernames for/);
    const [, line] = error.hints[0]!.split(/take it away: /);
    const options = { args: ["-c", line!], env: store.variables, clearEnv: true };
    assert.ok((await new Deno.Command("sh", options).output()).success);
    await backend.set(item);
    assert.deepEqual(await backend.keys(), ["work"]);
  },
);

Deno.test(
  { name: `helper keeps the limit of Windows by parts that read as one ${WITH}`, ignore },
  async () => {
    await using store = await makePasswordStore();
    // The helper of Windows by name, over the store that is here.
    const directory = `${store.directory}/../bin`;
    Deno.mkdirSync(directory);
    const longest = `${directory}/longest`;
    Deno.writeTextFileSync(
      `${directory}/docker-credential-wincred`,
      `#!/bin/sh\nif [ "$1" = store ]; then
  input=$(cat); printf '%s\\n' "$input" >> '${longest}'
  printf '%s' "$input" | docker-credential-pass store
else exec docker-credential-pass "$1"; fi\n`,
      { mode: 0o755 },
    );
    const variables = { ...store.variables, PATH: `${directory}:${store.variables.PATH}` };
    const ctx = createTestContext(variables);
    const backend = openHelper({ helper: "wincred" }, ctx);
    const session = encode(`{"SessionToken":"${"t".repeat(6_000)}"}`);
    await backend.set({ key: "session", data: session });
    assert.deepEqual((await backend.get("session"))?.data, session);
    for (const line of Deno.readTextFileSync(longest).trim().split("\n")) {
      assert.ok(JSON.parse(line).Secret.length <= 2_560);
    }
    await backend.set({ key: "session", data: encode("{}") });
    assert.equal(decode((await backend.get("session"))!.data), "{}");
    const listed = JSON.parse(await speak("list", "", store.variables));
    assert.equal(Object.keys(listed).length, 1);
    assert.ok(ctx.debugged.length > 0);
    assert.ok(!ctx.debugged.join("\n").includes("tttt"), "no token in what is told");
  },
);

/** One that tries again at once. */
function createHastyContext(variables: Readonly<Record<string, string>>) {
  const ctx = createTestContext(variables);
  return { ...ctx, clock: { ...ctx.clock, sleep: () => Promise.resolve() } };
}

/**
 * A helper that answers by the branches of `case "$1"`, and writes down what it was told. As docker's
 * own it takes one word, and no `get` or `erase` of nothing.
 */
function standIn(branches: string, options: HelperOptions = {}, name = "test") {
  const temporary = makeTemporary("vhelper-");
  const bin = temporary.path;
  const answer = (branches: string) => {
    const log = 'printf "%s %s\\n" "$1" "$input" >>"${0%/*}/log"';
    const rest = '*) echo "credentials not found in native keychain"; exit 1;;';
    const script = `#!/bin/sh\n${CHECK}\n${log}\ncase $1 in\n${branches}\n${rest}\nesac\n`;
    return writeProgram(bin, `docker-credential-${name}`, script);
  };
  const path = answer(branches);
  const ctx = createHastyContext({ PATH: `${bin}:/usr/bin:/bin`, HOME: bin });
  return {
    bin,
    path,
    answer,
    backend: openHelper({ helper: "test", ...options }, ctx),
    told: () => Deno.readTextFileSync(`${bin}/log`).trim().split("\n"),
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
}

const CHECK = `[ $# = 1 ] || { echo "Usage: $0 <store|get|erase|list|version>"; exit 1; }
input=$(cat)
case $1:$input in get: | erase:) echo "no credentials server URL"; exit 1;; esac`;
const HASH = "0123456789abcdef0123456789abcdef";
const URL_OF_OURS = `https://aws-vault.invalid/aws-vault/${HASH}`;
const STORED = 'list) echo "{}";; store) ;;';

Deno.test("helper: the limit of Windows is that of its helper under WSL, and of one named by a path", async () => {
  for (const byPath of [false, true]) {
    using helper = standIn(STORED, {}, "wincred.exe");
    const named = byPath ? helper.path : "wincred.exe";
    const ctx = createTestContext({ PATH: `${helper.bin}:/usr/bin:/bin`, HOME: helper.bin });
    await openHelper({ helper: named }, ctx).set({
      key: "session",
      data: encode("t".repeat(6_000)),
    });
    const stored = helper.told().filter((line) => line.startsWith("store "));
    assert.ok(stored.length > 1);
    for (const line of stored) assert.ok(JSON.parse(line.slice(6)).Secret.length <= 2_560, named);
  }
});

Deno.test("helper: of a list only what is ours counts, by whole addresses or by paths", async () => {
  const listed = {
    [URL_OF_OURS]: "work",
    [`/aws-vault/${HASH.replace("0", "f")}`]: "a%2Fb",
    [`${URL_OF_OURS}/0123456789abcdef-0`]: "a part",
    "https://aws-vault.invalid/aws-vault/abc": "too short",
    [`https://docker.io/aws-vault/${HASH}`]: "of docker",
    [`/aws-vault/${HASH.replace("0", "e")}`]: 7,
    [`/aws-vault/${HASH.replace("0", "d")}`]: "%zz",
  };
  using helper = standIn(`list) echo '${JSON.stringify(listed)}';;`);
  assert.deepEqual(await helper.backend.keys(), ["a/b", "work"]);
  helper.answer("list) echo null;;");
  assert.deepEqual(await helper.backend.keys(), []);
  helper.answer("list) echo '[]';;");
  await assert.rejects(helper.backend.keys(), isErrorWith("printed what is no answer"));
});

Deno.test("helper: a list that another process's writing disturbs is asked for again, for two seconds", async () => {
  const stumble = (times: number, said = "no usernames for aws-vault") =>
    `list) [ "$(grep -c ^list "\${0%/*}/log")" -gt ${times} ] && echo '{}' ||
    { echo '${said}'; exit 1; };;`;
  using helper = standIn(stumble(20));
  assert.deepEqual(await helper.backend.keys(), []);
  using ofLibsecret = standIn(stumble(1, "Error from list function in secretservice_linux.c"));
  assert.deepEqual(await ofLibsecret.backend.keys(), []);
  using busy = standIn(stumble(21));
  await assert.rejects(busy.backend.keys(), isErrorWith("exit code 1: no usernames for aws-vault"));
});

Deno.test("helper: an item of another name, or of no text, is none of ours; half a one is told", async () => {
  using helper = standIn(`get) echo '{"Username":"","Secret":""}';;`);
  const { backend } = helper;
  assert.equal(await backend.get("work"), undefined);
  const cases: [string, RegExp, RegExp][] = [
    [`'{"Username":"work"}'`, /printed what is no answer to that/, /comes first in PATH/],
    [`'{"Username":"other","Secret":"{}"}'`, /the item of another name, `other`/, /own tools/],
    [`'{"Username":"work","Secret":"base64:!"}'`, /work of .* is not whole/, /store it anew/],
  ];
  for (const [answer, message, hint] of cases) {
    helper.answer(`get) echo ${answer};;`);
    await assert.rejects(backend.get("work"), (error: BackendError) => {
      assert.match(error.hints.join(), hint);
      return message.test(error.message);
    });
  }
  const head = '{"Username":"work","Secret":"parts:0123456789abcdef:1"}';
  helper.answer(
    `get) case $input in */0123*-0) echo credentials not found in native keychain; exit 1
    esac; echo '${head}';;`,
  );
  await assert.rejects(backend.get("work"), isErrorWith("the item work of", "is not whole"));
});

Deno.test("helper: a long item that is replaced while it is read is read anew", async () => {
  const answer = (secret: string) => JSON.stringify({ Username: "work", Secret: secret });
  using helper = standIn(
    `get) case $input in
      */0123*-0) : >"$0.new"; echo credentials not found in native keychain; exit 1
    esac
    [ -e "$0.new" ] && echo '${answer("new")}' || echo '${answer("parts:0123456789abcdef:1")}';;`,
  );
  assert.equal(decode((await helper.backend.get("work"))!.data), "new");
});

Deno.test("helper: a name is stored up to 240 characters, and one writer's fault is not the next one's", async () => {
  using helper = standIn(STORED);
  const item = (key: string) => ({ key, data: encode("{}") });
  await helper.backend.set(item("k".repeat(240)));
  await assert.rejects(helper.backend.set(item("k".repeat(241))), (error: BackendError) => {
    assert.match(error.hints.join(), /^choose a shorter profile name/);
    return isErrorWith("241 characters once encoded, where 240 fit")(error);
  });
  await helper.backend.set(item("work"));
  await helper.backend.set(item(".hidden"));
  assert.match(helper.told().at(-1)!, /"Username":"%2Ehidden","Secret":"{}"/);
  assert.deepEqual(helper.told().map((line) => line.split(" ")[0]), [
    ...["list", "store", "list", "store", "list", "store"],
  ]);
});

Deno.test("helper: writers of one process come one after the other", async () => {
  using helper = standIn('list) echo "{}";; store) sleep 0.05; echo stored >>"${0%/*}/log";;');
  const keys = ["a", "b"];
  await Promise.all(keys.map((key) => helper.backend.set({ key, data: encode("{}") })));
  const order = helper.told().map((line) => line.split(" ")[0]);
  assert.deepEqual(order, ["list", "store", "stored", "list", "store", "stored"]);
});

Deno.test("helper: a removal takes the item before its parts, and what is gone by then is removed", async () => {
  using helper = standIn(STORED);
  await helper.backend.set({ key: "work", data: encode("{}") });
  const address = JSON.parse(helper.told().at(-1)!.slice("store ".length)).ServerURL;
  const listed = { [`${address}/0123456789abcdef-0`]: "work", [address]: "work" };
  helper.answer(`list) echo '${JSON.stringify(listed)}';;`);
  assert.equal(await helper.backend.remove("work"), true);
  assert.deepEqual(helper.told().slice(-2), [
    `erase ${address}`,
    `erase ${address}/0123456789abcdef-0`,
  ]);
  const own = 'erase) echo "it is not in the password store"; exit 1;;'; // as docker-credential-pass
  const list = `list) echo '${JSON.stringify({ [address]: "work" })}';;`;
  for (const gone of ["", `get) echo '{"Username":"","Secret":""}';;`]) {
    helper.answer(`${list} ${own} ${gone}`);
    assert.equal(await helper.backend.remove("work"), true);
  }
  helper.answer(`${list} ${own} get) echo '{"Username":"work","Secret":"{}"}';;`);
  await assert.rejects(helper.backend.remove("work"), isErrorWith("it is not in the password"));
});

Deno.test("helper: a removal of what was listed takes no list, one of what was stored since does", async () => {
  using helper = standIn(STORED);
  const { backend } = helper;
  const listed: Record<string, string> = {};
  for (const key of ["a", "b"]) {
    await backend.set({ key, data: encode("{}") });
    listed[JSON.parse(helper.told().at(-1)!.slice("store ".length)).ServerURL] = key;
  }
  helper.answer(`list) echo '${JSON.stringify(listed)}';; store) ;;`);
  const removeAll = async () => {
    for (const key of ["a", "b"]) assert.equal(await backend.remove(key), true);
    return helper.told().map((line) => line.split(" ")[0]).slice(4);
  };
  assert.deepEqual(await backend.keys(), ["a", "b"]);
  assert.deepEqual(await removeAll(), ["list", "erase", "erase"]);
  await backend.keys();
  await backend.set({ key: "b", data: encode("{}") });
  const told = await removeAll();
  assert.deepEqual(told.slice(3), ["list", "list", "store", "list", "erase", "erase"]);
});

Deno.test("helper: of what a failing one prints only a sentence is shown, for it may be a secret", async () => {
  using helper = standIn("");
  const shown = async (printed: string) => {
    helper.answer(`get) printf '%s\\n' '${printed}'; echo by standard error >&2; exit 5;;`);
    const error = await helper.backend.get("work").catch((error) => error);
    return /exit code 5: (.*)$/.exec(error.message)![1];
  };
  assert.equal(await shown("no pinentry is here"), "no pinentry is here");
  const secrets = [
    "c2VjcmV0",
    "oops base64:c2VjcmV0",
    `oops {"Secret":"x"}`,
    `x ${"s".repeat(121)}`,
  ];
  for (const secret of secrets) assert.equal(await shown(secret), "by standard error", secret);
});

Deno.test("helper: it may be named by its path, and is else the platform's usual one that is there", async () => {
  using helper = standIn('list) echo "{}";;');
  using elsewhere = standIn("", { helper: helper.path });
  assert.deepEqual(await elsewhere.backend.keys(), []);
  using usual = standIn('list) echo "{}";;', { helper: undefined }, "pass");
  const open = () => {
    const variables = { PATH: usual.bin, HOME: usual.bin };
    return openHelper({}, createTestContext(variables)).keys();
  };
  await assert.rejects(
    openHelper({}, createTestContext({ PATH: "/", HOME: "/" })).keys(),
    isErrorWith("docker-credential-secretservice is not installed"),
  );
  writeProgram(usual.bin, "docker-credential-pass", "#!/bin/sh\nexit 3\n");
  await assert.rejects(open(), isErrorWith("docker-credential-pass list", "exit code 3"));
  writeProgram(usual.bin, "docker-credential-secretservice", "#!/bin/sh\nexit 4\n");
  await assert.rejects(open(), isErrorWith("docker-credential-secretservice list", "exit code 4"));
});

async function speak(
  action: string,
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = new Deno.Command("docker-credential-pass", {
    args: [action],
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(encode(input));
  await writer.close();
  const { code, stdout } = await child.output();
  assert.equal(code, 0);
  return decode(stdout);
}
