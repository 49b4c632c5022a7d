import assert from "node:assert/strict";
import { findKeys } from "../../../src/config/key_source.ts";

function names(text: string): unknown[] {
  const found = findKeys(new TextEncoder().encode(text), "file");
  return found.map(({ profile, obstacle }) => obstacle ?? profile);
}

const KEYS = "aws_access_key_id = AKIAONE\naws_secret_access_key = s\n";

Deno.test("a name may end with any letter, one whose last byte is that of a blank too", () => {
  for (const name of ["voilà", "Р", "砠", "a]b"]) {
    assert.deepEqual(names(`[${name}]\n${KEYS}`), [name]);
    assert.deepEqual(names(`[profile ${name}] # mine\n${KEYS}`), [name]);
    const csv = `User name,Access key ID,Secret access key\n ${name} ,AKIAONE,s\n`;
    assert.deepEqual(names(csv), [name]);
  }
});

Deno.test("blanks of any kind around a header of a credentials file are no part of it", () => {
  assert.deepEqual(names(`\u00a0[a]\u00a0\n${KEYS}[b]\r\r\n${KEYS}`), ["a", "b"]);
});

Deno.test("a CSV with a byte-order mark and quotes in every cell is read, as PowerShell writes it", () => {
  const rows = '"User name","Access key ID","Secret access key"\r\n"ann","AKIAONE","s"\r\n';
  assert.deepEqual(names(`\ufeff${rows}`), ["ann"]);
  const withoutNames = '\ufeff"Access key ID","Secret access key"\n"AKIAONE","s"\n';
  assert.equal(findKeys(new TextEncoder().encode(withoutNames), "file")[0]?.accessKeyId, "AKIAONE");
});

Deno.test("a file with nothing in it has no keys, and one that is no text is told as that", () => {
  assert.deepEqual(names(""), []);
  assert.throws(() => names("[a]\0"), { message: "file is no text file: it holds NUL bytes" });
});

Deno.test("rows of a CSV are told by their first line, and one with nothing in it is none", () => {
  const rows = 'User name,Access key ID,Secret access key\n"a\nb",AKIAONE,s\n,,\nc,AKIATWO,s';
  const found = findKeys(new TextEncoder().encode(rows), "file");
  assert.deepEqual(found.map(({ profile, line }) => [profile, line]), [["a\nb", 2], ["c", 5]]);
});

Deno.test("quotes written twice are one of a cell's", () => {
  const row = 'User name,Access key ID,Secret access key\n"ann ""a"" b",AKIAONE,s\n';
  assert.deepEqual(names(row), ['ann "a" b']);
});

for (
  const [id, secret, why] of [
    ["", "s", /^it has a secret access key, and no access key id$/],
    ["AKIA-ONE", "s", /^its access key id has more than letters and digits$/],
    ['"AKIAONE"', "s", /^its keys stand in quotes/],
    ["AKIAONE", "'s'", /^its keys stand in quotes/],
    ["AKIAONE", "s s", /^a key has blanks or letters in it that no key has$/],
  ] as const
) {
  Deno.test(`keys \`${id}\` and \`${secret}\` are none, and it is told why`, () => {
    const text = `[a]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    assert.match(String(names(text)), why);
  });
}
