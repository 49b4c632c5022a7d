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
  const body = new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" });
  const response = await fetch(value.trim(), { method: "POST", body });
  assert.match(await response.text(), /MissingAuthenticationToken/);
  child.kill("SIGTERM");
  assert.deepEqual({ ...await child.status }, { success: true, code: 0, signal: null });
  await reader.cancel();
});

Deno.test("the runnable stand-in says how it is used, and refuses what it does not know", async () => {
  const ask = async (word: string) => {
    const args = ["run", "--no-prompt", MAIN, word];
    const ran = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    const [stdout, stderr] = [ran.stdout, ran.stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    return { code: ran.code, stdout, stderr };
  };
  const help = await ask("--help");
  assert.equal(help.code, 0);
  assert.match(help.stdout!, /--port N .*--totp /s);
  const mistaken = await ask("--prot");
  assert.equal(mistaken.code, 1);
  assert.match(mistaken.stderr!, /--prot is no option/);
});
