import assert from "node:assert/strict";
import { parseDump, parsePassword, quote } from "../../../backends/keychain_output.ts";
import { collectionPath, parseSearch, parseTree } from "../../../backends/secret_service_output.ts";

const TREE = `node /org/freedesktop/secrets/collection {
  node /org/freedesktop/secrets/collection/login {
    interface org.freedesktop.Secret.Collection {
      properties:
        readonly ao Items = ['/org/freedesktop/secrets/collection/login/2'];
        readwrite s Label = 'Login';
        readonly b Locked = true;
        readonly t Created = 0;
    };
    node /org/freedesktop/secrets/collection/login/2 {
      interface org.freedesktop.Secret.Item {
        properties:
          readonly b Locked = false;
          readwrite a{ss} Attributes = {'profile': "it's \\"\\u00fc\\" \\\\ \\n\\U0001f511", 'xdg:schema': 'x'};
          readwrite s Label = 'work';
          readonly t Modified = 1795230318;
      };
    };
  };
  node /org/freedesktop/secrets/collection/empty {
  };
};
`;

Deno.test("the object tree of the secret service is read with names of any characters", () => {
  const [login, empty] = parseTree(TREE)!;
  assert.deepEqual([login!.path, login!.isLocked], [collectionPath("login"), true]);
  assert.deepEqual(empty!.items, []);
  const [item] = login!.items;
  assert.deepEqual([item!.isLocked, item!.modifiedSeconds], [false, 1795230318]);
  assert.deepEqual([...item!.attributes], [["profile", 'it\'s "ü" \\ \n🔑'], ["xdg:schema", "x"]]);
});

Deno.test("what is no object tree is not taken for an empty one", () => {
  assert.equal(parseTree(""), undefined);
  assert.equal(parseTree("Hello!"), undefined);
});

Deno.test("collections are found under the path gnome-keyring gives them", () => {
  assert.equal(collectionPath("my vault"), "/org/freedesktop/secrets/collection/my_20vault");
  assert.equal(collectionPath("my_vault"), "/org/freedesktop/secrets/collection/my_5fvault");
});

Deno.test("a search of the secret service gives secrets, and none for what is locked", () => {
  const text = "[/1]\nlabel = work\nsecret = {}\nmodified = 2026-11-21 03:05:18\n" +
    "schema = org.x\n[/2]\nlabel = locked\n";
  assert.deepEqual(parseSearch(text), [
    { id: "/1", label: "work", secret: "{}", modified: "2026-11-21 03:05:18", schema: "org.x" },
    { id: "/2", label: "locked" },
  ]);
  assert.deepEqual(parseSearch(""), []);
  assert.equal(parseSearch("Hello!"), undefined);
});

Deno.test("a keychain's dump is read with names that are not plain ASCII", () => {
  const dump = `keychain: "/Users/me/Library/Keychains/aws-vault.keychain-db"
version: 512
class: "genp"
attributes:
    0x00000007 <blob>="aws-vault (say "hi")"
    "acct"<blob>="say "hi""
    "svce"<blob>="aws-vault"
    "type"<uint32>=<NULL>
keychain: "/Users/me/Library/Keychains/aws-vault.keychain-db"
version: 512
class: "genp"
attributes:
    "acct"<blob>=0x61C3BC5C  "a\\303\\274\\134"
    "svce"<blob>="aws-vault"
keychain: "/Users/me/Library/Keychains/aws-vault.keychain-db"
class: "inet"
attributes:
    "acct"<blob>=0xC3BC
    "svce"<blob>=<NULL>
`;
  assert.deepEqual(parseDump(dump), [
    { account: 'say "hi"', service: "aws-vault" },
    { account: "aü\\", service: "aws-vault" },
    { account: "ü", service: undefined },
  ]);
  assert.deepEqual(parseDump(""), []);
});

Deno.test("a keychain's secret that is not printable comes in hexadecimal", () => {
  assert.equal(parsePassword('{"a":1}\n'), '{"a":1}');
  assert.equal(parsePassword("7b22c3bc227d\n"), '{"ü"}');
});

Deno.test("a word for security -i keeps its quotes, spaces and backslashes", () => {
  assert.equal(quote(`it's a "\\" word`), `'it\\'s a "\\\\" word'`);
});
