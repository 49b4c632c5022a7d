import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import { agentTest } from "./agents.ts";
import { COMMAND, type Ran, type RunOptions } from "./harness.ts";
import { HAS_MODES, withoutRights } from "./sandbox.ts";
import { HAS_STRACE, traceCalls } from "./strace.ts";
import {
  MFA_SECRET,
  MFA_SERIAL,
  openKeyring,
  PASSPHRASE,
  ROLE,
  startVault,
  type Vault,
} from "./vault.ts";

const CONFIG = `[profile work]
mfa_serial = ${MFA_SERIAL}
mfa_process = env > "$HOME/seen-mfa"; cat "$HOME/code"

[profile role]
role_arn = ${ROLE}
mfa_serial = ${MFA_SERIAL}
source_profile = work

[profile process]
credential_process = env > "$HOME/seen-process"; cat "$HOME/credentials.json"

[profile web]
role_arn = ${ROLE}
web_identity_token_process = env > "$HOME/seen-web"; echo a-token
`;

const LEAKY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEYS_FILE = `[old]
aws_access_key_id = AKIAOLDOLDOLDOLDOLD1
aws_secret_access_key = ${LEAKY}
`;

/** A vault whose `mfa_process` prints a code that is good now. */
async function startMfaVault(): Promise<{ vault: Vault; code: string }> {
  const vault = await startVault(CONFIG);
  const code = await totp(MFA_SECRET, Date.now());
  vault.home.write("code", code);
  const credentials = { Version: 1, AccessKeyId: "AKIAX", SecretAccessKey: "of a process" };
  vault.home.write("credentials.json", JSON.stringify(credentials));
  return { vault, code };
}

// Row 16.
Deno.test("the passphrase is in the environment of nothing that is started", async () => {
  const { vault } = await startMfaVault();
  await using _ = vault;
  const seen = [
    (await vault.run(["exec", "work", "--", "env"])).stdout,
    (await vault.run(["exec", "work"], { stdin: "env\n" })).stdout, // a subshell
  ];
  await vault.run(["exec", "process", "--json"]);
  await vault.run(["exec", "web", "--json"]);
  for (const name of ["seen-mfa", "seen-process", "seen-web"]) {
    seen.push(Deno.readTextFileSync(`${vault.home.path}/${name}`));
  }
  for (const environment of seen) {
    assert.match(environment, new RegExp(`^HOME=${vault.home.path}$`, "m"));
    assert.ok(!environment.includes("AWS_VAULT_FILE_PASSPHRASE"), environment);
    assert.ok(!environment.includes(PASSPHRASE), environment);
  }
});

// Row 18. The config file is a pipe, which holds the tool before it has opened its keyring.
const LOOK_INSIDE = `
mkfifo "$HOME/pipe"
"$@" >"$HOME/out" 2>&1 &
exec 3>"$HOME/pipe"
for name in mem environ; do
  if (: <"/proc/$!/$name") 2>/dev/null; then echo "$name open"; else echo "$name closed"; fi
done
echo '[profile work]' >&3
exec 3>&-
wait $!
`;

Deno.test({
  name: "a neighbour that looks into a run with the passphrase is refused (setpriv, Linux)",
  ignore: !HAS_MODES || Deno.build.os !== "linux",
  async fn() {
    await using vault = await startVault();
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0); // a session is kept
    const look = async (passphrase: string | undefined, ...args: string[]) => {
      const command = withoutRights("sh", "-c", LOOK_INSIDE, "sh", COMMAND);
      const AWS_CONFIG_FILE = `${vault.home.path}/pipe`;
      const env = { AWS_CONFIG_FILE, AWS_VAULT_FILE_PASSPHRASE: passphrase };
      const ran = await vault.run(args, { command, env });
      Deno.removeSync(AWS_CONFIG_FILE);
      assert.equal(ran.code, 0, Deno.readTextFileSync(`${vault.home.path}/out`));
      return ran.stdout;
    };
    for (const args of [["exec", "work", "--json"], ["export", "work"], ["list"]]) {
      assert.equal(await look(PASSPHRASE, ...args), "mem closed\nenviron closed\n");
    }
    // So it is seen that the look itself finds what is open: this run has no secret.
    assert.equal(await look(undefined, "list"), "mem open\nenviron open\n");
  },
});

// Row 18. The passphrase is in the environment: memory is closed before anything is done with it.
for (
  const args of [
    ["exec", "work", "--json"],
    ["export", "work"],
    ["list"],
    ["exec", "work", "--", "true"],
  ]
) {
  Deno.test({
    name: `\`${args.join(" ")}\` closes its memory before it looks at the keyring (strace)`,
    ignore: !HAS_STRACE,
    async fn() {
      await using vault = await startVault();
      assert.equal((await vault.run(["exec", "work", "--json"])).code, 0); // a session is kept
      const calls = await traceCalls(vault, ["prctl", "openat"], args);
      assertClosedBefore(calls, vault.keyring);
    },
  });
}

interface PlainKeys {
  readonly args: readonly string[];
  /** What it looks at, as strace shows it. */
  readonly looked: (vault: Vault) => string;
}

// Row 18, without a passphrase in the environment: these have keys in plain text.
const IN_PLAIN_TEXT: Readonly<Record<string, PlainKeys>> = {
  "`import` closes its memory before it reads the file of keys": {
    args: ["import", "--dry-run"],
    looked: () => ".aws/credentials",
  },
  "`add --env` closes its memory before it waits for its turn with the keyring": {
    args: ["add", "work", "--env", "--backend=helper", "--helper=taking"],
    looked: () => ".awsvault/locks/",
  },
  "`login` with the environment's keys closes its memory before it asks AWS": {
    args: ["login", "--stdout"],
    looked: ({ aws }) => `htons(${new URL(aws.url).port})`,
  },
};
for (const [name, { args, looked }] of Object.entries(IN_PLAIN_TEXT)) {
  Deno.test({
    name: `${name} (strace)`,
    ignore: !HAS_STRACE,
    async fn() {
      await using vault = await startVault();
      vault.home.write(".aws/credentials", KEYS_FILE);
      const helper = vault.home.write("bin/docker-credential-taking", "#!/bin/sh\necho '{}'\n");
      Deno.chmodSync(helper, 0o755);
      const { id, secret } = vault.user.accessKeys[0]!;
      const calls = await traceCalls(vault, ["prctl", "openat", "connect"], args, {
        AWS_VAULT_FILE_PASSPHRASE: undefined,
        AWS_ENDPOINT_URL_SIGNIN: vault.aws.url,
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
        PATH: `${vault.home.path}/bin:${Deno.env.get("PATH")}`,
      });
      assertClosedBefore(calls, looked(vault));
    },
  });
}

agentTest(
  "memory is closed before an agent gives its passphrase (strace)",
  async (agent, vault) => {
    const args = ["exec", "--ecs-server", "--lazy", "work", "--", "true"];
    const env = { AWS_VAULT_FILE_PASSPHRASE: undefined };
    const calls = await traceCalls(vault, ["execve", "prctl", "connect"], args, env);
    const [pid] = calls[0]!.split(" ");
    // The launcher's question, which gives none, is another process's.
    assertClosedBefore(calls.filter((call) => call.startsWith(`${pid} `)), agent.socket);
  },
  { ignore: !HAS_STRACE },
);

/** Fails where a run has looked at something before its memory was closed to others. */
function assertClosedBefore(calls: readonly string[], what: string): void {
  const closed = calls.findIndex((call) => /PR_SET_DUMPABLE, SUID_DUMP_DISABLE\) += 0/.test(call));
  const looked = calls.findIndex((call) => call.includes(what));
  assert.ok(looked >= 0, `${what} is looked at`);
  assert.ok(closed >= 0 && closed < looked, `closed at ${closed}, looked at ${looked}`);
}

/** Fails where a text shows one of the secrets; six digits count when they stand alone. */
function assertSilent(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    assert.ok(secret.length >= 6, "too short to look for");
    const shown = /^\d{6}$/.test(secret)
      ? new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(text)
      : text.includes(secret);
    assert.ok(!shown, `${secret} is shown in:\n${text}`);
  }
}

/** The command lines of all processes, looked at until the runs have ended. */
async function watchCommandLines(runs: Promise<unknown>): Promise<string> {
  const seen = new Set<string>();
  let ended = false;
  const ending = runs.finally(() => ended = true);
  while (!ended) {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        seen.add(Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " "));
      } catch { /* it has ended */ }
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await ending;
  return [...seen].join("\n");
}

/** Every secret that this vault has stored or been given. */
async function readSecrets(vault: Vault): Promise<string[]> {
  const secrets = [PASSPHRASE, ...vault.user.accessKeys.map(({ secret }) => secret)];
  for (const name of vault.sessionNames()) {
    const item = await openKeyring(vault.keyring).get(name);
    const session = JSON.parse(new TextDecoder().decode(item!.data));
    secrets.push(session.SecretAccessKey, session.SessionToken);
  }
  return secrets;
}

// Row 17.
Deno.test({
  name: "no secret is in --debug or in an argument of any process while credentials are got",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { vault, code } = await startMfaVault();
    await using _ = vault;
    vault.aws.delay("GetSessionToken", 150);
    vault.aws.delay("AssumeRole", 150);
    const ran: Ran[] = [];
    const commandLines = await watchCommandLines((async () => {
      const { id, secret } = vault.user.accessKeys[0]!;
      const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
      ran.push(await vault.run(["--debug", "add", "work", "--env"], { env }));
      ran.push(await vault.run(["--debug", "exec", "role", "--", "sleep", "0.1"]));
      ran.push(await vault.run(["--debug", "exec", "work", "--json"]));
      ran.push(await vault.run(["--debug", "list"]));
    })());
    assert.deepEqual(ran.map(({ code }) => code), [0, 0, 0, 0]);
    assert.match(commandLines, /main\.js .*exec role -- sleep/, "it was looked at");
    assert.match(ran[1]!.stderr, /AssumeRole/, "--debug tells what is done");
    const secrets = [code, ...await readSecrets(vault)];
    assertSilent(commandLines, secrets);
    for (const { stderr } of ran) assertSilent(stderr, secrets);
  },
});

type Failing = (vault: Vault, code: string) => Promise<Ran>;

function exec(vault: Vault, more: Partial<RunOptions> = {}, ...args: string[]): Promise<Ran> {
  return vault.run(["--debug", "exec", ...(args.length > 0 ? args : ["role"]), "--json"], more);
}

/** Stores an item that is not what its name says, with a secret in it. */
async function store(vault: Vault, key: string, text: string): Promise<void> {
  await openKeyring(vault.keyring).set({ key, data: new TextEncoder().encode(text) });
}

const PASSWORD = "hunter2";

const FAILURES: Readonly<Record<string, Failing>> = {
  "AWS refuses the MFA code": (vault, code) => {
    vault.user.mfaDevices[0]!.usedSteps.add(Math.floor(Date.now() / 30_000));
    vault.user.mfaDevices[0]!.usedSteps.add(Math.floor(Date.now() / 30_000) - 1);
    return exec(vault, {}, "role", "-t", code);
  },
  "the secret key is wrong": async (vault) => {
    const id = vault.user.accessKeys[0]!.id;
    await store(vault, "work", JSON.stringify({ AccessKeyID: id, SecretAccessKey: LEAKY }));
    return await exec(vault);
  },
  "the passphrase is wrong": (vault) => exec(vault, { env: { AWS_VAULT_FILE_PASSPHRASE: LEAKY } }),
  "AWS is not reached, at an address with a password": (vault) =>
    exec(vault, { env: { AWS_ENDPOINT_URL: `http://jon:${PASSWORD}@127.0.0.1:9` } }),
  "the stored keys are none": async (vault) => {
    await store(vault, "work", `{"AccessKeyID": "AKIAX", "SecretAccessKey": "${LEAKY}`);
    return await exec(vault);
  },
  "credential_process prints no JSON": async (vault) => {
    vault.home.write("credentials.json", `{"SecretAccessKey": "${LEAKY}"`);
    return await exec(vault, {}, "process");
  },
  "mfa_process prints no code": async (vault) => {
    vault.home.write("code", LEAKY);
    return await exec(vault);
  },
  "mfa_process, with a secret in its line, fails": async (vault) => {
    const text = CONFIG.replace(/^mfa_process.*$/m, `mfa_process = false --seed ${LEAKY}`);
    Deno.writeTextFileSync(vault.config, text);
    return await exec(vault);
  },
  "credential_process, with a secret in its line, is no program": async (vault) => {
    const text = CONFIG.replace(
      /^credential_process.*$/m,
      `credential_process = /no/mint ${LEAKY}`,
    );
    Deno.writeTextFileSync(vault.config, text);
    return await exec(vault, {}, "process");
  },
  "web_identity_token_process, with a secret in its line, prints nothing": async (vault) => {
    const text = CONFIG.replace(/^(web_identity_token_process =).*$/m, `$1 true ${LEAKY}`);
    Deno.writeTextFileSync(vault.config, text);
    return await exec(vault, {}, "web");
  },
  "a secret was pasted into the config file": async (vault) => {
    Deno.writeTextFileSync(vault.config, `${CONFIG}[profile pasted]\n${LEAKY}\n`);
    return await exec(vault, {}, "pasted");
  },
};

// Row 17.
for (const [what, fail] of Object.entries(FAILURES)) {
  Deno.test(`when ${what}, the error shows no secret, with --debug neither`, async () => {
    const { vault, code } = await startMfaVault();
    await using _ = vault;
    const secrets = [code, LEAKY, PASSWORD, ...await readSecrets(vault)];
    const ran = await fail(vault, code);
    assert.equal(ran.code, 1, ran.stderr);
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, /^aws-vault: error: /m);
    assertSilent(ran.stderr, secrets);
  });
}
