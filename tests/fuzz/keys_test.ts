import * as fc from "fast-check";
import assert from "node:assert/strict";
import { formatEnvelope, parseEnvelope } from "../../backends/envelope.ts";
import { openFile } from "../../backends/file.ts";
import { open } from "../../backends/file/jwe.ts";
import { splitChild } from "../../src/cli/arguments.ts";
import {
  formatSessionKey,
  isCredentialsKey,
  isOldSessionKey,
  parseSessionKey,
} from "../../src/credentials/session_key.ts";
import { BackendError } from "../../src/errors.ts";
import { bytes, property, text } from "./property.ts";

const TYPES = [
  "sts.GetSessionToken",
  "sts.AssumeRole",
  "sts.AssumeRoleWithWebIdentity",
  "sso.GetRoleCredentials",
  "credential_process",
] as const;

property(
  "a session's name says again whose and until when it is, for any profile and serial",
  3000,
  fc.record({
    type: fc.constantFrom(...TYPES),
    profile: text(40).map((name) => `p${name}`),
    serial: text(40),
    expiresAtSeconds: fc.nat({ max: 2 ** 32 - 1 }),
  }),
  ({ expiresAtSeconds, ...session }) => {
    const expiresAtMs = expiresAtSeconds * 1000;
    const key = formatSessionKey({ ...session, asked: [] }, expiresAtMs);
    assert.deepEqual(parseSessionKey(key), { key, ...session, expiresAtMs });
    assert.equal(isCredentialsKey(key), false);
  },
);

property(
  "any text as an item's name is a session, an older session or a profile's",
  3000,
  fc.oneof(
    text(30),
    fc.array(text(6), { maxLength: 5 }).map((parts) => parts.join(",")),
    fc.tuple(fc.constantFrom("session,", "session:", "oidc:", "aws-vault.Rotation,"), text(20))
      .map((parts) => parts.join("")),
  ),
  (key) => {
    const kinds = [parseSessionKey(key) !== undefined, isOldSessionKey(key), isCredentialsKey(key)];
    assert.ok(kinds.filter(Boolean).length <= 1, JSON.stringify(key));
  },
);

property(
  "an item of any name and bytes is found and listed again, in a file of that directory",
  60,
  fc.record({
    begin: fc.constantFrom("", ".", "..", "%", "/", "../", ".tmp-"),
    rest: text(30),
    data: bytes(200),
  }),
  async ({ begin, rest, data }) => {
    const directory = Deno.makeTempDirSync({ prefix: "vault-fuzz-" });
    try {
      const clock = { now: Date.now, sleep: () => Promise.resolve() };
      const backend = openFile(
        { directory, passphrase: () => Promise.resolve("p") },
        { clock, debug: () => {}, note: () => {} },
      );
      const key = `${begin}k${rest}`;
      await backend.set({ key, data });
      assert.deepEqual((await backend.get(key))?.data, data);
      assert.deepEqual(await backend.keys(), [key]);
      assert.equal([...Deno.readDirSync(directory)].length, 1);
      assert.equal(await backend.remove(key), true);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  },
);

const ITEM = fc.record({
  key: text(20),
  data: bytes(100),
  label: text(10).map((label) => `l${label}`),
  description: text(10).map((description) => `d${description}`),
}, { noNullPrototype: true });

property(
  "an envelope gives back its item, and what is none is an error of the backend",
  1000,
  fc.tuple(ITEM, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
  ([item, part]) => {
    const json = formatEnvelope(item);
    assert.deepEqual(parseEnvelope(json, "x"), item);
    const torn = json.slice(0, Math.floor(part * json.length));
    assert.throws(() => parseEnvelope(torn, "x"), BackendError);
  },
);

const PART = bytes(30).map((part) => part.toBase64({ omitPadding: true }));
const HEADER = btoa(
  '{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":8192,"p2s":"AAAAAAAAAAAA"}',
);
const PARTS = fc.tuple(fc.oneof(PART, fc.constant(HEADER)), PART, PART, PART, PART);

property(
  "any bytes as an item's file are a wrong passphrase or damage, never a bug",
  500,
  fc.oneof(text(60).map((rest) => `eyJ${rest}`), PARTS.map((parts) => parts.join("."))),
  async (jwe) => {
    try {
      assert.equal(await open(jwe, "p", "path"), undefined);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
    }
  },
);

const WORDS = "exec p -- -d 1h --json - --backend file x -n -nt".split(" ");

property(
  "no word of a command line is lost or changed on its way to us or the child",
  2000,
  fc.tuple(fc.array(fc.constantFrom(...WORDS, ""), { maxLength: 10 }), fc.boolean()),
  ([line, hasProfile]) => {
    const { own, child } = splitChild(line, { hasProfile });
    const rest = line.slice(own.length);
    assert.deepEqual(own, line.slice(0, own.length));
    assert.deepEqual(child, rest.length > child.length ? rest.slice(1) : rest);
    if (rest.length > child.length) assert.equal(rest[0], "--");
  },
);
