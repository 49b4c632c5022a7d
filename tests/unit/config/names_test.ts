import assert from "node:assert/strict";
import { formatSection } from "../../../src/config/new_sections.ts";
import { IniFile } from "../../../src/config/ini.ts";
import { checkNewName } from "../../../src/config/names.ts";

for (
  const name of [
    ...[
      "a",
      "team/ops 100%",
      "zoë",
      "a]b",
      "[a]",
      "a\tb",
      " a ",
      "o'brien",
      'say "a b"',
      "\u00a0a",
    ],
    ...["default", "x".repeat(150), "é".repeat(75), "a=b", "a:b"],
  ]
) {
  Deno.test(`${JSON.stringify(name)} is taken for a new profile, and found again`, () => {
    checkNewName(name);
    const file = new IniFile("config", formatSection("", { name, settings: {} }));
    assert.deepEqual(file.names("profile"), [name]);
    assert.ok(file.has("profile", name));
  });
}

for (
  const [name, reason] of [
    ["a#b", /begin a comment/],
    ["a;b", /begin a comment/],
    ["a\nb", /line end/],
    ["a\rb", /line end/],
    ["a\u2028b", /line end/],
    ["a\x1b[31m", /control character/],
    ["", /is empty/],
    [" ", /is empty/],
    ["x".repeat(151), /it has 151 bytes, and 150 are the most/],
    ["é".repeat(76), /it has 152 bytes/],
    ["__proto__", /JavaScript/],
    ["a\ufffd", /not UTF-8/],
    ['"a"', /read as another/],
  ] as const
) {
  Deno.test(`${JSON.stringify(name)} is refused for a new profile`, () => {
    assert.throws(() => checkNewName(name), { message: reason });
  });
}
