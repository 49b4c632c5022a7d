import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import { canLeaveTerminal, COMMAND, type Ran, WITHOUT_TERMINAL } from "./harness.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";
import { MFA_SECRET, MFA_SERIAL, ROLE, startVault, type Vault } from "./vault.ts";

const CONFIG = `[default]
region = eu-west-1

[profile work]
mfa_serial = ${MFA_SERIAL}

[profile staging]
role_arn = ${ROLE}
source_profile = work

[profile production]
role_arn = ${ROLE}
source_profile = work
`;

interface BadInput {
  /** Changes a vault whose config file is CONFIG, and runs the command. */
  readonly run: (vault: Vault) => Promise<Ran>;
  /** The error's first line, after `aws-vault: error: `. */
  readonly message: RegExp;
  /** One of the ways out that are told with it. */
  readonly hint?: RegExp;
  readonly ignore?: boolean;
}

const exec = (vault: Vault, ...args: string[]) => vault.run(["exec", ...args, "--json"]);

function refuse(vault: Vault, code: string, status = 403): void {
  vault.aws.fail("GetSessionToken", { code, status, message: "told by AWS" }, 9);
}

/** A listener that takes connections and closes them without an answer, for the time of a run. */
async function withDroppingServer(run: (url: string) => Promise<Ran>): Promise<Ran> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const connection of listener) connection.close();
  })().catch(() => {});
  return await run(`http://127.0.0.1:${listener.addr.port}`);
}

/** One that sends whoever asks, with what he sent, to a page of its own. */
async function withRedirects(run: (url: string) => Promise<Ran>): Promise<Ran> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, ({ url }) => {
    const isFollowed = new URL(url).pathname === "/page";
    const headers = { location: "/page" };
    return new Response("", { status: isFollowed ? 200 : 307, headers });
  });
  return await run(`http://127.0.0.1:${server.addr.port}`);
}

function closedPort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}

async function staleCode(): Promise<string> {
  return await totp(MFA_SECRET, Date.now() - 3_600_000);
}

const BAD: Readonly<Record<string, BadInput>> = {
  "an unknown profile": {
    run: (vault) => exec(vault, "prodcution"),
    message: /^profile `prodcution` is neither in .*\/\.aws\/config nor in the keyring$/,
    hint: /did you mean production\?/,
  },
  "an unknown profile that nobody has just typed": {
    run: (vault) => vault.run(["exec", "--json"], { env: { AWS_PROFILE: "prodcution" } }),
    message: /^profile `prodcution` is neither in /,
    hint: /did you mean production\?\n {2}AWS_PROFILE names it: set another, or unset it$/,
  },
  "an unknown profile that resembles none": {
    run: (vault) => exec(vault, "xyz"),
    message: /^profile `xyz` is neither/,
    hint: /aws-vault list/,
  },
  "a broken line in the config file": {
    run: (vault) => {
      Deno.writeTextFileSync(vault.config, `${CONFIG}\n[profile x]\nregion eu-west-1\n`);
      return exec(vault, "x");
    },
    message: /\.aws\/config, line 16, column 1: cannot read `region eu-west-1`$/,
  },
  "a bad duration in a flag": {
    run: (vault) => exec(vault, "-d", "3600", "work"),
    message: /^profile work: --duration: `3600` is no duration$/,
    hint: /such as 1h30m/,
  },
  "a bad duration in the environment": {
    run: (vault) => vault.run(["exec", "work", "--json"], { env: { AWS_MIN_TTL: "soon" } }),
    message: /^profile work: AWS_MIN_TTL: `soon` is no duration$/,
  },
  "a length that AWS gives nobody, before a code is asked for": {
    run: (vault) => vault.run(["exec", "-d", "99h", "work"], { env: { AWS_ENDPOINT_URL: "" } }),
    message:
      /^profile work: --duration: AWS gives sessions of a user for 15m to 36h, not for 356400s$/,
  },
  "a bad length of roles in the environment": {
    run: (vault) => vault.run(["exec", "work", "--json"], { env: { AWS_ASSUME_ROLE_TTL: "1" } }),
    message: /^profile work: AWS_ASSUME_ROLE_TTL: `1` is no duration$/,
  },
  "a wrong passphrase": {
    run: (vault) => vault.run(["exec", "work"], { env: { AWS_VAULT_FILE_PASSPHRASE: "wrong" } }),
    message: /^wrong passphrase: it does not open .*\/keys\/work$/,
    hint: /AWS_VAULT_FILE_PASSPHRASE/,
  },
  "no passphrase and no terminal (setsid)": {
    run: (vault) =>
      vault.run(["exec", "work", "--json"], {
        command: WITHOUT_TERMINAL,
        env: { AWS_VAULT_FILE_PASSPHRASE: undefined },
      }),
    message: /^the keyring in .*\/keys needs its passphrase, and there is no terminal to ask on$/,
    hint: /set AWS_VAULT_FILE_PASSPHRASE.*\n.*never get it: .*aws-vault agent start/,
    ignore: !canLeaveTerminal,
  },
  "no MFA code and no terminal (setsid)": {
    run: (vault) => vault.run(["exec", "work", "--json"], { command: WITHOUT_TERMINAL }),
    // Where a window's program is installed, that is the last try.
    message: /^an MFA code is needed, and (there is no terminal to ask on|\w+ failed .*display.*)$/,
    hint: /its device is arn:aws:iam::\d{12}:mfa\/\w+\n\s+(give it with|ask .*) --mfa-token/,
    ignore: !canLeaveTerminal,
  },
  "no profile and no terminal (setsid)": {
    run: (vault) => vault.run(["exec"], { command: WITHOUT_TERMINAL }),
    message: /^no profile is given, and there is no terminal to pick one on$/,
    hint: /AWS_PROFILE/,
    ignore: !canLeaveTerminal,
  },
  "no profile, no terminal (setsid) and a config file that has none": {
    run: (vault) => {
      const env = { AWS_CONFIG_FILE: `${vault.home.path}/none` };
      return vault.run(["exec"], { command: WITHOUT_TERMINAL, env });
    },
    message: /^no profile is given, and there is no terminal to pick one on$/,
    hint:
      /config file has none.*aws-vault list --credentials\n.*none either: begin with aws-vault add/,
    ignore: !canLeaveTerminal,
  },
  "an unreadable config file (setpriv)": {
    run: (vault) => {
      Deno.chmodSync(vault.config, 0o000);
      return vault.run(["exec", "work", "--json"], { command: boundByModes(COMMAND) });
    },
    message: /\.aws\/config cannot be read: permission denied$/,
    hint: /owner and mode/,
    ignore: !HAS_MODES,
  },
  "AWS on a closed port": {
    run: (vault) =>
      vault.run(["exec", "-n", "staging", "--json"], { env: { AWS_ENDPOINT_URL: closedPort() } }),
    message:
      /^profile staging: AssumeRole of .*: cannot reach http:\/\/127\.0\.0\.1:\d+: .*refused$/i,
    hint: /check that this machine is online/,
  },
  "AWS that drops the connection": {
    run: (vault) =>
      withDroppingServer((url) =>
        vault.run(["exec", "-n", "staging", "--json"], { env: { AWS_ENDPOINT_URL: url } })
      ),
    message: /^profile staging: AssumeRole of .*: cannot reach http:\/\/127\.0\.0\.1:\d+: \S/,
    hint: /check that this machine is online/,
  },
  "a redirect in AWS' place, which is not followed": {
    run: (vault) =>
      withRedirects((url) =>
        vault.run(["exec", "-n", "staging", "--json"], { env: { AWS_ENDPOINT_URL: url } })
      ),
    message: /^profile staging: AssumeRole of .*: HTTP 307 that is no answer of AWS$/,
    hint: /check that this machine is online/,
  },
  "an access key that AWS does not know": {
    run: (vault) => {
      vault.user.accessKeys.length = 0;
      return exec(vault, "-n", "staging");
    },
    message:
      /^profile staging: AWS refused AssumeRole of .*: InvalidClientTokenId: .* \(HTTP 403, request id [\w-]+\)$/,
    hint: /was it deleted or made inactive\?/,
  },
  "a secret key of another access key": {
    run: async (vault) => {
      const { id } = vault.user.accessKeys[0]!;
      const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: "of another" };
      await vault.run(["add", "work", "--env"], { env });
      return await exec(vault, "-n", "staging");
    },
    message: /^profile staging: AWS refused AssumeRole of .*: SignatureDoesNotMatch: /,
    hint: /the secret access key is not the one/,
  },
  "an MFA code that has expired": {
    run: async (vault) => await exec(vault, "work", "-t", await staleCode()),
    message:
      /^profile work: AWS refused GetSessionToken: AccessDenied: MultiFactorAuthentication f/,
    hint: /try with the next one/,
  },
  "an MFA device that is another user's": {
    run: async (vault) => {
      const args = ["exec", "work", "--json", "-t", await totp(MFA_SECRET, Date.now())];
      return await vault.run(args, { env: { AWS_MFA_SERIAL: MFA_SERIAL.slice(0, -1) } });
    },
    message: /^profile work: AWS refused GetSessionToken: AccessDenied: .* serial number is valid/,
    hint: /mfa_serial is no device of .*\n.*aws-vault explain work/,
  },
  "a role that may not last so long": {
    run: (vault) => exec(vault, "-n", "-d", "12h", "staging"),
    message:
      /^profile staging: AWS refused AssumeRole of .*: ValidationError: .*MaxSessionDuration/,
    hint: /duration_seconds.*\n.*aws-vault explain staging/,
  },
  "an MFA code that is none": {
    run: (vault) => exec(vault, "work", "-t", "12345"),
    message: /^--mfa-token: an MFA code is six digits$/,
  },
  "a region that is not enabled": {
    run: async (vault) => {
      refuse(vault, "RegionDisabledException");
      return await exec(vault, "work", "-t", await totp(MFA_SECRET, Date.now()));
    },
    message: /^profile work: AWS refused GetSessionToken: RegionDisabledException: told by AWS/,
    hint: /--region/,
  },
  "a backend that there is not": {
    run: (vault) => vault.run(["--backend", "kwalet", "list"]),
    message: /^there is no backend `kwalet`$/,
    hint: /^ *--backend \(AWS_VAULT_BACKEND\) takes one of: .*file[^\n]*\n *see [^\n]*$/,
  },
  "a backend that only the Go tool has": {
    run: (vault) => vault.run(["--backend", "kwallet", "list"]),
    message: /^there is no backend `kwallet`$/,
    hint:
      /only the Go tool has.*: go-aws-vault --backend=kwallet exec --no-session PROFILE -- aws-vault --backend=file add PROFILE --env$/m,
  },
  "a backend to copy from that only the Go tool has": {
    run: (vault) => vault.run(["migrate-backend", "--from", "keyctl", "--to", "file"]),
    message: /^there is no backend `keyctl`$/,
    hint: /^ *--from takes one of: .*\n.*only the Go tool has that one, .* add PROFILE --env$/m,
  },
  "a backend to copy to that there is not": {
    run: (vault) => vault.run(["migrate-backend", "--from", "file", "--to", "kwallet"]),
    message: /^there is no backend `kwallet`$/,
    hint: /^ *--to takes one of: .*file[^\n]*\n *see [^\n]*$/,
  },
  "a backend to copy to that is the one copied from": {
    run: (vault) => vault.run(["migrate-backend", "--from", "file", "--to", "file"]),
    message: /^--from and --to are both file$/,
  },
  "a login_session that is none": {
    run: async (vault) => {
      vault.home.write(".aws/config", CONFIG + "[profile cons ole]\nlogin_session = jon\n");
      return await exec(vault, "cons ole");
    },
    message: /config, line \d+, login_session of \[profile cons ole\]: `jon` is no ARN of anybody$/,
    hint: /aws-vault signin "cons ole"$/,
  },
  "credentials to remove that are not there": {
    run: (vault) => vault.run(["remove", "wrok", "-f"]),
    message: /^the keyring has no credentials for profile `wrok`$/,
  },
};

for (const [what, { run, message, hint, ignore }] of Object.entries(BAD)) {
  Deno.test({
    name: `${what}: one clear error, exit 1, no output, nothing lost or half-written`,
    ignore,
    async fn() {
      await using vault = await startVault(CONFIG);
      const ran = await run(vault);
      assert.equal(ran.code, 1, ran.stderr);
      assert.equal(ran.stdout, "");
      const [first, ...rest] = ran.stderr.trimEnd().split("\n");
      assert.match(first!, /^aws-vault: error: /);
      assert.match(first!.replace("aws-vault: error: ", ""), message);
      for (const line of rest) assert.match(line, /^ {2}\S/, "only ways out follow");
      if (hint !== undefined) assert.match(rest.join("\n"), hint);
      assertKept(vault);
    },
  });
}

/** The config file still begins as it did, the item is there, and nothing else is left. */
function assertKept(vault: Vault): void {
  Deno.chmodSync(vault.config, 0o600);
  const files = vault.snapshot();
  assert.ok(files[".aws/config"]!.startsWith(CONFIG));
  assert.deepEqual(Object.keys(files).sort(), [".aws/config", ".awsvault/keys/work"]);
}

Deno.test({
  name:
    "a config file that takes no section: the keys are stored, and the section is told (setpriv)",
  ignore: !HAS_MODES,
  async fn() {
    await using vault = await startVault(CONFIG);
    const directory = `${vault.home.path}/.aws`;
    Deno.chmodSync(directory, 0o500);
    const ran = await vault.add("new", "AKIANEW", { command: boundByModes(COMMAND) });
    Deno.chmodSync(directory, 0o700);
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, 'Added credentials to profile "new" in vault\n');
    assert.match(ran.stderr, /\.aws\/config cannot be written, it is left as it was: permission d/);
    assert.match(ran.stderr, /add this section to it by hand: \[profile new\]/);
    assert.equal(await vault.readKeyId("new"), "AKIANEW");
    assert.deepEqual(vault.snapshot()[".aws/config"], CONFIG);
  },
});

Deno.test("the keys still open after each kind of error", async () => {
  await using vault = await startVault(CONFIG);
  const { id } = vault.user.accessKeys[0]!;
  await exec(vault, "work", "-t", await staleCode());
  await vault.run(["exec", "work"], { env: { AWS_VAULT_FILE_PASSPHRASE: "wrong" } });
  assert.equal(await vault.readKeyId("work"), id);
});

Deno.test("a command, option or argument that is not there is named, with the nearest", async () => {
  await using vault = await startVault(CONFIG);
  for (
    const [args, message] of [
      [["exce", "work"], /^aws-vault: error: unknown command 'exce'\n.*did you mean exec\?/],
      [["list", "--credential"], /^aws-vault: error: unknown option '--credential'/],
      [["add"], /^aws-vault: error: missing required argument 'profile'/],
      [
        ["add", "work", "AKIAX", "a secret"],
        /^aws-vault: error: too many arguments for 'add': it takes 1, and got 3\n {2}see /,
      ],
      [["export", "work", "--format=xml"], /^aws-vault: error: .*'xml' is invalid/],
    ] as const
  ) {
    const ran = await vault.run(args);
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, message);
  }
});

Deno.test("a setting of 10,000 characters fills no screen, whichever it is and whoever tells it", async () => {
  const long = "x".repeat(10_000);
  const settings = [
    ...["role_arn", "mfa_serial", "source_profile", "duration_seconds", "region", "endpoint_url"],
    ...["include_profile", "session_tags", "credential_source", "sso_session", "sso_start_url"],
    ...[
      "login_session",
      "vault_expected_account",
      "web_identity_token_file",
      "sts_regional_endpoints",
    ],
  ];
  for (const setting of settings) {
    const source = setting === "source_profile" ? "" : "source_profile = work\n";
    const role = setting === "role_arn" ? "" : `role_arn = ${ROLE}\n`;
    await using vault = await startVault(
      `[profile work]\n[profile x]\n${source}${role}${setting} = ${long}\n`,
    );
    for (const args of [["exec", "x", "--json"], ["explain", "x"], ["doctor"]]) {
      const { stdout, stderr } = await vault.run(args);
      const longest = (stdout + stderr).split("\n").map((line) => line.length)
        .reduce((a, b) => Math.max(a, b));
      assert.ok(longest < 1_000, `${setting}: ${args[0]} wrote a line of ${longest} characters`);
    }
  }
});

for (const name of ["nowhere", "constructor", "wincred"]) {
  Deno.test(`every command says the same of a --backend that cannot be (${name})`, async () => {
    await using vault = await startVault();
    const told = async (...args: string[]) => {
      const ran = await vault.run(args, { env: { AWS_VAULT_BACKEND: name } });
      return ran.stderr.replace(/\n {2}see aws-vault .*/, "");
    };
    const expected = await told("exec", "work", "--json");
    assert.match(expected, /^aws-vault: error: (there is no|the) backend .*--backend/s);
    for (const args of [["explain", "work"], ["list"], ["rotate", "work"], ["clear"]]) {
      assert.equal(await told(...args), expected, args.join(" "));
    }
  });
}

/** The words that a shell makes of what stands behind `before` in a text. */
async function wordsAfter(before: string, text: string): Promise<string[]> {
  const line = text.split("\n").find((line) => line.includes(before)) ?? "";
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\n' ${line.slice(line.indexOf(before) + before.length)}`],
  }).output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

Deno.test("what an error says to type can be typed for a profile with blanks in its name too", async () => {
  await using vault = await startVault("[profile my work]\nregion = eu-west-1\n");
  const cases = [
    [["exec", "my work", "--json"], "store keys with: aws-vault "],
    [["rotate", "my work"], "store keys with: aws-vault "],
  ] as const;
  for (const [args, before] of cases) {
    const { code, stderr } = await vault.run(args);
    assert.equal(code, 1);
    assert.deepEqual(await wordsAfter(before, stderr), ["add", "my work"], stderr);
  }
  const options = ["--file-dir", `${vault.home.path}/my keys`, "--backend=file"];
  const elsewhere = await vault.run([...options, "exec", "my work", "--json"]);
  assert.deepEqual(
    await wordsAfter("store keys with: aws-vault ", elsewhere.stderr),
    [`--file-dir=${vault.home.path}/my keys`, "--backend=file", "add", "my work"],
    "of the keyring that was asked",
  );
  vault.home.write(
    ".aws/credentials",
    "[my work]\naws_access_key_id=AKIAX\naws_secret_access_key=s\n",
  );
  const { stderr } = await vault.run(["exec", "my work", "--json"]);
  const words = ["import", "--profile", "my work", "--scrub"];
  assert.deepEqual(await wordsAfter("take them over with: aws-vault ", stderr), words, stderr);
});

Deno.test("what an error says to type can be typed for a profile whose name begins with a dash", async () => {
  await using vault = await startVault("[profile -x]\nregion = eu-west-1\n");
  const { stderr } = await vault.run(["explain", "--", "-x"]);
  const [command, ...rest] = await wordsAfter("store keys with: aws-vault ", stderr);
  const env = { AWS_ACCESS_KEY_ID: "AKIAX", AWS_SECRET_ACCESS_KEY: "s" };
  const added = await vault.run([command!, "--env", ...rest], { env });
  assert.equal(added.code, 0, added.stderr);
  assert.equal(await vault.readKeyId("-x"), "AKIAX");
});

const SAID_ALIKE: Readonly<
  Record<string, readonly [profile: string, env: Record<string, string>]>
> = {
  "a profile that is nowhere": ["wrok", {}],
  "no keys": ["empty", {}],
  "a setting that is none": ["long", {}],
  "a variable that is none": ["work", { AWS_MIN_TTL: "soon" }],
  "a backend that there is not": ["work", { AWS_VAULT_BACKEND: "safe" }],
  "a subshell of the same": ["work", { AWS_VAULT: "work" }],
  "a role that AWS refuses": ["refused", {}],
};

Deno.test("exec PROFILE --json says what exec does of the same in other words", async () => {
  const role = "source_profile = work\nrole_arn = arn:aws:iam::222222222222:role/none";
  await using vault = await startVault(
    `[profile work]\nregion = eu-west-1\n[profile empty]\n[profile refused]\n${role}\n` +
      `[profile long]\nduration_seconds = long\n`,
  );
  for (const [what, [profile, env]] of Object.entries(SAID_ALIKE)) {
    const [direct, parsed] = await Promise.all([
      vault.run(["exec", profile, "--json"], { env }),
      vault.run(["exec", "-j", profile], { env }),
    ]);
    assert.equal(direct.code, 1, what);
    assert.deepEqual(withoutIds(direct), withoutIds(parsed), what);
  }
});

function withoutIds({ code, stdout, stderr }: Ran): readonly unknown[] {
  return [code, stdout, stderr.replace(/request id [^)]+/, "")];
}
