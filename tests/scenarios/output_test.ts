import assert from "node:assert/strict";
import { requireProgram } from "../require.ts";
import { COMMAND, hasTerminalTests, runInTerminal } from "./harness.ts";
import { ROLE, startVault, type Vault } from "./vault.ts";

/** Runs it by a shell whose redirection or pipe stands after it. */
function shell(vault: Vault, after: string, args: string[]) {
  return vault.run(args, { command: ["sh", "-c", `"$@" ${after}`, "sh", COMMAND] });
}

const FULL = "> /dev/full";

// Row 38.
for (const args of [["list"], ["exec", "work", "--json"], ["export", "work"], ["--help"]]) {
  Deno.test(`\`${args.join(" ")}\` to a full disk is one plain error`, async () => {
    await using vault = await startVault();
    const ran = await shell(vault, FULL, args);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /^aws-vault: error: standard output cannot be written: No space left on device\n {2}what .*\n$/,
    );
  });
}

// Row 38: what fails to be printed changes nothing of what is done.
Deno.test("commands do all they are to do where their output goes nowhere", async () => {
  for (const [after, code] of [[FULL, 1], ["| true; exit 141", 141]] as const) {
    await using vault = await startVault();
    assert.equal((await vault.run(["exec", "work", "--json"])).code, 0);
    assert.equal(vault.sessionNames().length, 1);
    const removed = await shell(vault, after, ["remove", "work", "--force"]);
    assert.equal(removed.code, code, removed.stderr);
    assert.deepEqual(vault.sessionNames(), []);
    assert.equal((await vault.run(["list", "--credentials"])).stdout, "");
  }
});

// Row 38: a new key is made, and the first line of many goes nowhere.
Deno.test("rotate whose reader has gone ends by SIGPIPE, with the new key stored", async () => {
  await using vault = await startVault();
  const before = await vault.readKeyId("work");
  const script = `{ "$@"; echo $? >&2; } | true`;
  const ran = await vault.run(["rotate", "work"], { command: ["sh", "-c", script, "sh", COMMAND] });
  assert.match(ran.stderr, /^141$/m);
  const after = await vault.readKeyId("work");
  assert.notEqual(after, before);
  assert.deepEqual(vault.user.accessKeys.map(({ id }) => id), [after]);
});

Deno.test("standard error that goes nowhere changes nothing", async () => {
  await using vault = await startVault();
  for (const after of ["2> /dev/full", "2>&-"]) {
    const ran = await shell(vault, after, ["--debug", "exec", "work", "--json"]);
    assert.equal(ran.code, 0);
    assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
  }
});

const HOSTILE = "\x1b[31m\x07\u202e";

/** What may reach a terminal: text, line ends, tabs. */
function assertPlain(text: string): void {
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert.doesNotMatch(text.replaceAll("\r\n", "\n"), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
}

Deno.test({
  name: "on a terminal (python3) no escape sequence of a file or program is obeyed",
  ignore: !hasTerminalTests,
  async fn() {
    const config = `[profile ${HOSTILE}]\nrole_arn = x${HOSTILE}\nsource_profile = y${HOSTILE}\n` +
      `[profile work]\nmfa_serial = arn:aws:iam::1:mfa/${HOSTILE}\n`;
    await using vault = await startVault(config);
    const runs: [args: string[], questions: string[]][] = [
      [["list"], []],
      [["list", "--profiles"], []],
      [["exec", HOSTILE, "--json"], []],
      [["exec", "work", "--json"], ["Enter MFA code for "]],
      [["--debug", "exec", "--json"], ["Choose AWS profile "]],
    ];
    for (const [args, questions] of runs) {
      const ran = await runInTerminal(args, {
        home: vault.home,
        env: vault.env,
        steps: questions.map((expect) => ({ expect, type: "\x03" })),
      });
      assertPlain(ran.screen);
      assert.match(ran.screen, /\\x1b\[31m/, args.join(" "));
    }
    const piped = await vault.run(["list", "--profiles"]);
    assert.ok(piped.stdout.includes(HOSTILE), "a pipe gets what is there");
    const error = await vault.run(["exec", HOSTILE, "--json"]);
    assertPlain(error.stderr);
  },
});

for (
  const [what, args] of [
    ["an error and its hints", ["exec", "wrok", "--json"]],
    ["a table", ["list"]],
    ["an explanation", ["explain", "reader"]],
    ["a diagnosis", ["doctor"]],
  ] as const
) {
  Deno.test({
    name: `on a terminal (python3) ${what} is broken at its width, between words and columns`,
    ignore: !hasTerminalTests || !requireProgram("stty"),
    async fn() {
      await using vault = await startVault(
        `[profile work]\n[profile reader]\nrole_arn = ${ROLE}\nsource_profile = work\n` +
          "[profile lost]\nsource_profile = nowhere\n",
      );
      const env = { ...vault.env, TERM: "xterm", NO_COLOR: undefined };
      const show = async (columns: number) => {
        const { screen } = await runInTerminal(args, {
          home: vault.home,
          env,
          command: ["sh", "-c", `stty cols ${columns} rows 20; exec "$@"`, "sh", COMMAND],
          steps: [],
        });
        // deno-lint-ignore no-control-regex -- colours take no room
        return screen.replace(/\x1b\[\d+m/g, "").trimEnd().split("\r\n");
      };
      const lines = await show(40);
      const isWhole = (line: string) => line.length <= 40 || !line.trim().includes(" ");
      assert.ok(lines.every(isWhole), lines.join("\n"));
      const words = (lines: readonly string[]) => lines.join(" ").split(/\s+/);
      assert.deepEqual(words(lines), words(await show(1000)));
    },
  });
}
