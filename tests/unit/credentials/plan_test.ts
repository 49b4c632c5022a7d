import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { resolveProfile } from "../../../src/config/resolve.ts";
import { planCredentials } from "../../../src/credentials/plan.ts";
import { findLengthFault } from "../../../src/credentials/lengths.ts";
import type { Plan } from "../../../src/credentials/steps.ts";

interface Options {
  readonly keys?: readonly string[];
  readonly sessions?: boolean;
  readonly renews?: boolean;
  readonly duration?: string;
  readonly isEnvironmentSession?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
}

function plan(config: string, profile: string, options: Options = {}): Plan {
  const env = new Map(Object.entries(options.variables ?? {}));
  const resolved = resolveProfile(profile, new IniFile("config", config), env, {
    duration: options.duration,
  });
  return planCredentials(resolved, new Set(options.keys ?? ["work"]), {
    sessions: options.sessions ?? true,
    renews: options.renews ?? false,
    environment: () => ({
      accessKeyId: env.get("AWS_ACCESS_KEY_ID"),
      isSession: options.isEnvironmentSession ?? false,
    }),
  });
}

/** One word a step: what is asked for, how long, whether a code goes with it, whether it is kept. */
function outline({ steps }: Plan): string[] {
  return steps.map((step) => {
    const length = "durationSeconds" in step ? ` ${step.durationSeconds}` : "";
    const mfa = "mfa" in step && step.mfa !== undefined ? " mfa" : "";
    return `${step.kind}${length}${mfa}${step.cache ? " kept" : ""}`;
  });
}

/** What the session of a plan's last step is bound to, for a caller that renews. */
function askedOf(config: string, profile: string, options: Options = {}): string {
  return plan(config, profile, { renews: true, ...options }).steps.at(-1)!.cache!.asked[0]!;
}

const ROLE = "role_arn = arn:aws:iam::222222222222:role/r\n";
const MFA = "mfa_serial = arn:mfa\n";

Deno.test("stored keys take a session of an hour", () => {
  assert.deepEqual(outline(plan("", "work")), ["stored", "session_token 3600 kept"]);
});

Deno.test("--no-session hands out the stored keys", () => {
  assert.deepEqual(outline(plan("", "work", { sessions: false })), ["stored"]);
});

Deno.test("a role without MFA is assumed from the keys, and kept for callers that renew", () => {
  const config = `[profile r]\n${ROLE}source_profile = work\n`;
  assert.deepEqual(outline(plan(config, "r")), ["stored", "assume_role 3600"]);
  assert.deepEqual(outline(plan(config, "r", { renews: true })), [
    "stored",
    "assume_role 3600 kept",
  ]);
});

Deno.test("one MFA session serves a role with the same serial, whose code is not asked again", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  const steps = ["stored", "session_token 28800 mfa kept", "assume_role 3600"];
  assert.deepEqual(outline(plan(config, "r")), steps);
});

Deno.test("a role whose serial is vouched for beneath is kept for callers that renew", () => {
  const config = `[profile work]\n${MFA}[profile a]\n${ROLE}${MFA}source_profile = work\n` +
    `[profile b]\n${ROLE}${MFA}source_profile = a\n`;
  assert.deepEqual(outline(plan(config, "b", { renews: true })), [
    "stored",
    "session_token 28800 mfa kept",
    "assume_role 3600 kept",
    "assume_role 3600 kept",
  ]);
});

Deno.test("a role session made when no device vouched for it does not serve one that wants it", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}source_profile = work\n`;
  assert.notEqual(askedOf(config, "r"), askedOf(`${config}${MFA}`, "r"));
});

Deno.test("a serial on the role alone goes with AssumeRole, and that session is kept", () => {
  const config = `[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  assert.deepEqual(outline(plan(config, "r")), ["stored", "assume_role 3600 mfa kept"]);
});

Deno.test("a single role over an hour is assumed from the keys, also through an alias", () => {
  const config = `[profile work]\n${MFA}[profile alias]\nsource_profile = work\n${MFA}` +
    `[profile r]\n${ROLE}${MFA}source_profile = work\nduration_seconds = 7200\n` +
    `[profile s]\n${ROLE}${MFA}source_profile = alias\nduration_seconds = 7200\n`;
  const direct = ["stored", "assume_role 7200 mfa kept"];
  assert.deepEqual(outline(plan(config, "r")), direct);
  assert.deepEqual(outline(plan(config, "s")), direct);
  assert.doesNotMatch(plan(config, "s").remarks.join(), /cut to 1h/);
});

Deno.test("roles on roles are cut to an hour, with one code for the chain", () => {
  const config = `[profile work]\n${MFA}[profile a]\n${ROLE}${MFA}source_profile = work\n` +
    `[profile b]\n${ROLE}${MFA}source_profile = a\nduration_seconds = 7200\n`;
  assert.deepEqual(outline(plan(config, "b")), [
    "stored",
    "session_token 28800 mfa kept",
    "assume_role 3600",
    "assume_role 3600",
  ]);
});

Deno.test("a stored-key profile with a role of its own assumes it directly", () => {
  const config = `[profile work]\n${ROLE}${MFA}`;
  assert.deepEqual(outline(plan(config, "work")), ["stored", "assume_role 3600 mfa kept"]);
});

Deno.test("an alias of stored keys takes the session they were not made into, with its own MFA", () => {
  const config =
    `[profile plain]\nsource_profile = work\n[profile alias]\n${MFA}source_profile = work\n`;
  assert.deepEqual(outline(plan(config, "plain")), ["stored", "session_token 3600 kept"]);
  assert.deepEqual(outline(plan(config, "alias")), ["stored", "session_token 3600 mfa kept"]);
});

Deno.test("stored keys come before everything else a profile names", () => {
  const config =
    "[profile work]\ncredential_process = x\nsource_profile = other\n[profile other]\n";
  assert.deepEqual(outline(plan(config, "work")), ["stored", "session_token 3600 kept"]);
});

Deno.test("without keys: SSO, then web identity, then credential_source, then the process", () => {
  const sso =
    "sso_start_url = https://s\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = n\n";
  const web = `${ROLE}web_identity_token_file = f\n`;
  const source = "credential_source = Environment\n";
  const process = "credential_process = p\n";
  const first = (text: string) => plan(`[profile x]\n${text}`, "x").steps.map((s) => s.kind);
  assert.deepEqual(first(sso + web + source + process), ["sso"]);
  assert.deepEqual(first(web + source + process), ["web_identity"]);
  assert.deepEqual(first(ROLE + source + process), ["environment", "assume_role"]);
  assert.deepEqual(first(process), ["process"]);
});

Deno.test("a role on a session that the environment has is cut to an hour, on keys it is not", () => {
  const config = `[profile x]\n${ROLE}credential_source = Environment\nduration_seconds = 7200\n`;
  assert.deepEqual(outline(plan(config, "x")), ["environment", "assume_role 7200"]);
  const session = plan(config, "x", { isEnvironmentSession: true });
  assert.deepEqual(outline(session), ["environment", "assume_role 3600"]);
  assert.match(session.remarks.join("\n"), /role length cut to 1h, AWS's limit/);
});

Deno.test("what a program gives is not known before: that a role may be cut to an hour is remarked", () => {
  const config = "[profile p]\ncredential_process = p\n" +
    `[profile x]\n${ROLE}source_profile = p\nduration_seconds = 7200\n`;
  const planned = plan(config, "x");
  assert.deepEqual(outline(planned), ["process kept", "assume_role 7200"]);
  assert.match(
    planned.remarks.join("\n"),
    /cut to 1h where the credential_process gives a session/,
  );
  const short = plan(config.replace("7200", "3600"), "x");
  assert.deepEqual(short.remarks, []);
});

Deno.test("a role beside SSO or a process of the same profile is not assumed, and that is remarked", () => {
  const role = "role_arn = arn:aws:iam::1:role/a\n";
  const sources = [
    "sso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = n\n",
    "credential_process = mint\n",
  ];
  for (const source of sources) {
    const { steps, remarks } = plan(`[profile a]\n${role}${source}`, "a");
    assert.equal(steps.length, 1);
    assert.match(remarks.join("\n"), /^profile a: its role is not assumed: .*source_profile/);
    assert.deepEqual(plan(`[profile a]\n${source}`, "a").remarks, []);
  }
});

Deno.test("a credential_source that is none is told with its line", () => {
  for (const source of ["Nope", "constructor"]) {
    assert.throws(() => plan(`[profile x]\ncredential_source = ${source}\n`, "x"), {
      message: `profile x: credential_source is \`${source}\``,
      hints: [
        "it is one of Environment, Ec2InstanceMetadata, EcsContainer",
        "see config, line 2, credential_source of [profile x]",
      ],
    });
  }
});

Deno.test("a misspelt sso_session is told with the nearest, where nothing serves without it", () => {
  const config = "[profile x]\nsso_session = crop\nsso_account_id = 1\nsso_role_name = n\n" +
    "[sso-session corp]\nsso_start_url = https://s\nsso_region = eu-west-1\n";
  assert.throws(() => plan(config, "x"), {
    message: "profile x: sso_session names `crop`, which config does not have",
    hints: [
      "did you mean corp?",
      "see config, line 2, sso_session of [profile x], and [sso-session NAME] sections",
    ],
  });
  assert.deepEqual(outline(plan(config, "x", { keys: ["x"] })), [
    "stored",
    "session_token 3600 kept",
  ]);
});

Deno.test("a role on SSO credentials is role chaining: an hour at most", () => {
  const config =
    "[profile s]\nsso_start_url = https://s\nsso_region = eu-west-1\nsso_account_id = 1\n" +
    `sso_role_name = n\n[profile r]\n${ROLE}source_profile = s\nduration_seconds = 7200\n`;
  assert.deepEqual(outline(plan(config, "r")), ["sso kept", "assume_role 3600"]);
});

Deno.test("a session made for either length is what is asked for now", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  const alone = plan(config, "work").steps[1]!.cache!;
  const chained = plan(config, "r").steps[1]!.cache!;
  assert(alone.asked.includes(chained.asked[0]!));
  assert(chained.asked.includes(alone.asked[0]!));
  assert(chained.takesAnyLength && !alone.takesAnyLength);
  const shorter = plan(config, "work", { duration: "30m" }).steps[1]!.cache!;
  assert(!shorter.asked.includes(alone.asked[0]!));
});

Deno.test("a session made at another endpoint is not taken, beneath a role neither", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  const elsewhere = config.replace(MFA, `${MFA}endpoint_url = http://localhost\n`);
  for (const profile of ["work", "r"]) {
    const [here, there] = [config, elsewhere].map((text) => plan(text, profile).steps[1]!.cache!);
    assert(!there!.asked.some((request) => here!.asked.includes(request)));
    assert.notEqual(there!.kinship, here!.kinship);
  }
});

Deno.test("a source profile that is nowhere is an error that names it", () => {
  assert.throws(() => plan(`[profile r]\n${ROLE}source_profile = wrok\n`, "r"), {
    message: /source_profile names `wrok`/,
  });
  const withKeys = "[profile work]\nsource_profile = base\n[profile base]\nsource_profile = gone\n";
  assert.throws(() => plan(withKeys, "work"), { message: /^profile base: .* names `gone`/ });
});

Deno.test("a chain with nothing at its end says whose credentials are missing", () => {
  assert.throws(() => plan(`[profile r]\n${ROLE}source_profile = x\n[profile x]\n`, "r"), {
    message: "profile x: credentials missing",
    hints: ["x is where the chain of r begins", "store keys with: aws-vault add x"],
  });
});

Deno.test("an account and a role without a place to sign in at are told what they lack", () => {
  assert.throws(
    () => plan("[profile x]\nsso_account_id = 111111111111\nsso_role_name = dev\n", "x"),
    {
      message: "profile x: credentials missing",
      hints: [
        "an SSO profile needs sso_session, or sso_start_url and sso_region, too: see config, line 2, " +
        "sso_account_id of [profile x]",
        "store keys with: aws-vault add x",
      ],
    },
  );
});

Deno.test("a role with nothing to assume it with is told that a source profile is one way", () => {
  const add = "store keys with: aws-vault add r";
  assert.throws(() => plan("[profile r]\n", "r"), { hints: [add] });
  assert.throws(() => plan(`[profile r]\n${ROLE}`, "r"), {
    hints: [add, "or give it a source_profile, whose credentials its role is assumed with"],
  });
});

/** `r0` assumes a role on `r1`, and so on, up to `work`. */
function roleChain(length: number): string {
  const link = (index: number) =>
    `[profile r${index}]\n${ROLE}source_profile = ${
      index + 1 < length ? `r${index + 1}` : "work"
    }\n`;
  return Array.from({ length }, (_, index) => link(index)).join("");
}

Deno.test("what a role in a chain is bound to grows by a role for each role beneath", () => {
  const boundTo = (length: number) => askedOf(roleChain(length), "r0").length;
  assert.equal(boundTo(24) - boundTo(23), boundTo(12) - boundTo(11));
});

Deno.test("a role is bound to each of the roles beneath", () => {
  const config = roleChain(3);
  const other = config.replace(/role\/r(?=\n.*work)/, "role/other");
  assert.notEqual(other, config);
  assert.notEqual(askedOf(other, "r0"), askedOf(config, "r0"));
});

Deno.test("a role session is bound to each setting that its request is made of", () => {
  const asked = (line = "") => askedOf(`[profile r]\n${ROLE}source_profile = work\n${line}\n`, "r");
  const settings = [
    ...["role_arn = arn:r2", "role_session_name = jon", "duration_seconds = 900"],
    ...["external_id = jon", "source_identity = jon", "endpoint_url = http://localhost"],
    ...["session_tags = a=1,b=2", "session_tags = a=1,b=2\ntransitive_session_tags = a"],
  ];
  const all = [asked(), ...settings.map(asked)];
  assert.equal(new Set(all).size, all.length);
});

Deno.test("tags in another order ask for the same role session", () => {
  const asked = (tags: string, keys: string) =>
    askedOf(
      `[profile r]\n${ROLE}source_profile = work\nsession_tags = ${tags}\n` +
        `transitive_session_tags = ${keys}\n`,
      "r",
    );
  assert.equal(asked("a=1,b=2", "a,b"), asked("b=2,a=1", "b,a"));
  assert.notEqual(asked("a=1,b=2", "a,b"), asked("a=2,b=1", "a,b"));
});

Deno.test("a role is bound to the profile whose stored keys it was assumed from", () => {
  const asked = (source: string) =>
    askedOf(
      `[profile r]\n${ROLE}source_profile = ${source}\n[profile work]\n[profile play]\n`,
      "r",
      { keys: ["work", "play"] },
    );
  assert.notEqual(asked("work"), asked("play"));
});

Deno.test("a role is bound to what gave the credentials it was assumed with", () => {
  const sso = "sso_start_url = https://s\nsso_region = eu-west-1\nsso_role_name = n\n";
  const asked = (source: string) =>
    askedOf(`[profile s]\n${source}\n[profile r]\n${ROLE}source_profile = s\n`, "r");
  assert.notEqual(asked(`${sso}sso_account_id = 1`), asked(`${sso}sso_account_id = 2`));
  assert.notEqual(asked("credential_process = a"), asked("credential_process = b"));
  assert.notEqual(asked(LOGIN), asked(LOGIN.replace("jon", "ann")));
});

Deno.test("a role is bound to the environment's keys it was assumed with", () => {
  const config = `[profile x]\n${ROLE}credential_source = Environment\n`;
  const asked = (id: string) => askedOf(config, "x", { variables: { AWS_ACCESS_KEY_ID: id } });
  assert.notEqual(asked("AKIAONE"), asked("AKIATWO"));
});

Deno.test("a role is bound to the service whose credentials it was assumed with", () => {
  const asked = (source: string) =>
    askedOf(`[profile x]\n${ROLE}credential_source = ${source}\n`, "x");
  assert.notEqual(asked("EcsContainer"), asked("Ec2InstanceMetadata"));
});

Deno.test("a role's session serves however long the session beneath it is to last", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  const asked = (length: string) =>
    askedOf(config, "r", { variables: { AWS_CHAINED_SESSION_TOKEN_TTL: length } });
  assert.equal(asked("2h"), asked("8h"));
});

Deno.test("a chain of 5,000 roles is planned", () => {
  assert.equal(plan(roleChain(5000), "r0").steps.length, 5001);
});

Deno.test("a region AWS' addresses cannot be made from is refused, but by an endpoint of its own", () => {
  const config = "[profile work]\nregion = frankfurt\n";
  assert.throws(() => plan(config, "work"), {
    message: 'config, line 2, region of [profile work]: "frankfurt" is no region name',
  });
  assert.equal(plan(config, "work", { sessions: false }).steps.length, 1);
  assert.equal(plan(`${config}endpoint_url = http://localhost:4566\n`, "work").steps.length, 2);
  const sso = "sso_start_url = https://s\nsso_region = x\nsso_account_id = 1\nsso_role_name = n\n";
  for (const source of [sso, `${LOGIN}region = x\n`]) {
    const other = `[profile x]\n${source}`;
    assert.throws(() => plan(other, "x"), /"x" is no region name/);
    assert.equal(plan(`${other}endpoint_url = http://localhost:4566\n`, "x").steps.length, 1);
  }
});

Deno.test("a session is kept under the device whose code it took, as in the Go tool", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n`;
  const serials = (options: Options) =>
    plan(config, "r", options).steps.map(({ cache }) => cache?.serial);
  assert.deepEqual(serials({ renews: true }), [undefined, "arn:mfa", ""]);
  assert.deepEqual(serials({ sessions: false }), [undefined, "arn:mfa"]);
});

Deno.test("STS is asked in us-east-1 without a region, and at its old address where that is set", () => {
  const targetOf = (settings: string) => {
    const [, step] = plan(`[profile work]\n${settings}`, "work").steps;
    assert.ok(step?.kind === "session_token");
    return [step.target.region, step.target.legacy];
  };
  assert.deepEqual(targetOf(""), ["us-east-1", false]);
  assert.deepEqual(targetOf("region = eu-west-1\nsts_regional_endpoints = regional\n"), [
    "eu-west-1",
    false,
  ]);
  assert.deepEqual(targetOf("sts_regional_endpoints = Legacy\n"), ["us-east-1", true]);
});

Deno.test("aws-global is a region of STS, one of the 16 that legacy is about, and of nothing else", () => {
  assert.equal(plan("[profile work]\nregion = aws-global\n", "work").steps.length, 2);
  const sso = "[profile s]\nsso_start_url = https://s\nsso_region = aws-global\n" +
    "sso_account_id = 1\nsso_role_name = n\n";
  assert.throws(() => plan(sso, "s"), /"aws-global" is no region name/);
});

const LOGIN = "login_session = arn:aws:iam::111111111111:user/jon\n";

Deno.test("a console sign-in comes after SSO and web identity, and before the process", () => {
  const sso =
    "sso_start_url = https://s\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = n\n";
  const web = `${ROLE}web_identity_token_file = f\n`;
  const first = (text: string) => plan(`[profile x]\n${text}`, "x").steps.map((s) => s.kind);
  assert.deepEqual(first(sso + LOGIN), ["sso"]);
  assert.deepEqual(first(web + LOGIN), ["web_identity"]);
  assert.deepEqual(first(`${LOGIN}credential_process = p\n`), ["login"]);
});

Deno.test("a role on a console sign-in is role chaining, on its own profile and on another", () => {
  const config = `[profile l]\n${LOGIN}[profile r]\n${ROLE}source_profile = l\n` +
    `duration_seconds = 7200\n[profile both]\n${ROLE}${LOGIN}`;
  assert.deepEqual(outline(plan(config, "r")), ["login kept", "assume_role 3600"]);
  assert.deepEqual(outline(plan(config, "both")), ["login kept", "assume_role 3600"]);
});

Deno.test("[default]'s console sign-in serves profiles that say nothing else of their credentials", () => {
  const config = `[default]\n${LOGIN}[profile plain]\nregion = eu-west-1\n` +
    "[profile minted]\ncredential_process = mint\n" +
    "[profile host]\ncredential_source = Ec2InstanceMetadata\n";
  assert.deepEqual(outline(plan(config, "default")), ["login kept"]);
  assert.deepEqual(outline(plan(config, "plain")), ["login kept"]);
  assert.deepEqual(outline(plan(config, "minted")), ["process kept"]);
  assert.deepEqual(outline(plan(config, "host")), ["instance_metadata"]);
  const both = config.replace(LOGIN, `${LOGIN}credential_process = mint\n`);
  assert.deepEqual(outline(plan(both, "plain")), ["login kept"]);
});

Deno.test("a console sign-in kept for another endpoint or ARN is not taken", () => {
  const asked = (text: string) => askedOf(`[profile x]\n${text}`, "x");
  assert.notEqual(asked(LOGIN), asked(`${LOGIN}endpoint_url = http://localhost\n`));
  assert.notEqual(asked(LOGIN), asked(LOGIN.replace("jon", "ann")));
});

Deno.test("a console sign-in has an endpoint of its own, before the one for all", () => {
  const variables = { AWS_ENDPOINT_URL: "http://all" };
  const endpointOf = (more: Record<string, string>) => {
    const step = plan(`[profile x]\n${LOGIN}`, "x", { variables: { ...variables, ...more } })
      .steps[0]!;
    return "endpoint" in step && step.endpoint;
  };
  assert.equal(endpointOf({}), "http://all");
  assert.equal(endpointOf({ AWS_ENDPOINT_URL_SIGNIN: "http://own" }), "http://own");
});

Deno.test("an SSO session is kept under the start URL, as in the Go tool", () => {
  const config = "[profile x]\nsso_start_url = https://s\nsso_region = eu-west-1\n" +
    "sso_account_id = 1\nsso_role_name = n\n";
  const [step] = plan(config, "x").steps;
  assert.deepEqual([step?.cache?.type, step?.cache?.serial], [
    "sso.GetRoleCredentials",
    "https://s",
  ]);
});

Deno.test("a session kept for another SSO account, role or portal is not taken", () => {
  const asked = (account: string, role: string, more = "") =>
    askedOf(
      "[profile x]\nsso_start_url = https://s\nsso_region = eu-west-1\n" +
        `sso_account_id = ${account}\nsso_role_name = ${role}\n${more}`,
      "x",
    );
  const all = [
    asked("1", "n"),
    asked("2", "n"),
    asked("1", "m"),
    asked("1", "n", "endpoint_url = http://localhost\n"),
  ];
  assert.equal(new Set(all).size, all.length);
});

Deno.test("a session kept for another web identity token, role, name, length or endpoint is not taken", () => {
  const asked = (token: string) => askedOf(`[profile x]\n${ROLE}${token}\n`, "x");
  const tokens = ["file = a", "file = b", "process = a", "process = b"];
  const all = tokens.map((token) => asked(`web_identity_token_${token}`));
  assert.equal(new Set(all).size, tokens.length);
  assert.equal(asked("# moved\nweb_identity_token_process = a"), all[2]);
  const settings = ["role_arn = arn:r2", "role_session_name = jon", "duration_seconds = 900"];
  for (const line of [...settings, "endpoint_url = http://localhost"]) {
    assert.notEqual(asked(`web_identity_token_file = a\n${line}`), all[0], line);
  }
});

Deno.test("what another credential_process gave is not taken", () => {
  const asked = (command: string) => askedOf(`[profile x]\ncredential_process = ${command}\n`, "x");
  assert.notEqual(asked("a"), asked("b"));
});

Deno.test("what an SSO profile lacks is named", () => {
  const names = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];
  for (const missing of names) {
    const lines = names.filter((name) => name !== missing).map((name) => `${name} = eu-west-1\n`);
    const has = missing === "sso_start_url" ? "sso_session = s\n" : "";
    const shown = has && " (sso_session is `s`)";
    assert.throws(() => plan(`[sso-session s]\n[profile x]\n${has}${lines.join("")}`, "x"), {
      message: `profile x: ${missing} is missing${shown}`,
    });
  }
});

Deno.test("a sign-in's scopes stand between commas, with blanks or a comma too many", () => {
  const config = "[profile s]\nsso_start_url = https://s\nsso_region = eu-west-1\n" +
    "sso_account_id = 1\nsso_role_name = n\nsso_registration_scopes = a:b, c:d,\n";
  const step = plan(config, "s").steps[0]!;
  assert.deepEqual("scopes" in step && step.scopes, ["a:b", "c:d"]);
});

Deno.test("a login_session that is nobody's ARN is refused by its line", () => {
  for (const value of ["jon", "arn:x", "arn:aws:iam::1:user/jon", "arn:aws:s3:::bucket"]) {
    assert.throws(() => plan(`[profile x]\nlogin_session = ${value}\n`, "x"), {
      message: `config, line 2, login_session of [profile x]: \`${value}\` is no ARN of anybody`,
    });
  }
});

Deno.test("a length that AWS gives nobody is a fault, with what asks for it", () => {
  const config = `[profile work]\n${MFA}[profile r]\n${ROLE}${MFA}source_profile = work\n` +
    `[profile chained]\n${ROLE}${MFA}source_profile = r\n` +
    `[profile alone]\n${ROLE}source_profile = work\nduration_seconds = 43201\n` +
    `[profile web]\n${ROLE}web_identity_token_file = /token\n` +
    `[profile minted]\ncredential_process = mint\n` +
    `[profile on-minted]\n${ROLE}source_profile = minted\n`;
  const told = (profile: string, options: Options = {}) =>
    findLengthFault(plan(config, profile, options).steps)?.message;
  for (const duration of ["15m", "36h"]) assert.equal(told("work", { duration }), undefined);
  const user = "AWS gives sessions of a user for 15m to 36h, not for";
  assert.equal(told("work", { duration: "99h" }), `profile work: --duration: ${user} 356400s`);
  assert.equal(told("chained", { duration: "10m" }), `profile work: --duration: ${user} 600s`);
  const variables = { AWS_CHAINED_SESSION_TOKEN_TTL: "37h" };
  const shared = `profile work: AWS_CHAINED_SESSION_TOKEN_TTL: ${user} 133200s`;
  assert.equal(told("r", { variables }), shared);
  const roles = "AWS gives roles for 15m to 12h, not for 43201s";
  const line = "profile alone: config, line 14, duration_seconds of [profile alone]";
  assert.equal(told("alone"), `${line}: ${roles}`);
  assert.equal(told("web", { duration: "43201s" }), `profile web: --duration: ${roles}`);
  assert.equal(told("chained", { duration: "13h" }), undefined, "it is cut to 1h");
  assert.equal(told("on-minted", { duration: "13h" }), undefined, "it may be cut to 1h");
  const [minted, ...roleOn] = plan(config, "on-minted", { duration: "13h" }).steps;
  assert.equal(findLengthFault(roleOn, minted), undefined, "so it may on what is kept");
  assert.equal(told("work", { duration: "99h", sessions: false }), undefined, "nothing is asked");
  const elsewhere = { AWS_ENDPOINT_URL: "http://minio:9000" };
  assert.equal(
    told("work", { duration: "99h", variables: elsewhere }),
    undefined,
    "not AWS's limit",
  );
});
