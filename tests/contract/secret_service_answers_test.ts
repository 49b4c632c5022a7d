import assert from "node:assert/strict";
import { openSecretService } from "../../backends/secret_service.ts";
import { createTestContext, makeTemporary, writeProgram } from "./context.ts";
import { decode, encode, isErrorWith } from "./suite.ts";

const PATH = "/org/freedesktop/secrets/collection";

/** An item in the object tree: its attributes as GVariant's text has them. */
interface Listed {
  readonly path: string;
  readonly attributes: string;
}

function formatTree(collections: Readonly<Record<string, readonly Listed[]>>): string {
  const nodes = Object.entries(collections).map(([name, items]) => {
    const inner = items.map(({ path, attributes }) =>
      `    node ${PATH}/${name}/${path} {
          readonly b Locked = false;
          readwrite a{ss} Attributes = ${attributes};
          readonly t Modified = 1795230318;
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
  const ctx = createTestContext({ PATH: `${home.path}:/usr/bin:/bin`, HOME: home.path });
  return {
    find: (text: string) => print("secret-tool", text),
    backend: openSecretService({ collection: "awsvault" }, ctx),
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

Deno.test("secret-service: an item whose parts are gone is told by its name, with what to do", async () => {
  const head = JSON.stringify({ Key: "work", Data: btoa("parts:0123456789abcdef:1") });
  using service = standIn(formatTree({ login: [OURS] }), `[/1]\nlabel = work\nsecret = ${head}`);
  await assert.rejects(service.backend.get("work"), (error) => {
    assert.match(String((error as { hints: string[] }).hints), /store it anew, which replaces it/);
    return isErrorWith("the item work of the secret service is not whole")(error);
  });
});
