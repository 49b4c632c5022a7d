import assert from "node:assert/strict";
import { runShell } from "../../../src/credentials/shell.ts";
import { VaultError } from "../../../src/errors.ts";
import { createRun, printing } from "./providers/fake_run.ts";

Deno.test("on Windows a command line of the config file is run by cmd.exe", async () => {
  const { ctx, started } = createRun({ platform: "windows", answer: printing("out\r\n") });
  assert.equal(await runShell("mint", "mfa_process", ctx), "out\r\n");
  assert.deepEqual([started[0]!.command, ...started[0]!.args], ["cmd.exe", "/C", "mint"]);
});

Deno.test("a shell command has five minutes, for people to answer what it asks", async () => {
  const { ctx, started } = createRun();
  await runShell("mint", "mfa_process", ctx);
  assert.equal(started[0]!.timeoutSeconds, 300);
});

Deno.test("a command that the shell does not find is told with its setting", async () => {
  const { ctx } = createRun({ answer: () => ({ code: 127 }) });
  await assert.rejects(runShell("mnit", "mfa_process", ctx), (error) => {
    assert.ok(error instanceof VaultError);
    assert.equal(error.message, "mfa_process `mnit` failed with exit code 127");
    assert.match(error.hints[0]!, /did not find/);
    return true;
  });
});

Deno.test("a command that takes too long is told with its setting, and the hints of why", async () => {
  const { ctx } = createRun({
    answer() {
      throw new VaultError("process", "the program /bin/sh was stopped", ["it may be waiting"]);
    },
  });
  await assert.rejects(runShell("mint", "mfa_process", ctx), (error) => {
    assert.ok(error instanceof VaultError);
    assert.equal(error.message, "mfa_process `mint`: the program /bin/sh was stopped");
    assert.deepEqual(error.hints, ["it may be waiting"]);
    return true;
  });
});
