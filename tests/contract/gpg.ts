import { makeTemporary, runToEnd, writeProgram } from "./context.ts";

const USER_ID = "vault test";

/** Asks nobody, and keeps beside itself what it was told. */
const NOBODY = `#!/bin/sh
echo "$PINENTRY_USER_DATA" >"$0.told"
echo OK
while read -r word _; do
  case $word in GETPIN) echo 'ERR 83886179 Operation cancelled' ;; *) echo OK ;; esac
done
`;

/** A GPG key in a directory of its own, and a password store for it. */
export interface TestStore extends AsyncDisposable {
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** @param passphrase of the key; nobody is there to type it, and no agent remembers it */
export async function makePasswordStore(passphrase = ""): Promise<TestStore> {
  // Sockets of gpg-agent lie in here, and a socket's path is short.
  const temporary = makeTemporary("vgpg-");
  const home = temporary.path;
  const directory = `${home}/store`;
  const variables = {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: home,
    GNUPGHOME: `${home}/gnupg`,
    PASSWORD_STORE_DIR: directory,
    LANG: "C.UTF-8",
  };
  Deno.mkdirSync(variables.GNUPGHOME, { mode: 0o700 });
  // Measuring how many rounds this machine does in a moment would take gpg-agent seconds.
  const settings = `s2k-count 65536\npinentry-program ${writeProgram(home, "pinentry", NOBODY)}\n`;
  Deno.writeTextFileSync(`${variables.GNUPGHOME}/gpg-agent.conf`, settings);
  const key = ["--quick-gen-key", USER_ID, "future-default", "default", "never"];
  await runToEnd("gpg", ["--batch", "--quiet", "--passphrase", passphrase, ...key], variables);
  if (passphrase !== "") await endAgent(variables);
  await runToEnd("pass", ["init", USER_ID], variables);
  return {
    directory,
    variables,
    async [Symbol.asyncDispose]() {
      await endAgent(variables);
      temporary[Symbol.dispose]();
    },
  };
}

/** The agent that gpg started for this directory ends, by its own process id. */
async function endAgent(variables: Readonly<Record<string, string>>): Promise<void> {
  const answer = await runToEnd(
    "gpg-connect-agent",
    ["--no-autostart", "getinfo pid", "/bye"],
    variables,
  )
    .catch(() => "");
  const pid = /^D (\d+)$/m.exec(answer)?.[1];
  if (pid !== undefined) Deno.kill(Number(pid), "SIGTERM");
}
