import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatSection } from "../../../src/config/new_sections.ts";
import { IniFile } from "../../../src/config/ini.ts";
import { decodeConfig } from "../../../src/config/load.ts";
import { VaultError } from "../../../src/errors.ts";

function values(text: string, profile: string): Record<string, string> {
  const section = new IniFile("config", text).section("profile", profile) ?? new Map();
  return Object.fromEntries([...section].map(([key, entry]) => [key, entry.value]));
}

Deno.test("keys are read in any letter case, values as they stand", () => {
  assert.deepEqual(values('[profile a]\nREGION = eu-west-1\nx = "q" %(y)s \\\n', "a"), {
    region: "eu-west-1",
    x: '"q" %(y)s \\',
  });
});

Deno.test("a comment begins at the start of a line or after white space, not inside a value", () => {
  const text = "# top\n[profile a] ; tail\n; x = 1\nurl = https://d/start#/ # why\nb = 1;2\t# x\n";
  assert.deepEqual(values(text, "a"), { url: "https://d/start#/", b: "1;2" });
});

Deno.test("CRLF line ends and a byte-order mark are no part of names and values", () => {
  assert.deepEqual(values("\ufeff[profile a]\r\nregion = x\r\n", "a"), { region: "x" });
});

Deno.test("an indented line under an empty value belongs to that key alone", () => {
  const file = new IniFile("config", "[profile a]\ns3 =\n  region = nowhere\nregion = here\n");
  const section = file.section("profile", "a")!;
  assert.equal(section.get("region")?.value, "here");
  assert.equal(section.get("s3")?.nested.get("region")?.value, "nowhere");
});

Deno.test("indented keys under a header are the profile's own", () => {
  assert.deepEqual(values("[profile a]\n  region = x\n  output = json\n", "a"), {
    region: "x",
    output: "json",
  });
});

Deno.test("a line is in the block of an empty value where it is indented deeper, as for botocore", () => {
  const alike = "[profile a]\n  mfa_serial =\n  region = x\n\ts3 =\n\t\tregion = y\n\toutput = z\n";
  assert.deepEqual(values(alike, "a"), { mfa_serial: "", region: "x", s3: "", output: "z" });
});

Deno.test("a section given twice is merged, and later lines win", () => {
  const text = "[profile a]\nr = 1\ns = 1\n[profile b]\n[profile a]\nr = 2\n";
  assert.deepEqual(values(text, "a"), { s: "1", r: "2" });
});

Deno.test("section names are case-sensitive", () => {
  const file = new IniFile("config", "[DEFAULT]\nregion = x\n[Profile a]\n[SSO-session s]\n");
  assert.equal(file.section("profile", "default"), undefined);
  assert.deepEqual([...file.names("profile"), ...file.names("sso-session")], []);
});

Deno.test("names are listed in the order of the file, quotes taken off, other sections left out", () => {
  const file = new IniFile(
    "config",
    '[DEFAULT]\n[default]\n[profile "a b"]\n[foo]\n[sso-session s]\n',
  );
  assert.deepEqual(file.names("profile"), ["default", "a b"]);
  assert.deepEqual(file.names("sso-session"), ["s"]);
});

for (
  const [text, place] of [
    ["[profile a]\nregion = x\nnonsense\n", "line 3, column 1"],
    ["[profile a]\n\n  what is this\n", "line 3, column 3"],
    ["[profile a\nregion = x\n", "line 1, column 1"],
    ["\n[profile a]\nnonsense\n", "line 3, column 1"],
    ["stray\n[profile a]\n", "line 1, column 1"],
  ] as const
) {
  Deno.test(`a line that is none of the syntax is an error at ${place}: ${JSON.stringify(text)}`, () => {
    assert.throws(() => values(text, "a"), (error: unknown) => {
      assert(error instanceof VaultError);
      assert.match(error.message, new RegExp(`^config, ${place}: `));
      assert.match(
        error.hints.join(),
        /^a (line is a \[section\], a|section header is \[default\] or)/,
      );
      return true;
    });
  });
}

Deno.test("an appended section is read back after any text, in its line ends", () => {
  for (const text of ["", "\ufeff", "# x\n[default]\n", "[profile a]\nr = 1"]) {
    const after = text + formatSection(text, { name: "new", settings: { mfa_serial: "arn:x" } });
    assert.equal(values(after, "new").mfa_serial, "arn:x");
  }
  assert.equal(
    formatSection("[profile a]\r\n", { name: "b", settings: { r: "1" } }),
    "\r\n[profile b]\r\nr=1\r\n",
  );
  assert.equal(formatSection("[profile a]", { name: "b", settings: {} }), "\n\n[profile b]\n");
});

Deno.test("a name with white space alone is quoted when it is written", () => {
  const header = (name: string) => formatSection("", { name, settings: {} }).trimEnd();
  assert.equal(header("a b"), '[profile "a b"]');
  assert.equal(header('a\t"b'), "[profile 'a\t\"b']");
  assert.equal(header("zoë+a]b*c"), "[profile zoë+a]b*c]");
  assert.equal(header("default"), "[default]");
});

for (
  const [header, name] of [
    ["[profile a]b]", "a]b"],
    ["[profile a] ; see [x]", "a"],
    ["  [profile a]# why\r", "a"],
    ["[profile a #b]", "a #b"],
    ["[profile [a]]", "[a]"],
    ["[profile 'a]b']", "a]b"],
    ['[profile\t"a b" ]', "a b"],
    ["[ profile a b ]", "a b"],
    // As editors and web pages leave them: no-break spaces, form feeds, line ends converted twice.
    ["\u00a0[profile a]", "a"],
    ["\f[profile a]\u00a0", "a"],
    ["[profile a]\u2003# why", "a"],
    ["[profile a]\r\r", "a"],
  ] as const
) {
  Deno.test(`${JSON.stringify(header)} is profile ${JSON.stringify(name)}`, () => {
    const text = `${header}\nregion = x\n[profile other]\nregion = y\n`;
    assert.deepEqual(values(text, name), { region: "x" });
    assert.deepEqual(new IniFile("config", text).names("profile"), [name, "other"]);
  });
}

Deno.test("a faulty line or header is told when its section is read, and by no other", () => {
  const text = "[profile good]\nr = 1\n[profile bad]\nnonsense\n[profile worse\nr = 2\n" +
    "[profile late] junk\n[profile ok]\nr = 3\n";
  const file = new IniFile("config", text);
  for (let round = 0; round < 20; round++) { // also once they are indexed
    assert.equal(file.section("profile", "ok")?.get("r")?.value, "3");
    assert.equal(file.has("profile", `absent${round}`), false);
    assert.throws(() => file.section("profile", "bad"), { message: /line 4, column 1/ });
    assert.throws(() => file.section("profile", "worse"), { message: /line 5, column 1/ });
    assert.throws(() => file.has("profile", "late"), { message: /line 7, column 1/ });
  }
  assert.deepEqual(file.readableNames("profile"), ["good", "bad", "ok"]);
});

Deno.test("a NUL in a value is an error that names its line", () => {
  assert.throws(() => values("[profile a]\nregion = eu\0west\n", "a"), {
    message: /^config, line 2, column 1: /,
  });
});

Deno.test("a header that is not closed on its line is an error, whatever stands below", () => {
  const file = new IniFile("config", "[profile a\nx = [b]\n");
  assert.throws(() => file.names("profile"), { message: /^config, line 1, column 1: / });
});

Deno.test("a header is told that seems to be meant for a profile, and as it stands", () => {
  for (const header of ["[a]", "[Profile a]", "[profiles a]", "[profile: a]", " ['a'] # mine"]) {
    const text = `[profile b]\n${header}\nregion = x\n`;
    const found = new IniFile("config", text).findMistakenHeader("a");
    assert.deepEqual(found, { line: 2, text: header.replace("# mine", "").trim() });
  }
  assert.equal(new IniFile("config", "[profile a]\n").findMistakenHeader("a"), undefined);
});

Deno.test("line ends the wrong way round, LF and then CR, are read", () => {
  assert.deepEqual(values("[profile a]\n\rr = 1\n\r[profile b]\n\rr = 2\n\r", "a"), { r: "1" });
});

Deno.test("a comment may be indented by any white space", () => {
  assert.deepEqual(values("\u00a0# top\n[profile a]\n\f; x\n\u00a0r = 1 # à# why\n", "a"), {
    r: "1",
  });
});

Deno.test("a pair of quotes with nothing in it is a name as it stands", () => {
  const file = new IniFile("config", '[profile ""]\nr = 1\n');
  assert.deepEqual(file.names("profile"), ['""']);
  assert.equal(file.section("profile", '""')?.get("r")?.value, "1");
});

Deno.test("a file whose lines end by CR alone is called that", () => {
  for (const text of ["[profile a]\rr = 1\r", "# top\n[profile a]\nr = 1\rs = 2\n"]) {
    assert.throws(() => values(text, "a"), (error: unknown) => {
      assert(error instanceof VaultError);
      assert.match(error.hints.join("\n"), /ends by CR alone/);
      return true;
    });
  }
});

Deno.test("sections are the same however many of one file are asked for", () => {
  const text = Array.from({ length: 40 }, (_, i) => `[profile p${i}]\nn = ${i}\n\n`).join("") +
    "[profile p3]\nagain = 1\n[default]\nd = 1\n";
  const indexed = new IniFile("config", text);
  for (const name of [...indexed.names("profile"), "absent", "\n", "\n[pro"].reverse()) { // p3 by the index
    const searched = new IniFile("config", text);
    assert.deepEqual(indexed.section("profile", name), searched.section("profile", name), name);
  }
  assert.equal(indexed.section("profile", "p3")?.get("again")?.line, 122);
});

Deno.test("a file in UTF-16 is called that", () => {
  const bytes = new Uint8Array([
    0xff,
    0xfe,
    ...[..."[default]\n"].flatMap((c) => [c.charCodeAt(0), 0]),
  ]);
  const { text, isUtf8 } = decodeConfig(bytes);
  assert.throws(() => new IniFile("config", text, isUtf8), {
    message: "config is not UTF-8, but UTF-16",
  });
});

Deno.test("names are the same whether or not another header is plain", () => {
  const plain = "[default]\nregion = r\n[profile a]\n[sso-session corp]\n[profile a-b/c.d]\n" +
    "[services s]\n[profile default]\n[profile a]\n[profile é]\n";
  const file = new IniFile("config", plain);
  const mixed = new IniFile("config", plain + ' [profile "b"] # quoted\r\n');
  assert.deepEqual(file.names("profile"), ["default", "a", "a-b/c.d", "é"]);
  assert.deepEqual(mixed.names("profile"), [...file.names("profile"), "b"]);
  assert.deepEqual(file.names("sso-session"), ["corp"]);
  assert.deepEqual(mixed.names("sso-session"), ["corp"]);
  assert.deepEqual(new IniFile("config", "region = r\n").names("profile"), []);
});

/** What headers are made of, and what stands between them, odd line ends and marks among it. */
const PIECE = fc.constantFrom(
  ...[
    "[default]",
    "[profile a]",
    "[profile b c]",
    '[profile "q"]',
    "[profile \u00e9]",
    "[profile ]",
  ],
  ...["[sso-session s]", "[services x]", "[other]", "[profile a", "[profile x]y", "[Profile a]"],
  ..."[ ] \n \r \r\n \t \u2028 #c k=v k=[x]".split(" "),
  ...[" ", "\n", "\n", "\n"],
);

Deno.test("names are those of the headers, whatever stands between them", () => {
  fc.assert(
    fc.property(fc.array(PIECE, { maxLength: 12 }), (pieces) => {
      const text = "[other]\n" + pieces.join("");
      const file = new IniFile("config", text);
      const mixed = new IniFile("config", text + "\n [other]\n"); // read header by header
      for (const kind of ["profile", "sso-session", "services"] as const) {
        assert.deepEqual(file.readableNames(kind), mixed.readableNames(kind));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("sections gone through one by one are those that are asked for by name", () => {
  const text =
    "[default]\nregion = a\n[profile x]\ns3 =\n  a = 1\n[services x]\n[profile bad]\nno entry\n" +
    "[profile open\n[profile x]\nregion = b\n[other]\n[profile 'a b']\nk = v\n";
  const file = new IniFile("config", text);
  const found = [...file.readableSections("profile")];
  assert.deepEqual(found.map(([name]) => name), ["default", "x", "a b"]);
  for (const [name, section] of found) {
    assert.deepEqual(section, new IniFile("config", text).section("profile", name));
  }
  assert.equal(found[1]![1].get("s3")!.nested.get("a")!.value, "1");
});

Deno.test("a file of one line without an end is told by how it begins", () => {
  for (const character of ["x", "\0", "é"]) {
    const text = character.repeat(20_000_000);
    assert.throws(() => new IniFile("config", text), (error: Error) => {
      assert.match(error.message, /^config, line 1, column 1: cannot read `.{10}…`$/s);
      return true;
    });
  }
});
