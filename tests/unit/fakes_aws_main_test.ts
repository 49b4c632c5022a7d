import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../fakes/aws/main.ts", import.meta.url));

Deno.test("the runnable stand-in prints its address, answers, and stops on SIGTERM", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", MAIN],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  assert.match(value, /^http:\/\/127\.0\.0\.1:\d+\n$/);
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const response = await fetch(value.trim(), { method: "POST", body });
  assert.match(await response.text(), /MissingAuthenticationToken/);
  child.kill("SIGTERM");
  assert.deepEqual({ ...await child.status }, { success: true, code: 0, signal: null });
  await reader.cancel();
});
