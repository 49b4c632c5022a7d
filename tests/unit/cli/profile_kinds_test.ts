import assert from "node:assert/strict";
import { describeKind, sortByUse } from "../../../src/cli/profile_kinds.ts";
import { IniFile } from "../../../src/config/ini.ts";

const FILE = new IniFile(
  "config",
  `[profile work]
[profile admin]
role_arn = arn:aws:iam::222222222222:role/path/admin
source_profile = work
[profile sso]
sso_session = corp
sso_account_id = 333333333333
sso_role_name = Dev
[profile command]
credential_process = get
[profile alias]
source_profile = work
[profile loop]
include_profile = loop
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
`,
);

Deno.test("what a profile is is told in a few words", () => {
  const kinds = ["work", "admin", "sso", "command", "alias", "loop"]
    .map((name) => describeKind(name, FILE, ["work"]));
  assert.deepEqual(kinds, [
    "stored keys",
    "role admin in 222222222222",
    "SSO, Dev in 333333333333",
    "credential_process",
    "from work",
    "faulty, see aws-vault doctor",
  ]);
});

Deno.test("profiles whose kept sessions end last stand first, the others in their order", () => {
  const key = (profile: string, expiry: number) =>
    `sts.AssumeRole,${btoa(profile).replaceAll("=", "")},,${expiry}`;
  const keys = [key("b", 15), key("d", 20), key("c", 30), key("d", 10), "a"];
  assert.deepEqual(sortByUse(["a", "b", "c", "d"], keys), ["c", "d", "b", "a"]);
});
