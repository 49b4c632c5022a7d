/**
 * How many helper programs a cached `exec --json` starts for each backend that has one, and what it
 * takes beside those programs alone. Backends whose programs are not installed are passed over.
 */
import { openBackend } from "../../backends/mod.ts";
import { writeStoredKeys } from "../../src/credentials/stored_keys.ts";
import { createTestContext, makeTemporary, writeProgram } from "../contract/context.ts";
import { makePasswordStore } from "../contract/gpg.ts";
import { startKeyring } from "../contract/keyring_session.ts";
import { requireProgram } from "../require.ts";
import { LAUNCHER, measure, medianOf } from "./timing.ts";

const ROUNDS = 15;
const WANTED = 2;
const SESSION_KEY = "sts.GetSessionToken,d29yaw,,4102444799";

interface Subject {
  readonly backend: string;
  /** The programs that count. */
  readonly programs: readonly string[];
  readonly needs: readonly string[];
  start(): Promise<AsyncDisposable & { variables: Readonly<Record<string, string>> }>;
}

const SUBJECTS: readonly Subject[] = [
  { backend: "pass", programs: ["pass"], needs: ["pass", "gpg"], start: makePasswordStore },
  {
    backend: "secret-service",
    programs: ["secret-tool", "gdbus"],
    needs: ["secret-tool", "gdbus", "gnome-keyring-daemon", "dbus-daemon"],
    start: () => startKeyring(["awsvault"]),
  },
  {
    backend: "helper",
    programs: ["docker-credential-pass"],
    needs: ["docker-credential-pass", "pass", "gpg"],
    start: makePasswordStore,
  },
];

console.log(`medians of ${ROUNDS} runs of a cached exec --json\n`);
console.log("backend          programs   ms   these alone ms");
for (const subject of SUBJECTS) {
  if (subject.needs.every(requireProgram)) await measureBackend(subject);
  else console.log(`${subject.backend.padEnd(16)} passed over: ${subject.needs} not installed`);
}

async function measureBackend({ backend, programs, start }: Subject): Promise<void> {
  await using store = await start();
  using temporary = makeTemporary();
  const variables: Record<string, string> = {
    ...store.variables,
    AWS_VAULT_BACKEND: backend,
    AWS_VAULT_HELPER: "pass",
  };
  await fill(backend, variables);
  const log = `${temporary.path}/log`;
  for (const program of programs) writeSpy(temporary.path, program, log, variables.PATH!);
  const config = `${temporary.path}/config`;
  Deno.writeTextFileSync(config, "[profile work]\nregion = eu-west-1\n");
  const env = { ...variables, AWS_CONFIG_FILE: config, DENO: Deno.execPath() };
  const spied = { ...env, PATH: `${temporary.path}:${variables.PATH}` };
  const cached = { command: LAUNCHER, args: ["exec", "work", "--json"], env };
  measure({ ...cached, env: spied });
  const calls = Deno.readTextFileSync(log).trim().split("\n");
  const whole = medianOf(ROUNDS, () => measure(cached));
  const alone = medianOf(
    ROUNDS,
    () => calls.reduce((ms, call) => ms + measure({ command: "sh", args: ["-c", call], env }), 0),
  );
  const columns = [String(calls.length).padStart(8), whole.toFixed(1).padStart(7)];
  console.log(`${backend.padEnd(14)} ${columns.join(" ")} ${alone.toFixed(1).padStart(11)}`);
  if (calls.length > WANTED) throw new Error(`${backend}: more than ${WANTED} programs`);
}

async function fill(backend: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const keyring = await openBackend({}, createTestContext(variables), backend);
  await writeStoredKeys(keyring, "work", { accessKeyId: "AKIABENCH", secretAccessKey: "secret" });
  const session = {
    AccessKeyId: "ASIABENCH",
    SecretAccessKey: "secret",
    SessionToken: "token",
    Expiration: "2099-12-31T23:59:59Z",
  };
  const data = new TextEncoder().encode(JSON.stringify(session));
  await keyring.set({ key: SESSION_KEY, data });
}

/** Notes the command line it is called with, standard input and all, so that it can be repeated. */
function writeSpy(directory: string, program: string, log: string, path: string): void {
  const input = `${directory}/input`;
  const text = `#!/bin/sh
PATH='${path}'
line="${program}"
for word; do line="$line '$word'"; done
if [ "$1" = get ]; then
  cat > '${input}'
  echo "$line < '${input}' > /dev/null" >> '${log}'
  exec ${program} "$@" < '${input}'
fi
echo "$line > /dev/null 2>&1" >> '${log}'
exec ${program} "$@"
`;
  writeProgram(directory, program, text);
}
