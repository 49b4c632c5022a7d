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

/** A line that names keys: most are whole, some are temporary, empty, or there twice. */
const SETTING = fc.tuple(
  BLANK,
  fc.constantFrom("aws_access_key_id", "aws_secret_access_key", "AWS_Secret_Access_Key"),
  fc.constantFrom("=", " = ", ":"),
  fc.constantFrom("AKIAONE", "AKIATWO", "ASIATMP", "", "s/+=", "in side"),
  fc.constantFrom("", " # note", "  "),
).map((parts) => parts.join(""));

const OTHER = fc.constantFrom(
  ...["region = eu-west-1", "# aws_access_key_id = OLD", "; note", "", "  ", "s3 =", "  max = 1"],
  ...["\xff\xfe", "no setting at all", "role_arn=x # y", "aws_session_token = t"],
);

const HEADER = fc.constantFrom(
  ...["[default]", "[a]", "[b] # c", "  [a b]", "[profile a]", '[profile "q"]', "[open", "[\xff]"],
);

/** Each line is told from all others by a comment, where it is not blank. */
const FILE = fc.tuple(
  fc.array(fc.oneof(HEADER, SETTING, SETTING, SETTING, OTHER), { maxLength: 30 }),
  END,
).map(([lines, end]) =>
  lines.map((line, index) => line + (line.trim() === "" ? "" : ` # ${index}`) + end)
);

function whole(keys: readonly PlainKeys[]): PlainKeys[] {
  return keys.filter(({ obstacle }) => obstacle === undefined);
}

function told({ profile, accessKeyId, secretAccessKey, obstacle }: PlainKeys): unknown {
  // Its line is another where lines before it went.
  return { profile, accessKeyId, secretAccessKey, obstacle: obstacle?.replace(/^line \d+/, "") };
}

/** A line of a key may, the header of a section with nothing else, and the blank one before that. */
function mayGo(line: string, following: readonly string[]): boolean {
  const [next, ...others] = following;
  if (line.trim() === "") return isHeader(next) && mayGo(next!, others);
  if (!isHeader(line)) return KEY_LINE.test(line);
  const end = following.findIndex(isHeader);
  const section = end < 0 ? following : following.slice(0, end);
  return section.every((own) => KEY_LINE.test(own) || /^\s*([#;]|$)/.test(own));
}

function isHeader(line: string | undefined): boolean {
  return line?.trimStart().startsWith("[") ?? false;
}

property(
  "keys that are cut out of a credentials file leave every line but theirs, headers and blank ones",
  3000,
  FILE,
  (lines) => {
    const file = fromMarks(lines.join(""));
    const found = findKeys(file, "f");
    const left = toMarks(cutKeys(file, whole(found)));
    const rest = left.split(/(?<=\n|\r(?!\n))/).filter((line) => line !== "");
    let at = 0;
    lines.forEach((line, index) => {
      if (rest[at] === line) at++;
      else assert.ok(mayGo(line, lines.slice(index + 1)), `${line} went`);
    });
    assert.equal(at, rest.length, "nothing is new, nor in another order");
    const again = findKeys(fromMarks(left), "f");
    assert.deepEqual(whole(again), []);
    const faulty = found.filter(({ obstacle }) => obstacle !== undefined);
    assert.deepEqual(again.map(told), faulty.map(told), "what was left is as it was");
  },
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

    function start(index: number): number {
      return header.length + lines.slice(0, index).join("").length;
    }
  },
);

property(
  "whatever a file holds, reading it ends, and cutting nothing changes nothing",
  2000,
  bytes(200),
  (file) => {
    try {
      findKeys(file, "f");
    } catch (error) {
      assert.ok(error instanceof VaultError);
    }
    assert.deepEqual(cutKeys(file, []), file);
  },
);
