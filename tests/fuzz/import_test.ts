import * as fc from "fast-check";
import assert from "node:assert/strict";
import { fromMarks, toMarks } from "../../src/config/bytes.ts";
import type { PlainKeys } from "../../src/config/found_keys.ts";
import { cutKeys, findKeys } from "../../src/config/key_source.ts";
import { VaultError } from "../../src/errors.ts";
import { bytes, property } from "./property.ts";

const KEY_LINE = /^[ \t]*aws_(access_key_id|secret_access_key|session_token)[ \t]*[=:]/i;
const END = fc.constantFrom("\n", "\r\n", "\r");
const BLANK = fc.constantFrom("", " ", "\t", "  ");

/** A line that names keys, of which `#` is the line's number: it tells it from all others. */
const SETTING = fc.tuple(
  BLANK,
  fc.constantFrom("aws_access_key_id", "aws_secret_access_key", "AWS_Secret_Access_Key"),
  fc.constantFrom("=", " = ", ":"),
  fc.constantFrom("AKIAONE#", "AKIATWO#", "ASIATMP#", "", "s/+=#", "in side#"),
  fc.constantFrom("", " ; note", "  "),
).map((parts) => parts.join(""));
const ID = fc.constantFrom("aws_access_key_id = AKIAONE#", "AWS_ACCESS_KEY_ID=AKIATWO#  ");
const SECRET = fc.constantFrom("aws_secret_access_key = s/+=#", "aws_secret_access_key:other#");

const OTHER = fc.constantFrom(
  ...["region = eu-west-1 ; #", "; aws_access_key_id = OLD#", "; note #", "", "  ", "role_arn=x#"],
  ...["s3 =\n  max = #", "s3 =\n  max = #", "  max = #", "\xff\xfe#", "no setting at all #"],
  ...["aws_session_token = t#"],
);

const HEADER = fc.constantFrom(
  ...["[default] ; #", "[a] ; #", "[c] ; #", "[d]# #", "[a b] ; #", "[profile a] ; #"],
  ...['[profile "q"] ; #', "  [e] ; #", "[open#", "[\xff] ; #"],
);

/** Most have keys that are whole. */
const SECTION = fc.tuple(
  HEADER,
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(ID, SECRET) },
    fc.array(SETTING, { maxLength: 4 }),
  ),
  fc.array(OTHER, { maxLength: 2 }),
).chain(([header, keys, others]) => {
  const lines = [...keys, ...others];
  return fc.shuffledSubarray(lines, { minLength: lines.length }).map((all) => [header, ...all]);
});

const FILE = fc.tuple(
  fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.array(SETTING, { maxLength: 2 })),
  fc.array(SECTION, { maxLength: 6 }),
  END,
).map(([before, sections, end]) =>
  [...before, ...sections.flat()].flatMap((line) => line.split("\n"))
    .map((line, index) => line.replace("#", String(index)) + end)
);

function whole(keys: readonly PlainKeys[]): PlainKeys[] {
  return keys.filter(({ obstacle }) => obstacle === undefined);
}

function told({ profile, accessKeyId, secretAccessKey, obstacle }: PlainKeys): unknown {
  // Its line is another where lines before it went.
  return { profile, accessKeyId, secretAccessKey, obstacle: obstacle?.replace(/^line \d+/, "") };
}

/** Of all lines but blank ones it is told which went; blank ones may with the headers below them. */
function assertCut(lines: readonly string[], rest: readonly string[]): void {
  const kept = rest.filter((line) => !isBlank(line));
  let at = 0;
  let headers = 0;
  lines.forEach((line, index) => {
    if (isBlank(line)) return;
    if (kept[at] === line) return void at++;
    assert.ok(mayGo(line, lines.slice(index + 1)), `${line} went`);
    if (isHeader(line)) headers++;
  });
  assert.equal(at, kept.length, "nothing is new, nor in another order");
  const blanks = lines.filter(isBlank).length - rest.filter(isBlank).length;
  assert.ok(blanks >= 0 && blanks <= headers, `${blanks} blank lines went`);
}

/** A line of a key may, and the header of a section with nothing else. */
function mayGo(line: string, following: readonly string[]): boolean {
  if (!isHeader(line)) return KEY_LINE.test(line);
  const end = following.findIndex(isHeader);
  const section = end < 0 ? following : following.slice(0, end);
  return section.every((own) => KEY_LINE.test(own) || /^\s*([#;]|$)/.test(own));
}

function isHeader(line: string): boolean {
  return line.trimStart().startsWith("[");
}

function isBlank(line: string): boolean {
  return line.trim() === "";
}

property(
  "keys that are cut out of a credentials file leave every line but theirs, headers and blank ones",
  3000,
  FILE,
  (lines) => {
    const file = fromMarks(lines.join(""));
    const found = findKeys(file, "f");
    const left = toMarks(cutKeys(file, whole(found)));
    assertCut(lines, left.split(/(?<=\n|\r(?!\n))/).filter((line) => line !== ""));
    const again = findKeys(fromMarks(left), "f");
    assert.deepEqual(whole(again), []);
    const faulty = found.filter(({ obstacle }) => obstacle !== undefined);
    assert.deepEqual(again.map(told), faulty.map(told), "what was left is as it was");
    return faulty.length === found.length ? "none" : faulty.length > 0 ? "some" : "all";
  },
  { none: 150, some: 150, all: 150 },
);

const CELL = fc.oneof(
  fc.constantFrom("", "jon", "x y", "AKIA1", "s/+="),
  fc.constantFrom('"a,b"', '"say ""x"""', '"two\nlines"'),
);

property(
  "keys that are cut out of a CSV leave its other cells, whatever is in them",
  1000,
  fc.array(fc.tuple(CELL, CELL, CELL), { maxLength: 6 }),
  (rows) => {
    const header = "User name,Password,Access key ID,Secret access key\n";
    const lines = rows.map(([user, password, id]) => `${user},${password},${id},secret\n`);
    const file = fromMarks(header + lines.join(""));
    const cut = whole(findKeys(file, "f"));
    const kept = rows.map(([user, password], index) => {
      const isCut = cut.some(({ cuts }) =>
        cuts.some(({ from }) => from >= start(index) && from < start(index + 1))
      );
      if (!isCut) return lines[index];
      return password === "" ? "" : `${user},${password},,\n`;
    });
    assert.equal(toMarks(cutKeys(file, cut)), header + kept.join(""));
    assert.ok(cut.every(({ accessKeyId }) => accessKeyId !== ""));
    return cut.length > 0 ? "cut" : "none";

    function start(index: number): number {
      return header.length + lines.slice(0, index).join("").length;
    }
  },
  { cut: 200, none: 200 },
);

property(
  "whatever a file holds, reading it ends, and cutting nothing changes nothing",
  2000,
  fc.array(fc.oneof(bytes(9), fc.oneof(HEADER, ID, SECRET, OTHER).map(fromLine)), { maxLength: 9 })
    .map((lines) => Uint8Array.from(lines.flatMap((line) => [...line]))),
  (file) => {
    assert.deepEqual(cutKeys(file, []), file);
    try {
      return findKeys(file, "f").length > 0 ? "keys" : "none";
    } catch (error) {
      assert.ok(error instanceof VaultError);
      return "refused";
    }
  },
  { keys: 300, none: 300, refused: 50 },
);

function fromLine(line: string): Uint8Array {
  return fromMarks(`${line}\n`);
}
