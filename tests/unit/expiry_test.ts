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
      "2026-11-03t15:04:05z",
    ]
  ) {
    assert.equal(parseExpiry(text), AT_MS, text);
  }
  assert.equal(parseExpiry(formatExpiry(AT_MS)), AT_MS);
  assert.equal(formatExpiry(1e30), "9999-12-31T23:59:59Z");
});

Deno.test("an expiry is read as Python and date write it: with a blank, without hyphens", () => {
  for (
    const text of [
      "2026-11-03 15:04:05+00:00",
      "2026-11-03 15:04:05.000000+00:00",
      "20261103T150405Z",
      "20261103T170405+02",
      "2026-11-03T15:04:05,000Z",
    ]
  ) {
    assert.equal(parseExpiry(text), AT_MS, text);
  }
  assert.equal(parseExpiry("2026-11-03T15:04Z"), AT_MS - 5000);
  assert.equal(parseExpiry("0001-01-01T00:00:00Z"), -62_135_596_800_000);
});

Deno.test("an expiry is read as Ruby writes it: with a blank before the zone, and its name", () => {
  for (
    const text of [
      "2026-11-03 15:04:05 UTC",
      "2026-11-03 17:04:05 +0200",
      "2026-11-03T15:04:05 GMT",
      "2026-11-03T15:04:05 Z",
    ]
  ) {
    assert.equal(parseExpiry(text), AT_MS, text);
  }
});

Deno.test("an expiry is written in UTC with whole seconds, each part of two digits", () => {
  const expected = [
    [Date.UTC(2026, 0, 2, 3, 4, 5), "2026-01-02T03:04:05Z"],
    [Date.UTC(2024, 1, 29, 23, 59, 59) + 999, "2024-02-29T23:59:59Z"],
    [Date.UTC(2099, 11, 31, 0, 0, 0), "2099-12-31T00:00:00Z"],
    [0, "1970-01-01T00:00:00Z"],
  ] as const;
  for (const [atMs, text] of expected) assert.equal(formatExpiry(atMs), text);
});

Deno.test("what is no time is refused", () => {
  for (
    const text of [
      ...["", "soon", "2026-11-03", "2026-11-03T", "2026-13-03T15:04:05Z", "1730646245"],
      ...[
        "2026-02-30T15:04:05Z",
        "2026-11-31T15:04:05Z",
        "2026-11-03T25:04:05Z",
        "2026-11-03T15:04:05 CET",
        "20261103",
        "NaN-NaN-NaNTNaN:NaN:NaNZ",
      ],
    ]
  ) {
    assert.throws(() => parseExpiry(text), /no RFC 3339 time/, text);
  }
});
