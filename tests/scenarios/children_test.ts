import assert from "node:assert/strict";
import {
  canLeaveTerminal,
  hasTerminalTests,
  Home,
  run,
  runInTerminal,
  type Step,
} from "./harness.ts";
import { RUNNER } from "./runner.ts";
import { boundByModes, HAS_MODES } from "./sandbox.ts";

/** A program says when it is ready, so that a signal does not come before its trap. */
const TELL_SIGNALS = `
  n=0; i=0
  for s in TERM HUP USR1 USR2 ALRM INT QUIT WINCH; do trap "echo got $s; n=\\$((n+1))" $s; done
  echo ready
  while [ $n -lt $1 ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
  sleep 0.3
  exit 5`;

/** A shell would take two for one that come before it looks: this one waits for each. */
const COUNT_SIGNALS = `
import os, signal, sys
signals = {getattr(signal, "SIG" + name) for name in "TERM HUP USR1 USR2 INT QUIT WINCH".split()}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
got = signal.sigtimedwait(signals, 10)
while got:
    print("got", signal.Signals(got.si_signo).name[3:], flush=True)
    got = signal.sigtimedwait(signals, 0.5)
print(*reversed(os.get_terminal_size()))
sys.exit(5)
`;

/** It neither reads nor forks before it is stopped: both would race with the keys typed here. */
const WAIT_FOR_CONT = `
import signal, sys, time
continued = []
signal.signal(signal.SIGCONT, lambda *_: continued.append(True))
print("ready", flush=True)
while not continued:
    time.sleep(0.05)
print("read", input())
sys.exit(6)`;

/** As `suspend` of a shell does that has made a group of its own, or an editor that has not. */
const STOP_ITSELF = `
import os, signal, sys
if sys.argv[1] == "of its own":
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
os.kill(os.getpid(), signal.SIGSTOP)
print("read", input())
sys.exit(6)`;

/** Runs a command with more entries in its environment than a dictionary could hold. */
const WITH_ENTRIES = `
import ctypes, json, os, sys
entries = [f"{k}={v}" for k, v in os.environ.items()] + json.loads(sys.argv[1])
array = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*[t.encode() for t in texts], None)
ctypes.CDLL(None).execvpe(sys.argv[2].encode(), array(sys.argv[2:]), array(entries))`;

const WAYS = [["replace", "in our place"], ["stay", "as our child"]] as const;

for (const [way, manner] of WAYS) {
  const command = [...RUNNER, way];
  const test = (name: string, body: (home: Home) => Promise<void>, ignore = false) =>
    Deno.test(`a program started ${manner} ${name}`, { ignore }, async () => {
      using home = new Home();
      await body(home);
    });

  test("gives its exit code", async (home) => {
    assert.equal((await run(["sh", "-c", "exit 37"], { home, command })).code, 37);
  });

  test("that is not there ends with 127 and its name", async (home) => {
    const ran = await run(["no-such-program"], { home, command });
    assert.equal(ran.code, 127);
    assert.match(ran.stderr, /no-such-program: command not found/);
  });

  test("that is not executable ends with 126 and its path", async (home) => {
    const path = home.write("plain", "text");
    const ran = await run([path], { home, command });
    assert.equal(ran.code, 126);
    assert.ok(ran.stderr.includes(path));
  });

  test("that cannot be looked at ends with 126 and what the system says", async (home) => {
    const path = home.write("closed/tool", "#!/bin/sh\n");
    Deno.chmodSync(path, 0o755);
    Deno.chmodSync(`${home.path}/closed`, 0);
    Deno.symlinkSync("loop", `${home.path}/loop`);
    const bound = boundByModes(...command);
    const closed = await run([path], { home, command: bound });
    assert.deepEqual([closed.code, /cannot be started: permission/.test(closed.stderr)], [
      126,
      true,
    ]);
    const loop = await run([`${home.path}/loop`], { home, command: bound });
    assert.deepEqual([loop.code, /cannot be started: its links lead/.test(loop.stderr)], [
      126,
      true,
    ]);
  }, !HAS_MODES || Deno.build.os !== "linux");

  test("whose interpreter is missing ends with 126", async (home) => {
    const path = home.write("script", "#!/no/such/interpreter\n");
    Deno.chmodSync(path, 0o755);
    assert.equal((await run([path], { home, command })).code, 126);
  });

  test("and killed by a signal makes us end by that signal", async (home) => {
    for (const name of ["TERM", "KILL", "INT", "SEGV"]) {
      const ran = await run(["sh", "-c", `kill -${name} $$`], { home, command });
      assert.equal(ran.signal, `SIG${name}`);
    }
  });

  test("is found in PATH past a file that cannot be run, by anybody or by us", async (home) => {
    const first = home.write("first/tool", "text");
    const tool = home.write("second/tool", "#!/bin/sh\necho second\n");
    Deno.chmodSync(tool, 0o755);
    const env = { PATH: `${home.path}/first:${home.path}/second:/usr/bin:/bin` };
    const bound = boundByModes(...command);
    for (const mode of HAS_MODES ? [0o644, 0o601] : [0o644]) {
      Deno.chmodSync(first, mode);
      const ran = await run(["tool"], { home, command: bound, env });
      assert.equal(ran.stdout, "second\n", ran.stderr);
    }
  });

  test("sees the variables set, and neither those taken out nor the passphrase", async (home) => {
    const env = { AWS_PROFILE: "other", AWS_VAULT_NOFILE: "500", KEPT: "as it was" };
    const { stdout } = await run(["env"], { home, command, env });
    const lines = stdout.split("\n");
    for (
      const line of ["AWS_VAULT=work", "AWS_SECRET_ACCESS_KEY=for the child", "KEPT=as it was"]
    ) {
      assert.ok(lines.includes(line), line);
    }
    assert.doesNotMatch(stdout, /AWS_PROFILE|PASSPHRASE|correct horse|NOFILE/);
  });

  test("gets variables that are not UTF-8 byte for byte", async (home) => {
    const script = `ODD=$(printf 'a\\377b') "$@"`;
    const ran = await run([...command, "printenv", "ODD"], {
      home,
      command: ["sh", "-c", `export ODD; ${script}`, "sh"],
    });
    assert.deepEqual([...ran.stdoutBytes], [0x61, 0xff, 0x62, 0x0a]);
  });

  test(
    "gets variables whose names are no identifiers, twice the same, and none of ours",
    async (home) => {
      const odd = [
        "a.b=1",
        "//npm:_auth=x=y",
        "BASH_FUNC_f%%=() { :\n}",
        "TWICE=1",
        "TWICE=2",
        "EMPTY=",
      ];
      const ran = await run([JSON.stringify(odd), ...command, "env", "-0"], {
        home,
        command: ["python3", "-c", WITH_ENTRIES],
      });
      const entries = ran.stdout.split("\0");
      assert.deepEqual(entries.filter((entry) => odd.includes(entry)), odd);
      assert.doesNotMatch(ran.stdout, /DENO_NODE_SHIM|node_compat_bin/);
    },
    !hasTerminalTests || Deno.build.os !== "linux",
  );

  test("gets arguments that are not UTF-8 byte for byte", async (home) => {
    const ran = await run([...command, "printf", "%s|"], {
      home,
      command: ["sh", "-c", `"$@" "$(printf 'a\\377b')" "zoë"`, "sh"],
    });
    assert.deepEqual(
      ran.stdoutBytes,
      new Uint8Array([0x61, 0xff, 0x62, 0x7c, 0x7a, 0x6f, 0xc3, 0xab, 0x7c]),
    );
  }, Deno.build.os !== "linux");

  test("begins without the signal blocked that the launcher blocks", async (home) => {
    const mask = ["sed", "-n", "s/^SigBlk:\\s*//p", "/proc/self/status"];
    const bare = await run(mask, { home, command: ["env"] });
    const block = ["env", "--block-signal=USR1"];
    assert.notEqual((await run(mask, { home, command: block })).stdout, bare.stdout);
    const ran = await run(mask, { home, command: [...block, ...command] });
    assert.deepEqual([ran.stdout, ran.stderr], [bare.stdout, ""]);
  }, Deno.build.os !== "linux");

  test("is run by sh where it is a script without a first line of its own", async (home) => {
    const path = home.write("script", 'echo "$0 $1"\n');
    Deno.chmodSync(path, 0o755);
    assert.equal((await run([path, "x"], { home, command })).stdout, `${path} x\n`);
  });

  test("gets every argument as it is: empty, blank, dashes, quotes, lines, any script", async (home) => {
    const args = ["", " ", "--", "-x", `"'\\$HOME`, "a\nb", "zoë 鍵 🔑", "\u{fffd}"];
    const ran = await run(["printf", "%s\\0", ...args], { home, command });
    assert.deepEqual(ran.stdout.split("\0").slice(0, -1), args);
  });

  test("reads and writes binary data untouched", async (home) => {
    const data = crypto.getRandomValues(new Uint8Array(60_000));
    const ran = await run(["cat"], { home, command, stdin: data });
    assert.deepEqual(ran.stdoutBytes, data);
  });

  test("reads nothing where standard input is closed", async (home) => {
    const ran = await run([...command, "sh", "-c", "cat; echo $?"], {
      home,
      command: ["sh", "-c", 'exec "$@" <&-', "sh"],
    });
    assert.deepEqual([ran.stdout, ran.stderr], ["0\n", ""]);
  });

  test("dies of a closed pipe as it would by itself", async (home) => {
    const inner = `{ "$@" yes; echo $? >&2; } | head -1`;
    const ran = await run(command, { home, command: ["sh", "-c", inner, "sh"] });
    assert.equal(ran.stdout, "y\n");
    assert.equal(ran.stderr.trim(), "141");
  });

  test("gets no descriptors of ours", async (home) => {
    const listing = ["sh", "-c", "echo /proc/self/fd/*"];
    const bare = await run(listing, { home, command: ["env"] });
    assert.equal((await run(listing, { home, command })).stdout, bare.stdout);
  }, Deno.build.os !== "linux");

  test("has the soft limit of open files that we had", async (home) => {
    const script = 'ulimit -Sn 300; "$@"';
    for (const env of [{ AWS_VAULT_NOFILE: "300" }, {}]) {
      const ran = await run([...command, "sh", "-c", "ulimit -Sn"], {
        home,
        env,
        command: ["sh", "-c", script, "sh"],
      });
      assert.equal(ran.stdout, "300\n");
    }
  }, Deno.build.os !== "linux");

  test("is left alone, and we, by signals that nohup has ignored", async (home) => {
    const child = "for s in HUP INT ALRM; do kill -$s $$ $PPID; done; echo alive";
    const ran = await run(["sh", "-c", child], {
      home,
      command: ["sh", "-c", `trap "" HUP INT ALRM; "$@"`, "sh", ...command],
    });
    assert.deepEqual([ran.stdout, ran.code], ["alive\n", 0]);
  });

  test("can be dumped and traced again, as by itself", async (home) => {
    // The owner of /proc/PID files is root while a process is protected.
    const env = { AWS_VAULT_FILE_PASSPHRASE: "x" };
    const script = "stat -c %U /proc/self/environ; id -un";
    const ran = await run(["sh", "-c", script], { home, command, env });
    const [owner, user] = ran.stdout.trim().split("\n");
    assert.equal(owner, user);
  }, Deno.build.os !== "linux");

  for (const name of ["TERM", "HUP", "USR1", "USR2", "ALRM", "INT", "QUIT", "WINCH"] as const) {
    test(`gets SIG${name} once, sent to us without a terminal (setsid)`, async (home) => {
      const ran = await run(["sh", "-c", TELL_SIGNALS, "sh", "1"], {
        home,
        command: ["setsid", ...command], // a session of its own has no terminal
        signalAt: { text: "ready", signal: `SIG${name}` },
      });
      assert.equal(ran.stdout, `ready\ngot ${name}\n`);
      assert.equal(ran.code, 5);
    }, !canLeaveTerminal);
  }

  const onTerminal = (name: string, body: (home: Home) => Promise<void>) =>
    test(`on a terminal (python3) ${name}`, body, !hasTerminalTests);

  for (
    const [name, step, told] of [
      ["Ctrl-C once, and we wait for it", { type: "\x03" }, "INT"],
      ["Ctrl-\\ once", { type: "\x1c" }, "QUIT"],
      ["a change of the window's size once", { resize: [33, 99] }, "WINCH"],
      ["SIGTERM sent to us once", { signal: "SIGTERM" }, "TERM"],
    ] as const
  ) {
    onTerminal(`gets ${name}`, async (home) => {
      const ran = await runInTerminal(["python3", home.write("child.py", COUNT_SIGNALS)], {
        home,
        command,
        steps: [{ expect: "ready", ...step }],
      });
      assert.deepEqual(ran.screen.match(/got \w+/g), [`got ${told}`]);
      if (told === "WINCH") assert.match(ran.screen, /33 99/);
      assert.equal(ran.code, 5);
    });
  }

  onTerminal("is stopped by Ctrl-Z and goes on with fg", async (home) => {
    const child = `python3 ${home.write("child.py", WAIT_FOR_CONT)}`;
    await stopInShell(home, `${command.join(" ")} ${child}`, [
      { expect: "ready\r\n", type: "\x1a" },
    ]);
  });

  for (const group of ["of its own", "of ours"]) {
    onTerminal(`that stops itself, its group ${group}, goes on with fg`, async (home) => {
      const child = `python3 ${home.write("child.py", STOP_ITSELF)} "${group}"`;
      await stopInShell(home, `${command.join(" ")} ${child}`, []);
    });
  }
}

/** Starts a line in a shell, stops it by steps, and sees it go on with fg, read a line and end with 6. */
async function stopInShell(home: Home, line: string, stop: readonly Step[]): Promise<void> {
  const ran = await runInTerminal([], {
    home,
    command: ["sh", "-i"],
    env: { PS1: "PROMPT " },
    steps: [
      { expect: "PROMPT ", type: `${line}\r` },
      ...stop,
      { expect: "Stopped" },
      { expect: "PROMPT ", type: "fg\r" },
      { expect: "fg\r\n", type: "again\r" },
      { expect: "read again" },
      { expect: "PROMPT ", type: "echo code $?; exit\r" },
      { expect: "code 6" },
    ],
  });
  assert.equal(ran.code, 0);
}

Deno.test({
  name:
    "a program that stops itself beside us goes on where no shell could bring it back (python3)",
  ignore: !hasTerminalTests,
  async fn() {
    using home = new Home();
    const ran = await runInTerminal([home.write("child.py", STOP_ITSELF), "of its own"], {
      home,
      command: [...RUNNER, "stay", "python3"],
      steps: [{ type: "again\r" }, { expect: "read again" }],
    });
    assert.equal(ran.code, 6);
  },
});

Deno.test("a program started in our place is the same process", async () => {
  using home = new Home();
  const ran = await run([...RUNNER, "replace", "sh", "-c", "echo $$"], {
    home,
    command: ["sh", "-c", 'echo $$; exec "$@"', "sh"],
  });
  const [before, after] = ran.stdout.trim().split("\n");
  assert.equal(after, before);
});

Deno.test("a child's end is seen where whoever started us ignores that of children", async () => {
  using home = new Home();
  const ran = await run([...RUNNER, "stay", "sh", "-c", "exit 7"], {
    home,
    command: ["env", "--ignore-signal=CHLD"],
  });
  assert.equal(ran.code, 7, ran.stderr);
});

Deno.test("a program where Deno may not look is started all the same", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using home = new Home();
  const ran = await run(["replace", "/proc/self/root/bin/echo", "seen"], { home, command: RUNNER });
  assert.equal(ran.stdout, "seen\n", ran.stderr);
});

Deno.test("SIGUSR1 that the launcher blocks reaches a program in our place", async () => {
  using home = new Home();
  const ran = await run([...RUNNER, "replace", "sh", "-c", "kill -USR1 $$; echo alive"], {
    home,
    command: ["env", "--block-signal=USR1"],
  });
  assert.equal(ran.signal, "SIGUSR1");
});

Deno.test("a child that dies of SIGUSR1 makes us end by it, though the launcher blocks it", async () => {
  using home = new Home();
  const ran = await run([...RUNNER, "stay", "sh", "-c", "kill -USR1 $$; echo alive"], {
    home,
    command: ["env", "--block-signal=USR1"],
  });
  assert.deepEqual([ran.signal, ran.stdout, ran.stderr], ["SIGUSR1", "", ""]);
});

Deno.test("SIGUSR1 that the launcher blocks reaches our child once, and opens no debugger", async () => {
  using home = new Home();
  // Deno begins to listen for it some time after the start.
  const child = `sleep 1; ${TELL_SIGNALS}`;
  const ran = await run([...RUNNER, "stay", "sh", "-c", child, "sh", "1"], {
    home,
    command: ["env", "--block-signal=USR1"],
    signalAt: { text: "ready", signal: "SIGUSR1" },
  });
  assert.equal(ran.stdout, "ready\ngot USR1\n");
  assert.equal(ran.stderr, "");
});
