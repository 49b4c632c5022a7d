import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { hintAtPlainKeys } from "../../../src/config/plain_keys.ts";

const CREDENTIALS = "[default]\naws_access_key_id = AKIA1\n\n[work]\n" +
  "  aws_access_key_id=AKIA2\naws_secret_access_key=hidden\n[empty]\n";

function hints(profile: string, config = "", credentials = CREDENTIALS): string {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, credentials);
    const env = new Map([["AWS_SHARED_CREDENTIALS_FILE", path]]);
    const told = hintAtPlainKeys(profile, new IniFile("config", config), env).join("\n");
    return told.replace(path, "credentials");
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("keys in the credentials file are told by file and line, and never shown", () => {
  assert.match(hints("work"), /^credentials, line 4 has keys for it in plain text/);
  assert.match(hints("work"), /aws-vault import --profile work --scrub$/);
  assert.match(hints("default"), /^credentials, line 1 /);
  assert.doesNotMatch(hints("work"), /AKIA|hidden/);
});

Deno.test("keys in the config file itself are told too", () => {
  const config = "[profile a]\naws_access_key_id = AKIA\n";
  assert.match(hints("a", config), /^config, line 2 has keys for it/);
  assert.match(hints("a", config), /aws-vault import --profile a --scrub --from config$/);
});

Deno.test("a profile without keys there, or a file that is not, is no word worth", () => {
  assert.equal(hints("empty"), "");
  assert.equal(hints("absent"), "");
  assert.equal(hints("work", "", ""), "");
  const env = new Map([["HOME", "/nonexistent"]]);
  assert.deepEqual(hintAtPlainKeys("work", new IniFile("config", ""), env), []);
});
