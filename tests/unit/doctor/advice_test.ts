import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { readLines } from "../../../src/doctor/lines.ts";
import { checkConfig } from "../../../src/doctor/mod.ts";

const ROLE = "role_arn = arn:aws:iam::111111111111:role/x\n";
const FROM_K = `${ROLE}source_profile = k\n`;
const SSO = "sso_account_id = 111111111111\nsso_role_name = dev\n";
const START = "sso_start_url = https://x.awsapps.com/start\n";
const CORP = `[sso-session corp]\n${START}sso_region = eu-west-1\n`;
const LOCAL = "endpoint_url = http://localhost:4566\n";

interface Advice {
  readonly severity: "error" | "warning" | "note";
  /** What is found in this config file, in its last line unless told … */
  readonly text: string;
  readonly line?: number;
  /** … has this way out … */
  readonly wayOut: RegExp;
  /** … and here it was taken. */
  readonly mended: string;
}

/** A value in a profile `a`, and one that is none. */
function value(key: string, wrong: string, right: string, wayOut: RegExp): Advice {
  const text = (value: string) => `[profile a]\n${FROM_K}[profile k]\n${key} = ${value}\n`;
  return { severity: "error", text: text(wrong), wayOut, mended: text(right) };
}

const ADVICE: Readonly<Record<string, readonly Advice[]>> = {
  "config.account-id": [
    value(
      "vault_expected_account",
      "1111-2222-3333",
      "111122223333",
      /twelve digits, without hyph/,
    ),
    {
      severity: "error",
      text: `${CORP}[profile a]\nsso_session = corp\nsso_role_name = dev\nsso_account_id = 42\n`,
      wayOut: /its twelve digits, leading zeros too/,
      mended:
        `${CORP}[profile a]\nsso_session = corp\nsso_role_name = dev\nsso_account_id = 000000000042\n`,
    },
  ],
  "config.blank-in-header": [{
    severity: "warning",
    text: "[ profile a]\n",
    wayOut: /^write \[profile a\]$/,
    mended: "[profile a]\n",
  }],
  "config.boolean": ["use_fips_endpoint", "ignore_configured_endpoint_urls"].map((key) =>
    value(key, "yes", "true", /^write true, or take the line out/)
  ),
  "config.chain-cut": [{
    severity: "warning",
    text:
      `[profile k]\ncredential_source = EcsContainer\n[profile a]\n${FROM_K}duration_seconds = 7200\n`,
    wayOut: /write 3600 or less/,
    mended:
      `[profile k]\ncredential_source = EcsContainer\n[profile a]\n${FROM_K}duration_seconds = 3600\n`,
  }],
  "config.colon": [
    {
      severity: "warning",
      text: "[profile a]\nregion: eu-west-1\n",
      wayOut: /^write key = value$/,
      mended: "[profile a]\nregion = eu-west-1\n",
    },
    {
      severity: "warning",
      text: "[profile a]\ns3 =\n  max: 1\n",
      wayOut: /^write key = value$/,
      mended: "[profile a]\ns3 =\n  max = 1\n",
    },
  ],
  "config.comment-in-value": [{
    severity: "warning",
    text: "[profile a]\nregion = eu-west-1 # here\n",
    wayOut: /on a line of its own/,
    mended: "[profile a]\n# here\nregion = eu-west-1\n",
  }],
  "config.continuation": [{
    severity: "warning",
    text: "[profile a]\ncredential_process = /bin/get \\\n",
    wayOut: /write the value in one line/,
    mended: "[profile a]\ncredential_process = /bin/get\n",
  }],
  "config.credential-source": [{
    severity: "error",
    text: `[profile a]\n${ROLE}credential_source = EC2\n`,
    wayOut: /^write Environment, Ec2InstanceMetadata or EcsContainer$/,
    mended: `[profile a]\n${ROLE}credential_source = Ec2InstanceMetadata\n`,
  }],
  "config.default-inherited": [{
    severity: "note",
    text: "[default]\noutput = json\nmfa_process = x\nregion = eu-west-1\n" +
      "[profile a]\n[profile b]\nregion = eu-west-2\n",
    line: 4,
    wayOut: /^write what they are to see of it into those profiles too$/,
    mended: "[default]\noutput = json\nmfa_process = x\nregion = eu-west-1\n" +
      "[profile a]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n",
  }],
  "config.duration": [
    value("duration_seconds", "1h", "3600", /^write whole seconds from 900 to 43200, no unit$/),
    value("duration_seconds", "60", "900", /from 900 to 43200/),
  ],
  "config.expected-account": [{
    severity: "error",
    text: `[profile k]\n[profile a]\n${FROM_K}vault_expected_account = 222222222222\n`,
    wayOut: /correct vault_expected_account, or the account/,
    mended: `[profile k]\n[profile a]\n${FROM_K}vault_expected_account = 111111111111\n`,
  }],
  "config.external-id": [value("external_id", "two words", "two-words", /2 to 1224 letters/)],
  "config.header": [{
    severity: "error",
    text: "[profile a\n",
    wayOut: /\[profile NAME\], alone on its line/,
    mended: "[profile a]\n",
  }],
  "config.indented": [
    {
      severity: "warning",
      text: "[profile a]\noutput = json\n  region = eu-west-1\n",
      wayOut: /take out the blanks/,
      mended: "[profile a]\noutput = json\nregion = eu-west-1\n",
    },
    {
      severity: "warning",
      text: "[profile a]\ns3 =\n  max = 1\n  [profile b]\n",
      wayOut: /take out the blanks/,
      mended: "[profile a]\ns3 =\n  max = 1\n[profile b]\n",
    },
  ],
  "config.interpolation": [{
    severity: "warning",
    text: "[profile a]\ncredential_process = /bin/%(x)s\n",
    wayOut: /the value itself/,
    mended: "[profile a]\ncredential_process = /bin/x\n",
  }],
  "config.key": [{
    severity: "warning",
    text: "[profile a]\nregoin = eu-west-1\n",
    wayOut: /the name of the setting/,
    mended: "[profile a]\nregion = eu-west-1\n",
  }],
  "config.key-twice": [{
    severity: "warning",
    text: "[profile a]\nregion = eu-west-1\nregion = eu-west-2\n",
    wayOut: /put the two together/,
    mended: "[profile a]\nregion = eu-west-2\n",
  }],
  "config.line": [{
    severity: "error",
    text: "[profile a]\nregion\n",
    wayOut: /^write key = value in one line, or put a # before it$/,
    mended: "[profile a]\n# region\n",
  }, {
    severity: "error",
    text: "[profile a]\nregion = eu-west-1\n>>>>>>> theirs\n",
    wayOut:
      /^a merge was left half done: take out the lines that begin with <, = or >, and .* not mean$/,
    mended: "[profile a]\nregion = eu-west-1\n",
  }],
  "config.login-session": [{
    severity: "error",
    text: "[profile a]\nlogin_session = jon\n",
    wayOut: /such as arn:aws:iam::111111111111:user\/jon; aws-vault signin PROFILE does/,
    mended: "[profile a]\nlogin_session = arn:aws:iam::111111111111:user/jon\n",
  }],
  "config.loop": [{
    severity: "error",
    text: "[profile a]\ninclude_profile = a\n",
    wayOut: /take one of these include_profile settings out/,
    mended: "[profile a]\n",
  }],
  "config.mfa-serial": [
    value("mfa_serial", "jon", "arn:aws:iam::111111111111:mfa/jon", /iam::ACCOUNT:mfa\/NAME/),
  ],
  "config.missing-include": [{
    severity: "error",
    text: "[profile base]\n[profile a]\ninclude_profile = bass\n",
    wayOut: /^did you mean base\? else write the name of a profile$/,
    mended: "[profile base]\n[profile a]\ninclude_profile = base\n",
  }, {
    severity: "error",
    text: "[default]\n[profile a]\ninclude_profile = defalt\n",
    wayOut: /^did you mean default\? else write the name of a profile$/,
    mended: "[default]\n[profile a]\ninclude_profile = default\n",
  }],
  "config.missing-services": [{
    severity: "error",
    text: `[services loca]\nsts =\n  ${LOCAL}[profile a]\nservices = local\n`,
    wayOut: /^did you mean loca\? else write the name of a section \[services NAME\]$/,
    mended: `[services loca]\nsts =\n  ${LOCAL}[profile a]\nservices = loca\n`,
  }],
  "config.missing-source": [{
    severity: "error",
    text: `[profile k]\n[profile a]\n${ROLE}source_profile = key\n`,
    wayOut: /^did you mean k\? else write the name of a profile, or store keys|^write the name/,
    mended: `[profile k]\n[profile a]\n${FROM_K}`,
  }],
  "config.missing-sso-session": [{
    severity: "error",
    text: `${CORP}[profile a]\n${SSO}sso_session = crop\n`,
    wayOut: /^did you mean corp\? else write the name of a section \[sso-session NAME\]$/,
    mended: `${CORP}[profile a]\n${SSO}sso_session = corp\n`,
  }],
  "config.name": [
    {
      severity: "note",
      text: "[profile jön]\n",
      wayOut: /choose a name of those characters/,
      mended: "[profile jon]\n",
    },
    {
      severity: "warning",
      text: '[profile a"b]\n',
      wayOut: /choose a name of those characters/,
      mended: "[profile a_b]\n",
    },
  ],
  "config.no-role": [{
    severity: "error",
    text: "[profile a]\nweb_identity_token_file = /run/token\n",
    wayOut: /add the role_arn/,
    mended: `[profile a]\nweb_identity_token_file = /run/token\n${ROLE}`,
  }],
  "config.no-source": [{
    severity: "error",
    text: `[profile k]\n[profile a]\n${ROLE}`,
    wayOut: /^give it a source_profile, or store keys with aws-vault add a$/,
    mended: `[profile k]\n[profile a]\n${FROM_K}`,
  }],
  "config.outside": [{
    severity: "error",
    text: "region = eu-west-1\n[default]\n",
    line: 1,
    wayOut: /move it below the \[default\] or \[profile NAME\]/,
    mended: "[default]\nregion = eu-west-1\n",
  }],
  "config.profile-default": [{
    severity: "warning",
    text: "[profile default]\n",
    wayOut: /^write \[default\]$/,
    mended: "[default]\n",
  }],
  "config.quoted-name": [{
    severity: "note",
    text: '[profile "a b"]\n',
    wayOut: /choose a name without white space/,
    mended: "[profile a-b]\n",
  }],
  "config.quoted-value": [{
    severity: "warning",
    text: '[profile a]\nsso_registration_scopes = "x"\n',
    wayOut: /take them out/,
    mended: "[profile a]\nsso_registration_scopes = x\n",
  }],
  "config.region": [
    value("region", "Frankfurt am Main", "eu-central-1", /such as eu-central-1/),
    { ...value("region", "Frankfurt", "eu-central-1", /such as eu-/), severity: "warning" },
  ],
  "config.role-arn": [{
    severity: "error",
    text: "[profile k]\n[profile a]\nsource_profile = k\nrole_arn = x\n",
    wayOut: /^write arn:aws:iam::ACCOUNT:role\/NAME/,
    mended: `[profile k]\n[profile a]\n${FROM_K}`,
  }],
  "config.section": [
    { severity: "error", text: "[a]\n", wayOut: /write \[profile a\]$/, mended: "[profile a]\n" },
    { severity: "error", text: "[Default]\n", wayOut: /write \[default\]$/, mended: "[default]\n" },
  ],
  "config.section-twice": [{
    severity: "warning",
    text: "[profile a]\nregion = eu-west-1\n[profile a]\n",
    wayOut: /put the two together/,
    mended: "[profile a]\nregion = eu-west-1\n",
  }],
  "config.session-name": [
    value("role_session_name", "two words", "two-words", /2 to 64 letters/),
    value("source_identity", "x", "jon", /2 to 64 letters/),
  ],
  "config.session-tags": [
    value("session_tags", "team=a,", "team=a", /no comma at the end$/),
    value("session_tags", "team=a, =b", "team=a, env=b", /no comma at the end$/),
  ],
  "config.sso-conflict": [{
    severity: "warning",
    text: `${CORP}[profile a]\n${SSO}sso_session = corp\nsso_region = eu-west-2\n`,
    wayOut: /take it out of the profile/,
    mended: `${CORP}[profile a]\n${SSO}sso_session = corp\n`,
  }],
  "config.sso-incomplete": [{
    severity: "error",
    text: `[profile a]\n${SSO}${START}`,
    wayOut: /needs sso_start_url, sso_region, sso_account_id and sso_role_name/,
    mended: `[profile a]\n${SSO}${START}sso_region = eu-west-1\n`,
  }, {
    severity: "error",
    text: `${CORP}[profile a]\n${SSO}`,
    line: 5,
    wayOut: /^add the sso_session it is of, or sso_start_url and sso_region$/,
    mended: `${CORP}[profile a]\n${SSO}sso_session = corp\n`,
  }],
  "config.sts-endpoints": [
    value("sts_regional_endpoints", "global", "regional", /^write regional, or take the line out/),
  ],
  "config.token-file": [{
    severity: "error",
    text: `[profile a]\n${ROLE}web_identity_token_file = ~/token\n`,
    wayOut: /write the whole path/,
    mended: `[profile a]\n${ROLE}web_identity_token_file = /home/jon/token\n`,
  }],
  "config.url": [
    value("endpoint_url", "localhost:4566", "http://localhost:4566", /https:\/\/, or http:/),
    {
      severity: "error",
      text: "[services s]\nsts =\n  endpoint_url = localhost\n",
      wayOut: /write a whole one/,
      mended: "[services s]\nsts =\n  endpoint_url = https://localhost\n",
    },
  ],
};

/** What tests/scenarios/doctor_advice_test.ts has, as it takes a file's bytes or [default]. */
const ELSEWHERE = [
  ...["config.byte-order-mark", "config.encoding", "config.unreadable"],
  ...["config.default-role", "config.default-credentials", "config.two-sources"],
];

function check(text: string) {
  const file = new IniFile("config", text);
  return checkConfig({ file, lines: readLines(file.text), keys: [] });
}

for (const [id, all] of Object.entries(ADVICE)) {
  Deno.test(`whoever does what doctor says of ${id} finds nothing more`, () => {
    for (const { severity, text, line, wayOut, mended } of all) {
      const found = check(text);
      const at = line ?? text.split("\n").length - 1;
      assert.deepEqual(
        found.map((finding) => [finding.id, finding.severity, finding.file, finding.line]),
        [[id, severity, "config", at]],
        text,
      );
      assert.match(found[0]!.wayOut, wayOut);
      assert.deepEqual(check(mended), [], mended);
    }
  });
}

Deno.test("what doctor says of each fault of a config file is held to its advice", () => {
  const handbook = Deno.readTextFileSync(new URL("../../../docs/handbook.md", import.meta.url));
  const told = [...handbook.matchAll(/^- \*\*`(config\.[a-z-]+)`/gm)].map(([, id]) => id!);
  assert.deepEqual([...Object.keys(ADVICE), ...ELSEWHERE].sort(), told.sort());
});
