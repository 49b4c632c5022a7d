import assert from "node:assert/strict";
import { hasTerminalTests, Home, run, runInTerminal } from "./harness.ts";

/** A session's name in the keyring, with so many seconds left. */
function sessionName(profile: string, seconds: number): string {
  const encoded = btoa(profile).replaceAll("=", "");
  return `sts.GetSessionToken,${encoded},,${Math.floor(Date.now() / 1000) + seconds}`;
}

Deno.test({
  name:
    "on a terminal (python3) list says in words how long sessions last, in colours; a pipe gets neither",
  ignore: !hasTerminalTests,
}, async () => {
  using home = new Home();
  home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
  for (const seconds of [5000, -90]) {
    home.write(`.awsvault/keys/${sessionName("work", seconds)}`, "eyJ, and not read");
  }
  home.write(".awsvault/keys/session,d29yaw,,1600000000", "eyJ, and not read");
  const env = { TERM: "xterm", NO_COLOR: undefined, AWS_VAULT_FILE_PASSPHRASE: undefined };
  const { screen } = await runInTerminal(["list"], { home, env, steps: [] });
  assert.match(screen, /sts\.GetSessionToken \(1 h 2\d min left\)/);
  assert.match(screen.replaceAll("\x1b", "ESC"), /\(ESC\[33mended 1 min 3\d s agoESC\[0m\)/);
  assert.match(screen, /session,d29yaw,,1600000000 \(old, never used\)/);
  home.write(`.awsvault/keys/${sessionName("gone", 5000)}`, "eyJ, and not read");
  for (const args of [["list"], ["list", "--sessions"]]) {
    const { screen } = await runInTerminal(args, { home, env, steps: [] });
    assert.match(screen, /sts\.GetSessionToken of gone \(1 h 2\d min left\)/, args.join(" "));
  }
  const { stdout } = await run(["list"], { home, env });
  assert.match(stdout, /sts\.GetSessionToken:1h2\dm\d+s/);
  assert.ok(!stdout.includes("\x1b") && !stdout.includes("left"), stdout);
});
