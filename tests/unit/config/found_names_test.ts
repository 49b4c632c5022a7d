import assert from "node:assert/strict";
import { findKeys } from "../../../src/config/key_source.ts";

function names(text: string): unknown[] {
  const found = findKeys(new TextEncoder().encode(text), "file");
  return found.map(({ profile, obstacle }) => obstacle ?? profile);
}

const KEYS = "aws_access_key_id = AKIAONE\naws_secret_access_key = s\n";

Deno.test("a name may end with any letter, one whose last byte is that of a blank too", () => {
  for (const name of ["voilà", "Р", "砠"]) {
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
