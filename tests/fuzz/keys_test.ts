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
import { fuzz } from "./random.ts";

const TYPES = [
  "sts.GetSessionToken",
  "sts.AssumeRole",
  "sts.AssumeRoleWithWebIdentity",
  "sso.GetRoleCredentials",
  "credential_process",
] as const;

fuzz(
  "a session's name says again whose and until when it is, for any profile and serial",
  3000,
  (random) => {
    const id = {
      type: random.pick(TYPES),
      profile: "p" + random.text(40),
      serial: random.text(40),
      asked: [],
    };
    const expiresAtMs = random.below(2 ** 32) * 1000;
    const key = formatSessionKey(id, expiresAtMs);
    const parsed = parseSessionKey(key);
    assert.deepEqual(parsed, {
      key,
      type: id.type,
      profile: id.profile,
      serial: id.serial,
      expiresAtMs,
    });
    assert.equal(isCredentialsKey(key), false);
  },
);

fuzz("any text as an item's name is a session, an older session or a profile's", 3000, (random) => {
  const key = random.pick([
    random.text(30),
    random.list(5, () => random.text(6)).join(","),
    random.pick(["session,", "session:", "oidc:", "aws-vault.Rotation,"]) + random.text(20),
  ]);
  const kinds = [parseSessionKey(key) !== undefined, isOldSessionKey(key), isCredentialsKey(key)];
  assert.ok(kinds.filter(Boolean).length <= 1, JSON.stringify(key));
});

fuzz(
  "an item of any name and bytes is found and listed again, in a file of that directory",
  60,
  async (random) => {
    const directory = Deno.makeTempDirSync({ prefix: "vault-fuzz-" });
    try {
      const clock = { now: Date.now, sleep: () => Promise.resolve() };
      const backend = openFile(
        { directory, passphrase: () => Promise.resolve("p") },
        { clock, debug: () => {}, note: () => {} },
      );
      const key = random.pick(["", ".", "..", "%", "/", "../", ".tmp-"]) + "k" + random.text(30);
      const data = random.bytes(200);
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

fuzz(
  "an envelope gives back its item, and what is none is an error of the backend",
  1000,
  (random) => {
    const item = {
      key: random.text(20),
      data: random.bytes(100),
      label: "l" + random.text(10),
      description: "d" + random.text(10),
    };
    assert.deepEqual(parseEnvelope(formatEnvelope(item), "x"), item);
    const json = formatEnvelope(item);
    const torn = json.slice(0, random.below(json.length));
    assert.throws(() => parseEnvelope(torn, "x"), BackendError);
  },
);

fuzz(
  "any bytes as an item's file are a wrong passphrase or damage, never a bug",
  500,
  async (random) => {
    const part = () => btoa(String.fromCharCode(...random.bytes(30))).replaceAll("=", "");
    const text = random.pick([
      "eyJ" + random.text(60),
      Array.from({ length: 5 }, part).join("."),
      [
        btoa('{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":8192,"p2s":"AAAAAAAAAAAA"}'),
        part(),
        part(),
        part(),
        part(),
      ]
        .join("."),
    ]);
    try {
      assert.equal(await open(text, "p", "path"), undefined);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
    }
  },
);

fuzz(
  "no word of a command line is lost or changed on its way to us or the child",
  2000,
  (random) => {
    const words = [
      "exec",
      "p",
      "--",
      "-d",
      "1h",
      "--json",
      "-",
      "--backend",
      "file",
      "x",
      "",
      "-n",
    ];
    const line = random.list(10, () => random.pick(words));
    const { own, child } = splitChild(line, { hasProfile: true });
    const rest = line.slice(own.length);
    assert.deepEqual(own, line.slice(0, own.length));
    assert.deepEqual(child, rest.length > child.length ? rest.slice(1) : rest);
    if (rest.length > child.length) assert.equal(rest[0], "--");
  },
);
