import assert from "node:assert/strict";
import { findElsewhere } from "../../backends/mod.ts";
import { openSecretService } from "../../backends/secret_service.ts";
import { createTestContext, makeTemporary, writeProgram } from "./context.ts";
import { decode, encode, isErrorWith } from "./suite.ts";

const PATH = "/org/freedesktop/secrets/collection";

/** An item in the object tree: its attributes as GVariant's text has them. */
interface Listed {
  readonly path: string;
  readonly attributes: string;
  readonly modifiedSeconds?: number;
}

function formatTree(collections: Readonly<Record<string, readonly Listed[]>>): string {
  const nodes = Object.entries(collections).map(([name, items]) => {
    const inner = items.map(({ path, attributes, modifiedSeconds = 1795230318 }) =>
      `    node ${PATH}/${name}/${path} {
          readonly b Locked = false;
          readwrite a{ss} Attributes = ${attributes};
          readonly t Modified = ${modifiedSeconds};
    };`
    );
    return `  node ${PATH}/${name} {\n    readonly b Locked = false;\n${inner.join("\n")}\n  };`;
  });
  return `node ${PATH} {\n${nodes.join("\n")}\n};`;
}

/** `gdbus` and `secret-tool` that answer so, and write down what they were told. */
function standIn(tree: string, found = "") {
  const home = makeTemporary("vss-");
  const log =
    `input=$(timeout 5 cat); printf '%s|%s\\n' "\${0##*/} $*" "$input" >>'${home.path}/log'`;
  const print = (program: string, text: string) =>
    writeProgram(home.path, program, `#!/bin/sh\n${log}\ncat <<'END'\n${text}\nEND\n`);
  print("gdbus", tree);
  print("secret-tool", found);
  /** Has a branch of `case "$*"` before a program answers as it does. */
  const intervene = (program: string, branch: string) => {
    Deno.renameSync(`${home.path}/${program}`, `${home.path}/${program}.real`);
    const script = `#!/bin/sh\ncase "$*" in\n${branch};;\nesac\nexec "$0.real" "$@"\n`;
    writeProgram(home.path, program, script);
  };
  const ctx = createTestContext({ PATH: `${home.path}:/usr/bin:/bin`, HOME: home.path });
  return {
    intervene,
    home: home.path,
    find: (text: string) => print("secret-tool", text),
    backend: openSecretService({}, ctx),
    told: () => Deno.readTextFileSync(`${home.path}/log`).trim().split("\n"),
    [Symbol.dispose]: () => home[Symbol.dispose](),
  };
}

const OURS = { path: "1", attributes: "{'profile': 'work'}" };

Deno.test("secret-service: without its collection and without login any other counts, but that of a session", async () => {
  const session = { path: "9", attributes: "{'profile': 'passing'}" };
  using service = standIn(formatTree({ own: [OURS], session: [session] }));
  assert.deepEqual(await service.backend.keys(), ["work"]);
  await service.backend.set({ key: "new", data: encode("{}") });
  assert.match(service.told().at(-1)!, /^secret-tool store --label=new -- profile new\|/);
  using beside = standIn(formatTree({ login: [OURS], own: [{ ...OURS, path: "2" }] }));
  await beside.backend.remove("work");
  const removed = beside.told().filter((line) => line.includes("Delete"));
  assert.equal(removed.length, 1, "what is in a collection that is not ours stays");
});

Deno.test("secret-service: items of another schema are another program's, listed or read", async () => {
  const theirs = { path: "2", attributes: "{'profile': 'theirs', 'xdg:schema': 'org.other'}" };
  const search = "[/2]\nlabel = theirs\nsecret = hunter2\nschema = org.other";
  using service = standIn(formatTree({ login: [OURS, theirs] }), search);
  assert.deepEqual(await service.backend.keys(), ["work"]);
  assert.equal(await service.backend.get("theirs"), undefined);
  await assert.rejects(service.backend.set({ key: "theirs", data: encode("x") }), (error) => {
    assert.match(String((error as { hints: string[] }).hints), /--secret-service-collection$/);
    return isErrorWith("another program keeps an item")(error);
  });
});

Deno.test("secret-service: of an item in several collections the first of ours is read, or none", async () => {
  const secret = (text: string) => JSON.stringify({ Key: "work", Data: btoa(text) });
  const item = (id: string, text: string, modified: string) =>
    `[/${id}]\nlabel = work\nsecret = ${secret(text)}\nmodified = ${modified}\n`;
  const modified = "2026-11-21 03:05:18";
  using service = standIn(
    formatTree({ awsvault: [OURS] }),
    item("1", "ours", modified) + item("1", "another's", "2026-11-21 03:05:19") +
      item("2", "third", modified),
  );
  assert.equal(decode((await service.backend.get("work"))!.data), "ours");
  service.find(item("1", "ours", modified) + item("1", "another's", modified));
  await assert.rejects(service.backend.get("work"), (error) => {
    assert.match(
      String((error as { hints: string[] }).hints),
      /^remove all but one in your keyring/,
    );
    return isErrorWith("several collections of the secret service keep work")(error);
  });
});

Deno.test("secret-service: what is stored has no backslash, which GNOME's open keyrings lose", async () => {
  using service = standIn(formatTree({ login: [] }));
  const key = 'a\\b "c"';
  await service.backend.set({ key, data: encode("x"), label: `of ${key}`, description: key });
  const [call, secret] = service.told().at(-1)!.split("|");
  assert.match(
    call!,
    /^secret-tool store --collection=\S+\/login --label=a\\b "c" -- profile a\\b "c"$/,
  );
  assert.ok(!secret!.includes("\\"));
  const { Key, Label, Description } = JSON.parse(secret!);
  assert.deepEqual([Key, Label, Description], ["a'b 'c'", "of a'b 'c'", "a'b 'c'"]);
  // Without parts to be removed nobody is asked to unlock what there is.
  assert.ok(!service.told().some((line) => line.startsWith("secret-tool search")));
});

Deno.test("secret-service: an item whose parts are gone or damaged is told by its name, with what to do", async () => {
  const head = JSON.stringify({ Key: "work", Data: btoa("parts:0123456789abcdef:1") });
  const shown = `[/1]\nlabel = work\nsecret = ${head}`;
  const damaged = "[/2]\nlabel = 0123456789abcdef-0\nschema = other\nsecret = base64:!";
  for (const found of [shown, `${shown}\n${damaged}`]) {
    using service = standIn(formatTree({ login: [OURS] }), found);
    await assert.rejects(service.backend.get("work"), (error) => {
      const { hints } = error as { hints: string[] };
      assert.match(String(hints), /store it anew, which replaces it/);
      return isErrorWith("the item work of the secret service is not whole")(error);
    });
  }
});

Deno.test("secret-service: a long item that is replaced while it is read is read anew", async () => {
  const show = (text: string) =>
    `[/1]\nlabel = work\nsecret = ${JSON.stringify({ Key: "work", Data: btoa(text) })}`;
  using service = standIn(formatTree({ login: [OURS] }), show("parts:0123456789abcdef:1"));
  service.intervene(
    "secret-tool",
    `*aws-vault-parts*) : >"$0.new"; exit;;\n*) [ ! -e "$0.new" ] || { echo '${
      show("new")
    }'; exit; }`,
  );
  assert.equal(decode((await service.backend.get("work"))!.data), "new");
});

Deno.test("secret-service: keys in one that D-Bus does not start, as KeePassXC's, are found while it runs", async () => {
  using service = standIn(formatTree({ login: [OURS] }));
  const ctx = createTestContext({
    PATH: `${service.home}:/usr/bin:/bin`,
    HOME: service.home,
    XDG_DATA_DIRS: "/nonexistent",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
  });
  assert.deepEqual(await findElsewhere("work", {}, ctx), [
    "the secret-service keyring has keys for work: --backend=secret-service",
  ]);
  assert.deepEqual(await findElsewhere("work", { backend: "secret-service" }, ctx), []);
});

const GONE = [
  "Error: GDBus.Error:org.freedesktop.DBus.Error.UnknownObject: No such object path",
  "Error: GDBus.Error:org.freedesktop.DBus.Error.UnknownMethod: " +
  "No such interface “org.freedesktop.Secret.Item” on object at path /x/1",
  "Error: GDBus.Error:org.freedesktop.DBus.Error.UnknownMethod: " +
  "No such interface “org.freedesktop.DBus.Properties” on object at path /x/1",
  "secret-tool: The item does not exist",
];

Deno.test("secret-service: a search that stops at an item which is gone is made again, five times at most", async () => {
  const found = `[/1]\nlabel = work\nsecret = ${JSON.stringify({ Key: "work", Data: btoa("{}") })}`;
  const gone = "No such secret item at path: /org/freedesktop/secrets/collection/login/1";
  for (const [times, isFound] of [[4, true], [5, false]] as const) {
    using service = standIn(formatTree({ login: [OURS] }), found);
    service.intervene(
      "secret-tool",
      `search*) echo . >>"$0.tries"; [ "$(wc -l <"$0.tries")" -gt ${times} ] || {
        echo 'secret-tool: ${gone}' >&2; exit 1; }`,
    );
    const item = service.backend.get("work");
    if (isFound) assert.equal(decode((await item)!.data), "{}");
    else await assert.rejects(item, isErrorWith("secret-tool search", gone));
  }
});

Deno.test("secret-service: an item that somebody else removes meanwhile is removed, its parts too", async () => {
  const part = {
    path: "2",
    attributes: "{'aws-vault-parts': '0123456789abcdef', 'aws-vault-part-of': 'work'}",
  };
  const tree = formatTree({ login: [OURS, part] });
  for (const saying of GONE) {
    using service = standIn(tree);
    service.intervene("gdbus", `call*) echo '${saying}' >&2; exit 1`);
    const once = `[ -e "$0.once" ] || { : >"$0.once"; echo '${saying}' >&2; exit 1; }`;
    service.intervene("secret-tool", `clear*) ${once}`);
    assert.equal(await service.backend.remove("work"), true, saying);
    assert.match(
      service.told().at(-1)!,
      /^secret-tool.real clear -- aws-vault-parts 0123456789abcdef\|/,
    );
  }
  using none = standIn(tree);
  none.intervene("secret-tool", "clear*) exit 1"); // so it says that there is none
  assert.equal(await none.backend.remove("work"), true);
  for (const [program, call] of [["gdbus", "call"], ["secret-tool", "clear"]] as const) {
    using broken = standIn(tree);
    broken.intervene(program, `${call}*) echo the service has crashed >&2; exit 1`);
    await assert.rejects(broken.backend.remove("work"), isErrorWith(program, "has crashed"));
  }
});

Deno.test("secret-service: of many that are removed in a row none takes a list, but one that has become another's", async () => {
  const item = (path: string) => ({ path, attributes: `{'profile': 'item ${path}'}` });
  using service = standIn(formatTree({ login: ["1", "2", "3"].map(item) }));
  const answers = ["item 1", "item 2", "of another"].map((name, index) =>
    `*login/${index + 1}*Get*) echo "(<{'profile': '${name}'}>,)"; exit`
  );
  service.intervene("gdbus", answers.join(" ;;\n"));
  const { backend } = service;
  const lists: number[] = [];
  for (const key of await backend.keys()) {
    assert.equal(await backend.remove(key), true);
    lists.push(service.told().filter((words) => words.includes("introspect")).length);
  }
  assert.deepEqual(lists, [1, 1, 2]);
  const deleted = service.told().flatMap((words) => /login\/(\d).*Delete/.exec(words)?.[1] ?? []);
  assert.deepEqual(deleted, ["1", "2", "3"]);
});

const SAYINGS: readonly [string, RegExp][] = [
  [
    "secret-tool: Cannot create an item in a locked collection",
    /^unlock it in your keyring program/,
  ],
  [
    "The name org.freedesktop.secrets was not provided by any .service files",
    /^no keyring answers/,
  ],
  ["Cannot autolaunch D-Bus without X11 $DISPLAY", /^there is no D-Bus session/],
  ["Error: Could not connect: No such file or directory", /^there is no D-Bus session/],
];

Deno.test("secret-service: that it is locked, or not there, is told with what to do", async () => {
  for (const [saying, wayOut] of SAYINGS) {
    using service = standIn(formatTree({ login: [] }));
    service.intervene("secret-tool", `*) cat >&2 <<'END'\n${saying}\nEND\nexit 1`);
    await assert.rejects(service.backend.get("work"), (error) => {
      assert.match((error as { hints: string[] }).hints.join(), wayOut);
      return isErrorWith("secret")(error);
    });
  }
});

Deno.test("secret-service: parts whose age the service does not tell stay: they may be a writer's at work", async () => {
  const attributes =
    "{'aws-vault-part': 'p', 'aws-vault-parts': 'of-it', 'aws-vault-part-of': 'other'}";
  for (const [modifiedSeconds, cleared] of [[1, 1], [0, 0]] as const) {
    using service = standIn(formatTree({ awsvault: [{ path: "2", attributes, modifiedSeconds }] }));
    await service.backend.set({ key: "work", data: encode("x") });
    const clears = service.told().filter((line) => /^secret-tool clear .*of-it/.test(line));
    assert.equal(clears.length, cleared);
  }
});
