import assert from "node:assert/strict";
import { IniFile } from "../../../src/config/ini.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { ConfigFlags } from "../../../src/config/profile.ts";
import { resolveProfile, resolveSsoSession } from "../../../src/config/resolve.ts";
import type { VaultError } from "../../../src/errors.ts";

function resolve(
  config: string,
  profile: string,
  env: Record<string, string> = {},
  flags: ConfigFlags = {},
) {
  return resolveProfile(
    profile,
    new IniFile("config", config),
    new Map(Object.entries(env)),
    flags,
  );
}

Deno.test("flags stand before the environment, the environment before the file", () => {
  const config = "[profile a]\nregion = file\n";
  assert.equal(resolve(config, "a").region?.value, "file");
  assert.equal(resolve(config, "a", { AWS_DEFAULT_REGION: "old" }).region?.value, "old");
  const env = { AWS_REGION: "env", AWS_DEFAULT_REGION: "old" };
  assert.equal(resolve(config, "a", env).region?.value, "env");
  assert.equal(resolve(config, "a", env, { region: "flag" }).region?.value, "flag");
});

Deno.test("each variable stands before the setting of the file, of the profile asked for", () => {
  const both = [
    ["AWS_MFA_SERIAL", "mfaSerial", "mfa_serial = file"],
    ["AWS_ROLE_ARN", "roleArn", "role_arn = file"],
    ["AWS_ROLE_SESSION_NAME", "roleSessionName", "role_session_name = file"],
    ["AWS_SOURCE_IDENTITY", "sourceIdentity", "source_identity = file"],
    ["AWS_SESSION_TAGS", "sessionTags", "session_tags = by=file", "by=env"],
    ["AWS_TRANSITIVE_TAGS", "transitiveSessionTags", "transitive_session_tags = file"],
    [
      "AWS_STS_REGIONAL_ENDPOINTS",
      "stsRegionalEndpoints",
      "sts_regional_endpoints = legacy",
      "regional",
    ],
    ["AWS_USE_FIPS_ENDPOINT", "useFipsEndpoint", "use_fips_endpoint = false", "true"],
    [
      "AWS_USE_DUALSTACK_ENDPOINT",
      "useDualstackEndpoint",
      "use_dualstack_endpoint = false",
      "true",
    ],
    [
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      "ignoresEndpoints",
      "ignore_configured_endpoint_urls = false",
      "true",
    ],
  ] as const;
  const config = `[profile a]\n${both.map(([, , line]) => line).join("\n")}\n`;
  for (const [name, key, , value = "env"] of both) {
    assert.equal(resolve(config, "a")[key]?.source.from, "file", name);
    const { source } = resolve(config, "a", { [name]: value })[key]!;
    assert.deepEqual(source, { from: "environment", name });
    assert.equal(resolve(config, "a", { [name]: "" })[key]?.source.from, "file", name);
  }
});

Deno.test("every value says where it came from", () => {
  const config = resolve("[profile a]\nregion = x\n", "a", { AWS_MFA_SERIAL: "m" });
  assert.deepEqual(config.region?.source, {
    from: "file",
    path: "config",
    line: 2,
    section: "[profile a]",
    key: "region",
  });
  assert.deepEqual(config.mfaSerial?.source, { from: "environment", name: "AWS_MFA_SERIAL" });
  assert.deepEqual(config.roleDurationSeconds, { value: 3600, source: { from: "default" } });
});

Deno.test("[default] fills what a profile and those it includes leave out", () => {
  const config = "[default]\nregion = d\noutput = x\n[profile b]\nmfa_serial = m\n" +
    "[profile a]\ninclude_profile = b\n";
  const resolved = resolve(config, "a");
  assert.equal(resolved.region?.value, "d");
  assert.equal(resolved.mfaSerial?.value, "m");
});

Deno.test("include_profile stands before its old name, parent_profile", () => {
  const config = "[profile old]\nregion = o\n[profile new]\nregion = n\n" +
    "[profile a]\nparent_profile = old\n";
  assert.equal(resolve(config, "a").region?.value, "o");
  assert.equal(resolve(`${config}include_profile = new\n`, "a").region?.value, "n");
});

Deno.test("a [default] that itself includes a fragment is no loop", () => {
  const config = "[default]\ninclude_profile = c\n[profile c]\nregion = r\n[profile a]\n";
  assert.equal(resolve(config, "a").region?.value, "r");
});

Deno.test("a profile that [default] includes inherits from [default], and is no loop", () => {
  const config = "[default]\ninclude_profile = c\nmfa_serial = m\n[profile c]\nregion = r\n";
  assert.equal(resolve(config, "c").mfaSerial?.value, "m");
  assert.equal(resolve(config, "c").region?.value, "r");
});

Deno.test("include_profile = default without a [default] is fine", () => {
  const config = "[profile a]\ninclude_profile = default\nregion = r\n";
  assert.equal(resolve(config, "a").region?.value, "r");
});

Deno.test("an included profile that is misspelt is told with the nearest", () => {
  const config = "[profile a]\ninclude_profile = bse\n[profile base]\n";
  assert.throws(() => resolve(config, "a"), {
    hints: ["did you mean base?", "see config, line 2"],
  });
});

for (
  const text of [
    "127.0.0.1:4566",
    "ftp://x",
    "http://[::1",
    "http://",
    "http://a:b@x y/",
    "http://a:b c@x",
    "x",
  ]
) {
  Deno.test(`\`${text}\` is called no address, wherever it stands`, () => {
    const env = { AWS_ENDPOINT_URL_STS: text };
    assert.throws(() => resolve("[profile a]\n", "a", env), {
      message: /^AWS_ENDPOINT_URL_STS: `.*` is no address$/,
      hints: [
        "write it with http:// or https:// and no blank in it, such as http://localhost:4566",
      ],
    });
    assert.throws(() => resolve(`[profile a]\nendpoint_url = ${text}\n`, "a"), {
      message: /^config, line 2, endpoint_url of \[profile a\]: `[^@]*` is no address$/,
    });
  });
}

Deno.test("a services section that is misspelt is an error, where an endpoint is looked for there", () => {
  const config =
    "[profile a]\nservices = loca\n[services local]\nsts =\n  endpoint_url = http://x\n";
  assert.throws(() => resolve(config, "a"), {
    message: "profile a: services names `loca`, which config does not have",
    hints: [
      "did you mean local?",
      "see config, line 2, services of [profile a], and [services NAME] sections",
    ],
  });
  assert.equal(
    resolve(config, "a", { AWS_ENDPOINT_URL: "http://y" }).endpoints.sts?.value,
    "http://y",
  );
});

Deno.test("endpoints that are set count for nothing where they are to be ignored", () => {
  const config = "[services s]\nsts =\n  endpoint_url = http://section\n[profile a]\n" +
    "services = s\nendpoint_url = http://a\n[profile b]\ninclude_profile = a\n" +
    "ignore_configured_endpoint_urls = true\n";
  const env = { AWS_ENDPOINT_URL: "http://env", AWS_ENDPOINT_URL_STS: "http://sts" };
  assert.deepEqual(resolve(config, "b", env).endpoints, {});
  const ignore = { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "True" };
  assert.deepEqual(resolve(config, "a", ignore).endpoints, {});
  ignore.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "false"; // the environment stands before the file
  assert.equal(resolve(config, "b", ignore).endpoints.sts?.value, "http://sts");
});

for (
  const [config, end] of [
    ["[profile a]\nregion = r\nsource_profile = b\n[profile b]\nsource_profile = a\n", "b"],
    ["[profile a]\n\ninclude_profile = b\n[profile b]\ninclude_profile = a\n", "b"],
    ["[profile b]\n\n\n\ninclude_profile = a\n[profile a]\nparent_profile = a\n", "a"],
  ] as const
) {
  Deno.test(`a loop is told with the line where it closes (${config.match(/\w+_profile/)})`, () => {
    const line = config.trimEnd().split("\n").length;
    assert.throws(() => resolve(config, "a"), (error: VaultError) => {
      const where = new RegExp(`^the loop closes at config, line ${line}, .*\\[profile ${end}\\]`);
      assert.match(error.hints[1]!, where);
      return true;
    });
  });
}

Deno.test("a long loop is told by its beginning and its end", () => {
  const config = Array.from(
    { length: 5000 },
    (_, i) => `[profile p${i}]\nsource_profile = p${(i + 1) % 5000}\n`,
  ).join("");
  assert.throws(() => resolve(config, "p0"), (error: Error) => {
    assert.match(error.message, /loop: p0 → p1 → .* more … → p4999 → p0$/);
    assert.ok(error.message.length < 200);
    return true;
  });
});

Deno.test("a value that is not UTF-8 is an error where it is needed alone, and no replacement character is", () => {
  const path = Deno.makeTempFileSync({ prefix: "vault-config-" });
  const env = new Map([["AWS_CONFIG_FILE", path]]);
  const text = "[profile a]\nmfa_serial = \xff\n[profile b]\nmfa_serial = m\n";
  try {
    Deno.writeFileSync(path, Uint8Array.from(text, (character) => character.charCodeAt(0)));
    assert.equal(resolveProfile("b", loadConfig(env), env, {}).mfaSerial?.value, "m");
    assert.throws(() => resolveProfile("a", loadConfig(env), env, {}), {
      message: `${path}, line 2: the value of mfa_serial is not UTF-8`,
    });
    Deno.writeTextFileSync(path, text.replace("\xff", "\ufffd"));
    assert.equal(resolveProfile("a", loadConfig(env), env, {}).mfaSerial?.value, "\ufffd");
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("a profile's name that is not UTF-8 is an error: another's may be read as the same", () => {
  const text = "[profile a\ufffd]\nregion = r\n[profile a\ufffd]\nmfa_serial = m\n";
  assert.throws(
    () => resolveProfile("a\ufffd", new IniFile("config", text, false), new Map(), {}),
    {
      message: "config, line 2: the name in [profile a\ufffd] is not UTF-8",
    },
  );
  const whole = new IniFile("config", text, true);
  assert.equal(resolveProfile("a\ufffd", whole, new Map(), {}).region?.value, "r");
});

for (
  const region of ["eu west 1", "eu-west-1/x", "-eu", "eu_west_1", "eu.west.1", "x".repeat(64)]
) {
  Deno.test(`\`${region}\` is called no region name, wherever it stands`, () => {
    const message = /is no region name$/;
    assert.throws(() => resolve(`[profile a]\nregion = ${region}\n`, "a"), { message });
    assert.throws(() => resolve(`[profile a]\nsso_region = ${region}\n`, "a"), { message });
    assert.throws(() => resolve("", "a", { AWS_REGION: region }), { message });
    assert.throws(() => resolve("", "a", {}, { region }), { message: /^--region: / });
  });
}

Deno.test("a role in the environment is for the profile on the command line alone", () => {
  const config = "[profile base]\n[profile a]\nsource_profile = base\n";
  const env = { AWS_ROLE_ARN: "arn:role", AWS_SESSION_TAGS: "a=b" };
  const resolved = resolve(config, "a", env);
  assert.equal(resolved.roleArn?.value, "arn:role");
  assert.equal(resolved.sourceProfile?.roleArn, undefined);
  assert.equal(resolved.sourceProfile?.sessionTags, undefined);
});

Deno.test("a source_profile that names itself is ignored", () => {
  assert.equal(resolve("[profile a]\nsource_profile = a\n", "a").sourceProfile, undefined);
});

Deno.test("mfa_process is inherited from the source profile, by who has none", () => {
  const config = "[profile base]\nmfa_process = echo 1\n[profile a]\nsource_profile = base\n";
  assert.equal(resolve(config, "a").mfaProcess?.value, "echo 1");
  assert.equal(resolve(`${config}mfa_process = echo 2\n`, "a").mfaProcess?.value, "echo 2");
});

Deno.test("an sso-session's values stand before the profile's own", () => {
  const config = "[sso-session s]\nsso_start_url = https://s\n" +
    "[profile a]\nsso_session = s\nsso_start_url = https://own\nsso_region = r\n";
  const resolved = resolve(config, "a");
  assert.equal(resolved.ssoStartUrl?.value, "https://s");
  assert.equal(resolved.ssoRegion?.value, "r");
});

Deno.test("a length that is none is told with the profile that was asked for, and its setting", () => {
  const config = "[default]\nduration_seconds = 1h\n" +
    "[profile base]\nregion = eu-west-1\n[profile a]\nsource_profile = base\n";
  assert.throws(
    () => resolve(config, "a"),
    /^VaultError: profile a: config, line 2, duration_seconds of \[default\]: `1h` is no number/,
  );
  for (
    const name of [
      ...["AWS_SESSION_TOKEN_TTL", "AWS_SESSION_TTL", "AWS_CHAINED_SESSION_TOKEN_TTL"],
      ...["AWS_ASSUME_ROLE_TTL", "AWS_FEDERATION_TOKEN_TTL"],
    ]
  ) {
    assert.throws(
      () => resolve("[profile a]\n", "a", { [name]: "soon" }),
      new RegExp(`^VaultError: profile a: ${name}: \`soon\` is no duration$`),
    );
  }
  assert.throws(
    () => resolve("[profile a]\n", "a", {}, { duration: "soon" }),
    /^VaultError: profile a: --duration: `soon` is no duration$/,
  );
});

Deno.test("an sso-session gives its account and role to the profiles that name it", () => {
  const config = "[sso-session s]\nsso_account_id = 111111111111\nsso_role_name = Shared\n" +
    "[profile a]\nsso_session = s\nsso_role_name = Own\n";
  const resolved = resolve(config, "a");
  assert.equal(resolved.ssoAccountId?.value, "111111111111");
  assert.equal(resolved.ssoRoleName?.value, "Shared");
});

Deno.test("an endpoint is taken in AWS's order, service before general at each level", () => {
  const config = "[services s]\nsts =\n  endpoint_url = http://section\n" +
    "[profile a]\nservices = s\nendpoint_url = http://profile\n";
  assert.equal(resolve(config, "a").endpoints.sts?.value, "http://section");
  assert.equal(resolve(config, "a").endpoints.general?.value, "http://profile");
  const env = { AWS_ENDPOINT_URL: "http://env" };
  assert.equal(resolve(config, "a", env).endpoints.sts?.value, "http://env");
  const own = { ...env, AWS_ENDPOINT_URL_STS: "http://sts" };
  assert.equal(resolve(config, "a", own).endpoints.sts?.value, "http://sts");
  assert.equal(resolve(config, "a", own).endpoints.general?.value, "http://env");
});

Deno.test("each service has an endpoint of its own, by its variable or its block of a services section", () => {
  const names = ["sts", "iam", "sso", "sso_oidc", "signin"] as const;
  const blocks = names.map((name) => `${name} =\n  endpoint_url = http://${name}\n`);
  const config = `[services s]\n${blocks.join("")}[profile a]\nservices = s\n`;
  for (const name of names) {
    assert.equal(resolve(config, "a").endpoints[name]?.value, `http://${name}`);
    const env = { [`AWS_ENDPOINT_URL_${name.toUpperCase()}`]: "http://own" };
    assert.equal(resolve(config, "a", env).endpoints[name]?.value, "http://own");
  }
});

Deno.test("an sso-session has its scopes, and endpoints as the environment and [default] have them", () => {
  const file = new IniFile(
    "config",
    "[default]\nuse_fips_endpoint = true\n" +
      "[sso-session s]\nsso_start_url = https://s\nsso_registration_scopes = x\n",
  );
  const env = new Map([["AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc"]]);
  const session = resolveSsoSession("s", file, env);
  assert.equal(session.ssoRegistrationScopes?.value, "x");
  assert.equal(session.useFipsEndpoint?.value, true);
  assert.equal(session.endpoints.sso_oidc?.value, "http://oidc");
});

for (
  const [name, config, env, expected] of [
    [
      "include loop",
      "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n",
      {},
      /loop: a → b → a/,
    ],
    [
      "source loop",
      "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n",
      {},
      /loop: a → b → a/,
    ],
    ["include of nothing", "[profile a]\ninclude_profile = no\n", {}, /include_profile names `no`/],
    [
      "duration_seconds with a unit",
      "[profile a]\nduration_seconds = 1h\n",
      {},
      /config, line 2, duration_seconds of \[profile a\]: `1h`/,
    ],
    [
      "a TTL without a unit",
      "[profile a]\n",
      { AWS_ASSUME_ROLE_TTL: "3600" },
      /^profile a: AWS_ASSUME_ROLE_TTL: `3600`/,
    ],
    [
      "session tags with a trailing comma",
      "[profile a]\nsession_tags = a=b,\n",
      {},
      /session_tags of \[profile a\]: `a=b,`/,
    ],
    [
      "a session tag without a key",
      "[profile a]\nsession_tags = =b\n",
      {},
      /config, line 2, session_tags of \[profile a\]: `=b`/,
    ],
    [
      "STS endpoints of no known kind",
      "[profile a]\nsts_regional_endpoints = global\n",
      {},
      /config, line 2, sts_regional_endpoints of \[profile a\]: `global`/,
    ],
    [
      "a use_fips_endpoint that is no boolean",
      "[profile a]\nuse_fips_endpoint = untrue\n",
      {},
      /^config, line 2, use_fips_endpoint of \[profile a\]: `untrue` is neither true nor false$/,
    ],
    [
      "an AWS_USE_DUALSTACK_ENDPOINT that is no boolean",
      "[profile a]\n",
      { AWS_USE_DUALSTACK_ENDPOINT: "1" },
      /^AWS_USE_DUALSTACK_ENDPOINT: `1` is neither true nor false$/,
    ],
    [
      "STS endpoints of no known kind in the environment",
      "[profile a]\n",
      { AWS_STS_REGIONAL_ENDPOINTS: "global" },
      /^AWS_STS_REGIONAL_ENDPOINTS: `global`/,
    ],
  ] as const
) {
  Deno.test(`${name}: the error names the setting`, () => {
    assert.throws(() => resolve(config, "a", env), { message: expected });
  });
}

Deno.test("FIPS and dual-stack endpoints: the environment, the profile, then that of the command line", () => {
  const config = "[profile a]\nuse_fips_endpoint = True\nsource_profile = b\n" +
    "[profile b]\nuse_dualstack_endpoint = true\n[profile c]\nsource_profile = d\n" +
    "use_fips_endpoint = true\n[profile d]\nuse_fips_endpoint = false\n";
  const ask = (profile: string, env: Record<string, string> = {}) => {
    const resolved = resolve(config, profile, env);
    return [resolved, resolved.sourceProfile!].map((link) => [
      link.useFipsEndpoint?.value,
      link.useDualstackEndpoint?.value,
    ]);
  };
  assert.deepEqual(ask("a"), [[true, undefined], [true, true]]);
  assert.deepEqual(ask("c"), [[true, undefined], [false, undefined]]);
  assert.deepEqual(ask("a", { AWS_USE_FIPS_ENDPOINT: "false" }), [[false, undefined], [
    false,
    true,
  ]]);
});

Deno.test("blanks around tags and their values are none of theirs", () => {
  const resolved = resolve("[profile a]\nsession_tags = Ab = 1 , b = x=Y\n", "a");
  assert.deepEqual([...resolved.sessionTags!.value], [["Ab", "1"], ["b", "x=Y"]]);
});

Deno.test("a trailing comma in transitive tags is none of the keys", () => {
  const resolved = resolve("[profile a]\ntransitive_session_tags = a, b,\n", "a");
  assert.deepEqual(resolved.transitiveSessionTags?.value, ["a", "b"]);
});

Deno.test("--duration and AWS_VAULT_DURATION take days, as in the Go tool", () => {
  for (const [env, duration] of [[{}, "1d12h"], [{ AWS_VAULT_DURATION: "1d12h" }, undefined]]) {
    const config = resolve("[profile a]\n", "a", env as Record<string, string>, {
      duration: duration as string | undefined,
      hasDuration: true,
    });
    assert.equal(config.sessionDurationSeconds.value, 129_600);
  }
});

Deno.test("AWS_VAULT_DURATION is nothing to a command without --duration", () => {
  for (const value of ["2h", "nonsense"]) {
    const config = resolve("[profile a]\n", "a", { AWS_VAULT_DURATION: value });
    assert.equal(config.sessionDurationSeconds.value, 3600);
  }
});

Deno.test("--duration is every length's, an environment's length stands before the file's", () => {
  const config = "[profile a]\nduration_seconds = 900\n";
  const flagged = resolve(config, "a", {}, { duration: "1h30m" });
  assert.equal(flagged.roleDurationSeconds.value, 5400);
  assert.equal(flagged.chainedSessionDurationSeconds.value, 5400);
  assert.equal(resolve(config, "a").roleDurationSeconds.value, 900);
  assert.equal(
    resolve(config, "a", { AWS_ASSUME_ROLE_TTL: "20m" }).roleDurationSeconds.value,
    1200,
  );
});

Deno.test("each length has a variable and an older flag of its own, and one may be for two", () => {
  const lengths = (env: Record<string, string>, flags: ConfigFlags = {}) => {
    const found = resolve("[profile a]\n", "a", env, flags);
    return [
      found.sessionDurationSeconds.value,
      found.chainedSessionDurationSeconds.value,
      found.roleDurationSeconds.value,
      found.federationDurationSeconds.value,
    ];
  };
  const variables = {
    AWS_SESSION_TTL: "16m",
    AWS_CHAINED_SESSION_TOKEN_TTL: "17m",
    AWS_ASSUME_ROLE_TTL: "18m",
    AWS_FEDERATION_TOKEN_TTL: "19m",
  };
  const flags = { sessionTtl: "26m", assumeRoleTtl: "28m", federationTokenTtl: "29m" };
  assert.deepEqual(lengths({}), [3600, 28_800, 3600, 3600]);
  assert.deepEqual(lengths(variables), [960, 1020, 1080, 1140]);
  assert.equal(lengths({ ...variables, AWS_SESSION_TOKEN_TTL: "15m" })[0], 900);
  assert.deepEqual(lengths(variables, flags), [1560, 1560, 1680, 1740]);
});

Deno.test("an --mfa-token that is no code is refused, whether one is needed or not", () => {
  const refused = { code: "usage", message: "--mfa-token: an MFA code is six digits" };
  for (const mfaToken of ["12345", "1234567", "12345a", " 123456"]) {
    assert.throws(() => resolve("[profile a]\n", "a", {}, { mfaToken }), refused, mfaToken);
  }
  const hints = ["how long a session lasts is told by -d (--duration)"];
  assert.throws(() => resolve("[profile a]\n", "a", {}, { mfaToken: "4h" }), { ...refused, hints });
  assert.equal(resolve("", "a", {}, { mfaToken: "012345" }).mfaToken?.value, "012345");
});

Deno.test("a role session's name that AWS does not take is refused, where there is a role", () => {
  for (const key of ["role_session_name", "source_identity"]) {
    const named = `[profile a]\n${key} = jon doe\n`;
    const role = "role_arn = arn:aws:iam::111111111111:role/r\n";
    assert.ok(resolve(named, "a"));
    assert.throws(() => resolve(named + role, "a"), {
      message:
        `config, line 2, ${key} of [profile a]: \`jon doe\` is no name that AWS takes for a session`,
    });
  }
});

Deno.test("a loop is told from where it begins", () => {
  const config = "[profile x]\nsource_profile = a\n[profile a]\nsource_profile = b\n" +
    "[profile b]\nsource_profile = a\n";
  assert.throws(() => resolve(config, "x"), {
    message: "profile a: source_profile is a loop: a → b → a",
  });
});
