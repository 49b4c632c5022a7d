import assert from "node:assert/strict";
import {
  canLeaveTerminal,
  hasTerminalTests,
  Home,
  run,
  runInTerminal,
  type Step,
  type TerminalOptions,
  type TerminalRun,
} from "./harness.ts";
import { until } from "../until.ts";
import { RUNNER } from "./runner.ts";

const command = [...RUNNER, "ask"];

function onTerminal(name: string, body: (home: Home) => Promise<void>): void {
  Deno.test(`on a terminal (python3) ${name}`, { ignore: !hasTerminalTests }, async () => {
    using home = new Home();
    await body(home);
  });
}

/** Asks questions with standard output piped, and types. */
async function ask(
  home: Home,
  kinds: string[],
  steps: Step[],
  more: Partial<TerminalOptions> = {},
): Promise<TerminalRun> {
  return await runInTerminal(kinds, { home, command, steps, pipeStdout: true, ...more });
}

onTerminal(
  "an answer is echoed, a secret is not, neither goes to standard output",
  async (home) => {
    const ran = await ask(home, ["plain", "secret"], [
      { expect: "Enter plain: ", type: "open\r" },
      { expect: "Enter secret: ", type: "hidden\r" },
    ]);
    assert.equal(ran.screen, "Enter plain: open\r\nEnter secret: \r\n");
    assert.equal(ran.stdout, '["open","hidden"]');
    assert.equal(ran.echo, true);
  },
);

onTerminal("questions are asked with standard input piped, and leave it alone", async (home) => {
  const ran = await ask(home, ["secret"], [{ expect: "Enter secret: ", type: "typed\r" }], {
    stdin: "piped\n",
  });
  assert.equal(ran.stdout, '["typed"]');
});

onTerminal("lines pasted at once answer one question each", async (home) => {
  const ran = await ask(home, ["plain", "plain", "plain"], [
    { expect: "Enter plain: ", type: "one\rtwo\rthree\r" },
  ]);
  assert.equal(ran.stdout, '["one","two","three"]');
});

onTerminal("of two processes one asks at a time, and no key is the other's", async (home) => {
  // At a signal, which comes while the first one asks, the second is started.
  const second = `"$@" withdrawn; echo the second gave up > /dev/tty`;
  const script = `trap '${second}' USR1; "$@" plain & wait; wait`;
  const ran = await runInTerminal([], {
    home,
    command: ["sh", "-c", script, "sh", ...command],
    pipeStdout: true,
    steps: [
      { expect: "Enter plain: ", signal: "SIGUSR1" },
      { expect: "the second gave up", type: "one\r" },
    ],
  });
  assert.equal(ran.screen, "Enter plain: the second gave up\r\none\r\n");
  assert.equal(ran.stdout, '["the question was withdrawn"]["one"]');
  assert.equal(ran.echo, true);
});

/** Types Ctrl-Z once two processes in a directory have opened the terminal to ask on it. */
const STOP_TWO = `
import glob, os, sys, time
def is_asking(directory):
    for path in glob.glob(f"{directory}/fd/*"):
        with open(path.replace("/fd/", "/fdinfo/")) as info:
            flags = int(info.read().split()[3], 8)
        if os.readlink(path).startswith("/dev/pts/") and flags & os.O_NONBLOCK:
            return True
def count(cwd):
    asking = 0
    for directory in glob.glob("/proc/[0-9]*"):
        try:
            asking += os.readlink(f"{directory}/cwd") == cwd and is_asking(directory) is True
        except OSError:
            pass
    return asking
while count(sys.argv[1]) < 2:
    time.sleep(0.05)
print("\\x1a", end="")`;

onTerminal("of two in a job the one that asks goes on asking after Ctrl-Z and fg", async (home) => {
  const asker = `${command.join(" ")} plain`;
  const ran = await runInTerminal([], {
    home,
    command: ["sh", "-i"],
    env: { PS1: "PROMPT " },
    steps: [
      { expect: "PROMPT ", type: `${asker} | ${asker} >answer\r` },
      { expect: "Enter plain: ", type_output: ["python3", "-c", STOP_TWO, home.path] },
      { expect: "Stopped" },
      // A job that was stopped for a moment alone is one that a busy machine has kept waiting.
      { expect: "PROMPT ", type: "sleep 0.3; fg\r" },
      { expect: "Enter plain: ", type: "one\r" },
      { expect: "Enter plain: ", type: "two\r" },
      { expect: "PROMPT ", type: "exit\r" },
    ],
  });
  const asked = "\rEnter plain: one\r\nEnter plain: two\r\n";
  assert.ok(ran.screen.includes(asked), ran.screen);
});

onTerminal("a question that is withdrawn takes no key from the next", async (home) => {
  const ran = await ask(home, ["withdrawn", "secret"], [
    { expect: "Enter withdrawn: " },
    { expect: "Enter secret: ", type: "answer\r" },
  ]);
  assert.equal(ran.stdout, '["the question was withdrawn","answer"]');
  assert.equal(ran.screen, "Enter withdrawn: \r\nEnter secret: \r\n");
  assert.equal(ran.echo, true);
});

onTerminal("what is typed can be corrected", async (home) => {
  const ran = await ask(home, ["plain"], [
    { expect: "Enter plain: ", type: "wrong\x15zoé\x7fë word\x17x\r" },
  ]);
  assert.equal(ran.stdout, '["zoë x"]');
});

onTerminal("Ctrl-D at an empty line is no answer", async (home) => {
  const ran = await ask(home, ["secret"], [{ expect: "Enter secret: ", type: "\x04" }]);
  assert.equal(ran.code, 1);
  assert.match(ran.screen, /error: no answer was given/);
  assert.equal(ran.echo, true);
});

for (const kind of ["secret", "plain"]) {
  onTerminal(`Ctrl-C at a ${kind} question restores the echo and ends by SIGINT`, async (home) => {
    const ran = await ask(home, [kind], [
      { expect: `Enter ${kind}: `, type: "half" },
      { type: "\x03" },
    ]);
    assert.equal(ran.signal, "SIGINT");
    assert.equal(ran.echo, true);
    assert.equal(ran.stdout, "");
    assert.match(ran.screen, /\r\n$/, "the shell's prompt begins a line");
  });
}

for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT", "SIGALRM"]) {
  onTerminal(`${signal} at a secret question restores the echo and ends us by it`, async (home) => {
    const ran = await ask(home, ["secret"], [{ expect: "Enter secret: ", signal }]);
    assert.equal(ran.signal, signal);
    assert.equal(ran.echo, true);
  });
}

for (const [kind, shown] of [["plain", "zyx"], ["secret", ""]] as const) {
  onTerminal(
    `Ctrl-Z at a ${kind} question gives the terminal back, and fg asks again`,
    async (home) => {
      const ran = await runInTerminal([], {
        home,
        command: ["sh", "-i"],
        env: { PS1: "PROMPT " },
        steps: [
          { expect: "PROMPT ", type: `${command.join(" ")} ${kind}\r` },
          { expect: `Enter ${kind}: `, type: "zyx" },
          { expect: shown, taken: true, type: "\x1a" },
          { expect: "Stopped" },
          { expect: "PROMPT ", type: "stty -a | grep -o ' echo '; fg\r" },
          { expect: "\r\n echo \r\n" },
          { expect: `Enter ${kind}: ${shown}`, type: "wvu\r" },
          { expect: '["zyxwvu"]' },
          { expect: "PROMPT ", type: "exit\r" },
        ],
      });
      assert.equal(ran.code, 0);
      assert.equal(ran.echo, true);
      const echoed = kind === "plain";
      assert.equal(/zyx(?!wvu"\])/.test(ran.screen), echoed, ran.screen);
      assert.equal(/(?<!"zyx)wvu/.test(ran.screen), echoed, ran.screen);
    },
  );
}

onTerminal("a question in the background waits for fg, with all of its job", async (home) => {
  const ran = await runInTerminal([], {
    home,
    command: ["bash", "--norc", "--noprofile", "-i"],
    env: { PS1: "PROMPT " },
    steps: [
      { expect: "PROMPT ", type: `sh -c '"$@"; exit 3' sh ${command.join(" ")} plain &\r` },
      { expect: "PROMPT ", type: "while jobs -r | grep -q .; do sleep 0.05; done; jobs; fg\r" },
      { expect: "Stopped" },
      { expect: "Enter plain: ", type: "answer\r" },
      { expect: '["answer"]' },
      { expect: "PROMPT ", type: "exit $?\r" },
    ],
  });
  assert.equal(ran.code, 3, ran.screen);
});

onTerminal("Ctrl-Z does nothing where no shell could go on with us", async (home) => {
  const ran = await ask(home, ["plain"], [
    { expect: "Enter plain: ", type: "a\thalf" },
    { expect: "a half", type: "\x1a" },
    { expect: "\rEnter plain: a half", type: " of it\r" },
  ]);
  assert.equal(ran.stdout, '["a\\thalf of it"]');
});

onTerminal("a program started after a question finds everything as it was", async (home) => {
  const modes = "stty -a | tr ' ;' '\\n\\n' | grep -x -e icrnl -e isig -e icanon -e echo | xargs";
  const ignored = "sed -n 's/^SigIgn:.*\\(.\\)....$/TSTP \\1/p' /proc/$$/status";
  const script = `kill -HUP $$; ${ignored}; ${modes}; read line; kill -INT $$`;
  const ran = await runInTerminal(["unlock", "sh", "-c", script], {
    home,
    command: ["sh", "-c", `trap "" HUP TSTP; exec "$@"`, "sh", ...RUNNER],
    steps: [
      { expect: "Enter secret: ", type: "answer\r" },
      { expect: "TSTP 8" },
      { expect: "icrnl isig icanon echo", type: "line\r" },
    ],
  });
  assert.equal(ran.signal, "SIGINT");
});

onTerminal("no escape codes are sent, and nothing is asked of it", async (home) => {
  const ran = await ask(home, ["plain"], [{ expect: "Enter plain: ", type: "\x1b[A\x1b[Dx\r" }]);
  assert.ok(!ran.screen.includes("\x1b"));
  assert.equal(ran.stdout, '["x"]');
});

onTerminal(
  "a run left behind in the background by its shell is told that it cannot ask",
  async (home) => {
    // Its group has no parent on the terminal: what would stop it fails instead.
    const leave = `import os, sys, time
if os.fork() == 0:
    os.setpgid(0, 0)
    if os.fork() == 0:
        time.sleep(0.3)
        os.execv(sys.argv[1], sys.argv[1:])
    os._exit(0)
os.wait()
time.sleep(2)`;
    const ran = await runInTerminal(["secret"], {
      home,
      command: ["python3", "-c", leave, ...command],
      steps: [{ expect: "there is no terminal to ask on (Enter secret): " }],
    });
    assert.doesNotMatch(ran.screen, /bug|Uncaught/);
  },
);

onTerminal(
  "progress is one line, cut where the terminal ends, and nothing elsewhere",
  async (home) => {
    const texts = ["progress", "one line of many", "two", ""];
    const ran = await runInTerminal(texts, {
      home,
      command: ["sh", "-c", 'stty cols 10 rows 20; exec "$@"', "sh", ...RUNNER],
      steps: [],
    });
    assert.match(ran.screen, /\rone line \rtwo {6}\r {3}\r$/);
    const piped = await run(texts, { home, command: RUNNER });
    assert.equal(piped.stdout + piped.stderr, "");
  },
);

Deno.test("a closed pipe ends us quietly, as SIGPIPE does", async () => {
  using home = new Home();
  const script = `{ "$@" 100000; echo $? >&2; } | head -1`;
  const ran = await run([...RUNNER, "print"], { home, command: ["sh", "-c", script, "sh"] });
  assert.equal(ran.stdout, "a line of output\n");
  assert.equal(ran.stderr, "141\n");
});

Deno.test("a slow reader of a pipe gets everything", async () => {
  using home = new Home();
  const script = `"$@" 100000 | { sleep 0.3; wc -l; }`;
  const ran = await run([...RUNNER, "print"], { home, command: ["sh", "-c", script, "sh"] });
  assert.equal(ran.stdout.trim(), "100000");
});

Deno.test({
  name: "without a terminal (setsid) a question is an error at once that says so",
  ignore: !canLeaveTerminal,
}, async () => {
  using home = new Home();
  const ran = await run(["secret"], { home, command: ["setsid", ...command], stdin: "piped\n" });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /there is no terminal to ask on \(Enter secret\)/);
  assert.equal(ran.stdout, "");
});

Deno.test({
  name: "a test on a terminal that fails leaves none of its processes behind (python3)",
  ignore: !hasTerminalTests || Deno.build.os !== "linux",
  async fn() {
    using home = new Home();
    const script = `trap '' HUP; set -m; sleep 600 & echo $! >pid; kill -STOP $!; exit`;
    const failed = runInTerminal([], {
      home,
      command: ["sh", "-c", script],
      steps: [{ expect: "what is never shown" }],
    });
    await assert.rejects(failed, /ended without showing/);
    const pid = Deno.readTextFileSync(`${home.path}/pid`).trim();
    // Nobody may have waited for it yet.
    const isGone = () => /^(Z|X|$)/.test(stateOf(pid));
    assert.ok(await until(isGone));
  },
});

/** The letter of a process's state; empty where there is none. */
function stateOf(pid: string): string {
  try {
    return /\) (\w)/.exec(Deno.readTextFileSync(`/proc/${pid}/stat`))![1]!;
  } catch {
    return "";
  }
}
