import assert from "node:assert/strict";
import * as fc from "fast-check";
import { IniFile } from "../../src/config/ini.ts";
import { resolveProfile } from "../../src/config/resolve.ts";
import { checkConfig } from "../../src/doctor/mod.ts";
import { readLines } from "../../src/doctor/lines.ts";
import { property } from "./property.ts";

/** A config file without a fault, as its lines. */
interface Good {
  readonly lines: readonly string[];
}

const REGION = fc.constantFrom("eu-central-1", "us-east-1", "ap-southeast-2", "us-gov-west-1");
const ACCOUNT = fc.integer({ min: 0, max: 999_999_999_999 })
  .map((number) => String(number).padStart(12, "0"));
const WORD = fc.stringMatching(/^[a-z][a-z\d]{2,8}$/);
const SECONDS = fc.integer({ min: 900, max: 3600 }).map(String);

/** Profiles in a row, each of which may use one before it: no loop, nothing missing. */
const GOOD: fc.Arbitrary<Good> = fc.record({
  names: fc.uniqueArray(WORD.filter((word) => word !== "default"), { minLength: 3, maxLength: 7 }),
  kinds: fc.array(fc.constantFrom("keys", "role", "sso", "process", "web", "include"), {
    minLength: 7,
    maxLength: 7,
  }),
  region: REGION,
  account: ACCOUNT,
  word: WORD,
  seconds: SECONDS,
  hasDefault: fc.boolean(),
  end: fc.constantFrom("\n", "\r\n"),
  blanks: fc.boolean(),
}).map(({ names, kinds, region, account, word, seconds, hasDefault, end, blanks }) => {
  const equals = blanks ? " = " : "=";
  const set = (key: string, value: string) => `${key}${equals}${value}`;
  const lines = ["# made by a generator"];
  if (hasDefault) lines.push("[default]", set("region", region), set("output", "json"), "");
  lines.push(
    `[sso-session ${word}]`,
    set("sso_start_url", `https://${word}.awsapps.com/start#/`),
    set("sso_region", region),
    "",
  );
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    lines.push(`[profile ${name}]`);
    lines.push(...describe(index === 0 ? "keys" : kinds[index]!, before!));
    lines.push("; the end of it", "");
  }
  return { lines: lines.map((line) => line + end) };

  function describe(kind: string, before: string): string[] {
    switch (kind) {
      case "role":
        return [
          set("role_arn", `arn:aws:iam::${account}:role/${word}`),
          set("source_profile", before),
          set("duration_seconds", seconds),
          set("session_tags", "team=core,env=dev"),
          set("role_session_name", `${word}@corp`),
          set("external_id", `${word}:/1`),
        ];
      case "sso":
        return [
          set("sso_session", word),
          set("sso_account_id", account),
          set("sso_role_name", word),
        ];
      case "process":
        return [set("credential_process", `/opt/bin/get --for "${word}"`)];
      case "web":
        return [
          set("role_arn", `arn:aws:iam::${account}:role/${word}`),
          set("web_identity_token_file", `/run/${word}`),
        ];
      case "include":
        return [set("include_profile", before), set("s3", "").trimEnd(), "  max_queue_size = 10"];
      default:
        return [set("region", region), set("mfa_serial", `arn:aws:iam::${account}:mfa/${word}`)];
    }
  }
});

/** What breaks a line, where it is one that can be broken so, and what doctor calls it. */
interface Break {
  readonly id: string;
  /** How far from the line that is changed the one is that is wrong then; 0 unless told. */
  readonly offset?: number;
  /** The new line, or two, of which the second is wrong. */
  apply(line: string, next: string): string | undefined;
}

function change(id: string, pattern: RegExp, to: string, before = /^/): Break {
  return {
    id,
    apply: (line, next) =>
      pattern.test(line) && before.test(next) ? line.replace(pattern, to) : undefined,
  };
}

const KEY = (name: string) => new RegExp(`^(${name}\\s*=\\s*)[^\\r\\n]*`);

const BREAKS: readonly Break[] = [
  change("config.line", /^(region)\s*=/, "$1 "),
  change("config.header", /^(\[profile \w+)\]/, "$1"),
  change("config.section", /^\[profile (\w+)\]/, "[$1]"),
  change("config.section", /^\[profile (\w+)\]/, "[Profile $1]"),
  change("config.section", /^\[profile (\w+)\]/, "[profiles $1]"),
  change("config.missing-source", KEY("source_profile"), "$1no such profile"),
  change("config.missing-include", KEY("include_profile"), "$1no such profile"),
  change("config.missing-sso-session", KEY("sso_session"), "$1no such session"),
  change("config.duration", KEY("duration_seconds"), "$11h"),
  change("config.duration", KEY("duration_seconds"), "$160"),
  change("config.role-arn", KEY("role_arn"), "$1arn:aws:iam::123:role/x"),
  change("config.mfa-serial", KEY("mfa_serial"), "$1arn:aws:iam::123:mfa"),
  change("config.account-id", KEY("sso_account_id"), "$142"),
  change("config.account-id", KEY("external_id"), "vault_expected_account = 42"),
  change("config.external-id", KEY("external_id"), "$1two words"),
  change("config.session-name", KEY("role_session_name"), "$1two words"),
  change("config.session-name", KEY("role_session_name"), "source_identity = jön"),
  change("config.login-session", KEY("mfa_serial"), "login_session = jon"),
  change("config.token-file", KEY("web_identity_token_file"), "$1~/token"),
  change("config.credential-source", KEY("credential_process"), "credential_source = Ec2"),
  change("config.sts-endpoints", KEY("region"), "sts_regional_endpoints = global"),
  change("config.boolean", KEY("region"), "use_fips_endpoint = yes"),
  change("config.boolean", KEY("region"), "use_dualstack_endpoint = 1"),
  change("config.missing-services", KEY("region"), "services = no-such"),
  change("config.sso-conflict", KEY("sso_account_id"), "sso_start_url = https://another.example"),
  change("config.sso-conflict", KEY("sso_account_id"), "sso_region = eu-west-9"),
  change("config.blank-in-header", /^\[(profile|default|sso-session)/, "[ $1"),
  change("config.blank-in-header", /^\[default\]/, "[default ]"),
  change("config.section", /^\[sso-session /, "[sso_session "),
  change("config.region", KEY("region"), "$1Frankfurt"),
  change("config.url", KEY("sso_start_url"), "$1corp.awsapps.com/start"),
  change("config.session-tags", KEY("session_tags"), "$1team=core,"),
  change("config.key", /^source_profile/, "sorce_profile"),
  change("config.key", /^role_arn/, "rolearn"),
  change("config.key", /^mfa_serial/, "mfa_serail"),
  change("config.comment-in-value", /^(region[^\r\n]*)/, "$1 # where we are"),
  change("config.quoted-value", KEY("role_arn"), '$1"arn:aws:iam::123456789012:role/x"'),
  change("config.continuation", KEY("credential_process"), "$1/opt/bin/get \\"),
  change("config.interpolation", KEY("credential_process"), "$1/opt/%(name)s"),
  change("config.colon", /^(\w+)\s*=/, "$1:"),
  change("config.name", /^\[profile (\w+)\]/, "[profile $1!]"),
  change("config.indented", /^(source_profile)/, "  $1"),
  change("config.profile-default", /^\[default\]/, "[profile default]"),
  change("config.quoted-name", /^\[profile (\w+)\]/, '[profile "$1 x"]'),
  { ...change("config.no-source", KEY("source_profile"), "# gone"), offset: -1 },
  { ...change("config.no-role", /^role_arn/, "# role_arn", /^web_identity/), offset: 1 },
  { ...change("config.sso-incomplete", /^sso_role_name/, "# sso_role_name"), offset: -2 },
  change("config.line", /^(region)(\s*=)/, "$1\0$2"),
  change("config.indented", /^(\[profile )/, " $1"),
  {
    id: "config.loop",
    offset: 1,
    apply: (line, next) => {
      const own = /^\[profile (\w+)\]/.exec(line)?.[1];
      if (next.startsWith("include_profile")) return undefined;
      return own && `[profile ${own}]\ninclude_profile = ${own}\n`;
    },
  },
  {
    id: "config.key-twice",
    offset: 1,
    apply: (line) => /^role_arn/.test(line) ? `${line}${line}` : undefined,
  },
];

function check(lines: readonly string[]) {
  const file = new IniFile("config", lines.join(""));
  return checkConfig({ file, lines: readLines(file.text), keys: [] });
}

Deno.test("a role whose source_profile is its own profile has nothing to be assumed with", () => {
  const role = "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/x\n";
  const findings = check([role, "source_profile = a\n"]);
  assert.deepEqual(findings.map(({ id, line }) => [id, line]), [["config.no-source", 2]]);
  assert.deepEqual(check([role, "source_profile = a\n", "credential_process = x\n"]), []);
});

Deno.test("a section that seems to be another kind's is told how to write it", () => {
  const ways = ["[sso_session s]", "[ssosession s]", "[service x]", "[profiles a]"].map((header) =>
    check([`${header}\n`])[0]!.wayOut
  );
  assert.deepEqual(ways, [
    "write [sso-session s]",
    "write [sso-session s]",
    "write [services x]",
    "if it is meant as a profile, write [profile a]",
  ]);
});

Deno.test("a name that the AWS CLI does not find is a warning, one that it finds a note", () => {
  for (const sign of ['"', "'", "\\"]) {
    const [finding, ...others] = check([`[profile a${sign}b]\n`]);
    assert.deepEqual([finding!.id, finding!.severity, others], ["config.name", "warning", []]);
    assert.match(finding!.effect, /the AWS CLI takes the sign for one of a shell/);
  }
  assert.equal(check(["[profile jön]\n"])[0]!.severity, "note");
});

property("doctor finds nothing in a good config, whose profiles can be used", 300, GOOD, (good) => {
  // That [default] is inherited is noted: the AWS CLI reads it otherwise.
  const findings = check(good.lines).filter(({ id }) => id !== "config.default-inherited");
  assert.deepEqual(findings, []);
  const file = new IniFile("config", good.lines.join(""));
  for (const name of file.names("profile")) resolveProfile(name, file, new Map(), {});
});

for (const [index, { id, apply, offset = 0 }] of BREAKS.entries()) {
  const breakAll = ({ lines }: Good) => lines.map((line, at) => apply(line, lines[at + 1] ?? ""));
  const places = fc.tuple(GOOD, fc.nat()).filter(([good]) => breakAll(good).some(Boolean));
  property(`doctor names the line of a ${id} (${index + 1})`, 60, places, ([good, number]) => {
    const broken = breakAll(good);
    const breakable = broken.flatMap((line, at) => line === undefined ? [] : [at]);
    const at = breakable[number % breakable.length]!;
    const text = good.lines.map((line, index) => index === at ? broken[at]! : line);
    const findings = check(text).filter((finding) => finding.id === id);
    assert.deepEqual(
      findings.map(({ line, file }) => ({ line, file })),
      [{ line: at + 1 + offset, file: "config" }],
      text.join(""),
    );
  });
}
