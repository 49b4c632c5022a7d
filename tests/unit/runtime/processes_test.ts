import assert from "node:assert/strict";
import { VaultError } from "../../../src/errors.ts";
import { createProcesses } from "../../../src/runtime/processes.ts";
import { relayLines } from "../../../src/runtime/program_output.ts";
import type { ProcessRequest } from "../../../src/types.ts";
import { untilWritten } from "../../until.ts";

const variables: Record<string, string> = { PATH: "/usr/bin:/bin", HOME: "/home/x", SECRET: "s" };
const shown: string[] = [];
const surroundings = {
  isInputTerminal: () => false,
  isErrorTerminal: () => false,
  hasTerminal: () => false,
  note: (line: string) => shown.push(line),
  inherited: { lend: () => () => {} },
};
const processes = createProcesses({ get: (name) => variables[name] }, "linux", surroundings);

function shell(script: string, more: Partial<ProcessRequest> = {}) {
  return processes.run({
    kind: "keyring",
    command: "sh",
    args: ["-c", script],
    timeoutSeconds: 20,
    ...more,
  });
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("a program's output, errors and exit code come back", async () => {
  const result = await shell("echo out; echo err >&2; exit 3");
  assert.deepEqual({ ...result, stdout: text(result.stdout) }, {
    code: 3,
    signal: undefined,
    stdout: "out\n",
    stderr: "err\n",
  });
});

Deno.test("a program ended by a signal is a result that names it", async () => {
  assert.equal((await shell("kill -TERM $$")).signal, "SIGTERM");
});

Deno.test("a program gets its input, binary and long", async () => {
  const data = crypto.getRandomValues(new Uint8Array(60_000));
  const input = new Uint8Array(600_000);
  for (let i = 0; i < 10; i++) input.set(data, i * data.length);
  assert.deepEqual((await shell("cat", { stdin: input })).stdout, input);
});

Deno.test("a program that does not read its input is no failure", async () => {
  const result = await shell("exec 0<&-; echo done", { stdin: new Uint8Array(1_000_000) });
  assert.equal(text(result.stdout), "done\n");
});

Deno.test("without input its standard input is empty", async () => {
  assert.equal(text((await shell("cat; echo end")).stdout), "end\n");
});

Deno.test("a program sees the variables its kind may, those added, and no others", async () => {
  const { stdout } = await processes.run({
    kind: "dialog",
    command: "env",
    args: [],
    extraEnvironment: { MODE: "test" },
    timeoutSeconds: 20,
  });
  assert.deepEqual(text(stdout).trim().split("\n").toSorted(), [
    "HOME=/home/x",
    "MODE=test",
    "PATH=/usr/bin:/bin",
  ]);
});

Deno.test("a command of the config file sees the whole environment, and what is added too", async () => {
  const { stdout } = await processes.run({
    kind: "command",
    command: "env",
    args: [],
    extraEnvironment: { MODE: "test" },
    timeoutSeconds: 20,
  });
  assert.ok(text(stdout).includes("MODE=test\n"));
  assert.ok(text(stdout).includes(`HOME=${Deno.env.get("HOME")}\n`));
});

Deno.test("what opens a browser sees all but our own AWS credentials", async () => {
  const ours = { AWS_SESSION_TOKEN: "t", AWS_REGION: "eu-west-1" };
  for (const [name, value] of Object.entries(ours)) Deno.env.set(name, value);
  try {
    const opened = processes.run({ kind: "opener", command: "env", args: [], timeoutSeconds: 20 });
    assert.equal(Deno.env.get("AWS_SESSION_TOKEN"), "t", "ours are as they were");
    const seen = text((await opened).stdout);
    assert.ok(seen.includes("AWS_REGION=eu-west-1\n") && !seen.includes("AWS_SESSION_TOKEN"), seen);
  } finally {
    for (const name of Object.keys(ours)) Deno.env.delete(name);
  }
});

Deno.test("a program that may stay is waited for until its time is over, and then goes on", async () => {
  const directory = Deno.makeTempDirSync();
  const script = `while [ ! -e ${directory}/go ]; do sleep 0.05; done; echo >${directory}/done`;
  const stays = { kind: "opener", mayStay: true } as const;
  const result = await shell(script, { ...stays, timeoutSeconds: 0.2 });
  assert.equal(result.code, 0);
  Deno.writeTextFileSync(`${directory}/go`, "");
  await untilWritten(`${directory}/done`);
  assert.equal((await shell("exit 3", stays)).code, 3);
  Deno.removeSync(directory, { recursive: true });
});

Deno.test("what a command of the config file says reaches the user line by line, a question too", async () => {
  shown.length = 0;
  const script = "echo one >&2; printf 'PIN: ' >&2; sleep 0.5; printf 'two\\nthree' >&2";
  const { stderr } = await shell(script, { kind: "command" });
  assert.deepEqual(shown, ["one", "PIN: ", "two", "three"]);
  assert.equal(stderr, "");
});

Deno.test("a line that comes in pieces is shown whole, whatever the pieces end in", () => {
  const lines: string[] = [];
  const relay = relayLines((line) => void lines.push(line));
  for (const byte of new TextEncoder().encode("für\r\nzwölf")) relay.take(Uint8Array.of(byte));
  relay.flush();
  assert.deepEqual(lines, ["für", "zwölf"]);
});

Deno.test("without a terminal mfa_process reads nothing, and what it says reaches the user", async () => {
  shown.length = 0;
  const { stdout } = await shell("cat; echo x >&2; echo end", { kind: "mfa_command" });
  assert.equal(text(stdout), "end\n");
  assert.deepEqual(shown, ["x"]);
});

for (const kind of ["keyring", "command"] as const) {
  Deno.test(`a program lying in the current directory is started for no helper, nor by one (${kind})`, async () => {
    const directory = await Deno.makeTempDir();
    const before = Deno.cwd();
    try {
      for (const name of ["helper", "id"]) {
        await Deno.writeTextFile(`${directory}/${name}`, "#!/bin/sh\necho hostile\n", {
          mode: 0o755,
        });
      }
      Deno.chdir(directory);
      for (
        const PATH of [":/usr/bin:/bin", ".:/usr/bin:/bin", "/usr/bin:/bin:", "x/..:/usr/bin:/bin"]
      ) {
        const env = { get: (name: string) => ({ PATH } as Record<string, string>)[name] };
        const { find, run } = createProcesses(env, "linux", surroundings);
        const request = { kind, args: [], timeoutSeconds: 20 };
        assert.equal(find("helper"), undefined);
        await assert.rejects(
          run({ ...request, command: "helper" }),
          /not installed, or not in PATH/,
        );
        const inner = await run({ ...request, command: "sh", args: ["-c", "id -u"] });
        assert.equal(text(inner.stdout), `${Deno.uid()}\n`);
      }
    } finally {
      Deno.chdir(before);
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("a program that is missing is an error with a way out", async () => {
  const request = {
    kind: "system",
    command: "no-such-program",
    args: [],
    timeoutSeconds: 5,
  } as const;
  await assert.rejects(processes.run(request), (error) => {
    assert.ok(error instanceof VaultError);
    assert.equal(error.code, "process");
    assert.match(error.message, /no-such-program is not installed/);
    assert.ok(error.hints.length > 0);
    return true;
  });
  const onWindows = createProcesses({ get: () => undefined }, "windows", surroundings);
  for (const [known, path] of [[processes, "/no/such"], [onWindows, "C:\\no\\such"]] as const) {
    await assert.rejects(known.run({ ...request, command: path }), {
      message: `there is no program ${path}`,
      hints: [], // PATH is not looked in
    });
  }
});

Deno.test("a program that cannot be started is an error that says why", async () => {
  const path = await Deno.makeTempFile();
  try {
    const request = { kind: "system", command: path, args: [], timeoutSeconds: 5 } as const;
    await assert.rejects(processes.run(request), {
      message: `the program ${path} cannot be started: permission denied`,
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a program that takes too long is stopped, and the error names it", async () => {
  const slow = shell("exec sleep 20", { timeoutSeconds: 0.1 });
  await assert.rejects(slow, /the program sh did not end within 0.1 seconds/);
});

for (const script of ["yes", "yes >&2", "head -c 20000000 /dev/zero"]) {
  Deno.test(`a program that writes without an end is stopped, and the error says so (${script})`, async () => {
    await assert.rejects(shell(`exec ${script}`), (error: VaultError) => {
      assert.equal(error.code, "process");
      assert.equal(error.message, "the program sh wrote more than 16 MB and was stopped");
      return true;
    });
  });
}

Deno.test("a program's megabytes come back whole", async () => {
  const { stdout } = await shell("head -c 9000000 /dev/zero");
  assert.equal(stdout.length, 9_000_000);
});

Deno.test("a program that ignores SIGTERM is killed", async () => {
  const path = await Deno.makeTempFile();
  try {
    const script = `trap "" TERM; echo $$ > ${path}; while :; do sleep 0.1; done`;
    await assert.rejects(shell(script, { timeoutSeconds: 0.5 }), /did not end within/);
    const pid = Number(await Deno.readTextFile(path));
    assert.ok(pid > 0);
    assert.ok(await endsSoon(pid), "it lives on");
  } finally {
    await Deno.remove(path);
  }
});

/** A killed child of ours is waited for by Deno, and gone a moment later. */
async function endsSoon(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      Deno.kill(pid, "SIGCONT"); // to a living one it does nothing
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  Deno.kill(pid, "SIGKILL");
  return false;
}

Deno.test("a request that is given up stops the program", async () => {
  const controller = new AbortController();
  const running = shell("exec sleep 20", { signal: controller.signal });
  controller.abort();
  await assert.rejects(running, /sh was stopped before it answered/);
  await assert.rejects(shell("exec sleep 20", { signal: controller.signal }), VaultError);
});

Deno.test("a daemon that holds the output open does not hold us", async () => {
  const { stdout } = await shell("sleep 5 & echo $!");
  const pid = Number(text(stdout));
  assert.doesNotThrow(() => Deno.kill(pid, "SIGKILL"), "it has ended, and so was waited for");
});

Deno.test("a program is found by name, and nothing by a name that is nowhere", () => {
  assert.match(processes.find("sh") ?? "", /^\/(usr\/)?bin\/sh$/);
  assert.equal(processes.find("no-such-program"), undefined);
});
