import assert from "node:assert/strict";
import { findMatches, pickProfile } from "../../../src/prompt/picker.ts";

const NAMES = ["work", "prod-eu", "prod-us", "workshop", "2024"];

/** Picks among `names` for somebody who types these lines. */
async function pick(names: readonly string[], ...lines: string[]) {
  const notes: string[] = [];
  const name = await pickProfile(names, {
    tell: (text) => void notes.push(text),
    terminal: {
      available: () => true,
      isOutput: () => true,
      ask: () => Promise.resolve(lines.shift() ?? assert.fail("asked too often")),
    },
  });
  assert.deepEqual(lines, [], "every line was asked for");
  return { name, notes };
}

Deno.test("a profile is picked by its number, by its name and by a part of it", async () => {
  assert.equal((await pick(NAMES, "2")).name, "prod-eu");
  assert.equal((await pick(NAMES, " work ")).name, "work");
  assert.equal((await pick(NAMES, "shop")).name, "workshop");
  assert.equal((await pick(NAMES, "PDE")).name, "prod-eu");
});

Deno.test("a name of digits is that name; other numbers are numbers of the list", () => {
  assert.deepEqual(findMatches("2024", NAMES), ["2024"]);
  assert.deepEqual(findMatches("4", NAMES), ["workshop"]);
  assert.deepEqual(findMatches("12", Array.from("abcdefghijklm")), ["l"]);
});

Deno.test("what fits several narrows the list, and its numbers count from then on", async () => {
  const { name, notes } = await pick(NAMES, "prod", "2");
  assert.equal(name, "prod-us");
  assert.equal(notes[1], "  1  prod-eu\n  2  prod-us");
});

Deno.test("what fits none is said, and an empty line begins anew", async () => {
  const { name, notes } = await pick(NAMES, "prod", "zzz", "", "1");
  assert.equal(name, "work");
  assert.match(notes[2]!, /None of these has `zzz`/);
});

Deno.test("the likeliest come first: beginning, part, letters in order", () => {
  const names = ["d-e-v", "a-dev-x", "Dev", "devel", "other"];
  assert.deepEqual(findMatches("de", names), ["Dev", "devel", "a-dev-x", "d-e-v"]);
  assert.deepEqual(findMatches("vd", names), []);
});

Deno.test("of many profiles the first are shown, all can be picked", async () => {
  const names = Array.from({ length: 5000 }, (_, index) => `profile-${index}`);
  const { name, notes } = await pick(names, "profile-4321");
  assert.equal(name, "profile-4321");
  assert.equal(notes[0]!.split("\n").length, 16);
  assert.match(notes[0]!, /… and 4985 more$/);
});
