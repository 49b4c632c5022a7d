import assert from "node:assert/strict";
import { totp } from "../fakes/aws/mod.ts";
import {
  canLeaveTerminal,
  COMMAND,
  hasTerminalTests,
  runInTerminal,
  WITHOUT_TERMINAL,
} from "./harness.ts";
import { FULL_DISK, HAS_MOUNTS, withMounts } from "./sandbox.ts";
import {
  behind,
  listNames,
  MFA_SECRET,
  MFA_SERIAL,
  openKeyring,
  PASSPHRASE,
  ROLE,
  startVault,
  type Vault,
} from "./vault.ts";
import { until } from "../until.ts";

const MFA_ROLE = `[profile work]\nmfa_serial = ${MFA_SERIAL}\n\n[profile role]\n` +
  `role_arn = ${ROLE}\nmfa_serial = ${MFA_SERIAL}\nsource_profile = work\n`;

// Row 1.
Deno.test("thirty processes that miss the cache together make one request and keep one session", async () => {
  await using vault = await startVault();
  vault.aws.delay("GetSessionToken", 700);
  const runs = Array.from({ length: 30 }, () => vault.run(["exec", "work", "--json"]));
  const ran = await Promise.all(runs);
  assert.deepEqual([...new Set(ran.map(({ code }) => code))], [0]);
  assert.equal(new Set(ran.map(({ stdout }) => stdout)).size, 1);
  assert.deepEqual(vault.aws.calls.map(({ action }) => action), ["GetSessionToken"]);
  assert.equal(vault.sessionNames().length, 1);
});

// Row 1: the lock does not outlive its holder.
Deno.test("a process that is killed while it asks for a session holds up nobody", async () => {
  await using vault = await startVault();
  vault.aws.delay("GetSessionToken", 60_000);
  const killed = vault.run(["exec", "work", "--json"], {
    command: behind('echo $$ > "$HOME/pid"', COMMAND),
  });
  await until(() => vault.aws.calls.length === 1);
  Deno.kill(Number(Deno.readTextFileSync(`${vault.home.path}/pid`)), "SIGKILL");
  const next = await vault.run(["exec", "work", "--json"], { timeoutSeconds: 20 });
  assert.equal(next.code, 0, next.stderr);
  assert.equal((await killed).signal, "SIGKILL");
});

/** The session comes, a warning says that it was not kept, and the keyring is as it was. */
async function assertNotKept(vault: Vault, prepare: string): Promise<void> {
  const afterwards = 'cp -a "$HOME/.awsvault/keys" "$HOME/after"';
  const ran = await vault.run(["exec", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"], {
    command: withMounts(prepare, COMMAND, afterwards),
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^ASIA/);
  assert.match(ran.stderr, /^aws-vault: warning: the session of work could not be kept: /);
  assert.equal(ran.stderr.split("\n").length, 2);
  assert.deepEqual(listNames(`${vault.home.path}/after`).filter((name) => name !== "fill"), [
    "work",
  ]);
}

// Row 5.
Deno.test({
  name: "a session that a full disk does not take is used all the same, with a warning (mount)",
  ignore: !HAS_MOUNTS,
  async fn() {
    await using vault = await startVault();
    await assertNotKept(vault, FULL_DISK);
  },
});

// Row 5.
for (const what of [".awsvault/keys", ""]) {
  Deno.test({
    name: `a session that a read-only ${what || "home"} does not take is used all the same (mount)`,
    ignore: !HAS_MOUNTS,
    async fn() {
      await using vault = await startVault();
      const path = `"$HOME/${what}"`;
      const ran = await vault.run(["exec", "work", "--json"], {
        command: withMounts(
          `mount --bind ${path} ${path}; mount -o remount,ro,bind ${path}; cd /`,
          COMMAND,
        ),
      });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(JSON.parse(ran.stdout).AccessKeyId, /^ASIA/);
      assert.match(ran.stderr, /^aws-vault: warning: the session of work could not be kept: .*\n$/);
      assert.deepEqual(listNames(vault.keyring), ["work"]);
    },
  });
}

// Row 5.
Deno.test(
  "what a program gives is used all the same where nobody is there to open the keyring (setsid)",
  {
    ignore: !canLeaveTerminal,
  },
  async () => {
    await using vault = await startVault(
      '[profile minted]\ncredential_process = cat "$HOME/credentials.json"\n',
    );
    const keys = { Version: 1, AccessKeyId: "ASIAX", SecretAccessKey: "s", SessionToken: "t" };
    const given = { ...keys, Expiration: "2099-01-01T00:00:00Z" };
    vault.home.write("credentials.json", JSON.stringify(given));
    const run = (passphrase: string | undefined) =>
      vault.run(["exec", "minted", "--json"], {
        command: WITHOUT_TERMINAL,
        env: { AWS_VAULT_FILE_PASSPHRASE: passphrase },
      });
    const alone = await run(undefined);
    assert.equal(alone.code, 0, alone.stderr);
    assert.equal(JSON.parse(alone.stdout).AccessKeyId, "ASIAX");
    assert.match(
      alone.stderr,
      /^aws-vault: warning: the session of minted could not be kept: .*\n$/,
    );
    const wrong = await run("wrong");
    assert.equal(wrong.code, 1);
    assert.equal(wrong.stdout, "");
  },
);

// Row 5, the other way round: what is to be stored and cannot be is an error.
Deno.test({
  name: "`add` on a full disk is an error, and the keys that were there are kept (mount)",
  ignore: !HAS_MOUNTS,
  async fn() {
    await using vault = await startVault();
    const afterwards = 'cp -a "$HOME/.awsvault/keys" "$HOME/after"';
    for (const profile of ["work", "new"]) {
      const ran = await vault.add(profile, "AKIANEW", {
        command: withMounts(FULL_DISK, COMMAND, afterwards),
      });
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, "");
      assert.match(
        ran.stderr,
        /^aws-vault: error: .*cannot be written, what was there before is k/,
      );
      assert.deepEqual(listNames(`${vault.home.path}/after`), ["fill", "work"]);
      Deno.removeSync(`${vault.home.path}/after`, { recursive: true });
      Deno.removeSync(`${vault.home.path}/copy`, { recursive: true });
    }
    assert.equal(Deno.readTextFileSync(vault.config), "[profile work]\n");
  },
});

type Ruin = (path: string) => void | Promise<void>;

/** What may lie where a session is looked for and is none, which is not told. */
const NO_SESSIONS: Readonly<Record<string, Ruin>> = {
  empty: (path) => Deno.writeTextFileSync(path, ""),
  "no session": (path) => writeItem(path, PASSPHRASE),
};
/** And what the keyring itself cannot give, which is. */
const RUINS: Readonly<Record<string, Ruin>> = {
  torn: (path) => Deno.truncateSync(path, 300),
  "no JWE": (path) => Deno.writeTextFileSync(path, "eyJ.but.no.JWE.at.all"),
  "another item": (path) => Deno.copyFileSync(path.replace(/[^/]+$/, "work"), path),
  "locked with another passphrase": (path) => writeItem(path, "another"),
};

async function writeItem(path: string, passphrase: string): Promise<void> {
  const elsewhere = Deno.makeTempDirSync();
  const key = path.slice(path.lastIndexOf("/") + 1);
  const data = new TextEncoder().encode("[]");
  await openKeyring(elsewhere, passphrase).set({ key, data });
  Deno.copyFileSync(`${elsewhere}/${key}`, path);
  Deno.removeSync(elsewhere, { recursive: true });
}

// Row 6.
for (const [what, ruin] of Object.entries({ ...NO_SESSIONS, ...RUINS })) {
  Deno.test(`a kept session that is ${what} is as good as none, and is replaced`, async () => {
    await using vault = await startVault();
    const first = await vault.run(["exec", "work", "--json"]);
    await ruin(`${vault.keyring}/${vault.sessionNames()[0]}`);
    const second = await vault.run(["exec", "work", "--json"]);
    assert.equal(second.code, 0, second.stderr);
    const told = /^aws-vault: warning: a kept session of work is not used: [^\n]*\n$/;
    assert.match(second.stderr, what in RUINS ? told : /^$/);
    assert.notEqual(second.stdout, first.stdout);
    const third = await vault.run(["exec", "work", "--json"]);
    assert.deepEqual([third.stdout, third.stderr], [second.stdout, ""]);
    assert.equal(vault.aws.calls.length, 2);
  });
}

Deno.test("one MFA code serves a session, the role on it, and every run while the session lasts", async () => {
  await using vault = await startVault(MFA_ROLE);
  const code = await totp(MFA_SECRET, Date.now());
  for (const args of [["role", "-t", code], ["role"], ["work"]]) {
    const ran = await vault.run(["exec", ...args, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  const actions = vault.aws.calls.map(({ action }) => action);
  assert.deepEqual(actions, ["GetSessionToken", "AssumeRole"]);
});

// As in a virtual machine that was paused, or WSL after its host has slept.
Deno.test("a kept session that has ended by AWS' clock is made anew, though it lasts by ours", async () => {
  let pausedMs = 0;
  await using vault = await startVault(MFA_ROLE, { now: () => Date.now() + pausedMs });
  const exec = async () => {
    const token = await totp(MFA_SECRET, vault.aws.world.now());
    return await vault.run(["exec", "-t", token, "role", "--", "true"]);
  };
  assert.equal((await exec()).code, 0);
  pausedMs = 9 * 3_600_000;
  const { code, stderr } = await exec();
  assert.equal(code, 0, stderr);
  assert.equal(
    stderr.match(/^aws-vault: warning: this machine's clock is 540 min behind/gm)?.length,
    1,
  );
  assert.equal(vault.sessionNames().length, 1);
  const before = vault.aws.calls.length;
  assert.equal((await exec()).code, 0);
  assert.equal(vault.aws.calls.slice(before).every(({ action }) => action === "AssumeRole"), true);
});

Deno.test("fifty processes that want a role on an MFA session assume it once", async () => {
  await using vault = await startVault(MFA_ROLE);
  const code = await totp(MFA_SECRET, Date.now());
  assert.equal((await vault.run(["exec", "work", "-t", code, "--json"])).code, 0);
  vault.aws.calls.length = 0;
  const runs = Array.from({ length: 50 }, () => vault.run(["exec", "role", "--json"]));
  const ran = await Promise.all(runs);
  assert.deepEqual([...new Set(ran.map(({ code }) => code))], [0]);
  assert.equal(new Set(ran.map(({ stdout }) => stdout)).size, 1);
  assert.deepEqual(vault.aws.calls.map(({ action }) => action), ["AssumeRole"]);
});

/** Leaves a question for an MFA code unanswered while `work` runs; stopped as by Ctrl-Z, or not. */
async function whileAsking(
  vault: Vault,
  stopped: boolean,
  work: (processId: number) => Promise<void>,
  args: readonly string[] = ["exec", "work", "--json"],
): Promise<void> {
  const asking = runInTerminal(args, {
    home: vault.home,
    env: vault.env,
    command: behind('echo $$ > "$HOME/pid"', COMMAND),
    steps: [{ expect: "Enter MFA code", ...(stopped && { signal: "SIGSTOP" }) }],
    timeoutSeconds: 60,
  });
  const locks = `${vault.home.path}/.awsvault/locks`;
  await until(() => {
    try {
      return listNames(locks).length > 0;
    } catch {
      return false;
    }
  });
  const processId = Number(Deno.readTextFileSync(`${vault.home.path}/pid`));
  try {
    await work(processId);
  } finally {
    Deno.kill(processId, "SIGKILL");
    await asking;
  }
}

/** Prints a text once files of these names are there, or their directory is not. */
function sayAfter(text: string, directory: string, ...names: string[]): string {
  const waits = names.map((name) =>
    `while [ -d ${directory} ] && [ ! -e ${directory}/${name} ]; do sleep 0.1; done; `
  );
  return `${waits.join("")}printf '${text}'`;
}

// Row 29.
for (const stopped of [false, true]) {
  Deno.test({
    name: `a ${
      stopped ? "stopped" : "forgotten"
    } question for an MFA code holds up nobody (setsid)`,
    ignore: !hasTerminalTests || !canLeaveTerminal,
    async fn() {
      await using vault = await startVault(MFA_ROLE);
      await whileAsking(vault, stopped, async (processId) => {
        const exec = ["exec", "work", "--json"];
        const silent = { command: WITHOUT_TERMINAL, timeoutSeconds: 40 };
        const code = await totp(MFA_SECRET, Date.now());
        const { path } = vault.home;
        const mark = (name: string) => Deno.writeTextFileSync(`${path}/${name}`, "");
        // A session that one of them brought would spare the next its own: one after the other.
        const process = `touch ${path}/process; ${sayAfter(code, path, "answered")}`;
        const config = MFA_ROLE.replace("\n\n", `\nmfa_process = ${process}\n\n`);
        const AWS_CONFIG_FILE = vault.home.write("with-process", config);
        const type_output = ["sh", "-c", sayAfter(`${code}\\r`, path, "helpless", "process")];
        const [helpless, answered, byProcess] = await Promise.all([
          vault.run(exec, silent).finally(() => mark("helpless")),
          runInTerminal(exec, {
            home: vault.home,
            env: vault.env,
            steps: [{ expect: "Enter MFA code", type_output }],
          }).finally(() => mark("answered")),
          vault.run(exec, { ...silent, env: { AWS_CONFIG_FILE } }),
        ]);
        assert.equal(helpless.code, 1);
        assert.match(
          helpless.stderr,
          new RegExp(`process ${processId}, another aws-vault, is ask`),
        );
        assert.equal(answered.code, 0, answered.screen);
        assert.equal(byProcess.code, 0, byProcess.stderr);
      });
    },
  });
}

// Row 29.
Deno.test({
  name: "who has a code does not wait for one that somebody else is asked for",
  ignore: !hasTerminalTests,
  async fn() {
    await using vault = await startVault(MFA_ROLE);
    await whileAsking(vault, true, async () => {
      const code = await totp(MFA_SECRET, Date.now());
      const ran = await vault.run(["exec", "work", "-t", code, "--json"], { timeoutSeconds: 5 });
      assert.equal(ran.code, 0, ran.stderr);
    });
  },
});

// Row 29.
Deno.test({
  name:
    "a rotation whose question for a code is forgotten lets the next one go, with its process id",
  ignore: !hasTerminalTests,
  async fn() {
    await using vault = await startVault(MFA_ROLE);
    await whileAsking(vault, false, async (processId) => {
      const { code, stderr } = await vault.run(["rotate", "work"], { timeoutSeconds: 20 });
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`process ${processId}, is changing the keys of work, and has`),
      );
    }, ["rotate", "work"]);
  },
});

// Row 29: the lock is held by a process that was stopped while AWS was to answer.
Deno.test("a process that is stopped while it asks for a session holds up nobody", async () => {
  await using vault = await startVault();
  vault.aws.delay("GetSessionToken", 60_000);
  const stopped = vault.run(["exec", "work", "--json"], {
    command: behind('echo $$ > "$HOME/pid"', COMMAND),
  });
  await until(() => vault.aws.calls.length === 1);
  const processId = Number(Deno.readTextFileSync(`${vault.home.path}/pid`));
  Deno.kill(processId, "SIGSTOP");
  const next = await vault.run(["exec", "work", "--json"], { timeoutSeconds: 20 });
  Deno.kill(processId, "SIGKILL");
  assert.equal(next.code, 0, next.stderr);
  assert.match(
    next.stderr,
    new RegExp(`^Waiting for another aws-vault \\(process ${processId}\\)`),
  );
  await stopped;
});

const CUTS = {
  "before it is read": () => Promise.resolve(),
  "once it is read": (connection: Deno.Conn) => connection.read(new Uint8Array(65536)),
  "within the answer's first line": async (connection: Deno.Conn) => {
    await connection.read(new Uint8Array(65536));
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 O"));
  },
  "within the answer": async (connection: Deno.Conn) => {
    await connection.read(new Uint8Array(65536));
    const head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 900\r\n\r\n<Get";
    await connection.write(new TextEncoder().encode(head));
  },
};

/** Passes connections on to an address, but for the first, which it cuts. */
function cutFirst(url: string, cut: (connection: Deno.Conn) => Promise<unknown>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    let isFirst = true;
    for await (const connection of listener) {
      if (isFirst) {
        isFirst = false;
        await cut(connection);
        connection.close();
        continue;
      }
      const { hostname, port } = new URL(url);
      const onward = await Deno.connect({ hostname, port: Number(port) });
      onward.readable.pipeTo(connection.writable).catch(() => {});
      connection.readable.pipeTo(onward.writable).catch(() => {});
    }
  };
  const served = serve();
  const { port } = listener.addr as Deno.NetAddr;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

// Row 40.
for (const [when, cut] of Object.entries(CUTS)) {
  Deno.test(`a connection that is cut ${when} costs no MFA code`, async () => {
    await using vault = await startVault(MFA_ROLE);
    await using proxy = cutFirst(vault.aws.url, cut);
    const code = await totp(MFA_SECRET, Date.now());
    const ran = await vault.run(["exec", "work", "-t", code, "--json"], {
      env: { AWS_ENDPOINT_URL: proxy.url },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stderr, "");
  });
}
