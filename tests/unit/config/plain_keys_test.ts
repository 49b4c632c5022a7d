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
  const config = "[profile a]\naws_access_key_id = AKIA\naws_secret_access_key = hidden\n";
  assert.match(hints("a", config), /^config, line 2 has keys for it/);
  assert.match(hints("a", config), /aws-vault import --profile a --scrub --from config$/);
});

Deno.test("keys that are not to be stored are told with why, and nobody is sent to store them", () => {
  const temporary = "aws_access_key_id=ASIA\naws_secret_access_key=hidden\naws_session_token=t\n";
  for (
    const [keys, why] of [
      [temporary.replace("session", "security"), /they are temporary keys/],
      [temporary, /plain text, which are not used: they are temporary keys.*end within hours$/],
      ["aws_access_key_id=AKIA\n", /not used: it has an access key id, and no secret access key$/],
    ] as const
  ) {
    assert.match(hints("a", "", `[a]\n${keys}`), why);
    assert.match(hints("a", `[profile a]\n${keys}`), why);
  }
});

Deno.test("a profile without keys there, or a file that is not, is no word worth", () => {
  assert.equal(hints("empty"), "");
  assert.equal(hints("absent"), "");
  assert.equal(hints("work", "", ""), "");
  for (const env of [new Map([["HOME", "/nonexistent"]]), new Map()]) {
    assert.deepEqual(hintAtPlainKeys("work", new IniFile("config", ""), env), []);
  }
});
