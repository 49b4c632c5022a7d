import assert from "node:assert/strict";
import { checkTemplate, nameRoles, planProfiles } from "../../../src/cli/sso_profiles_plan.ts";
import { IniFile } from "../../../src/config/ini.ts";

const TARGET = {
  subject: "sso-session corp",
  startUrl: "https://d-1.awsapps.com/start",
  region: "eu-west-1",
  scopes: [],
  session: "corp",
};

function account(accountName: string, id: number, ...roles: string[]) {
  const accountId = String(111_111_111_110 + id);
  return { accountId, accountName, emailAddress: "", roles };
}

function names(accounts: readonly ReturnType<typeof account>[], template = "{account}-{role}") {
  return nameRoles(accounts, template).map(({ name }) => name);
}

function section(name: string, id: string, role: string, more = "sso_session = corp"): string {
  return `[profile ${name}]\n${more}\nsso_account_id = ${id}\nsso_role_name = ${role}\n`;
}

function plan(config: string, accounts: readonly ReturnType<typeof account>[]) {
  return planProfiles(accounts, TARGET, "{account}-{role}", new IniFile("config", config));
}

Deno.test("a template is filled in with account, account id and role", () => {
  const accounts = [account("Main", 1, "Dev", "Ops")];
  assert.deepEqual(names(accounts), ["Main-Dev", "Main-Ops"]);
  assert.deepEqual(names(accounts, "{account_id}/{role}@{account}"), [
    "111111111111/Dev@Main",
    "111111111111/Ops@Main",
  ]);
});

Deno.test("names have only characters that every SDK takes", () => {
  const odd = [
    "Z\u00fcrich Lab",
    "a]b",
    "x # y; z",
    '"q"',
    "a\tb\nc",
    " -pad- ",
    "R&D (EU)",
    "c - d",
  ];
  assert.deepEqual(names(odd.map((name, index) => account(name, index, "Dev"))), [
    "Zurich-Lab-Dev",
    "a-b-Dev",
    "x-y-z-Dev",
    "q-Dev",
    "a-b-c-Dev",
    "pad-Dev",
    "R-D-EU-Dev",
    "c-d-Dev",
  ]);
});

Deno.test("what an account's name ends on is not left before a separator of the template", () => {
  assert.deepEqual(names([account("Lab \u751f\u7523", 1, "Dev")], "{account}/{role}"), ["Lab/Dev"]);
});

Deno.test("roles whose names would be the same, none or default have the account's id in theirs", () => {
  assert.deepEqual(
    names([account("Main", 1, "Dev"), account("main", 2, "Dev"), account("Main", 3, "Dev", "Ops")]),
    [
      "Main-Dev-111111111111",
      "main-Dev",
      "Main-Dev-111111111113",
      "Main-Ops",
    ],
  );
  assert.deepEqual(names([account("\u751f\u7523", 1, "Dev")], "{account}"), ["111111111111"]);
  assert.deepEqual(names([account("\u751f\u7523", 1, "Dev"), account("", 2, "Dev")]), [
    "111111111111-Dev",
    "111111111112-Dev",
  ]);
  assert.deepEqual(names([account("Default", 1, "default")], "{role}"), ["default-111111111111"]);
});

Deno.test("a template that is none is refused, with what it may have", () => {
  assert.throws(() => checkTemplate("{acount}"), /--template knows no \{acount\}/);
  assert.throws(
    () => names([account("Main", 1, "Dev", "Ops")], "{account}"),
    /--template '\{account\}' calls more than one role Main-111111111111/,
  );
  for (const open of ["{account", "account}-{role}", "{account}-{role", "{{role}}"]) {
    assert.throws(() => checkTemplate(open), /has a brace by itself/, open);
  }
  assert.throws(() => names([account("x".repeat(150), 1, "Dev")]), /150 are the most/);
});

Deno.test("what is there is neither added again nor touched, whichever way it signs in", () => {
  const accounts = [account("Main", 1, "Dev", "Ops", "Sec", "Old")];
  const config = "[sso-session corp]\nsso_start_url = https://d-1.awsapps.com/start\n" +
    "[sso-session same]\nsso_start_url = https://d-1.awsapps.com/start\n" +
    section("Main-Old", "111111111111", "Old", "sso_session = same") +
    section("Main-Dev", "111111111111", "Dev") +
    section("Main-Ops", "111111111111", "Ops", "sso_start_url = https://d-1.awsapps.com/start") +
    "[profile Main-Sec]\nrole_arn = arn:aws:iam::1:role/x\n";
  const { add, taken, vanished } = plan(config, accounts);
  assert.deepEqual([add, taken, vanished], [[], ["Main-Sec"], []]);
});

Deno.test("what has vanished is found by its role, and who needs it by its source", () => {
  const config = section("gone", "999999999999", "Dev") +
    section("by-hand", "111111111111", "Dev") +
    section("other", "999999999999", "Dev", "sso_session = lab") +
    section("needed", "111111111111", "Old") +
    "[profile user]\nsource_profile = needed\n[profile torn]\nno setting\n[profile broken\n";
  const { add, vanished, needed } = plan(config, [account("Main", 1, "Dev")]);
  assert.deepEqual(add.map(({ name }) => name), ["Main-Dev"]);
  assert.deepEqual(vanished, ["gone", "needed"]);
  assert.deepEqual([...needed], [["needed", "the profile user needs it"]]);
});

Deno.test("a profile before a section that is indented deeper stays: the AWS CLI would read that otherwise", () => {
  const gone = (name: string) => section(name, "999999999999", "Dev");
  const indented = "  [profile b]\n  region = x\n";
  const config = `[profile a]\nregion = x\n${gone("above")}\n# of b\n${indented}${gone("gone")}`;
  const { vanished, needed } = plan(config, []);
  assert.deepEqual(vanished, ["above", "gone"]);
  assert.deepEqual([...needed.keys()], ["above"]);
});

Deno.test("what is needed by what is needed stays too, and so does [default], which all inherit from", () => {
  const config = section("a", "999999999999", "Dev") +
    section("b", "999999999999", "Dev", "sso_session = corp\ninclude_profile = a") +
    section("c", "999999999999", "Dev", "sso_session = corp\ninclude_profile = a") +
    section("default", "999999999999", "Dev").replace("profile ", "") +
    "[profile user]\nparent_profile = b\n";
  const { vanished, needed } = plan(config, []);
  assert.deepEqual(vanished.toSorted(), ["a", "b", "c", "default"]);
  assert.deepEqual(Object.fromEntries(needed), {
    default: "other profiles inherit from it",
    b: "the profile user needs it",
    a: "the profile b needs it",
  });
});

Deno.test("a start URL without a session is written with its region", () => {
  const accounts = [account("Main", 1, "Dev")];
  const target = { ...TARGET, session: undefined };
  const { add } = planProfiles(accounts, target, "{role}", new IniFile("config", ""));
  assert.deepEqual(add, [{
    name: "Dev",
    settings: {
      sso_start_url: TARGET.startUrl,
      sso_region: "eu-west-1",
      sso_account_id: "111111111111",
      sso_role_name: "Dev",
    },
  }]);
});
