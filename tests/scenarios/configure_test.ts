import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { startFakeAws } from "../fakes/aws/mod.ts";
import { CLIENTS_BY_NAME, requireClient } from "./clients/run_client.ts";
import {
  canLeaveTerminal,
  hasTerminalTests,
  Home,
  run,
  runInTerminal,
  type Step,
  WITHOUT_TERMINAL,
} from "./harness.ts";

const ROLE = "arn:aws:iam::222222222222:role/reader";
const MFA = "arn:aws:iam::111111111111:mfa/jon";
const HAS_CURL = requireProgram("curl");

/** Types an answer to each question, by how it begins; the empty one takes its default. */
function answers(...typed: readonly (readonly [question: string, answer: string])[]): Step[] {
  return typed.map(([expect, answer]) => ({ expect, type: `${answer}\r` }));
}

async function configure(
  home: Home,
  profile: string,
  steps: Step[],
  env: Record<string, string> = {},
) {
  return await runInTerminal(["configure", profile], { home, env, steps });
}

function readConfig(home: Home): string {
  return Deno.readTextFileSync(`${home.path}/.aws/config`);
}

Deno.test({
  name: "configure stores an access key and writes its profile (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const steps = answers(
      ["Number [1]:", ""],
      ["Enter Access Key ID:", "AKIAIOSFODNN7EXAMPLE"],
      ["Enter Secret Access Key:", "wJalr/secret"],
      ["MFA device, or its serial number, or none [none]:", MFA],
      ["Region [us-east-1]:", "eu-west-1"],
      ["Write it? (Y|n)", ""],
    );
    const ran = await configure(home, "work", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.ok(!ran.screen.includes("wJalr/secret"));
    assert.equal(readConfig(home), `[profile work]\nmfa_serial=${MFA}\nregion=eu-west-1\n`);
    assert.equal((await run(["list", "--credentials"], { home })).stdout, "work\n");
    // A second time the stored keys and every answer are the defaults, and nothing changes.
    const again = await configure(
      home,
      "work",
      answers(
        ["Number [1]:", ""],
        ["Keep the keys that are stored? (Y|n)", ""],
        [`none [${MFA}]:`, ""],
        ["Region [eu-west-1]:", ""],
        ["Write it? (Y|n)", ""],
      ),
    );
    assert.equal(again.code, 0, again.screen);
    assert.equal(readConfig(home), `[profile work]\nmfa_serial=${MFA}\nregion=eu-west-1\n`);
  },
});

for (
  const [whose, AWS_PROFILE, typed] of [
    ["of AWS_PROFILE", "dev", []],
    ["that is typed", "", [["Name of the profile [default]:", "dev"]]],
  ] as const
) {
  Deno.test({
    name: `without an argument configure asks for the profile ${whose} (python3)`,
    ignore: !hasTerminalTests,
    async fn() {
      using home = new Home();
      const question = "Where do the credentials of dev come from?";
      const steps = [...answers(...typed), { expect: question, type: "\x03" }];
      await runInTerminal(["configure"], { home, env: { AWS_PROFILE }, steps });
    },
  });
}

Deno.test({
  name:
    "configure makes an sso-session with the first profile, and takes it for the second (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", "# mine\n");
    const role = [
      ["Account id:", "12"],
      ["It has twelve digits.", "222222222222"],
      ["Role (permission set):", "Dev"],
      ["Region [us-east-1]:", ""],
      ["Write it? (Y|n)", "y"],
    ] as const;
    const first = answers(
      ["Number [1]:", "2"],
      ["Name of the sso-session [sso]:", '"corp"'],
      ["leave its quotes out.", "https://corp.awsapps.com/start"],
      ["the start URL is asked for next.", "corp"],
      ["Start URL:", "https://corp.awsapps.com/start/#/?tab=accounts"],
      ["Region of IAM Identity Center [us-east-1]:", "eu-west-1"],
      ...role,
    );
    const ran = await configure(home, "dev", first);
    assert.equal(ran.code, 0, ran.screen);
    const second = answers(
      ["Number [2]:", ""],
      ["sso-session (there is corp) [corp]:", "corp#2"],
      ["It may hold no brackets, # or ;.", ""],
      ...role,
    );
    const again = await configure(home, "test", second);
    assert.equal(again.code, 0, again.screen);
    const settings = "sso_session=corp\nsso_account_id=222222222222\nsso_role_name=Dev\n" +
      "region=us-east-1\n";
    assert.equal(
      readConfig(home),
      "# mine\n\n[sso-session corp]\nsso_start_url=https://corp.awsapps.com/start\n" +
        "sso_region=eu-west-1\nsso_registration_scopes=sso:account:access\n\n" +
        `[profile dev]\n${settings}\n[profile test]\n${settings}`,
    );
  },
});

Deno.test({
  name:
    "configure makes a role on another profile, whose device and region are the defaults (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", `[profile work]\nregion = eu-west-1\nmfa_serial = ${MFA}\n`);
    const steps = answers(
      ["Number [1]:", "7"],
      ["It is none of these.", "4"],
      ["Source profile [work]:", ""],
      ["Role ARN:", ROLE],
      [`none [${MFA}]:`, ""],
      ["Region [eu-west-1]:", ""],
      ["Write it? (Y|n)", ""],
    );
    const ran = await configure(home, "reader", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.match(ran.screen, /\[profile reader\]\r?\n\s+role_arn=/, "the section is shown");
    const added = readConfig(home).split("\n\n")[1];
    assert.equal(
      added,
      `[profile reader]\nrole_arn=${ROLE}\nsource_profile=work\nmfa_serial=${MFA}\nregion=eu-west-1\n`,
    );
  },
});

Deno.test({
  name: "configure signs in to the console, and writes whose profile it is (python3, curl)",
  ignore: !hasTerminalTests || !HAS_CURL,
  async fn() {
    await using aws = await startFakeAws();
    aws.addUser({ name: "jon" });
    aws.addConsoleLogin({ approvesAtOnce: true });
    using home = new Home();
    const BROWSER = home.write("browser", '#!/bin/sh\nexec curl -sL "$1"\n');
    Deno.chmodSync(BROWSER, 0o755);
    const env = { AWS_ENDPOINT_URL: aws.url, BROWSER };
    const steps = answers(["Number [1]:", "3"], ["Region [us-east-1]:", ""], ["Write it?", "y"]);
    const ran = await configure(home, "dev", steps, env);
    assert.equal(ran.code, 0, ran.screen);
    const arn = "arn:aws:iam::111111111111:user/jon";
    assert.equal(readConfig(home), `[profile dev]\nlogin_session=${arn}\nregion=us-east-1\n`);
    const got = await run(["exec", "dev", "--json"], { home, env });
    assert.match(JSON.parse(got.stdout).AccessKeyId, /^ASIA/, got.stderr);
  },
});

Deno.test({
  name: "a no at the end, and a slip three times, leave everything as it was (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    const before = readConfig(home);
    const no = answers(["Number", "3"], ["Region", ""], ["Write it?", "n"]);
    assert.match((await configure(home, "work", no)).screen, /Nothing was written\./);
    const slips = answers(["Number", "3"], ["Region", "x"], ["It is one", "y"], ["It is one", "z"]);
    const ran = await configure(home, "work", slips);
    assert.equal(ran.code, 1);
    assert.match(ran.screen, /error: Region: It is one such as .* Nothing was written\./);
    assert.equal(readConfig(home), before);
    assert.equal((await run(["list", "--credentials"], { home })).stdout, "");
  },
});

Deno.test({
  name: "configure takes the MFA device out of a profile that is to have none (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", `[profile work]\nmfa_serial = ${MFA}\nregion = eu-west-1\n`);
    await run(["add", "work", "--env"], {
      home,
      env: { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "x" },
    });
    const steps = answers(
      ["Number [1]:", ""],
      ["Keep the keys", ""],
      [`none [${MFA}]:`, "none"],
      ["Region [eu-west-1]:", ""],
      ["Taken out of it: mfa_serial.", ""],
    );
    const ran = await configure(home, "work", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.equal(readConfig(home), "[profile work]\nregion = eu-west-1\n");
  },
});

Deno.test({
  name: "a value takes the place of a whole block in the file, and that is told before (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const work = `[profile work]\nregion = eu-west-1\n`;
    const rest = `role_arn = ${ROLE}\nsource_profile = work\n`;
    home.write(".aws/config", `${work}[profile r]\nregion =\n  endpoint_url = x\n${rest}`);
    const steps = answers(
      ["Number [4]:", ""],
      ["Source profile [work]:", ""],
      [`Role ARN [${ROLE}]:`, ""],
      ["MFA", ""],
      ["Region [eu-west-1]:", "eu-west-2"],
      ["Taken out of it: region, with the lines indented below it.", ""],
    );
    const ran = await configure(home, "r", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.equal(readConfig(home), `${work}[profile r]\nregion = eu-west-2\n${rest}`);
  },
});

Deno.test({
  name:
    "configure moves what a profile has of an Identity Center into an sso-session (python3, boto3)",
  ignore: !hasTerminalTests || !requireClient("boto3"),
  async fn() {
    const START_URL = "https://d-1234567890.awsapps.com/start";
    await using aws = await startFakeAws();
    const accounts = [{ id: "111111111111", name: "Main", email: "m@x.example", roles: ["Dev"] }];
    aws.addSsoInstance({ startUrl: START_URL, accounts, approvesAtOnce: true });
    using home = new Home();
    const role = "sso_account_id=111111111111\nsso_role_name=Dev\n";
    home.write(
      ".aws/config",
      `[profile old]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n${role}`,
    );
    const steps = answers(
      ["Number [2]:", ""],
      ["Name of the sso-session [sso]:", "corp"],
      [`Start URL [${START_URL}]:`, ""],
      ["Region of IAM Identity Center [eu-west-1]:", ""],
      ["Account id [111111111111]:", ""],
      ["Role (permission set) [Dev]:", ""],
      ["Region [us-east-1]:", "eu-west-1"],
      ["Write it?", ""],
    );
    const ran = await configure(home, "old", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.equal(
      readConfig(home),
      `[profile old]\n${role}sso_session=corp\nregion=eu-west-1\n\n[sso-session corp]\n` +
        `sso_start_url=${START_URL}\nsso_region=eu-west-1\n` +
        "sso_registration_scopes=sso:account:access\n",
    );
    const client = ["--profile-env", "--", ...CLIENTS_BY_NAME.boto3];
    const env = { AWS_ENDPOINT_URL: aws.url };
    const got = await run(["exec", "--stdout", "old", ...client], { home, env });
    assert.match(got.stdout, /assumed-role\/AWSReservedSSO_Dev/, got.stderr);
  },
});

Deno.test({
  name: "configure asks for no role where there is no profile to assume it with (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const ran = await configure(home, "dev", answers(["Number [1]:", "4"]));
    assert.equal(ran.code, 1);
    assert.match(
      ran.screen,
      /neither .*config nor the keyring has another profile.*\r?\n\s+make that/,
    );
  },
});

Deno.test({
  name:
    "configure takes a source profile that has stored keys alone, and says what a slip was (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const env = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };
    await run(["add", "work", "--env", "--no-add-config"], { home, env });
    const steps = answers(
      ["Number [1]:", "4"],
      ["Source profile [work]:", "worl"],
      ["There is none; did you mean work?", "work"],
      ["Role ARN:", ROLE.replace("222", "22")],
      ["with the account's twelve digits", ROLE],
      ["none [none]:", ""],
      ["Region [", "eu-west-1"],
      ["Write it? (Y|n)", ""],
    );
    const ran = await configure(home, "dev", steps);
    assert.equal(ran.code, 0, ran.screen);
    assert.match(readConfig(home), /^\[profile dev\]\nrole_arn=.*\nsource_profile=work\n/);
  },
});

Deno.test({
  name: "configure says who would become a role that is given to [default] (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    const steps = answers(
      ["Number [1]:", "4"],
      ["Source profile [work]:", ""],
      ["Role ARN:", ROLE],
      ["none [none]:", ""],
      ["Region [eu-west-1]:", ""],
      ["each that has no role_arn would become this role", "n"],
    );
    const ran = await configure(home, "default", steps);
    assert.match(ran.screen, /Nothing was written\./);
    assert.equal(readConfig(home), "[profile work]\nregion = eu-west-1\n");
  },
});

const TO_THE_LAST: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "an access key": [
    ["Number", "1"],
    ["Access Key ID", "AKIAIOSFODNN7EXAMPLE"],
    ["Secret Access Key", "wJalr/secret"],
    ["none [none]", ""],
    ["Region", ""],
  ],
  "an Identity Center": [
    ["Number", "2"],
    ["sso-session", "corp"],
    ["Start URL", "https://corp.awsapps.com/start"],
    ["Region of", ""],
    ["Account id", "111111111111"],
    ["Role (", "Dev"],
    ["Region", ""],
  ],
  "a console sign-in": [["Number", "3"], ["Region", ""]],
  "a role": [["Number", "4"], ["Source", ""], ["Role ARN", ROLE], ["none [none]", ""], [
    "Region",
    "",
  ]],
};

for (const [kind, typed] of Object.entries(TO_THE_LAST)) {
  Deno.test({
    name: `Ctrl-C at the last question for ${kind} leaves file and keyring as they were (python3)`,
    ignore: !hasTerminalTests,
    async fn() {
      using home = new Home();
      home.write(".aws/config", "# mine\n[profile work]\nregion = eu-west-1\n");
      const steps = [...answers(...typed), { expect: "Write it?", type: "\x03" }];
      const ran = await configure(home, "new", steps);
      assert.equal(ran.signal, "SIGINT", ran.screen);
      assert.equal(readConfig(home), "# mine\n[profile work]\nregion = eu-west-1\n");
      assert.equal((await run(["list", "--credentials"], { home })).stdout, "");
    },
  });
}

Deno.test({
  name: "configure refuses a profile of another kind by its lines (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const role = "role_arn = arn:aws:iam::222222222222:role/r\n";
    home.write(".aws/config", `[profile dev]\nregion = x\n${role}credential_process = mint\n`);
    const ran = await configure(home, "dev", answers(["Number [1]:", "3"]));
    assert.equal(ran.code, 1);
    assert.match(
      ran.screen.replace(/\s+/g, " "),
      /error: profile dev is of another kind: it has role_arn \(line 3\), credential_process \(line 4\) /,
    );
  },
});

Deno.test({
  name: "configure refuses what [default] would come before, with its line (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    home.write(".aws/config", "[default]\nsso_session = corp\n[sso-session corp]\n");
    const ran = await configure(home, "dev", answers(["Number [2]:", "3"]));
    assert.equal(ran.code, 1);
    assert.match(
      ran.screen.replace(/\s+/g, " "),
      /error: profile dev would inherit other credentials see .*config, line 2, sso_session of \[default\]/,
    );
  },
});

Deno.test({
  name: "configure and signin ask nothing for a profile whose name is not UTF-8 (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const path = home.write(".aws/config", "");
    Deno.writeFileSync(path, Uint8Array.from("[profile \xff]\n", (mark) => mark.charCodeAt(0)));
    for (const command of ["configure", "signin"]) {
      const ran = await runInTerminal([command, "\ufffd"], { home, steps: [] });
      assert.match(ran.screen, /^aws-vault: error: .* can be no profile's name: it is not UTF-8/);
    }
  },
});

Deno.test("configure without a terminal says so and writes nothing (setsid)", {
  ignore: !canLeaveTerminal,
}, async () => {
  using home = new Home();
  const command = WITHOUT_TERMINAL;
  const ran = await run(["configure", "dev"], { home, command });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^aws-vault: error: there is no terminal to ask on/);
  assert.throws(() => Deno.statSync(`${home.path}/.aws`));
});
