import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { readLines } from "../../../src/doctor/lines.ts";
import { checkConfig } from "../../../src/doctor/mod.ts";

/** @param keys of the keyring; `null` where they are not known */
function check(text: string, keys: readonly string[] | null = []) {
  const file = new IniFile("config", text);
  return checkConfig({ file, lines: readLines(file.text), keys: keys ?? undefined });
}

/** What is found, as `id line`. */
function listFound(text: string, keys?: readonly string[] | null): string[] {
  return check(text, keys).map(({ id, line }) => `${id} ${line}`);
}

const ROLE = "role_arn = arn:aws:iam::111111111111:role/x";
const SSO = "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n" +
  "sso_account_id = 111111111111\nsso_role_name = dev\n";

Deno.test("a loop of source profiles is found though a setting of it is inherited, or has keys", () => {
  const byDefault = "[default]\nsource_profile = a\n[profile a]\nsource_profile = b\n[profile b]\n";
  assert.deepEqual(
    listFound(byDefault).filter((found) => found.startsWith("config.loop")),
    ["config.loop 2", "config.loop 4"],
  );
  const byInclude = "[profile base]\nsource_profile = a\n[profile a]\nsource_profile = b\n" +
    "[profile b]\ninclude_profile = base\n";
  assert.deepEqual(listFound(byInclude), ["config.loop 2", "config.loop 4"]);
  const withKeys = "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n";
  assert.deepEqual(listFound(withKeys, ["b"]), ["config.loop 2", "config.loop 4"]);
});

Deno.test("a role that others include may get its source from whoever includes those", () => {
  const includes = `[profile role]\n${ROLE}\n[profile eu]\ninclude_profile = role\n` +
    "[profile work]\n[profile dev]\ninclude_profile = eu\n";
  assert.deepEqual(listFound(includes), ["config.no-source 2"]);
  assert.deepEqual(listFound(`${includes}source_profile = work\n`), []);
  assert.deepEqual(listFound(includes, ["dev"]), []);
});

Deno.test("what others include of a sign-in may get the rest from whoever includes it", () => {
  const base = "[profile base]\n" + SSO.replace(/sso_account_id.*\n/, "");
  const dev = "[profile dev]\ninclude_profile = base\n";
  assert.deepEqual(listFound(base + dev), ["config.sso-incomplete 2"]);
  assert.deepEqual(listFound(`${base}${dev}sso_account_id = 222222222222\n`), []);
});

Deno.test("an account and a role to sign in for may be of whoever has a place to sign in at", () => {
  const text = "[profile base]\nsso_account_id = 111111111111\nsso_role_name = dev\n";
  assert.deepEqual(listFound(text), ["config.sso-incomplete 2"]);
  assert.deepEqual(listFound(text, ["base"]), []);
  const corp =
    "[profile corp]\ninclude_profile = base\nsso_start_url = https://x.awsapps.com/start\n" +
    "sso_region = eu-west-1\n";
  assert.deepEqual(listFound(text + corp), []);
  assert.deepEqual(listFound(text.replace("profile base", "default")), []);
  assert.deepEqual(listFound("[profile a]\nsso_role_name = dev\n"), ["config.sso-incomplete 2"]);
  const start = "sso_start_url = https://x.awsapps.com/start\n";
  assert.deepEqual(listFound(`[profile a]\n${start}`), ["config.sso-incomplete 2"]);
  const own =
    `[sso-session corp]\n${start}[profile a]\nsso_session = corp\nsso_region = us-east-1\n`;
  assert.deepEqual(listFound(own), []);
});

Deno.test("aws-global is a region that is fine, but for signing in", () => {
  assert.deepEqual(listFound("[profile a]\nregion = aws-global\nsso_region = aws-global\n"), [
    "config.region 3",
  ]);
});

Deno.test("a setting that nobody knows is no fault, whatever its name", () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const text = names.map((name) => `${name} = x\n`).join("");
  assert.deepEqual(listFound(`[profile a]\n${text}`), []);
});

Deno.test("a loop is told at each of its lines, from the profile that stands there on", () => {
  const text = "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n" +
    "[profile c]\nsource_profile = a\n";
  assert.deepEqual(check(text).map(({ line, message }) => [line, message.replace(/.*: /, "")]), [
    [2, "a → b → c → a"],
    [4, "b → c → a → b"],
    [6, "c → a → b → c"],
  ]);
  const tail = `[profile tail]\nsource_profile = b\n${text}`;
  assert.deepEqual(listFound(tail), ["config.loop 4", "config.loop 6", "config.loop 8"]);
});

Deno.test("a value that a run would refuse is an error, and one that AWS alone does not know a warning", () => {
  const found = (value: string) =>
    check(`[profile a]\nregion = ${value}\n`).map(({ severity, message }) => [severity, message]);
  assert.deepEqual(found("eu/west"), [
    ["error", "region: `eu/west` is no region's name"],
  ]);
  assert.deepEqual(found("Frankfurt"), [
    ["warning", "region: `Frankfurt` is none of AWS' regions"],
  ]);
  assert.deepEqual(found("eu-west-1"), []);
});

/** What is said of a line, or nothing where it is fine. */
function effectsOf(text: string): string[] {
  return check(text).map(({ line, id, effect }) => `${line} ${id}: ${effect}`);
}

Deno.test("settings that are indented alike are fine, and one deeper than that above is not", () => {
  const body = "  region = eu-west-1\n  output = json\n";
  assert.deepEqual(listFound(`[profile a]\n${body}[profile b]\n${body}`), []);
  assert.deepEqual(listFound("[profile a]\n  region = eu-west-1\n    output = json\n"), [
    "config.indented 3",
  ]);
  assert.deepEqual(listFound("[profile a]\nregion = eu-west-1\n\u00a0output = json\n"), [
    "config.indented 3",
  ]);
  assert.deepEqual(listFound("[profile a]\n  [profile b]\n  region = eu-west-1\n"), []);
  assert.deepEqual(listFound("[profile a]\noutput =\nregion = a/b\n"), ["config.region 3"]);
});

Deno.test("what the AWS CLI makes of a line that cannot be read here is told as it is", () => {
  const refused = /the AWS CLI (and boto3 .*refuse|refuses) the whole file/;
  const more = /the AWS CLI takes it for more of the value above/;
  const ends = /the AWS CLI takes its CR for a line end/;
  const indented = /the AWS CLI takes the indented one for more of the value above/;
  const block = /botocore takes it for a line of the block above/;
  const above = /more of the value above, and the settings below it for the section before's/;
  const comment = /botocore takes ` #` and what follows for part of it/;
  const behind = /the AWS CLI passes over what stands behind the bracket/;
  for (
    const [text, line, expected] of [
      ["[profile a]\nnonsense\n", 2, refused],
      ["[profile a]\nexternal_id = xx\n  nonsense\n", 3, more],
      ["[profile a]\ns3 =\n  nonsense\n", 3, refused],
      ["[profile a]\ns3 =\n  max_queue_size: 1\n", 3, refused],
      ["[profile a\nregion = eu-west-1\n", 1, refused],
      ["[profile a] b\nregion = eu-west-1\n", 1, behind],
      ["[profile a]\nregion = eu-west-1\routput = json\n", 2, ends],
      ["[profile a]\rregion = eu-west-1\r", 1, ends],
      ["[profile a]\nexternal_id = xx\n  region = x-1\nregion = eu-west-1\n", 4, indented],
      ["[profile a]\nregion = x-1\n  region = eu-west-1\n", 3, indented],
      ["[profile a]\nregion = x-1\nregion = eu-west-1\n", 3, refused],
      ["[profile a]\nregion = x-1\n  region = x-2\nregion = eu-west-1\n", 4, refused],
      ["[profile a]\ns3 =\n  [profile b]\n", 3, refused],
      ["[profile a]\ns3 =\n  max = 1\n  [profile b]\nregion = eu-west-1\n", 4, refused],
      ["[profile a]\ns3 =\n  [profile b]\n  region = eu-west-1\n", 4, block],
      ["[profile a]\nexternal_id = xx\n  [profile b]\n", 3, above],
      ["[profile a]\ns3 =\n  max = 1 # or so\n", 3, comment],
      ["[profile a]\ns3 = # a block\n  max: 1\n", 2, comment],
    ] as const
  ) {
    const said = effectsOf(text).filter((effect) => effect.startsWith(`${line} `)).join("\n");
    assert.match(said, expected, text);
    assert.equal(refused.test(said), expected === refused, text);
  }
});

Deno.test("a byte-order mark within the file is found, as where files were put together", () => {
  const text = "\ufeff[profile a]\nregion = eu-west-1\n\ufeff[profile b]\nregion = eu-west-1\n";
  assert.deepEqual(listFound(text), ["config.byte-order-mark 1", "config.byte-order-mark 3"]);
});

Deno.test("a source profile default that is nowhere is missing as any other", () => {
  const text = `[profile a]\nsource_profile = default\n${ROLE}\n`;
  assert.deepEqual(listFound(text), ["config.missing-source 2"]);
  assert.deepEqual(listFound(text, ["default"]), []);
});

Deno.test("a role of [default] is found by one who inherits it, keys of it by themselves", () => {
  const found = check(`[default]\n${ROLE}\nsource_profile = s\n[profile s]\n`, ["s"]);
  assert.deepEqual(found.map(({ id, line }) => `${id} ${line}`), [
    "config.default-role 2",
    "config.default-credentials 2",
  ]);
  assert.match(found[0]!.message, /is inherited by s$/);
  const [inherited] = check("[default]\nsource_profile = s\n[profile s]\n[profile t]\n");
  assert.match(inherited!.message, /^source_profile of \[default\] is inherited by t$/);
  const keys = "[default]\naws_access_key_id = AKIATESTTESTTEST\n[profile a]\n";
  assert.deepEqual(listFound(keys), ["config.default-credentials 2"]);
});

Deno.test("what the AWS CLI does not inherit from [default] is noted once, with who has it here", () => {
  const text = "[default]\nregion = eu-west-1\nmfa_serial = 123456789\nmfa_process = x\n" +
    "[profile a]\nregion = eu-west-2\n[profile b]\ninclude_profile = c\n[profile c]\n" +
    "[profile d]\ninclude_profile = a\n";
  const [note, ...more] = check(text);
  assert.deepEqual(more, []);
  assert.match(
    note!.message,
    /^region, mfa_serial of \[default\] are inherited by b, c, a and 1 more$/,
  );
  for (const key of ["endpoint_url = https://x.example", "duration_seconds = 900"]) {
    assert.deepEqual(listFound(`[default]\n${key}\n[profile a]\n`), [
      "config.default-inherited 2",
    ]);
  }
  assert.deepEqual(listFound(text.replace("include_profile = c", "include_profile = nowhere")), [
    "config.default-inherited 2",
    "config.missing-include 8",
  ]);
});

Deno.test("where the keyring does not say what it holds, nothing is said to be missing in it", () => {
  assert.deepEqual(listFound(`[profile a]\nsource_profile = gone\n${ROLE}\n`, null), []);
  assert.deepEqual(listFound(`[profile a]\n${ROLE}\n`, null), []);
});

Deno.test("a setting is found by its old name, in any letter case, and not where it is empty", () => {
  assert.deepEqual(listFound("[profile a]\nparent_profile = gone\n"), ["config.missing-include 2"]);
  assert.deepEqual(listFound("[profile a]\nparent_profile = default\n"), []);
  assert.deepEqual(listFound("[profile a]\nparent_profile = a\n"), ["config.loop 2"]);
  assert.deepEqual(listFound("[profile a]\nSource_Profile = gone\n"), ["config.missing-source 2"]);
  assert.deepEqual(listFound("[profile a]\nsource_profile =\nrole_arn =\nsso_session =\n"), []);
});

Deno.test("values that AWS has in all its partitions and devices are no finding", () => {
  for (const partition of ["aws-cn", "aws-us-gov", "aws-eusc"]) {
    const role = `role_arn = arn:${partition}:iam::111111111111:role/team/x\n`;
    assert.deepEqual(listFound(`[profile a]\n${role}`, ["a"]), [], partition);
  }
  const serials = ["GAHT12345678", "arn:aws:iam::111111111111:u2f/user/jon/key"];
  serials.push("arn:aws:iam::111111111111:sms-mfa/jon", "arn:aws-cn:iam::111111111111:mfa/jon");
  for (const serial of serials) {
    assert.deepEqual(listFound(`[profile a]\nmfa_serial = ${serial}\n`), [], serial);
  }
  const id = `external_id = ${"x".repeat(1224)}\n`;
  assert.deepEqual(listFound(`[profile a]\n${id}`), []);
});

Deno.test("a role's length that will be cut is found whatever makes its source temporary", () => {
  const long = "duration_seconds = 7200\n";
  const own = ["credential_source = Ec2InstanceMetadata", "credential_source = EcsContainer"];
  own.push("login_session = arn:aws:iam::111111111111:user/jon");
  for (const source of own) {
    assert.deepEqual(listFound(`[profile a]\n${ROLE}\n${source}\n${long}`), [
      "config.chain-cut 4",
    ], source);
    const above = `[profile s]\n${source}\n[profile a]\nsource_profile = s\n${ROLE}\n${long}`;
    assert.deepEqual(listFound(above), ["config.chain-cut 6"], source);
  }
  const inherited = `[default]\n${long}[profile s]\n${SSO}[profile a]\nsource_profile=s\n${ROLE}\n`;
  assert.deepEqual(listFound(inherited), ["config.default-inherited 2", "config.chain-cut 2"]);
  const byInclude = `[profile base]\n${ROLE}\n[profile s]\n${SSO}[profile a]\n` +
    `include_profile = base\nsource_profile = s\n${long}`;
  assert.deepEqual(listFound(byInclude), ["config.chain-cut 11"]);
});

Deno.test("a role's length that AWS gives is no finding", () => {
  const long = "duration_seconds = 43200\n";
  const sources = ["web_identity_token_file = /t", "credential_source = Environment"];
  for (const source of sources) {
    assert.deepEqual(listFound(`[profile a]\n${ROLE}\n${source}\n${long}`), [], source);
  }
  const keys = `[profile s]\n[profile a]\nsource_profile = s\n${ROLE}\n${long}`;
  assert.deepEqual(listFound(keys, ["s"]), []);
  assert.deepEqual(
    listFound(`[profile s]\n${SSO}[profile a]\nsource_profile = s\n${ROLE}\n${long}`, ["a"]),
    [],
  );
  const signIn = "[profile base]\n" + SSO;
  assert.deepEqual(
    listFound(`${signIn}${keys.replace("s]\n", "s]\ninclude_profile = base\n")}`, ["s"]),
    [],
  );
});

Deno.test("a profile that others include need be nobody by itself", () => {
  const text = `[profile base]\n${ROLE}\n[profile a]\ninclude_profile = base\n` +
    "source_profile = s\n[profile s]\n";
  assert.deepEqual(listFound(text, ["s"]), []);
});

Deno.test("a web identity takes a role, of its own or of whoever includes it", () => {
  for (const key of ["web_identity_token_file", "web_identity_token_process"]) {
    const text = `[profile base]\n${key} = /t\n`;
    assert.deepEqual(listFound(text), ["config.no-role 2"], key);
    assert.deepEqual(listFound(`${text}[profile a]\ninclude_profile = base\n${ROLE}\n`), [], key);
  }
});

Deno.test("what is no address is told without the password that may stand in it", () => {
  for (const scheme of ["", "http://jon ", "http://jon:p:// "]) {
    const [found] = check(`[profile a]\nendpoint_url = ${scheme}jon:hunter2@localhost:4566\n`);
    assert.match(found!.message, /^endpoint_url: `(http:\/\/)?localhost:4566` is no address$/);
  }
});

Deno.test("a setting before the first section is found", () => {
  assert.deepEqual(listFound("# mine\nregion = eu-west-1\n[default]\n"), ["config.outside 2"]);
});

Deno.test("a block of any service is no slip in the name of a setting", () => {
  const blocks = ["sqs", "sns", "ses", "ssm", "ecs"].map((service) =>
    `${service} =\n  endpoint_url = http://localhost:4566\n`
  );
  assert.deepEqual(listFound(`[profile a]\n${blocks.join("")}`), []);
  assert.deepEqual(listFound("[services dev]\nsqs =\n# endpoint_url = http://localhost\n"), []);
  for (const slip of ["regoin", "ouput"]) {
    assert.deepEqual(listFound(`[profile a]\n${slip} =\n`), ["config.key 2"]);
  }
});

Deno.test("a slip in the setting that guards the account is found: nothing is guarded by it", () => {
  assert.deepEqual(listFound("[profile a]\nvault_expected_acount = 111111111111\n"), [
    "config.key 2",
  ]);
});

Deno.test("a comment where a value would be is found: botocore takes it for the value", () => {
  for (const comment of [" # none yet", "\t; none yet"]) {
    assert.deepEqual(listFound(`[profile a]\nregion =${comment}\n`), ["config.comment-in-value 2"]);
  }
});

Deno.test("a value in quotes is found, but for a program's own words", () => {
  const process = 'credential_process = "/opt/my tools/get"';
  assert.deepEqual(listFound(`[profile a]\n${process}\n`), []);
  assert.deepEqual(
    listFound(`[profile a]\nregion = 'eu-west-1'\n`).filter((id) => id.includes("quoted")),
    ["config.quoted-value 2"],
  );
});

Deno.test("two headers of one profile that are not written alike are not said to be refused", () => {
  for (const pair of [["[default]", "[profile default]"], ["[profile a]", '[profile "a"]']]) {
    const found = check(pair.join("\nregion = eu-west-1\n"));
    const twice = found.find(({ id }) => id === "config.section-twice");
    assert.equal(twice?.line, 3);
    assert.match(twice!.effect, /boto3 take the later/);
  }
  const alike = check("[profile a]\n[profile a]\n");
  assert.match(alike[0]!.effect, /boto3 refuse the whole file/);
});

Deno.test("values that exec refuses are found: an account, an ARN to sign in as", () => {
  const text = "[profile a]\nvault_expected_account = 1111-2222-3333\nlogin_session = jon\n";
  assert.deepEqual(listFound(text), ["config.account-id 2", "config.login-session 3"]);
  const role = `[profile a]\n${ROLE}\nvault_expected_account = 42\n`;
  assert.deepEqual(listFound(role, ["a"]), ["config.account-id 3"]);
});

Deno.test("a profile whose settings name another account than it expects is found", () => {
  const other = "vault_expected_account = 222222222222\n";
  const origins = [`${ROLE}\nsource_profile = s`, SSO.trim()];
  origins.push("login_session = arn:aws:iam::111111111111:user/jon");
  for (const origin of origins) {
    const text = `[profile s]\n[profile a]\n${other}${origin}\n`;
    assert.deepEqual(listFound(text, ["s"]), ["config.expected-account 3"], origin);
    assert.deepEqual(listFound(text.replace("2".repeat(12), "1".repeat(12)), ["s"]), [], origin);
  }
  const role = `${ROLE}\nsource_profile = s\nvault_expected_account = 111111111111\n`;
  const elsewhere = SSO.replace("1".repeat(12), "2".repeat(12));
  assert.deepEqual(listFound(`[profile s]\n[profile a]\n${role}${elsewhere}`, ["s"]), []);
});

Deno.test("a name in quotes is found in whatever quotes and section", () => {
  for (const header of ["[profile 'a b']", '[sso-session "a"]', '[services "a"]']) {
    assert.ok(listFound(`${header}\n`).includes("config.quoted-name 1"), header);
  }
});

Deno.test("what is wrong with a header is told as it is", () => {
  assert.match(check("[profile a\n")[0]!.message, /^the header \[profile a is not closed$/);
  assert.match(check("[profile a] b\n")[0]!.message, /\[profile a\] b goes on behind its bracket$/);
});

Deno.test("a section to sign in by that cannot be read is told by its fault alone", () => {
  const profile = "[profile a]\nsso_session = s\nsso_account_id = 111111111111\n";
  assert.deepEqual(listFound(`[sso-session s]\nnonsense\n${profile}sso_role_name = dev\n`), [
    "config.line 2",
  ]);
  for (const header of ["[sso-session s", "[sso-session s] x"]) {
    const found = listFound(`${header}\nsso_region = eu-west-1\n${profile}`);
    assert.equal(found[0], "config.header 1");
  }
});

Deno.test("a line that cannot be read is shown, but no more of a long word than how it begins", () => {
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const messages = check(`[plugins]\nnonsense # why\n[profile a]\n${secret}\n`)
    .map(({ message }) => message);
  assert.equal(messages.length, 2);
  assert.match(messages[0]!, /^`nonsense` is no \[section\], no `key = value` and no # comment$/);
  assert.match(messages[1]!, /^`wJalrXUtnF…` is no /);
});

Deno.test("a section of another program's is found where a setting of ours stands in it, or none", () => {
  assert.deepEqual(listFound("[theirs]\nsome_path = /x\n"), []);
  assert.deepEqual(listFound("[a]\n[theirs]\nsome_path = /x\n"), ["config.section 1"]);
  assert.deepEqual(listFound("[theirs]\nsome_path = /x\nregion = eu-west-1\n"), [
    "config.section 1",
  ]);
});

Deno.test("what a sign-in lacks is told by its name, be it one setting or two", () => {
  const told = (lacking: RegExp) =>
    check(`[profile a]\n${SSO.replace(lacking, "")}`).map(({ message }) => message);
  const [one] = told(/sso_region.*\n/);
  assert.match(one!, /^profile a signs in to .*, and sso_region is missing$/);
  const [two] = told(/sso_region.*\nsso_account_id.*\n/);
  assert.match(two!, /, and sso_region and sso_account_id are missing$/);
});

Deno.test("[profile] without a name is told to be given one", () => {
  assert.match(check("[profile]\nregion = eu-west-1\n")[0]!.wayOut, /^give it a name/);
});

Deno.test("thousands of profiles in a row, and in a loop, are gone over once", () => {
  const count = 3000;
  const listProfiles = (last: string, key: string) =>
    Array.from(
      { length: count },
      (_, index) => `[profile p${index}]\n${key} = ${index === 0 ? last : `p${index - 1}`}\n`,
    ).join("");
  for (const key of ["source_profile", "include_profile"]) {
    assert.deepEqual(listFound(`${listProfiles("end", key)}[profile end]\n`), []);
    assert.equal(listFound(listProfiles(`p${count - 1}`, key)).length, count, key);
  }
});

Deno.test("a hundred names that are nowhere are told with those near them: more are no slips", () => {
  const profiles = Array.from(
    { length: 150 },
    (_, index) => `[profile team${index}]\nsource_profile = teamx${index}\n`,
  );
  const ways = check(profiles.join("")).map(({ wayOut }) => wayOut);
  assert.equal(ways.length, 150);
  assert.equal(ways.filter((way) => /^did you mean team\d/.test(way)).length, 100);
  assert.match(ways.at(-1)!, /^write the name of a profile, or store keys/);
});
