import assert from "node:assert/strict";
import { cutKeys, findKeys } from "../../../src/config/key_source.ts";

const ID = "aws_access_key_id = AKIAONE\n";
const SECRET = "aws_secret_access_key = s\n";
const NESTED = "  aws_access_key_id = AKIANESTED\n  aws_secret_access_key = n\n";

/** What is found, and the file without the keys that have no obstacle. */
function take(text: string) {
  const bytes = new TextEncoder().encode(text);
  const found = findKeys(bytes, "file");
  const whole = found.filter(({ obstacle }) => obstacle === undefined);
  return {
    keys: whole.map(({ profile, accessKeyId, secretAccessKey }) =>
      `${profile} ${accessKeyId} ${secretAccessKey}`
    ),
    lines: found.map(({ line }) => line),
    obstacles: found.flatMap(({ obstacle }) => obstacle ?? []),
    left: new TextDecoder().decode(cutKeys(bytes, whole)),
  };
}

for (const end of ["\n", "\r\n", "\r"]) {
  Deno.test(`keys are found and cut where lines end by ${JSON.stringify(end)}`, () => {
    const text = `# mine\n\n[a]\n${ID}${SECRET}\n[b]\nregion = x\n${SECRET}${ID}output = json\n`;
    const { keys, lines, left } = take(text.replaceAll("\n", end));
    assert.deepEqual([keys, lines], [["a AKIAONE s", "b AKIAONE s"], [3, 7]]);
    assert.equal(left, "# mine\n\n[b]\nregion = x\noutput = json\n".replaceAll("\n", end));
  });
}

Deno.test("keys in the block of another setting are that one's, and stay with it", () => {
  const block = `s3 =\n${NESTED}`;
  const { keys, left } = take(`[a]\n${block}${ID}${SECRET}`);
  assert.deepEqual([keys, left], [["a AKIAONE s"], `[a]\n${block}`]);
});

Deno.test("values of other settings may go on below, and may stand in brackets", () => {
  const others = "region = [x]\n  more of it\nmy aws_access_key_id = AKIAOLD\n";
  const { keys, left } = take(`[a]\n${others}${ID}${SECRET}`);
  assert.deepEqual([keys, left], [["a AKIAONE s"], `[a]\n${others}`]);
});

Deno.test("keys of which a line counts for more of the setting above are left, and the line is told", () => {
  for (
    const [text, line] of [
      [`[a]\n${ID}aws_secret_access_key = begin\n  end\n`, 4],
      [`[a]\n${ID}aws_secret_access_key = begin\n\n# note\n\tend\n`, 6],
      [`[a]\n${ID}aws_secret_access_key =\n  s\n`, 4],
      [`[a]\n${ID}aws_secret_access_key = begin\nend\n`, 4],
      [`[a]\n${ID}  ${SECRET}`, 3],
      [`[a]\nregion = x\n${NESTED}`, 3],
      [`[a]\n${ID}region = x\n  ${SECRET}`, 4],
      [`[a]\n${ID}${SECRET}  [b]\nregion = x\n`, 4],
      [`[b]\nregion = x\n\u00a0[a]\n${ID}${SECRET}`, 3],
      [`[a]\nregion = x\n[a]\n${ID}aws_secret_access_key = begin\n  end\n`, 6],
    ] as const
  ) {
    const { keys, obstacles, left } = take(text);
    assert.deepEqual(keys, [], text);
    assert.equal(obstacles.length, 1, text);
    assert.match(obstacles[0]!, new RegExp(`^line ${line} counts for more of the setting above`));
    assert.equal(left, text);
  }
});

Deno.test("keys that no section of their own names are left, and it is told why", () => {
  for (
    const [text, line, why] of [
      [`# mine\n${ID}${SECRET}[a]\n${ID}${SECRET}`, 2, /^no \[section\] stands above them/],
      [`[a]\n${ID}${SECRET}[DEFAULT]\n${ID}${SECRET}`, 4, /^\[DEFAULT\] is no profile/],
      [`[a]\n${ID}${SECRET}[b\n${ID}${SECRET}`, 4, /^its header is not closed$/],
      [`[a]\n${ID}${SECRET}[b] c\n${ID}${SECRET}`, 4, /^its header is not closed$/],
    ] as const
  ) {
    const { keys, lines, obstacles } = take(text);
    assert.deepEqual(keys, ["a AKIAONE s"]);
    assert.ok(lines.includes(line), text);
    assert.match(obstacles.join("\n"), why);
  }
});

Deno.test("a profile's keys are cut wherever its sections stand, and left where they are two", () => {
  const again = `[a]\n${ID}region = x\n`;
  const { keys, left } = take(`[a]\n${ID}${SECRET}[b]\n${ID}${SECRET}${again}`);
  assert.deepEqual([keys, left], [["a AKIAONE s", "b AKIAONE s"], "[a]\nregion = x\n"]);
  const two = `[a]\n${ID}${SECRET}aws_access_key_id = AKIATWO\n`;
  assert.deepEqual(take(two).obstacles, ["it sets a key twice, in two ways"]);
});

Deno.test("keys that are indented alike are each a setting, the first below its header too", () => {
  const { keys, left } = take(`[a]\n  ${ID}  ${SECRET}[b]\n  region = x\n  ${ID} ${SECRET}`);
  assert.deepEqual(keys, ["a AKIAONE s", "b AKIAONE s"]);
  assert.equal(left, "[b]\n  region = x\n");
});

Deno.test("a header stays where the next one would count for more of a setting without it", () => {
  const rest = "  [b]\n  region = y\n";
  const { keys, left } = take(`[p]\nregion = x\n[a]\n  ${ID}  ${SECRET}${rest}`);
  assert.deepEqual([keys, left], [["a AKIAONE s"], `[p]\nregion = x\n[a]\n${rest}`]);
});
