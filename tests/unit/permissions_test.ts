import assert from "node:assert/strict";
import { ALL, neededByPlan, neededWithKeyring } from "../../src/permissions.ts";
import type { SessionTokenStep, StoredStep } from "../../src/credentials/steps.ts";

const STORED: StoredStep = { kind: "stored", profile: "work" };
const SESSION: SessionTokenStep = {
  kind: "session_token",
  profile: "work",
  target: { region: "eu-west-1", legacy: false },
  durationSeconds: 3600,
};
const MFA = { serial: "arn:aws:iam::111111111111:mfa/jon" };

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

Deno.test("list runs programs for backends that are programs alone", () => {
  assert.deepEqual(unique(neededWithKeyring("list", "file")), []);
  assert.deepEqual(unique(neededWithKeyring("list", "pass")), ["run"]);
});

Deno.test("a command or a backend that the table does not know keeps everything", () => {
  assert.deepEqual(unique(neededWithKeyring("rotate", "file")), unique(ALL));
  assert.deepEqual(unique(neededWithKeyring("list", "another")), unique(ALL));
  assert.deepEqual(unique(neededByPlan([STORED], "another")), unique(ALL));
});

Deno.test("a session needs the network and no program, but for its MFA code", () => {
  assert.deepEqual(unique(neededByPlan([STORED, SESSION], "file")), ["ffi", "net", "write"]);
  const asked = { ...SESSION, mfa: MFA };
  assert.deepEqual(unique(neededByPlan([STORED, asked], "file")), unique(ALL));
  const given = { ...SESSION, mfa: { ...MFA, token: "123456" } };
  assert.deepEqual(unique(neededByPlan([STORED, given], "file")), ["ffi", "net", "write"]);
});

Deno.test("reading a key from a store that is a program takes that program and no network", () => {
  assert.deepEqual(unique(neededByPlan([STORED], "secret-service")), ["ffi", "run"]);
});
