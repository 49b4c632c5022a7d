import assert from "node:assert/strict";
import { formatProcessLine } from "../../../src/cli/process_line.ts";

Deno.test("the line for the AWS CLI names the launcher of Windows in full, which it finds only so", () => {
  const line = (platform: "linux" | "windows") => formatProcessLine("my work", { platform });
  assert.equal(line("linux"), 'credential_process = aws-vault exec --json "my work"');
  assert.equal(line("windows"), 'credential_process = aws-vault.cmd exec --json "my work"');
});
