import assert from "node:assert/strict";
import { checkProfile, checkStored, chooseProfile } from "../../../src/cli/profile_names.ts";
import { IniFile } from "../../../src/config/ini.ts";
import { VaultError } from "../../../src/errors.ts";
import { MemoryApp } from "./memory_app.ts";

const NAMES = ["production", "prod-eu", "staging", "dev", "test", "team/ops"];
const FILE = new IniFile("config", NAMES.map((name) => `[profile ${name}]\n`).join(""));
const KEYS = ["personal", "sts.GetSessionToken,ZGV2MQ,,1795229414", "oidc:https://x/start"];

/** The ways out told for a name; undefined where it is a profile. */
function hintFor(name: string): string | undefined {
  try {
    checkProfile(name, FILE, KEYS);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof VaultError);
    assert.equal(error.message, `profile \`${name}\` is neither in config nor in the keyring`);
    return error.hints.join("\n");
  }
}

Deno.test("a name in the config file or in the keyring is a profile", () => {
  for (const name of [...NAMES, "personal"]) assert.equal(hintFor(name), undefined);
});

for (
  const [slip, meant] of [
    ["prodcution", "production"],
    ["productoin", "production"],
    ["prodction", "production"],
    ["productionn", "production"],
    ["stagging", "staging"],
    ["dve", "dev"],
    ["tset", "test"],
    ["personnal", "personal"],
    ["team-ops", "team/ops"],
    ["Test", "test"],
  ] as const
) {
  Deno.test(`\`${slip}\` is told to be near \`${meant}\``, () => {
    assert.match(hintFor(slip)!, new RegExp(`did you mean (.* or )?${meant}( or .*)?\\?`));
  });
}

Deno.test("the nearest name is told first, and three at most", () => {
  assert.match(hintFor("prod")!, /did you mean prod(-eu|uction)/);
  const many = Array.from({ length: 9 }, (_, i) => `[profile account-${i}]\n`).join("");
  assert.throws(() => checkProfile("account", new IniFile("c", many), []), (error: VaultError) => {
    assert.equal(error.hints[0]!.match(/account-/g)?.length, 3);
    return true;
  });
});

Deno.test("sessions and tokens in the keyring are never told as profiles", () => {
  assert.doesNotMatch(hintFor("oidc:https://x/strat")!, /oidc/);
  assert.match(hintFor("xyzzy")!, /aws-vault list/);
});

for (
  const [header, name] of [
    ["[a]", "a"],
    ["[Profile a]", "a"],
    ["[profiles a]", "a"],
    ["[profile:a]", "a"],
    ["[profile-a] # mine", "a"],
    ['["a b"]', "a b"],
  ] as const
) {
  Deno.test(`${header} is told to be no profile's section to who asks for ${name}`, () => {
    const file = new IniFile("config", `[profile other]\n\n  ${header}\nregion = x\n`);
    assert.throws(() => checkProfile(name, file, []), (error: VaultError) => {
      assert.match(
        error.hints[0]!,
        /^config, line 3 has \[.*\]: the section of a profile is called/,
      );
      return true;
    });
    assert.throws(() => checkProfile("b", file, []), (error: VaultError) => {
      assert.doesNotMatch(error.hints.join(), /line 3/);
      return true;
    });
  });
}

Deno.test("where there is no profile at all, the way to the first is told", () => {
  const explain = (text: string) => {
    try {
      checkProfile("work", new IniFile("config", text), []);
    } catch (error) {
      return (error as VaultError).hints.join("\n");
    }
  };
  const first = explain("");
  assert.match(
    first!,
    /^neither has any yet: .* aws-vault add work,.* aws-vault configure work,.*$/,
  );
  const withSession = explain("[sso-session corp]\nsso_region = eu-west-1\n");
  assert.match(withSession!, /^neither has any yet: .*\naws-vault sso profiles --write makes/);
});

Deno.test("who could pick a profile, and has none, is told the ways to the first too", async () => {
  const app = new MemoryApp("");
  const ctx = { ...app.ctx, terminal: { ...app.ctx.terminal, available: () => true } };
  const error = await chooseProfile(undefined, Object.assign(app, { ctx })).catch((error) => error);
  assert.equal(error.message, "no profile is given, and there is none to pick");
  assert.match(
    error.hints.join(),
    /^there is none yet: begin with aws-vault add PROFILE, .* configure/,
  );
});

Deno.test("a name that keys are not stored under is told with the nearest that they are", () => {
  assert.throws(() => checkStored("wrk", ["work", "oidc:wrkx"]), {
    hints: ["did you mean work?", "see what it has with: aws-vault list --credentials"],
  });
  assert.throws(() => checkStored("home", ["work"], "pass"), {
    message: "the pass keyring has no credentials for profile `home`",
    hints: ["see what it has with: aws-vault --backend=pass list --credentials"],
  });
  checkStored("work", ["work"]);
});

Deno.test("a config file that is empty, or not where it was said to be, is told", () => {
  assert.throws(() => checkProfile("work", new IniFile("/wrong/config", ""), ["other"]), {
    hints: ["/wrong/config is empty, or not there"],
  });
});
