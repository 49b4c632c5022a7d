import assert from "node:assert/strict";
import { ALL, neededByPlan, neededWithKeyring } from "../../src/permissions.ts";
import type { Plan, SessionTokenStep, Step, StoredStep } from "../../src/credentials/steps.ts";

const STORED: StoredStep = { kind: "stored", profile: "work" };
const SESSION: SessionTokenStep = {
  kind: "session_token",
  profile: "work",
  target: { region: "eu-west-1", legacy: false },
  durationSeconds: 3600,
  lengthFrom: { from: "default" },
};
const MFA = { serial: "arn:aws:iam::111111111111:mfa/jon" };

function planOf(steps: readonly Step[]): Plan {
  return { profile: "work", steps, remarks: [] };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

Deno.test("list runs programs for backends that are programs alone", () => {
  assert.deepEqual(unique(neededWithKeyring("list", { name: "file" })), []);
  assert.deepEqual(unique(neededWithKeyring("list", { name: "pass" })), ["ffi", "run"]);
});

Deno.test("commands that ask AWS nothing have no network, and those that only look do not write", () => {
  const looking = ["completion", "explain", "help", "list", "version"];
  const keeping = ["add", "change-passphrase", "clear", "import", "migrate-backend", "remove"];
  for (const command of [...looking, ...keeping]) {
    const needed = neededWithKeyring(command, { name: "file" });
    assert.ok(!needed.includes("net") && !needed.includes("run"), command);
    assert.equal(needed.includes("write"), keeping.includes(command), command);
  }
});

Deno.test("a command or a backend that the table does not know keeps everything", () => {
  assert.deepEqual(unique(neededWithKeyring("rotate", { name: "file" })), unique(ALL));
  assert.deepEqual(unique(neededWithKeyring("list", { name: "another" })), unique(ALL));
  assert.deepEqual(unique(neededByPlan(planOf([STORED]), { name: "another" })), unique(ALL));
});

Deno.test("a session needs the network and no program, but for its MFA code", () => {
  assert.deepEqual(unique(neededByPlan(planOf([STORED, SESSION]), { name: "file" })), [
    "ffi",
    "net",
    "write",
  ]);
  const asked = { ...SESSION, mfa: MFA };
  assert.deepEqual(unique(neededByPlan(planOf([STORED, asked]), { name: "file" })), unique(ALL));
  const given = { ...SESSION, mfa: { ...MFA, token: "123456" } };
  assert.deepEqual(unique(neededByPlan(planOf([STORED, given]), { name: "file" })), [
    "ffi",
    "net",
    "write",
  ]);
});

Deno.test("reading a key from a store that is a program takes that program and no network", () => {
  assert.deepEqual(unique(neededByPlan(planOf([STORED]), { name: "secret-service" })), [
    "ffi",
    "run",
  ]);
});

Deno.test("of a backend that is put together of two, both count", () => {
  const backend = { name: "file", stores: ["file", "pass"] };
  assert.deepEqual(unique(neededWithKeyring("list", backend)), ["ffi", "run"]);
  assert.deepEqual(unique(neededByPlan(planOf([STORED]), backend)), ["ffi", "run"]);
});

Deno.test("whose the stored keys are, AWS is asked where the profile says whose they have to be", () => {
  const expected = { value: "111111111111", source: { from: "default" } } as const;
  const account = { profile: "work", expected, target: SESSION.target };
  const plan = { ...planOf([STORED]), account };
  assert.deepEqual(unique(neededByPlan(plan, { name: "file" })), ["ffi", "net"]);
});

Deno.test("what only speaks with the agent has neither network, nor programs, nor files to write", () => {
  for (const command of ["agent lock", "agent status", "agent stop"]) {
    assert.deepEqual(unique(neededWithKeyring(command, { name: "file" })), ["ffi"], command);
  }
});

Deno.test("signing in takes a browser, which is a program", () => {
  const target = { ...SESSION.target, subject: "profile work" };
  const sso: Step = {
    ...{ kind: "sso", profile: "work", accountId: "111111111111", roleName: "Dev" },
    ...{ ...target, startUrl: "https://x.awsapps.com/start", ssoRegion: "eu-west-1" },
  } as unknown as Step;
  const login = { kind: "login", profile: "work", target } as unknown as Step;
  for (const step of [sso, login]) {
    assert.deepEqual(unique(neededByPlan(planOf([step]), { name: "file" })), unique(ALL));
  }
});
