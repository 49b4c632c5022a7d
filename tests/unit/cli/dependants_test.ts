import assert from "node:assert/strict";
import { listDependants, listSignedIn } from "../../../src/cli/dependants.ts";
import { MemoryApp } from "./memory_app.ts";

const CONFIG = `[profile far]
source_profile = near
[profile farther]
source_profile = far
[profile near]
source_profile = work
[profile work]
[profile own]
source_profile = work
[profile of-own]
source_profile = own
[profile this]
source_profile = that
[profile that]
source_profile = this
[profile of-loop]
source_profile = this
[profile faulty]
source_profile
[profile of-faulty]
source_profile = faulty
`;

Deno.test("on keys depends whose chain of source profiles first comes to them, past loops and faults", () => {
  const list = (profile: string) =>
    listDependants(profile, new MemoryApp(CONFIG), ["work", "own"]).toSorted();
  assert.deepEqual(list("work"), ["far", "farther", "near", "work"]);
  assert.deepEqual(list("own"), ["of-own", "own"]);
  assert.deepEqual(list("this"), ["of-loop", "that", "this"]);
});

Deno.test("by a sign-in are those with a kept session whose credentials begin with it, at no other place", () => {
  const sso = (name: string) =>
    `[profile ${name}]\nsso_start_url = https://${name}.example/start\nsso_region = eu-west-1\n` +
    "sso_account_id = 111111111111\nsso_role_name = dev\n";
  const role = "source_profile = corp\nrole_arn = arn:aws:iam::111111111111:role/x\n";
  const config = `${sso("corp")}${sso("other")}${
    sso("unused")
  }[profile role]\n${role}[profile work]\n`;
  const keep = (name: string) =>
    `sts.AssumeRole,${new TextEncoder().encode(name).toBase64({ omitPadding: true })},,1999999999`;
  const keys = ["work", ...["work", "corp", "other", "role", "gone"].map(keep)];
  const list = (url: string) => listSignedIn(url, new MemoryApp(config), keys);
  assert.deepEqual(list("https://corp.example/start"), ["corp", "role"]);
  assert.deepEqual(list("https://unused.example/start"), []);
});
