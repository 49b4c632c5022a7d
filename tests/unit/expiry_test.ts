import assert from "node:assert/strict";
import { formatExpiry, parseExpiry } from "../../src/expiry.ts";

const AT_MS = Date.UTC(2026, 10, 3, 15, 4, 5);

Deno.test("an expiry is read with and without a zone: without one it is UTC", () => {
  for (
    const text of [
      "2026-11-03T15:04:05Z",
      "2026-11-03T15:04:05",
      "2026-11-03T15:04:05.000",
      "2026-11-03T17:04:05+02:00",
      "2026-11-03T17:04:05+0200",
    ]
  ) {
    assert.equal(parseExpiry(text), AT_MS, text);
  }
  assert.equal(parseExpiry(formatExpiry(AT_MS)), AT_MS);
});

Deno.test("what is no time is refused", () => {
  for (
    const text of ["", "soon", "2026-11-03", "2026-11-03T", "2026-13-03T15:04:05Z", "1730646245"]
  ) {
    assert.throws(() => parseExpiry(text), /no RFC 3339 time/, text);
  }
});
