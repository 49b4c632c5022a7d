import assert from "node:assert/strict";
import { writeProfile } from "../../../src/config/write_profile.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

const KEY = "login_session";

/** A config file's bytes, character by character, before and after a setting of `dev` is set. */
async function set(before: string, value = "arn:new"): Promise<string> {
  const directory = Deno.makeTempDirSync({ prefix: "vault-setting-" });
  const path = `${directory}/config`;
  try {
    Deno.writeFileSync(path, Uint8Array.from(before, (character) => character.charCodeAt(0)));
    const ctx = { clock: systemClock, env: new Map([["AWS_CONFIG_FILE", path]]) };
    await writeProfile(ctx, { name: "dev", settings: { [KEY]: value } });
    return String.fromCharCode(...Deno.readFileSync(path));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const CASES: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "where it stands, its comment and blanks kept": [
    "[profile dev]\n  Login_Session =  arn:old  # mine\nregion = x\n",
    "[profile dev]\n  Login_Session =  arn:new  # mine\nregion = x\n",
  ],
  "where it stands empty, its comment kept": [
    "[profile dev]\nlogin_session = # none\n",
    "[profile dev]\nlogin_session = arn:new # none\n",
  ],
  "behind the section's last setting": [
    "[profile dev]\nregion = x\n\n# about b\n[profile b]\nregion = y\n",
    "[profile dev]\nregion = x\nlogin_session=arn:new\n\n# about b\n[profile b]\nregion = y\n",
  ],
  "as deep as the others, where the header is not": [
    "[profile dev]\n  region = x\n",
    "[profile dev]\n  region = x\n  login_session=arn:new\n",
  ],
  "in place of a value that has a # in it": [
    "[profile dev]\nlogin_session = arn:a#b\n",
    "[profile dev]\nlogin_session = arn:new\n",
  ],
  "with as many blanks about the sign as there are": [
    "[profile dev]\nlogin_session =old\nregion = x\n",
    "[profile dev]\nlogin_session =arn:new\nregion = x\n",
  ],
  "in an empty section": ["[profile dev]\n", "[profile dev]\nlogin_session=arn:new\n"],
  "where the file has no last line end": [
    "[profile dev]\nregion=x",
    "[profile dev]\nregion=x\nlogin_session=arn:new\n",
  ],
  "in [profile dev]'s last section, where the later line wins": [
    "[profile dev]\nlogin_session = arn:a\n[profile b]\n[profile dev]\nlogin_session = arn:b\n",
    "[profile dev]\nlogin_session = arn:a\n[profile b]\n[profile dev]\nlogin_session = arn:new\n",
  ],
  "and not where a nested block has the same word": [
    "[profile dev]\ns3 =\n  login_session = arn:old\n",
    "[profile dev]\ns3 =\n  login_session = arn:old\nlogin_session=arn:new\n",
  ],
  "in place of a whole block that is nested below it": [
    "[profile dev]\nlogin_session =\n  # \u00ff\n  region = old\n\n  region = x\n# about b\n[profile b]\n",
    "[profile dev]\nlogin_session = arn:new\n# about b\n[profile b]\n",
  ],
  "in place of a block at the end of the file": [
    "[profile dev]\nregion = y\nlogin_session =\n  region = old",
    "[profile dev]\nregion = y\nlogin_session = arn:new\n",
  ],
  "with every other byte as it was": [
    "\u00ef\u00bb\u00bf# \u00ff\n[profile dev]\nlogin_session = arn:old\n# \u00fe\n",
    "\u00ef\u00bb\u00bf# \u00ff\n[profile dev]\nlogin_session = arn:new\n# \u00fe\n",
  ],
  "as deep as the others, so that a header behind it is no more of its value": [
    "\t[profile dev]\n\ts3 =\n\t  a = 1\n# mine\n\n\t[profile b]\n",
    "\t[profile dev]\n\ts3 =\n\t  a = 1\n\tlogin_session=arn:new\n# mine\n\n\t[profile b]\n",
  ],
  "as deep as the header of an empty section": [
    "  [profile dev]\n  [profile b]\n",
    "  [profile dev]\n  login_session=arn:new\n  [profile b]\n",
  ],
  "in a section of its own where there is none": [
    "[profile b]\n",
    "[profile b]\n\n[profile dev]\nlogin_session=arn:new\n",
  ],
};

for (const [where, [before, after]] of Object.entries(CASES)) {
  Deno.test(`a setting is set ${where}`, async () => {
    assert.equal(await set(before), after);
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    // A file without any line end has none to follow.
    if (before.endsWith("\n")) assert.equal(await set(windows(before)), windows(after));
  });
}

Deno.test("several settings and a session are written together; a session that is there stays", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "vault-setting-" });
  const path = `${directory}/config`;
  try {
    const ctx = { clock: systemClock, env: new Map([["AWS_CONFIG_FILE", path]]) };
    const session = { name: "my corp", settings: { sso_region: "eu-west-1" } };
    await writeProfile(ctx, { name: "dev", settings: { region: "a", sso_session: "x" } }, session);
    const first = '[sso-session "my corp"]\nsso_region=eu-west-1\n\n';
    assert.equal(
      Deno.readTextFileSync(path),
      `${first}[profile dev]\nregion=a\nsso_session=x\n`,
    );
    await writeProfile(ctx, { name: "dev", settings: { region: "b", output: "json" } }, session);
    assert.equal(
      Deno.readTextFileSync(path),
      `${first}[profile dev]\nregion=b\nsso_session=x\noutput=json\n`,
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

const TAKEN_OUT: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "and no other byte": [
    "[profile dev]\n# \u00ff\nlogin_session = arn:old # mine\nregion = x\n",
    "[profile dev]\n# \u00ff\nregion = x\n",
  ],
  "each time that it is given": [
    "[profile dev]\nlogin_session = arn:a\n[profile b]\n[profile dev]\nlogin_session = arn:b\n",
    "[profile dev]\n[profile b]\n[profile dev]\n",
  ],
  "as the file's last line": [
    "[profile dev]\nregion = x\nlogin_session = arn:old",
    "[profile dev]\nregion = x\n",
  ],
  "with a block that is nested below it": [
    "[profile dev]\nregion = x\nlogin_session =\n  a = 1\n\n  b = 2\noutput = json\n",
    "[profile dev]\nregion = x\noutput = json\n",
  ],
  "and what is indented below it becomes no part of the setting above": [
    "[profile dev]\ns3 =\n  a = 1\nlogin_session = x\n  region = x\n\n  # mine\n  s4 =\n    b = 1\n[b]\n",
    "[profile dev]\ns3 =\n  a = 1\nregion = x\n\n  # mine\ns4 =\n  b = 1\n[b]\n",
  ],
  "of a section that is indented, and what is deeper further down stays": [
    "[profile dev]\n  login_session = y\n    output = json\n  s3 =\n    a = 1\n",
    "[profile dev]\n  output = json\n  s3 =\n    a = 1\n",
  ],
  "where it is not": ["[profile dev]\nregion = x\n", "[profile dev]\nregion = x\n"],
  "of a profile that is not there": ["", "[profile dev]\n"],
};

for (const [how, [before, after]] of Object.entries(TAKEN_OUT)) {
  Deno.test(`an empty setting is taken out, ${how}`, async () => {
    assert.equal(await set(before, ""), after);
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    if (before !== "") assert.equal(await set(windows(before), ""), windows(after));
  });
}
