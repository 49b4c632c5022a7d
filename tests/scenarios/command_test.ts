import assert from "node:assert/strict";
import { asExec } from "../../src/errors.ts";
import { COMMAND, hasTerminalTests, runInTerminal, type TerminalOptions } from "./harness.ts";
import { MFA_SERIAL, PASSPHRASE, startVault, storeKeys, type Vault } from "./vault.ts";

// Row 24.
Deno.test("exec ends as its program does: by its code, by its signal, 127 and 126 as shells do", async () => {
  await using vault = await startVault();
  const plain = vault.home.write("plain", "text");
  const end = async (...command: string[]) => {
    const { code, signal } = await vault.run(["exec", "-n", "work", "--", ...command]);
    return signal ?? code;
  };
  assert.equal(await end("sh", "-c", "exit 37"), 37);
  assert.equal(await end("sh", "-c", "kill -TERM $$"), "SIGTERM");
  assert.equal(await end("no-such-program"), 127);
  assert.equal(await end(plain), 126);
});

Deno.test("a program that is not there is told before anybody is asked for a passphrase or a code", async () => {
  await using vault = await startVault();
  for (
    const [flags, command, wayOut] of [
      [[], "no-such-program", "it is in none"],
      [["--ecs-server"], "no-such-program", "it is in none"],
      [[], "echo hi", "it is in none of the directories in PATH; it is one word"],
      [[], "STAGE=test", "only a shell sets variables so; write: env STAGE=… PROGRAM"],
    ] as const
  ) {
    const args = ["exec", ...flags, "work", "--", command];
    const { code, stderr } = await vault.run(args, { env: UNSET });
    assert.equal(code, 127, stderr);
    const begin = `aws-vault: error: ${command}: command not found\n  ${wayOut}`;
    assert.equal(stderr.slice(0, begin.length), begin);
  }
});

/** Runs the command on a terminal of its own. */
function onTerminal(vault: Vault, args: string[], more: Partial<TerminalOptions> = {}) {
  return runInTerminal(args, {
    steps: [],
    ...more,
    home: vault.home,
    env: { ...vault.env, ...more.env },
  });
}

function terminalTest(name: string, config: string, body: (vault: Vault) => Promise<void>): void {
  Deno.test(`on a terminal (python3) ${name}`, { ignore: !hasTerminalTests }, async () => {
    await using vault = await startVault(config);
    await body(vault);
  });
}

const MFA = `[profile work]\nmfa_serial=${MFA_SERIAL}\n`;
const UNSET = { AWS_VAULT_FILE_PASSPHRASE: undefined };
const UNLOCK = "Enter passphrase to unlock ";
const ID = "Enter Access Key ID: ";
const SECRET = "Enter Secret Access Key: ";
const DEVICE = "Enter MFA Device ARN (If MFA is not enabled, leave this blank): ";

// Row 26.
terminalTest(
  "Ctrl-C at a secret restores the echo, and `add` has stored nothing",
  MFA,
  async (vault) => {
    const before = vault.snapshot();
    const ran = await onTerminal(vault, ["add", "new"], {
      steps: [{ expect: ID, type: "AKIANEW\r" }, { expect: SECRET, type: "half\x03" }],
    });
    assert.equal(ran.signal, "SIGINT");
    assert.equal(ran.echo, true);
    assert.ok(!ran.screen.includes("half"));
    assert.deepEqual(vault.snapshot(), before);
  },
);

terminalTest(
  "configure opens the keyring before it asks for keys, as add does",
  "",
  async (vault) => {
    for (
      const [args, begin] of [[["add"], []], [["configure"], [{
        expect: "Number [1]: ",
        type: "\r",
      }]]] as const
    ) {
      const before = vault.snapshot();
      const ran = await onTerminal(vault, [...args, "new"], {
        env: UNSET,
        steps: [...begin, { expect: UNLOCK, type: `${PASSPHRASE}\r` }, {
          expect: ID,
          type: "\x03",
        }],
      });
      assert.equal(ran.signal, "SIGINT", ran.screen);
      assert.deepEqual(vault.snapshot(), before);
    }
  },
);

// Row 37. The passphrase is asked for to look at a kept session, which a run can do without.
terminalTest("Ctrl-C at the passphrase ends the run, kept session or not", "", async (vault) => {
  const asked = { expect: UNLOCK, type: "\x03" };
  const started = ["--", "echo", "it ran"];
  for (const args of [["exec", "work", "--json"], ["exec", "work"], ["exec", "-n", "work"]]) {
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
    const command = args.includes("--json") ? args : [...args, ...started];
    const ran = await onTerminal(vault, command, { env: UNSET, steps: [asked], pipeStdout: true });
    assert.equal(ran.signal, "SIGINT", args.join(" "));
    assert.equal(ran.stdout, "");
    assert.equal(ran.echo, true);
  }
});

// Row 26.
terminalTest("prompts work with standard input piped, which the child gets", MFA, async (vault) => {
  const ran = await onTerminal(vault, ["add", "new"], {
    stdin: "piped\n",
    steps: [
      { expect: ID, type: "AKIANEW\r" },
      { expect: SECRET, type: "hidden\r" },
      { expect: DEVICE, type: "\r" },
    ],
  });
  assert.equal(ran.code, 0);
  assert.equal(await vault.readKeyId("new"), "AKIANEW");
  const child = await onTerminal(vault, ["exec", "-n", "new", "--", "cat"], {
    stdin: "piped\n",
    pipeStdout: true,
    env: UNSET,
    steps: [{ expect: UNLOCK, type: "correct horse\r" }],
  });
  assert.equal(child.stdout, "piped\n");
});

// Row 26.
terminalTest(
  "Ctrl-C at an MFA code ends by SIGINT, and nothing is asked of AWS",
  MFA,
  async (vault) => {
    const ran = await onTerminal(vault, ["exec", "work", "--", "true"], {
      steps: [{ expect: "Enter MFA code for", type: "12\x03" }],
    });
    assert.equal(ran.signal, "SIGINT");
    assert.equal(ran.echo, true);
    assert.deepEqual(vault.aws.calls, []);
  },
);

// Row 27: the terminal is written the answer or the question and nothing else, and it answers none.
terminalTest(
  "nothing but the answer is written at start: no escape codes, no query",
  MFA,
  async (vault) => {
    const env = { TERM: "xterm-256color", COLORTERM: "truecolor", NO_COLOR: undefined };
    const child = await onTerminal(vault, ["exec", "-n", "work", "--", "true"], { env });
    assert.deepEqual([child.screen, child.code], ["", 0]);
    const list = await onTerminal(vault, ["list", "--credentials"], { env });
    assert.deepEqual([list.screen, list.code], ["work\r\n", 0]);
    const help = await onTerminal(vault, ["--help"], { env });
    assert.match(help.screen, /^Usage: aws-vault /);
    assert.ok(!help.screen.includes("\x1b"));
  },
);

// Row 27.
terminalTest("nothing but the question is written before an MFA code", MFA, async (vault) => {
  const env = { TERM: "xterm-256color", NO_COLOR: undefined };
  const steps = [{ expect: ": ", type: "\x03" }];
  const ran = await onTerminal(vault, ["exec", "work", "--", "true"], { env, steps });
  assert.equal(ran.screen, `Enter MFA code for ${MFA_SERIAL}: \r\n`);
});

// Row 27: what `add` shows on its terminal is its three questions and three lines.
terminalTest(
  "`add` shows its questions, what is not secret, and that it is done",
  MFA,
  async (vault) => {
    const ran = await onTerminal(vault, ["add", "new"], {
      env: { TERM: "xterm-256color", NO_COLOR: undefined },
      steps: [
        { expect: ID, type: "AKIAIOSFODNN7EXAMPLE\r" },
        { expect: SECRET, type: "hidden\r" },
        { expect: DEVICE, type: `${MFA_SERIAL}\r` },
      ],
    });
    assert.equal(
      ran.screen,
      `${ID}AKIAIOSFODNN7EXAMPLE\r\n${SECRET}\r\n${DEVICE}${MFA_SERIAL}\r\n` +
        `Stored in the file keyring.\r\n` +
        `Added to ${vault.config}: [profile new], mfa_serial = ${MFA_SERIAL}\r\n` +
        'Added credentials to profile "new" in vault\r\n',
    );
    const section = new RegExp(`\\n\\n\\[profile new\\]\\nmfa_serial *= *${MFA_SERIAL}\\n$`);
    assert.match(Deno.readTextFileSync(vault.config), section);
  },
);

terminalTest(
  "a new keyring's passphrase is chosen, and asked twice until both are alike",
  MFA,
  async (vault) => {
    const env = { ...UNSET, AWS_VAULT_FILE_DIR: `${vault.home.path}/new-keyring` };
    const choose = {
      expect: `choose a passphrase for the new keyring ${env.AWS_VAULT_FILE_DIR}: `,
    };
    const again = { expect: "Enter it again: " };
    const ran = await onTerminal(vault, ["add", "new", "--no-add-config"], {
      env,
      steps: [
        { expect: ID, type: "AKIANEW\r" },
        { expect: SECRET, type: "hidden\r" },
        { ...choose, type: "first\r" },
        { ...again, type: "frist\r" },
        { expect: "differ; nothing is lost" },
        { ...choose, type: "second\r" },
        { ...again, type: "second\r" },
      ],
    });
    assert.equal(ran.code, 0);
    assert.doesNotMatch(ran.screen, /first\r|second|hidden/);
    const { stdout } = await vault.run(["exec", "-n", "new", "--json"], {
      env: { ...env, AWS_VAULT_FILE_PASSPHRASE: "second" },
    });
    assert.equal(JSON.parse(stdout).SecretAccessKey, "hidden");
  },
);

terminalTest("a mistyped passphrase is asked again, three times at most", "", async (vault) => {
  const wrong = { expect: UNLOCK, type: "slip\r" };
  const args = ["exec", "-n", "work", "--json"];
  const right = await onTerminal(vault, args, {
    env: UNSET,
    steps: [wrong, wrong, { expect: UNLOCK, type: "correct horse\r" }],
    pipeStdout: true,
  });
  assert.equal(right.code, 0);
  assert.match(right.screen, /Wrong passphrase: it does not open .*\/keys\/work\. Try again\./);
  const before = vault.snapshot();
  for (const command of [args, ["add", "new"]]) {
    const ran = await onTerminal(vault, command, { env: UNSET, steps: [wrong, wrong, wrong] });
    assert.equal(ran.code, 1);
    assert.ok(!ran.screen.includes(ID), "nobody types keys that are lost then");
    assert.match(ran.screen, /error: wrong passphrase: it does not open /);
    assert.doesNotMatch(ran.screen, /AWS_VAULT_FILE_PASSPHRASE|remove|delete/);
  }
  assert.deepEqual(vault.snapshot(), before);
});

terminalTest(
  "three slips at a kept session end the run, and no key is tried",
  "",
  async (vault) => {
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
    const wrong = { expect: UNLOCK, type: "slip\r" };
    const ran = await onTerminal(vault, ["exec", "work", "--", "echo", "it ran"], {
      env: UNSET,
      steps: [wrong, wrong, wrong],
    });
    assert.equal(ran.code, 1);
    assert.equal(ran.screen.split(UNLOCK).length, 4);
    assert.doesNotMatch(ran.screen, /it ran/);
  },
);

Deno.test("what errors tell to start with a profile's credentials is that profile's, AWS_PROFILE set or not", async () => {
  await using vault = await startVault("[profile work]\n");
  const [key] = vault.user.accessKeys;
  await storeKeys(vault.keyring, "-x y", "AKIAX", key!.secret);
  const PATH = `${COMMAND.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
  for (const AWS_PROFILE of [undefined, "work"]) {
    for (const [profile, id] of [["work", key!.id], ["-x y", "AKIAX"]] as const) {
      const line = `${asExec(profile, "-n ")} printenv AWS_ACCESS_KEY_ID`;
      const ran = await vault.run(["-c", line], { command: ["sh"], env: { AWS_PROFILE, PATH } });
      assert.equal(ran.stdout, `${id}\n`, ran.stderr);
    }
  }
});
