/**
 * Runs `deno test` on what is named, or on all tests, and closes with its counts in a line of
 * their own: `N passed, N failed, N skipped`.
 */
const test = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-check", ...(Deno.args.length > 0 ? Deno.args : ["tests"])],
  cwd: new URL("..", import.meta.url),
  // `npx` puts node's directory before all others, and with it the system's python3, which is not
  // the one that pip installs for; VAULT_TEST_PATH is the PATH from before.
  env: { NO_COLOR: "1", PATH: Deno.env.get("VAULT_TEST_PATH") ?? Deno.env.get("PATH")! },
  stdin: "null",
  stdout: "piped",
  stderr: "inherit",
}).spawn();

let tail = "";
const decoder = new TextDecoder();
for await (const chunk of test.stdout) {
  for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
  tail = (tail + decoder.decode(chunk, { stream: true })).slice(-500);
}
const { code } = await test.status;
const count = (word: string) => Number(tail.match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
const passed = Number(tail.match(/(\d+) passed/)?.[1] ?? 0);
console.log(`${passed} passed, ${count("failed")} failed, ${count("ignored")} skipped`);
Deno.exit(code);
