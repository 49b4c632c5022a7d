import * as fc from "fast-check";
import assert from "node:assert/strict";
import { formatEnvelope, parseEnvelope } from "../../backends/envelope.ts";
import { openFile } from "../../backends/file.ts";
import { open } from "../../backends/file/jwe.ts";
import { seal } from "../../backends/file/seal.ts";
import { splitChild } from "../../src/cli/arguments.ts";
import {
  encodePart,
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

/** Parts of a session's name, most of them as they are in one. */
const NAME_PARTS = fc.tuple(
  fc.oneof(fc.constantFrom(...TYPES, "session"), text(6)),
  fc.constantFrom(",", ",", ":"),
  fc.oneof(text(6).map(encodePart), text(6)),
  fc.oneof(text(6).map(encodePart), fc.constant("")),
  fc.oneof(fc.nat().map(String), text(3)),
).map(([type, separator, ...rest]) => [type, ...rest].join(separator));

const ITEM_NAMES = fc.oneof(
  NAME_PARTS,
  text(30),
  fc.tuple(fc.constantFrom("oidc:", "aws-vault.Rotation,"), fc.oneof(text(20), NAME_PARTS))
    .map((parts) => parts.join("")),
  fc.tuple(text(6), fc.nat()).map(([name, number]) => `${name} session (${number})`),
);

property(
  "any text as an item's name is a session, an older session, a sign-in or a profile's keys",
  3000,
  ITEM_NAMES,
  (key) => {
    const kinds = {
      session: parseSessionKey(key) !== undefined,
      older: isOldSessionKey(key),
      other: /^(oidc:|aws-vault\.Rotation,)/.test(key),
    };
    assert.ok(!(kinds.session && kinds.older), JSON.stringify(key));
    const [kind = "keys"] = Object.entries(kinds).flatMap(([name, isSo]) => isSo ? [name] : []);
    assert.equal(isCredentialsKey(key), kind === "keys", JSON.stringify(key));
    return kind;
  },
  { session: 100, older: 100, keys: 100, other: 100 },
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
  fc.tuple(ITEM, fc.nat()),
  ([item, number]) => {
    const json = formatEnvelope(item);
    assert.deepEqual(parseEnvelope(json, "x"), item);
    const torn = json.slice(0, number % json.length);
    assert.throws(() => parseEnvelope(torn, "x"), BackendError);
  },
);

const ROUNDS = 8;
const SEALED = await seal("the text of an item", "p", ROUNDS);

function mostly(usual: unknown, ...others: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
}

/** Bytes of a length that is right, or now and then of any. */
function part(length: number): fc.Arbitrary<string> {
  const right = fc.uint8Array({ minLength: length, maxLength: length });
  return fc.oneof({ weight: 5, arbitrary: right }, bytes(50)).map((part) =>
    part.toBase64({ alphabet: "base64url", omitPadding: true })
  );
}

const HEADER = fc.record({
  alg: mostly("PBES2-HS256+A128KW", "dir", 5),
  enc: mostly("A256GCM", "A128GCM", ""),
  p2c: mostly(ROUNDS, 0, -1, 2e9, "8"),
  p2s: mostly("AAAAAAAAAAAA", "", 5),
}).map((header) =>
  new TextEncoder().encode(JSON.stringify(header))
    .toBase64({ alphabet: "base64url", omitPadding: true })
);

property(
  "any bytes as an item's file are a wrong passphrase or damage, never a bug",
  1000,
  fc.oneof(
    text(60).map((rest) => `eyJ${rest}`),
    fc.tuple(HEADER, part(40), part(12), part(19), part(16)).map((parts) => parts.join(".")),
  ),
  async (jwe) => {
    try {
      assert.equal(await open(jwe, "p", "path"), undefined);
      return "wrong";
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      return /rounds/.test(error.message) ? "rounds" : "damage";
    }
  },
  { wrong: 20, rounds: 20, damage: 100 },
);

property(
  "an item's file with one letter changed is opened by no passphrase, or gives the same text",
  500,
  fc.tuple(fc.nat(SEALED.length - 1), fc.constantFrom(..."Aaz09-_.=")),
  async ([at, letter]) => {
    const changed = SEALED.slice(0, at) + letter + SEALED.slice(at + 1);
    try {
      const text = await open(changed, "p", "path");
      assert.ok(text === undefined || text === "the text of an item", text);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
    }
  },
);

const OPTIONS = fc.array(
  fc.constantFrom(["-d", "1h"], ["--json"], ["--backend", "file"], ["-n"], ["-nt", "-1"], [
    "-nd2h",
  ]),
  { maxLength: 3 },
).map((options) => options.flat());
const CHILD = fc.array(fc.constantFrom("-d", "--json", "--", "", "-", "exec", "x", "--backend"), {
  maxLength: 5,
});

property(
  "exec's own words end at the program's name or `--`, and all that follows is the program's",
  2000,
  fc.record({
    own: fc.tuple(
      OPTIONS,
      fc.constant(["exec"]),
      OPTIONS,
      fc.constantFrom(["p"], ["exec"]),
      OPTIONS,
    )
      .map((parts) => parts.flat()),
    program: fc.constantFrom("true", "", "-", undefined),
    rest: CHILD,
    divider: fc.boolean(),
    hasProfile: fc.boolean(),
  }),
  ({ own, program, rest, divider, hasProfile }) => {
    const child = program === undefined ? divider ? rest : [] : [program, ...rest];
    const line = [...own, ...divider ? ["--"] : [], ...child];
    const split = splitChild(line, { hasProfile });
    assert.deepEqual([split.own, split.child], [own, child], line.join(" "));
  },
);
