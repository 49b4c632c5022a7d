import assert from "node:assert/strict";
import { formatDuration, parseDuration, parseLongDuration } from "../../../src/config/duration.ts";

for (
  const [text, seconds] of [
    ["+1h", 3600],
    ["1.h", 3600],
    [".5h", 1800],
    ["1h1h", 7200],
    ["900000ms", 900],
    ["1.9s", 1],
    ["0.7h", 2520],
    ["1.1h", 3960],
    ["0.35m", 21],
    ["2000000000ns", 2],
    ["2000000us", 2],
    ["2000000\u00b5s", 2],
    ["2000000\u03bcs", 2],
    ["2562047h47m16s", 9223372036],
  ] as const
) {
  Deno.test(`${text} is a duration, as Go reads it`, () => {
    assert.equal(parseDuration(text, "x"), seconds);
    assert.equal(parseDuration(text, "x", 0), seconds);
  });
}

for (const [text, seconds] of [["1d", 86_400], ["1w", 604_800], ["1d12h", 129_600]] as const) {
  Deno.test(`${text} is a duration for an option, and none for a variable, as for Go`, () => {
    assert.equal(parseLongDuration(text, "x"), seconds);
    assert.throws(() => parseDuration(text, "x"), { message: `x: \`${text}\` is no duration` });
  });
}

Deno.test("an option takes no less than a second either, and nothing that is no duration", () => {
  assert.throws(() => parseLongDuration("0d", "x"), { message: "x: `0d` is less than a second" });
  assert.throws(() => parseLongDuration("d", "x"), { message: "x: `d` is no duration" });
});

for (
  const text of ["", "+", "h", "1", "-1h", "++1h", "1h30", "2562048h", "99999999999999999999h"]
) {
  Deno.test(`\`${text}\` is no duration, for Go either`, () => {
    const message = `x: \`${text}\` is no duration`;
    assert.throws(() => parseDuration(text, "x"), { message });
    assert.throws(() => parseDuration(text, "x", 0), { message });
  });
}

Deno.test("no session lasts less than a second, and what is to be left of one may be nothing", () => {
  for (const text of ["0s", "999ms", "0h0m"]) {
    const message = `x: \`${text}\` is less than a second`;
    assert.throws(() => parseDuration(text, "x"), { message });
    assert.equal(parseDuration(text, "x", 0), 0);
  }
  assert.equal(parseDuration("0", "x", 0), 0);
});

for (
  const [seconds, text] of [[0, "0s"], [90, "1m30s"], [3600, "1h0m0s"], [
    93_784,
    "26h3m4s",
  ]] as const
) {
  Deno.test(`${seconds} seconds are shown as ${text}, as Go does`, () => {
    assert.equal(formatDuration(seconds), text);
  });
}
