import assert from "node:assert/strict";
import { describeCommand, runShell } from "../../../src/credentials/shell.ts";
import { VaultError } from "../../../src/errors.ts";
import { commandLine, createRun, printing } from "./providers/fake_run.ts";

Deno.test("on Windows a command line of the config file is run by cmd.exe", async () => {
  const { ctx, started } = createRun({ platform: "windows", answer: printing("out\r\n") });
  assert.equal(await runShell(commandLine("mfa_process", "mint"), ctx), "out\r\n");
  assert.deepEqual([started[0]!.command, ...started[0]!.args], [
    ...["cmd.exe", "/d", "/s", "/c", '"mint"'],
  ]);
});

Deno.test("cmd.exe gets a command line as it stands in the file, quotes and all", async () => {
  const env = { COMSPEC: "C:\\Windows\\system32\\cmd.exe" };
  const { ctx, started } = createRun({ platform: "windows", env, answer: printing("") });
  const line = '"C:\\Program Files\\mint.exe" --for "a b" & echo done';
  await runShell(commandLine("credential_process", line), ctx);
  assert.equal(started[0]!.command, env.COMSPEC);
  assert.equal(started[0]!.args.at(-1), `"${line}"`);
  assert.equal(started[0]!.rawArguments, true);
});

Deno.test("a shell command has five minutes, for people to answer what it asks", async () => {
  const { ctx, started } = createRun();
  await runShell(commandLine("mfa_process", "mint"), ctx);
  assert.equal(started[0]!.timeoutSeconds, 300);
});

Deno.test("a command that the shell does not find is told with its setting", async () => {
  for (const code of [127, 9009]) {
    const { ctx } = createRun({ answer: () => ({ code }) });
    await assert.rejects(runShell(commandLine("mfa_process", "mnit"), ctx), (error) => {
      assert.ok(error instanceof VaultError);
      assert.equal(
        error.message,
        `config, line 3, mfa_process of profile x (mnit) failed with exit code ${code}`,
      );
      assert.match(error.hints[0]!, /did not find/);
      return true;
    });
  }
});

Deno.test("a command that takes too long is told with its setting, and the hints of why", async () => {
  const { ctx } = createRun({
    answer() {
      throw new VaultError("process", "the program /bin/sh was stopped", ["it may be waiting"]);
    },
  });
  await assert.rejects(runShell(commandLine("mfa_process", "mint"), ctx), (error) => {
    assert.ok(error instanceof VaultError);
    assert.equal(
      error.message,
      "config, line 3, mfa_process of profile x (mint): the program /bin/sh was stopped",
    );
    assert.deepEqual(error.hints, ["it may be waiting"]);
    return true;
  });
});

const PROGRAMS: Readonly<Record<string, string>> = {
  "oathtool --totp -b SEED": " (oathtool)",
  "/usr/local/bin/op item get SEED": " (op)",
  '"C:\\Program Files\\mint.exe" SEED': " (mint.exe)",
  "oathtool;SEED": " (oathtool)",
  "SEED=JBSWY oathtool $SEED": "",
  "SEED='a b' oathtool": "",
  "$(SEED)": "",
  "'SEED": "",
};

for (const [line, program] of Object.entries(PROGRAMS)) {
  Deno.test(`of the command line \`${line}\` people are told its place and program alone`, async () => {
    const { ctx, debug } = createRun();
    const command = commandLine("mfa_process", line);
    const told = `config, line 3, mfa_process of profile x${program}`;
    assert.equal(describeCommand(command), told);
    await runShell(command, ctx);
    assert.deepEqual(debug, [`running ${told}`]);
  });
}
