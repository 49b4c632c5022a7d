import assert from "node:assert/strict";
import { startKeyring, waitForService } from "../contract/keyring_session.ts";
import { requireProgram } from "../require.ts";
import { examine, type Finding } from "./examine.ts";
import { COMMAND, Home, run, type RunOptions } from "./harness.ts";
import {
  boundByModes,
  FULL_DISK,
  HAS_MODES,
  HAS_MOUNTS,
  KEYS as KEYRING_FILES,
  withMounts,
} from "./sandbox.ts";
import { startVault } from "./vault.ts";

type Env = Readonly<Record<string, string | undefined>>;
type Expected = Partial<Pick<Finding, "file" | "line">> & {
  readonly id: string;
  readonly severity: "error" | "warning" | "note";
  /** What it says, what that does, and the way out. */
  readonly says: readonly [message: RegExp, effect: RegExp, wayOut: RegExp];
};

/**
 * Doctor finds this one thing, says it to people and as JSON, ends as its severity says, and mends
 * nothing of it; once `follow` has done what it advises, that is found no more.
 */
async function checkAdvice(
  home: Home,
  { id, severity, file, line, says }: Expected,
  follow: () => unknown,
  args: readonly string[] = [],
  env: Env = {},
  more: Partial<RunOptions> = {},
): Promise<void> {
  const found = await examine(home, args, env, more);
  const told = found.findings.find((finding) => finding.id === id);
  assert.ok(told, `${id} is not in ${found.stdout}`);
  const { message, effect, wayOut, fixable, ...place } = told;
  const at = { ...(file && { file }), ...(line && { line }) };
  assert.deepEqual(place, { id, severity, ...at });
  assert.equal(fixable, false);
  assert.equal(found.code, found.findings.some((other) => other.severity === "error") ? 1 : 0);
  for (const [at, text] of [message, effect, wayOut].entries()) assert.match(text, says[at]!);
  assert.doesNotMatch(message + effect + wayOut, /,;|;;|undefined/);
  const shown = await run(["doctor", ...args], { ...more, home, env });
  assert.equal(shown.code, found.code);
  const where = file && line ? `: ${file}, line ${line}` : file ? `: ${file}` : "";
  const lines = [`${severity} ${id}${where}`, `  ${message}`, `  what it does: ${effect}`];
  assert.ok(shown.stdout.includes([...lines, `  way out:      ${wayOut}\n`].join("\n")));
  const changes = (await follow()) as { args?: readonly string[]; env?: Env } | undefined;
  const after = await examine(home, changes?.args ?? args, changes?.env ?? env, more);
  assert.deepEqual(after.ids.filter((other) => other === id), [], after.stdout);
}

const ROLE = "role_arn = arn:aws:iam::111111111111:role/x\n";
const KEYS = { AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST", AWS_SECRET_ACCESS_KEY: "s" };

const WHAT_IS_LEFT = /^take out what is left of the keys, or write what is missing$/;
const HALVES: Readonly<Record<string, Expected["says"]>> = {
  "an id without its secret": [
    /^a has its access key id here, and no secret access key$/,
    /end with an error for that profile$/,
    WHAT_IS_LEFT,
  ],
  "a secret without its id": [
    /^a has its secret access key here, and no access key id$/,
    /pass over it, and look for keys elsewhere$/,
    WHAT_IS_LEFT,
  ],
};

/** A config file, what is found in it, and the same where the advice was followed. */
const FILES:
  readonly (Expected & { readonly text: string | Uint8Array; readonly mended: string })[] = [
    {
      id: "config.default-role",
      severity: "warning",
      line: 2,
      says: [
        /role of \[default\] is inherited by k, a, b and 1 more/,
        /AWS CLI inherits nothing/,
        /move role_arn to a profile of its own, and include that/,
      ],
      text: `[default]\n${ROLE}source_profile = k\n[profile k]\nmfa_serial = ${"1".repeat(9)}\n` +
        "[profile a]\n[profile b]\n[profile c]\n",
      mended:
        `[default]\nregion = eu-west-1\n[profile x]\n${ROLE}source_profile = k\n[profile k]\n` +
        "[profile a]\ninclude_profile = x\n[profile b]\n[profile c]\n",
    },
    {
      id: "config.default-credentials",
      severity: "warning",
      line: 3,
      says: [
        /\[default\] has credentials of its own \(credential_process\)/,
        /is somebody all the same/,
        /\[profile NAME\]/,
      ],
      text: "[default]\nregion = eu-west-1\ncredential_process = /bin/get\n[profile a]\n",
      mended: "[profile main]\nregion = eu-west-1\ncredential_process = /bin/get\n[profile a]\n",
    },
    {
      id: "config.two-sources",
      severity: "warning",
      line: 4,
      says: [
        /profile a has a source_profile and a credential_source/,
        /the source_profile counts/,
        /one of them out/,
      ],
      text:
        `[profile a]\nsource_profile = b\n${ROLE}credential_source = Environment\n[profile b]\n`,
      mended: `[profile a]\n${ROLE}credential_source = Environment\n[profile b]\n`,
    },
    {
      id: "config.byte-order-mark",
      severity: "warning",
      line: 1,
      says: [
        /begins with a byte-order mark/,
        /AWS CLI and boto3 refuse the whole file/,
        /UTF-8 without a mark/,
      ],
      text: "\ufeff[profile a]\nregion = eu-west-1\n",
      mended: "[profile a]\nregion = eu-west-1\n",
    },
    {
      id: "config.encoding",
      severity: "error",
      line: 3,
      says: [
        /this line holds bytes that are not UTF-8/,
        /refuses the whole file/,
        /save the file as UTF-8/,
      ],
      text: Uint8Array.from("[profile a]\n# x\nexternal_id = caf\xe9\n", (c) => c.charCodeAt(0)),
      mended: "[profile a]\n# x\nexternal_id = café\n",
    },
    {
      id: "config.encoding",
      severity: "warning",
      line: 2,
      says: [
        /^a comment in this line holds bytes/,
        /AWS CLI refuses the whole file/,
        /save the file as UTF-8/,
      ],
      text: Uint8Array.from("[profile a]\nregion = eu-west-1 # caf\xe9\n", (c) => c.charCodeAt(0)),
      mended: "[profile a]\nregion = eu-west-1 # café\n",
    },
    {
      id: "config.unreadable",
      severity: "error",
      says: [
        /config is not UTF-8, but UTF-16/,
        /no command that needs the config file/,
        /^save it as UTF-8$/,
      ],
      text: Uint8Array.from("\xff\xfe[\0d\0e\0f\0a\0u\0l\0t\0]\0\n\0", (c) => c.charCodeAt(0)),
      mended: "[default]\n",
    },
  ];

for (const { text, mended, ...expected } of FILES) {
  Deno.test(`what doctor says of ${expected.id} (${expected.severity}) leads out of it`, async () => {
    using home = new Home();
    const file = home.write(".aws/config", "");
    if (typeof text === "string") Deno.writeTextFileSync(file, text);
    else Deno.writeFileSync(file, text);
    await checkAdvice(home, { ...expected, file }, () => Deno.writeTextFileSync(file, mended));
  });
}

Deno.test("what doctor says of a config file that is a directory leads out of it", async () => {
  using home = new Home();
  const file = home.write(".aws/config/x", "").replace(/\/x$/, "");
  const expected = {
    ...{ id: "config.unreadable", severity: "error", file } as const,
    says: [
      /config cannot be read: Is a directory/,
      /no command/,
      /^move that directory away, or name/,
    ] as const,
  };
  await checkAdvice(home, expected, () => Deno.renameSync(file, `${file}.old`));
  Deno.renameSync(`${file}.old`, file);
  const other = home.write("other", "[default]\n");
  await checkAdvice(home, expected, () => ({ env: { AWS_CONFIG_FILE: other } }));
});

Deno.test({
  name: "what doctor says of a config file that is closed to us leads out of it (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    using home = new Home();
    const file = home.write(".aws/config", "[profile a]\n");
    Deno.chmodSync(file, 0);
    await checkAdvice(
      home,
      {
        ...{ id: "config.unreadable", severity: "error", file },
        says: [
          /config cannot be read: permission denied/,
          /no command/,
          /^check its owner and mode/,
        ],
      },
      () => Deno.chmodSync(file, 0o600),
      [],
      {},
      { command: boundByModes(COMMAND) },
    );
  },
});

Deno.test({
  name: "what doctor says of a keyring that cannot be written to leads out of it",
  ignore: !HAS_MODES,
  fn: async () => {
    using home = new Home();
    const keys = `${home.path}/.awsvault/keys`;
    home.write(".awsvault/keys/notes", "");
    Deno.chmodSync(keys, 0o500);
    const expected = {
      id: "keyring.read-only",
      severity: "warning",
      file: keys,
      says: [
        /nothing can be stored/,
        /every run asks AWS anew.*; clear ends with an error; add, rotate and remove end with/,
        /^check the owner and mode/,
      ],
    } as const;
    const more = { command: boundByModes(COMMAND) };
    await checkAdvice(home, expected, () => Deno.chmodSync(keys, 0o700), [], {}, more);
  },
});

Deno.test({
  name:
    "of a read-only keyring whose sessions are kept elsewhere doctor tells what happens to keys",
  ignore: !HAS_MODES,
  async fn() {
    using home = new Home();
    const keys = home.write(".awsvault/keys/notes", "").replace(/\/notes$/, "");
    home.write("bin/docker-credential-memory", "#!/bin/sh\necho {}\n");
    Deno.chmodSync(`${home.path}/bin/docker-credential-memory`, 0o755);
    Deno.chmodSync(keys, 0o500);
    const env = {
      PATH: `${home.path}/bin:${Deno.env.get("PATH")}`,
      AWS_VAULT_SESSION_BACKEND: "helper",
      AWS_VAULT_HELPER: "memory",
    };
    const { findings } = await examine(home, [], env, { command: boundByModes(COMMAND) });
    Deno.chmodSync(keys, 0o700);
    const told = findings.map(({ id, effect }) => [id, effect]);
    assert.deepEqual(told, [["keyring.read-only", "add, rotate and remove end with an error"]]);
  },
});

Deno.test({
  name: "what doctor says of a keyring on a full disk leads out of it (mount)",
  ignore: !HAS_MOUNTS,
  async fn() {
    await using vault = await startVault();
    const examineOn = (prepare: string) =>
      examine(vault.home, [], {}, { command: withMounts(prepare, COMMAND) });
    const { findings } = await examineOn(FULL_DISK);
    const { id, severity, message, effect, wayOut } = findings[0]!;
    assert.deepEqual([findings.length, id, severity], [1, "keyring.full-disk", "warning"]);
    assert.match(message, /disk .* is full/);
    assert.match(effect, /; add and rotate end with an error$/);
    assert.match(wayOut, /^make room on it/);
    assert.deepEqual((await examineOn(`${FULL_DISK}; rm ${KEYRING_FILES}/fill`)).ids, []);
    const readOnly = `mount --bind ${KEYRING_FILES} ${KEYRING_FILES}; ` +
      `mount -o remount,ro,bind ${KEYRING_FILES}`;
    assert.deepEqual((await examineOn(readOnly)).ids, ["keyring.read-only"]);
  },
});

for (const [half, says] of Object.entries(HALVES)) {
  Deno.test(`what doctor says of ${half} in the credentials file leads out of it`, async () => {
    using home = new Home();
    const key = half.startsWith("an") ? "aws_access_key_id = AKIAX" : "aws_secret_access_key = s";
    const file = home.write(".aws/credentials", `[a]\nregion =\n${key}\n`);
    Deno.chmodSync(file, 0o600);
    const expected = { id: "credentials.half-keys", severity: "warning", file, line: 1 } as const;
    await checkAdvice(
      home,
      { ...expected, says },
      () => Deno.writeTextFileSync(file, "[a]\nregion =\n"),
    );
  });
}

Deno.test("what doctor says of keys in a copy of the credentials file leads out of it", async () => {
  using home = new Home();
  const keys = (id: string) =>
    `[a]\naws_access_key_id = ${id}\naws_secret_access_key = verysecret\n`;
  home.write(".aws/credentials.tmp", keys("ASIAX"));
  home.write(".aws/credentials.aws-vault.tmp-0123456789abcdef", keys("AKIAX")); // of a run
  home.write(".aws/credentials.tar", keys("AKIAX").padEnd(2_000_000));
  home.write(".aws/credentials.md", "aws_secret_access_key = \nregion = eu-west-1\n");
  home.write(".aws/other", keys("AKIAX"));
  assert.deepEqual((await examine(home)).ids, [], "there, none is");
  for (const name of ["credentials~", "credentials.bak", ".credentials.swp"]) {
    const file = home.write(`.aws/${name}`, `b0VIM\0\0${keys("AKIAX")}`);
    const says = [/^keys lie in plain text in this copy/, /can read/, /: rm \S+$/] as const;
    const expected = { id: "credentials.copy", severity: "warning", file, says } as const;
    await checkAdvice(home, expected, () => Deno.removeSync(file));
  }
});

Deno.test("the credentials file itself is no copy, however it is named", async () => {
  using home = new Home();
  const file = home.write(".aws/credentials.work", `[a]\naws_secret_access_key = s\n`);
  Deno.chmodSync(file, 0o600);
  Deno.symlinkSync("credentials.work", `${home.path}/.aws/credentials`);
  const cwd = `${home.path}/.aws`;
  for (const AWS_SHARED_CREDENTIALS_FILE of [undefined, "credentials.work"]) {
    const { ids } = await examine(home, [], { AWS_SHARED_CREDENTIALS_FILE }, { cwd });
    assert.deepEqual(ids, ["credentials.half-keys", "credentials.plain-keys"]);
  }
});

Deno.test("beside a config file that cannot be looked at doctor looks at the credentials file", async () => {
  using home = new Home();
  home.write(".aws/credentials", "[a]\nregion = eu-west-1\n");
  Deno.chmodSync(`${home.path}/.aws/credentials`, 0o600);
  Deno.symlinkSync("config", `${home.path}/.aws/config`);
  const { ids } = await examine(home);
  assert.deepEqual(ids, ["config.unreadable", "credentials.settings"]);
});

const KEYRING = ["gnome-keyring-daemon", "dbus-daemon", "secret-tool", "gdbus"];

Deno.test({
  name: `what doctor says of a secret service that is locked unlocks it, and no profile is found ` +
    `wanting for the names it hides (${KEYRING.join(", ")})`,
  ignore: !KEYRING.every(requireProgram),
  fn: async () => {
    await using session = await startKeyring();
    using home = new Home();
    home.write(".aws/config", `[profile a]\n${ROLE}source_profile = jon\n[profile own]\n${ROLE}`);
    const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = session.variables;
    const env = {
      ...{ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR },
      ...{ AWS_VAULT_BACKEND: "secret-service", AWS_PROFILE: "jon" },
    };
    for (const name of ["jon", "own"]) {
      const add = ["add", name, "--env", "--no-add-config"];
      const ran = await run(add, { home, env: { ...env, ...KEYS } });
      assert.equal(ran.code, 0, ran.stderr);
    }
    await session.restartLocked();
    const { ids, findings: [{ wayOut } = { wayOut: "" }] } = await examine(home, [], env);
    assert.deepEqual(ids, ["backend.locked"]);
    await checkAdvice(
      home,
      {
        ...{ id: "backend.locked", severity: "note" },
        says: [/is locked/, /asked to unlock it.*not compared/, /over ssh/],
      },
      async () => {
        const script = /read -rs p; .* --unlock/.exec(wayOut)![0];
        const bash = new Deno.Command("bash", {
          ...{ args: ["-c", script], env: session.variables, clearEnv: true },
          ...{ stdin: "piped", stdout: "null", stderr: "null" },
        }).spawn();
        const input = bash.stdin.getWriter();
        await input.write(new TextEncoder().encode("a password\n"));
        await input.close();
        await bash.status;
        await waitForService(session.variables);
      },
      [],
      env,
    );
  },
});

Deno.test("what doctor says of keys in the environment leads out of them", async () => {
  using home = new Home();
  await checkAdvice(
    home,
    {
      ...{ id: "environment.credentials", severity: "warning" },
      says: [
        /^AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set/,
        /whichever profile AWS_PROFILE names/,
        /^unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN$/,
      ],
    },
    () => ({ env: {} }),
    [],
    { ...KEYS, AWS_SESSION_TOKEN: "t" },
  );
});

Deno.test("what doctor says in a shell of exec is of that shell, and ends with it", async () => {
  await using vault = await startVault();
  const within = async (...args: string[]) =>
    await vault.run(["exec", "-n", "work", "--", COMMAND, "doctor", ...args]);
  const { stdout, code } = await within("--json");
  const { findings: [inside, ...others] } = JSON.parse(stdout);
  assert.deepEqual([inside.id, inside.severity, others, code], [
    "environment.inside",
    "note",
    [],
    0,
  ]);
  assert.equal(inside.message, "this is a shell of aws-vault exec work");
  assert.match(inside.wayOut, /exit/);
  assert.match((await within()).stdout, /^note environment\.inside\n {2}this is a shell of/m);
  assert.deepEqual((await examine(vault.home)).ids, []);
});

Deno.test("what doctor says of keys in plain text takes them into the keyring", async () => {
  await using vault = await startVault();
  const keys = (end: string) =>
    `aws_access_key_id = AKIATESTTESTTEST\naws_secret_access_key = begin${end}\n`;
  const file = vault.home.write(".aws/credentials", `[a]\nregion = x\n${keys("")}`);
  Deno.chmodSync(file, 0o600);
  const says = [/^the keys of a lie here in plain text$/, /do not expire/] as const;
  const expected = { id: "credentials.plain-keys", severity: "warning", file, line: 1 } as const;
  const wayOut = /^take them over and out with: aws-vault import --scrub/;
  await checkAdvice(
    vault.home,
    { ...expected, says: [...says, RegExp(`${wayOut.source}$`)] },
    async () => assert.equal((await vault.run(["import", "--scrub"])).code, 0),
  );
  Deno.writeTextFileSync(file, `[a]\n${keys("\n  end")}`);
  const told = RegExp(
    `${wayOut.source}, once this is mended: line 4 counts for more of the setting`,
  );
  await checkAdvice(vault.home, { ...expected, says: [...says, told] }, async () => {
    assert.equal((await vault.run(["import", "--scrub"])).code, 1);
    Deno.writeTextFileSync(file, `[a]\n${keys("end")}`);
    assert.equal((await vault.run(["import", "--scrub", "--overwrite"])).code, 0);
  });
});

Deno.test("what doctor says of settings in the credentials file has every program read the same", async () => {
  using home = new Home();
  const config = home.write(".aws/config", "[profile a]\n");
  const file = home.write(".aws/credentials", "[profile a]\nregion = x\n[a]\noutput = text\n");
  Deno.chmodSync(file, 0o600);
  assert.deepEqual((await examine(home)).ids, []);
  Deno.writeTextFileSync(file, "[a]\nREGION = eu-west-1\ns3 =\n  region = x\n");
  const says = [
    /^region of a stands in the credentials file$/,
    /counts for nothing here; the AWS CLI and boto3 put it over what the config file says/,
    RegExp(`^move it to ${config}, below \\[profile a\\]$`),
  ] as const;
  const expected = {
    id: "credentials.settings",
    severity: "warning",
    file,
    line: 2,
    says,
  } as const;
  await checkAdvice(home, expected, () => {
    Deno.writeTextFileSync(file, "");
    Deno.writeTextFileSync(config, "[profile a]\nregion = eu-west-1\n");
  });
});

const FAILURES: Readonly<
  Record<string, readonly [prepare: string, message: RegExp, wayOut: RegExp, follow: string]>
> = {
  "is a file": [
    "mkdir -p .awsvault; touch .awsvault/keys",
    /keyring directory \S+\/keys cannot be read: Not a directory/,
    /^move the file that is in its place, or name another directory with --file-dir/,
    "mv .awsvault/keys elsewhere",
  ],
  "is a link to nothing": [
    "mkdir -p .awsvault; ln -s ../volume .awsvault/keys",
    /keyring directory \S+\/keys .*is a link that leads nowhere/,
    /^mount or make what it leads to, or name another directory with --file-dir/,
    "mkdir volume",
  ],
};

for (const [what, [prepare, message, wayOut, follow]] of Object.entries(FAILURES)) {
  Deno.test(`what doctor says of a keyring that ${what} leads out of it`, async () => {
    using home = new Home();
    const sh = (script: string) =>
      assert.ok(
        new Deno.Command("sh", { args: ["-c", script], cwd: home.path }).outputSync().success,
      );
    sh(prepare);
    const says = [message, /no command that needs the keyring works/, wayOut] as const;
    const expected = { id: "backend.fails", severity: "error", says } as const;
    const elsewhere = { AWS_VAULT_FILE_DIR: `${home.path}/another` };
    await checkAdvice(home, expected, () => ({ env: elsewhere }));
    await checkAdvice(home, expected, () => sh(follow));
  });
}

Deno.test("what doctor says of a rotation that was stopped finishes it", async () => {
  await using vault = await startVault("[profile work]\nregion = eu-west-1\n");
  vault.aws.fail("DeleteAccessKey", { code: "ServiceFailure", status: 400 });
  const stopped = await vault.run(["rotate", "-n", "work"]);
  assert.equal(stopped.code, 1, stopped.stdout);
  assert.equal(vault.user.accessKeys.length, 2);
  const named = await vault.run(["--backend=file", "doctor"]);
  assert.match(
    named.stdout,
    /aws-vault --backend=file rotate work /,
    "of the keyring it looked at",
  );
  await checkAdvice(vault.home, {
    ...{ id: "keyring.rotation", severity: "warning" },
    says: [
      /^a rotation of the keys of work was begun and not finished$/,
      /may have two keys/,
      /aws-vault rotate work /,
    ],
  }, async () => {
    const ran = await vault.run(["rotate", "-n", "work"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(vault.user.accessKeys.length, 1);
  });
});

/** A server that answers anything with nothing, not even the time. */
class Dateless implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly url = `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;

  constructor() {
    void this.#serve();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      await connection.read(new Uint8Array(4096));
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

Deno.test("where AWS does not say the time doctor compares nothing, and says so", async () => {
  using home = new Home();
  using server = new Dateless();
  await checkAdvice(
    home,
    {
      ...{ id: "online.no-date", severity: "note" },
      says: [
        RegExp(`^${server.url} does not say what time it is$`),
        /clock was compared with nothing/,
        /`date -u`/,
      ],
    },
    () => ({ args: [] }),
    ["--online"],
    { AWS_ENDPOINT_URL: server.url },
  );
});

/** Variables with a fault, what is said of them, and what they hold once that was followed. */
const VARIABLES: readonly (readonly [
  id: string,
  severity: string,
  faulty: Env,
  says: readonly [message: RegExp, wayOut: RegExp],
  mended: Env,
])[] = [
  [
    ...["environment.half-keys", "warning"] as const,
    { AWS_ACCESS_KEY_ID: "AKIAHALF" },
    [/of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN not all/, /^unset all/],
    { AWS_ACCESS_KEY_ID: undefined },
  ],
  [
    ...["environment.profile", "error"] as const,
    { AWS_PROFILE: "wrok" },
    [/^AWS_PROFILE names `wrok`, which is neither in \S+config nor/, /^unset AWS_PROFILE, or name/],
    { AWS_PROFILE: "work" },
  ],
  [
    ...["environment.regions", "warning"] as const,
    { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "Paris" },
    [/^AWS_REGION is eu-west-1, and AWS_DEFAULT_REGION is Paris$/, /^unset one/],
    { AWS_DEFAULT_REGION: undefined },
  ],
  [
    ...["environment.region", "warning"] as const,
    {},
    [/^AWS_DEFAULT_REGION is `Paris`, which is none/, /^set one such as eu-central-1$/],
    {},
  ],
  [
    ...["environment.duration", "error"] as const,
    { AWS_ASSUME_ROLE_TTL: "60" },
    [/^AWS_ASSUME_ROLE_TTL: `60` is no duration$/, /such as 1h30m, 45m or 43200s/],
    { AWS_ASSUME_ROLE_TTL: "1h30m" },
  ],
  [
    ...["environment.endpoint", "error"] as const,
    { AWS_ENDPOINT_URL_SSO_OIDC: "localhost" },
    [
      /^AWS_ENDPOINT_URL_SSO_OIDC: `localhost` is no address$/,
      /or unset AWS_ENDPOINT_URL_SSO_OIDC$/,
    ],
    { AWS_ENDPOINT_URL_SSO_OIDC: undefined },
  ],
  [
    ...["environment.boolean", "error"] as const,
    { AWS_VAULT_STDOUT: "perhaps" },
    [/^AWS_VAULT_STDOUT: `perhaps` is neither on nor off$/, /^write 1, true, yes or on, or 0/],
    { AWS_VAULT_STDOUT: "on" },
  ],
  [
    ...["environment.session-name", "error"] as const,
    { AWS_SOURCE_IDENTITY: "two words" },
    [/^AWS_SOURCE_IDENTITY: `two words` is no name/, /^write 2 to 64 letters, digits and/],
    { AWS_SOURCE_IDENTITY: "two-words" },
  ],
  [
    ...["environment.session-tags", "error"] as const,
    { AWS_SESSION_TAGS: "team" },
    [/^AWS_SESSION_TAGS: `team` are no session tags$/, /key=value pairs with commas/],
    { AWS_SESSION_TAGS: "team=core" },
  ],
  [
    ...["environment.audit-log", "error"] as const,
    { AWS_VAULT_AUDIT_LOG: "~/gone/log" },
    [/^AWS_VAULT_AUDIT_LOG names \S+\/gone\/log, which cannot be written/, /^name a file in a dir/],
    { AWS_VAULT_AUDIT_LOG: "~/log" },
  ],
  [
    ...["environment.role", "warning"] as const,
    { AWS_ROLE_ARN: "arn:aws:iam::111111111111:role/x" },
    [/^AWS_ROLE_ARN is arn:aws:iam::111111111111:role\/x$/, /^unset AWS_ROLE_ARN, or put role_arn/],
    { AWS_ROLE_ARN: undefined },
  ],
  [
    ...["prompt.driver", "error"] as const,
    { AWS_VAULT_PROMPT: "pigeon" },
    [
      /^pigeon, of AWS_VAULT_PROMPT, is no prompt driver$/,
      /name one that is offered here: terminal/,
    ],
    { AWS_VAULT_PROMPT: "terminal" },
  ],
];

Deno.test("what doctor says of each variable names it, and leads out of it", async () => {
  using home = new Home();
  home.write(".aws/config", "[profile work]\n");
  const faulty = Object.assign({}, ...VARIABLES.map(([, , env]) => env));
  const { findings, code } = await examine(home, [], faulty);
  assert.equal(code, 1);
  assert.deepEqual(
    findings.map(({ id, severity, fixable }) => [id, severity, fixable]).sort(),
    VARIABLES.map(([id, severity]) => [id, severity, false]).sort(),
  );
  for (const [id, , , [message, wayOut]] of VARIABLES) {
    const told = findings.find((finding) => finding.id === id)!;
    assert.match(told.message, message);
    assert.match(told.wayOut, wayOut);
  }
  const mended = Object.assign(faulty, ...VARIABLES.map(([, , , , env]) => env));
  const after = await examine(home, [], mended);
  assert.deepEqual([after.findings, after.code], [[], 0]);
});
