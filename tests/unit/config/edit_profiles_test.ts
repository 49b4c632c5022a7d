import assert from "node:assert/strict";
import { changeProfiles } from "../../../src/config/edit_profiles.ts";
import { IniFile } from "../../../src/config/ini.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

/** A config file's bytes, character by character, before and after a change. */
async function change(
  before: string,
  add: readonly string[],
  remove: readonly string[],
  seen?: string,
): Promise<string> {
  const directory = Deno.makeTempDirSync({ prefix: "vault-profiles-" });
  const path = `${directory}/config`;
  try {
    Deno.writeFileSync(path, Uint8Array.from(before, (character) => character.charCodeAt(0)));
    const ctx = { clock: systemClock, env: new Map([["AWS_CONFIG_FILE", path]]) };
    const profiles = add.map((name) => ({ name, settings: { sso_session: "corp" } }));
    const chosenIn = seen === undefined ? undefined : new IniFile(path, seen);
    await changeProfiles(ctx, { add: profiles, remove }, chosenIn);
    return String.fromCharCode(...Deno.readFileSync(path));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Comments, bytes that are no UTF-8, a mark at the beginning, a name twice, other sections. */
const FILE =
  "\u00ef\u00bb\u00bf# mine \u00ff\n[profile a]\nregion = x # one\n\n# about b\n[profile b]\n" +
  "s3 =\n  max = 1\n; the end of b\n\n[services x]\nsts =\n  endpoint_url = http://x\n" +
  "[profile a]\noutput=json";

Deno.test("a section whose header has blanks beyond ASCII about it goes, and ends the one before", async () => {
  const blank = "\u00c2\u00a0";
  const file =
    `[profile a]\nr=1\n${blank}[profile b]${blank}\nr=2\n${blank}# of c\n[profile c]\nr=3\n`;
  assert.equal(
    await change(file, [], ["b"]),
    `[profile a]\nr=1\n${blank}# of c\n[profile c]\nr=3\n`,
  );
  assert.equal(await change(file, [], ["a"]), file.slice("[profile a]\nr=1\n".length));
});

for (const [name, text] of [["LF", FILE], ["CRLF", FILE.replaceAll("\n", "\r\n")]] as const) {
  const end = name === "LF" ? "\n" : "\r\n";

  Deno.test(`sections that are added and taken away again leave every old byte (${name})`, async () => {
    const closed = text + end;
    const added = await change(closed, ["n1", "n2"], []);
    assert.equal(
      added,
      `${closed}${end}[profile n1]${end}sso_session=corp${end}${end}[profile n2]${end}sso_session=corp${end}`,
    );
    assert.equal(await change(added, [], ["n1", "n2"]), closed);
    assert.equal(await change(added, [], ["n1"]), await change(closed, ["n2"], []));
  });

  Deno.test(`a section goes with its settings, wherever it stands; comments after them stay (${name})`, async () => {
    const lines = (...all: string[]) => all.join(end);
    assert.equal(
      await change(text, [], ["a"]),
      lines(
        "\u00ef\u00bb\u00bf# mine \u00ff",
        "",
        "# about b",
        "[profile b]",
        "s3 =",
        "  max = 1",
        "; the end of b",
        "",
        "[services x]",
        "sts =",
        "  endpoint_url = http://x",
        "",
      ),
    );
    assert.match(
      await change(text, [], ["b"]),
      /# about b\r?\n; the end of b\r?\n\r?\n\[services x\]/,
    );
  });
}

Deno.test("a profile is found by its name in quotes and in letters beyond ASCII, and others are not", async () => {
  const text =
    '[profile "a b"]\nregion=x\n[profile \u00c3\u00a4]\nregion=y\n[profile aa]\nregion=z\n';
  assert.equal(await change(text, [], ["a b", "\u00e4", "a"]), "[profile aa]\nregion=z\n");
});

Deno.test("what is no letter of Latin-1 stays when a section goes", async () => {
  const kept = "# 5 \u00e2\u0082\u00ac, \u00c3\u0080 and \u0081\n[profile b]\n[profile \u00ff]\n";
  assert.equal(await change(`${kept}\n[profile a]\n`, [], ["a"]), kept);
  const behind = "# \u00fe\n[profile b]\n";
  assert.equal(await change(`[profile a]\nx = \u00ff\n${behind}`, [], ["a"]), behind);
});

Deno.test("a value in brackets is no header, and blanks make a line no less empty", async () => {
  const text = "[profile b]\n \t\n[profile a]\nx = [profile b]\nregion = r\n\n[profile c]\n";
  assert.equal(await change(text, [], ["a"]), "[profile b]\n\n[profile c]\n");
  assert.equal(await change(text, [], ["b"]), text.slice("[profile b]\n".length));
});

Deno.test("a profile that is there is not added, one that is not there not taken away", async () => {
  assert.equal(await change("[profile a]\n", ["a"], ["b"]), "[profile a]\n");
});

Deno.test("a section that somebody has changed since it was chosen to go stays", async () => {
  const seen = "[profile a]\nsso_role_name = Dev\n\n[profile b]\nsso_role_name = Ops\n";
  for (const changed of ["sso_role_name = Ops\nregion = eu-west-1", "role_name = Ops"]) {
    const now = seen.replace("sso_role_name = Ops", changed);
    assert.equal(await change(now, [], ["a", "b"], seen), now.slice(now.indexOf("\n[profile b]")));
  }
});
