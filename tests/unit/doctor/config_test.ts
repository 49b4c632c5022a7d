import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { readLines } from "../../../src/doctor/lines.ts";
import { checkConfig } from "../../../src/doctor/mod.ts";

function check(text: string, keys: readonly string[] = []) {
  const file = new IniFile("config", text);
  return checkConfig({ file, lines: readLines(file.text), keys });
}

/** What is found, as `id line`. */
function listFound(text: string, keys?: readonly string[]): string[] {
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
  assert.deepEqual(listFound(inherited), ["config.chain-cut 2"]);
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
});

Deno.test("a profile that others include need be nobody by itself", () => {
  const text = `[profile base]\n${ROLE}\n[profile a]\ninclude_profile = base\n` +
    "source_profile = s\n[profile s]\n";
  assert.deepEqual(listFound(text, ["s"]), []);
});

Deno.test("what is no address is told without the password that may stand in it", () => {
  for (const scheme of ["", "http://jon "]) {
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
  assert.deepEqual(listFound("[profile a]\nregoin =\n"), ["config.key 2"]);
});

Deno.test("a slip in the setting that guards the account is found: nothing is guarded by it", () => {
  assert.deepEqual(listFound("[profile a]\nvault_expected_acount = 111111111111\n"), [
    "config.key 2",
  ]);
});

Deno.test("a comment where a value would be is found: botocore takes it for the value", () => {
  assert.deepEqual(listFound("[profile a]\nregion = # none yet\n"), ["config.comment-in-value 2"]);
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
