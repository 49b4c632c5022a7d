import assert from "node:assert/strict";
import { collect, DENO } from "./wine.ts";
import {
  BARE_LAUNCHER,
  BUNDLE,
  FILE,
  ROLE,
  SECOND_ROLE,
  test,
  waitFor,
  type WindowsVault,
} from "./vault.ts";
import { listNames } from "../scenarios/vault.ts";

const CHAIN = `[profile work]
region = eu-west-1
[profile reader]
source_profile = work
role_arn = ${ROLE}
[profile writer]
source_profile = reader
role_arn = ${SECOND_ROLE}
`;

test("keys are added to the Credential Manager, listed, and removed", async (vault) => {
  const added = await vault.add("work");
  assert.equal(added.code, 0, added.stderr);
  assert.match((await vault.run(["list"])).stdout, /^work +work +-/m);
  assert.match(await vault.credentials("list"), /^aws-vault:aws-vault:work\t/);
  assert.equal((await vault.run(["remove", "--force", "work"])).code, 0);
  assert.equal(await vault.credentials("list"), "");
});

test("add makes the config file below the user's directory, and says where", async (vault) => {
  const { stderr } = await vault.add("work");
  assert.ok(stderr.includes(`${vault.guest.profile}\\.aws\\config`), stderr);
  assert.match(Deno.readTextFileSync(`${vault.guest.home}/.aws/config`), /\[profile work\]/);
}, "");

test("exec hands a session to the program, and keeps it", async (vault) => {
  await vault.add("work");
  for (let run = 0; run < 2; run++) {
    const { code, stdout, stderr } = await vault.run([
      "exec",
      "work",
      "--",
      "cmd",
      "/c",
      "set",
      "AWS_",
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^AWS_ACCESS_KEY_ID=ASIA/m);
    assert.match(stdout, /^AWS_SESSION_TOKEN=./m);
    assert.match(stdout, /^AWS_REGION=eu-west-1$/m);
  }
  assert.deepEqual(vault.aws.calls.map(({ action }) => action), ["GetSessionToken"]);
});

test("exec goes through a chain of roles", async (vault) => {
  await vault.add("work");
  const { stdout, stderr } = await vault.run(["exec", "writer", "--", "cmd", "/c", "set", "AWS_"]);
  assert.match(stdout, /^AWS_ACCESS_KEY_ID=ASIA/m, stderr);
  const asked = vault.aws.calls.map(({ action, params }) => `${action} ${params.RoleArn}`);
  assert.deepEqual(asked, [`AssumeRole ${ROLE}`, `AssumeRole ${SECOND_ROLE}`]);
  assert.deepEqual(vault.aws.calls.map(({ hasToken }) => hasToken), [false, true]);
}, CHAIN);

test("export prints each of its formats", async (vault) => {
  await vault.add("work");
  const formats: [string, RegExp][] = [
    ["json", /"AccessKeyId": ?"ASIA/],
    ["env", /^AWS_ACCESS_KEY_ID=ASIA/m],
    ["export-env", /^export AWS_ACCESS_KEY_ID=ASIA/m],
    ["ini", /^aws_access_key_id ?= ?ASIA/m],
    ["fish", /^set -gx AWS_ACCESS_KEY_ID ['"]?ASIA/m],
    ["dotenv", /^AWS_ACCESS_KEY_ID=['"]?ASIA/m],
    ["powershell", /^\$env:AWS_ACCESS_KEY_ID ?= ?['"]ASIA/im],
  ];
  for (const [format, shown] of formats) {
    const { code, stdout, stderr } = await vault.run(["export", `--format=${format}`, "work"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, shown);
  }
});

test("a credential_process gets its command line as it stands, blanks and quotes and all", async (vault) => {
  const program = `${vault.guest.profile}\\mint é.exe`;
  await Deno.copyFile(vault.toolPath, `${vault.guest.home}/mint é.exe`);
  const line = `"${program}" mint --for "a b" c/d & rem "x`;
  vault.guest.write(
    ".aws/config",
    `[profile minted]\nregion = eu-west-1\ncredential_process = ${line}\n`,
  );
  const args = ["exec", "--no-session", "minted", "--", "cmd", "/c", "set", "AWS_ACCESS"];
  const { code, stdout, stderr } = await vault.run(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^AWS_ACCESS_KEY_ID=AKIA<--for><a b><c\/d>$/m);
});

test("a credential_process that fails is told by its setting and its code", async (vault) => {
  vault.guest.write(".aws/config", "[profile minted]\ncredential_process = exit 3\n");
  const { code, stderr } = await vault.run(["export", "minted"]);
  assert.equal(code, 1);
  assert.match(stderr, /credential_process of \[profile minted\] .*failed with exit code 3/);
});

test("a program of Windows gets credentials from export, as its credential_process", async (vault) => {
  await vault.add("work");
  const { code, stdout } = await vault.guest.run(
    vault.tool,
    ["start", vault.line("export --format=json work")],
    { env: vault.env },
  );
  assert.equal(code, 0);
  assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
});

test("a wrong passphrase is refused, and nothing is written with it", async (vault) => {
  await vault.add("work", { env: FILE });
  const wrong = { ...FILE, AWS_VAULT_FILE_PASSPHRASE: "wrong" };
  const { code, stderr } = await vault.add("other", { env: wrong });
  assert.equal(code, 1);
  assert.match(stderr, /wrong passphrase: it does not open C:\\users\\.*\\keys\\work/);
  assert.deepEqual(listNames(`${vault.guest.home}/.awsvault/keys`), ["work"]);
});

test(
  "a file keyring holds names that Windows forbids for files, and keeps case apart",
  async (vault) => {
    for (const name of ["team:prod", "Work", "work"]) {
      const { code, stderr } = await vault.add(name, { env: FILE });
      assert.equal(code, 0, stderr);
    }
    const { stdout } = await vault.run(["list", "--credentials"], { env: FILE });
    assert.deepEqual(stdout.trim().split("\n").sort(), ["Work", "team:prod", "work"]);
    const names = listNames(`${vault.guest.home}/.awsvault/keys`);
    assert.deepEqual(names, ["%77%6F%72%6B", "Work", "team%3Aprod"]);
  },
  "",
);

test("two at once ask AWS for one session", async (vault) => {
  await vault.add("work");
  const runs = [1, 2].map(() => vault.run(["exec", "--json", "work"]));
  const [one, two] = await Promise.all(runs);
  assert.equal(one!.code, 0, one!.stderr);
  assert.equal(one!.stdout, two!.stdout);
  assert.deepEqual(vault.aws.calls.map(({ action }) => action), ["GetSessionToken"]);
});

test(
  "two that add at once leave both profiles, in the file keyring and the config file",
  async (vault) => {
    await vault.add("first", { env: FILE });
    const added = await Promise.all(["a", "b"].map((name) => vault.add(name, { env: FILE })));
    assert.deepEqual(
      added.map(({ code }) => code),
      [0, 0],
      added.map(({ stderr }) => stderr).join(),
    );
    const config = Deno.readTextFileSync(`${vault.guest.home}/.aws/config`);
    for (const name of ["first", "a", "b"]) assert.ok(config.includes(`[profile ${name}]`), config);
    assert.deepEqual(listNames(`${vault.guest.home}/.awsvault/keys`), ["a", "b", "first"]);
  },
  "",
);

test("a kill between the new file and its name leaves the old keys, and the next run goes on", async (vault) => {
  await vault.add("work", { env: FILE });
  const keys = `${vault.guest.home}/.awsvault/keys`;
  const old = Deno.readTextFileSync(`${keys}/work`);
  const release = await hold(vault, ".awsvault\\keys\\work");
  const env = { ...vault.env, ...FILE, AWS_ACCESS_KEY_ID: "AKIANEW", AWS_SECRET_ACCESS_KEY: "s" };
  const child = vault.guest.start(DENO, [...BUNDLE, "add", "work", "--env"], { env });
  await madeTemporary(keys, child);
  child.kill("SIGKILL"); // the program itself: cmd.exe's end would leave it running
  await child.output();
  await release();
  assert.ok(listNames(keys).length > 1, "it was not killed before its end");
  assert.equal(Deno.readTextFileSync(`${keys}/work`), old);
  const { stdout } = await vault.run(["list", "--credentials"], { env: FILE });
  assert.equal(stdout, "work\n");
  const again = await vault.run(["add", "work", "--env"], { env });
  assert.equal(again.code, 0, again.stderr);
  const args = ["export", "--no-session", "--format=json", "work"];
  assert.equal(JSON.parse((await vault.run(args, { env: FILE })).stdout).AccessKeyId, "AKIANEW");
});

test("a kill in the middle of a long item leaves the old one or the new one whole, and no part for good", async (vault) => {
  const secrets = ["o", "n"].map((letter) => letter.repeat(24_000));
  const [old, next] = secrets.map((AWS_SECRET_ACCESS_KEY) => ({
    ...{ ...vault.env, AWS_ACCESS_KEY_ID: "AKIALONG", AWS_SECRET_ACCESS_KEY },
  }));
  const line = [DENO, ...BUNDLE, "add", "long", "--env"].map((word) => `"${word}"`).join(" ");
  const readSecret = async () => {
    const ran = await vault.run(["export", "--format=json", "--no-session", "long"]);
    return JSON.parse(ran.stdout || `"${ran.stderr}"`).SecretAccessKey;
  };
  let kept: string | undefined;
  for (let round = 0; round < 10 && kept !== secrets[0]; round++) {
    await vault.run(["add", "long", "--env"], { env: old });
    await vault.guest.run(vault.credentialsTool, ["interrupt", line], { env: next });
    kept = await readSecret();
    assert.ok(secrets.includes(kept!), kept);
  }
  assert.equal(kept, secrets[0], "it was never killed before its end");
  await vault.run(["remove", "--force", "long"]);
  assert.equal(await vault.credentials("list"), "");
});

test("a file that somebody is reading is replaced when they are done", async (vault) => {
  const release = await hold(vault, ".aws\\config");
  const child = vault.start(["add", "new", "--env"], {
    env: { AWS_ACCESS_KEY_ID: "AKIANEW", AWS_SECRET_ACCESS_KEY: "s" },
  });
  await madeTemporary(`${vault.guest.home}/.aws`, child);
  await release();
  const { code, stderr } = await collect(child);
  assert.equal(code, 0, stderr);
  assert.match(Deno.readTextFileSync(`${vault.guest.home}/.aws/config`), /\[profile new\]/);
});

test("a file that somebody keeps open is left as it is, and that is said", async (vault) => {
  const config = Deno.readTextFileSync(`${vault.guest.home}/.aws/config`);
  const release = await hold(vault, ".aws\\config");
  const { stderr } = await vault.add("new", { env: FILE });
  await release();
  assert.match(stderr, /config cannot be written, .*: another program has it open/);
  assert.equal(Deno.readTextFileSync(`${vault.guest.home}/.aws/config`), config);
  assert.ok(!listNames(`${vault.guest.home}/.aws`).some((name) => name.includes("tmp")));

  const releaseItem = await hold(vault, ".awsvault\\keys\\new");
  const removal = await vault.run(["remove", "--force", "new"], { env: FILE });
  await releaseItem();
  assert.equal(removal.code, 1);
  assert.match(removal.stderr, /keys\\new cannot be removed: another program has it open/);
  assert.equal((await vault.run(["remove", "--force", "new"], { env: FILE })).code, 0);
});

test("what the tool keeps is read through Windows' own functions, byte for byte", async (vault) => {
  await vault.add("work");
  const hex = (await vault.credentials("read", "aws-vault:aws-vault:work")).trim();
  const item = JSON.parse(new TextDecoder().decode(Uint8Array.fromHex(hex)));
  assert.equal(item.AccessKeyID, vault.user.accessKeys[0]!.id);
  assert.equal(item.SecretAccessKey, vault.user.accessKeys[0]!.secret);
});

test("what another program keeps by the Go tool's names is listed and used", async (vault) => {
  const [key] = vault.user.accessKeys;
  const item = JSON.stringify({ AccessKeyID: key!.id, SecretAccessKey: key!.secret });
  const hex = new TextEncoder().encode(item).toHex();
  await vault.credentials("write", "aws-vault:aws-vault:ünï work", hex);
  assert.equal((await vault.run(["list", "--credentials"])).stdout, "ünï work\n");
  const run = await vault.run(["export", "--format=json", "--no-session", "ünï work"]);
  assert.equal(run.code, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).AccessKeyId, key!.id);
});

test("an item longer than a credential is spread, read whole, and removed with its parts", async (vault) => {
  const secret = "s".repeat(7_000);
  const env = { AWS_ACCESS_KEY_ID: "AKIALONG", AWS_SECRET_ACCESS_KEY: secret };
  await vault.run(["add", "long", "--env"], { env });
  const kept = (await vault.credentials("list")).trim().split("\n");
  assert.ok(kept.length > 3, kept.join());
  assert.ok(kept.every((line) => Number(line.split("\t")[1]) <= 2_560));
  assert.equal(kept.filter((line) => line.startsWith("aws-vault:aws-vault:")).length, 1);
  const run = await vault.run(["export", "--format=json", "--no-session", "long"]);
  assert.equal(JSON.parse(run.stdout).SecretAccessKey, secret, run.stderr);
  await vault.run(["remove", "--force", "long"]);
  assert.equal(await vault.credentials("list"), "");
});

test("migrate-backend brings a file keyring into the Credential Manager", async (vault) => {
  await vault.add("work", { env: FILE });
  const env = { AWS_VAULT_FILE_PASSPHRASE: FILE.AWS_VAULT_FILE_PASSPHRASE };
  const { code, stderr } = await vault.run(
    ["migrate-backend", "--from", "file", "--to", "wincred"],
    { env },
  );
  assert.equal(code, 0, stderr);
  assert.match(await vault.credentials("list"), /aws-vault:aws-vault:work/);
});

test("the program's exit code, streams and arguments are its own", async (vault) => {
  await vault.add("work");
  const args = ["exec", "work", "--", vault.tool, "args", "a b", "c", "ü", "--x=y", "HEAD^^"];
  const shown = await vault.run(args);
  assert.equal(shown.stdout, "[a b]\n[c]\n[ü]\n[--x=y]\n[HEAD]\n", shown.stderr);
  const piped = await vault.run(["exec", "work", "--", vault.tool, "cat"], { stdin: "a\nb" });
  assert.equal(piped.stdout, "a\nb", piped.stderr);
  assert.equal((await vault.run(["exec", "work", "--", "cmd", "/c", "exit 7"])).code, 7);
});

test("a batch file's arguments stay arguments, whatever they mean to cmd.exe", async (vault) => {
  await vault.add("work");
  vault.guest.write("show.cmd", "@echo one [%1]\r\n@echo two [%2]\r\n");
  const words = ["exec", "work", "--", `${vault.guest.profile}\\show.cmd`];
  const args = ['x"&echo TAKEN', "a|b>c"];
  const ran = await vault.guest.run(DENO, [...BUNDLE, ...words, ...args], { env: vault.env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.doesNotMatch(ran.stdout, /^TAKEN/m);
  assert.match(ran.stdout, /^one \[.*TAKEN.*\]\ntwo \[.*a\|b>c.*\]$/m);
  assert.deepEqual(listNames(vault.guest.home).filter((name) => /^c/.test(name)), []);
});

test("exit codes are passed on whole: one over 255, and one of a crash", async (vault) => {
  await vault.add("work");
  const words = [DENO, ...BUNDLE, "exec", "work", "--", "cmd", "/c", "exit", "%1"];
  vault.guest.write("codes.cmd", `@${words.join(" ")}\r\n@echo [%errorlevel%]\r\n`);
  for (const code of ["256", "-1073741819"]) {
    const { stdout, stderr } = await collect(vault.startCmd(["codes.cmd", code]));
    assert.equal(stdout.trim(), `[${code}]`, stderr);
  }
});

test("a program is found by PATHEXT, and one that is nowhere is told", async (vault) => {
  await vault.add("work");
  vault.guest.write("own bin/own tool.cmd", "@echo off\r\necho own %~1\r\nexit /b 9\r\n");
  const directory = `${vault.guest.profile}\\own bin`;
  const env = { WINEPATH: directory };
  const found = await vault.run(["exec", "work", "--", "own tool", "word"], { env });
  assert.deepEqual([found.code, found.stdout], [9, "own word\n"], found.stderr);
  const missing = await vault.run(["exec", "work", "--", "no-such-tool"]);
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /no-such-tool: command not found/);
  vault.guest.write("own bin/report.vbs", "");
  for (const name of ["report", "report.vbs", `${directory}\\report.vbs`]) {
    const script = await vault.run(["exec", "work", "--", name], { env });
    assert.equal(script.code, 126);
    assert.match(script.stderr, /report.*: not a program \(C:.*own bin\\report\.vbs\)\n.*wscript/);
  }
});

test("without a program exec starts the shell of ComSpec, whatever SHELL is", async (vault) => {
  await vault.add("work");
  const { stdout } = await vault.run(["exec", "work"], { stdin: "", env: { SHELL: "/bin/bash" } });
  assert.match(stdout, /^Microsoft Windows/); // what cmd.exe begins with
});

test("started from PowerShell, exec starts PowerShell", async (vault) => {
  await vault.add("work");
  vault.guest.write("ps/x", "");
  await Deno.copyFile(vault.toolPath, `${vault.guest.home}/ps/powershell.exe`);
  const env = { ...vault.env, WINEPATH: `${vault.guest.profile}\\ps` };
  const shell = `${vault.guest.profile}\\ps\\powershell.exe`;
  const { stdout, stderr } = await vault.guest.run(shell, ["start", vault.line("exec work")], {
    env,
  });
  assert.match(stdout, /^I am .*powershell\.exe$/m, stderr);
});

test("Ctrl-C reaches the program once, and its exit code is ours", async (vault) => {
  await vault.add("work");
  const typed = [{ expect: "\x1b[?25lg", type: "\x03" }]; // the last letter of `waiting`, as Wine shows it
  const ran = await vault.runInConsole(["exec", "work", "--", vault.tool, "wait"], typed);
  // deno-lint-ignore no-control-regex -- what Wine moves its cursor by
  assert.match(ran.screen.replaceAll(/\x1b\[\??\d*[a-zA-Z]/g, ""), /breaks: ?1\r/);
  assert.equal(ran.code, 42);
});

test("keys are asked for on the console, without showing the secret", async (vault) => {
  const { screen, code } = await vault.runInConsole(["add", "typed"], [
    { expect: "Access Key ID", type: "AKIATYPO\x7fED\r" },
    { expect: "Secret", type: "hush-é\r" },
    { expect: "MFA", type: "\r" },
  ]);
  assert.equal(code, 0, screen);
  assert.ok(screen.includes("AKIATYP") && !screen.includes("hush"), screen);
  const { stdout } = await vault.run(["export", "--format=json", "--no-session", "typed"]);
  const { AccessKeyId, SecretAccessKey } = JSON.parse(stdout);
  assert.deepEqual([AccessKeyId, SecretAccessKey], ["AKIATYPED", "hush-é"]);
});

test("Ctrl-C at a question ends the command, and nothing is kept", async (vault) => {
  const steps = [{ expect: "Access Key ID", type: "\x03" }];
  const { code } = await vault.runInConsole(["add", "typed"], steps);
  assert.equal(code, 130);
  assert.equal(await vault.credentials("list"), "");
});

test("AWS_CONFIG_FILE is taken in every form of a path", async (vault) => {
  const place = `${vault.guest.profile}\\other dir`;
  const forms = [
    `${place}\\config`,
    `${place.replaceAll("\\", "/")}/config`,
    `C:other dir\\config`,
    `other dir\\config`,
    `\\\\?\\${place}\\config`,
    `~\\other dir\\config`,
  ];
  vault.guest.write("other dir/config", "[profile elsewhere]\nregion = eu-west-3\n");
  for (const AWS_CONFIG_FILE of forms) {
    const { stdout, stderr } = await vault.run(["list", "--profiles"], {
      env: { AWS_CONFIG_FILE },
    });
    assert.equal(stdout.trim(), "elsewhere", AWS_CONFIG_FILE + stderr);
  }
});

test("add writes to AWS_CONFIG_FILE in every form of a path", async (vault) => {
  for (const [index, path] of ["one\\config", "C:two\\config", "three/config"].entries()) {
    vault.guest.write(`${["one", "two", "three"][index]}/x`, "");
    const { code, stderr } = await vault.add(`p${index}`, { env: { AWS_CONFIG_FILE: path } });
    assert.equal(code, 0, stderr);
    const file = `${vault.guest.home}/${["one", "two", "three"][index]}/config`;
    assert.match(Deno.readTextFileSync(file), new RegExp(`\\[profile p${index}\\]`));
  }
});

test("names of variables are taken without regard to case", async (vault) => {
  await vault.add("work");
  const env = { Aws_Assume_Role_Ttl: "nonsense" };
  const refused = await vault.run(["export", "work"], { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /AWS_ASSUME_ROLE_TTL.*nonsense|nonsense.*AWS_ASSUME_ROLE_TTL/);
  const args = ["exec", "--no-session", "work", "--", "cmd", "/c", "set"];
  const ran = await vault.run(args, { env: { aws_session_token: "of another" } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^AWS_ACCESS_KEY_ID=AKIA/m);
  assert.doesNotMatch(ran.stdout, /of another/);
});

test("what Deno would obey of the environment is the program's alone", async (vault) => {
  await vault.add("work");
  vault.guest.write(".npmrc", "registry=nowhere\n");
  const env = { DENO_V8_FLAGS: "--nonsense", NODE_OPTIONS: "--x y=z" };
  const args = ["exec", "--no-session", "work", "--", "cmd", "/c", "set"];
  const { code, stdout, stderr } = await vault.run(args, { env });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^DENO_V8_FLAGS=--nonsense$/m);
  assert.match(stdout, /^NODE_OPTIONS=--x y=z$/m);
  assert.ok(!/AWS_VAULT_KEPT|DENO_NO_UPDATE_CHECK/.test(stdout), stdout);
});

test("a server gives a program its credentials", async (vault) => {
  await vault.add("work");
  const ask = `const { env } = Deno;
    const headers = { authorization: env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN") };
    const answer = await fetch(env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"), { headers });
    console.log((await answer.json()).AccessKeyId, env.get("AWS_ACCESS_KEY_ID"));`;
  const program = vault.guest.write("ask.js", ask).replace(vault.guest.home, vault.guest.profile);
  const args = ["exec", "--ecs-server", "work", "--", DENO, "run", "-A", program];
  const { stdout, stderr } = await vault.run(args);
  assert.match(stdout, /^ASIA\w+ undefined$/m, stderr);
});

test("what needs another system is refused in one sentence", async (vault) => {
  const refusals: [string[], RegExp][] = [
    [["--backend", "pass", "list"], /pass .*needs a POSIX system/],
    [["--backend", "secret-service", "list"], /secret-service.*needs a POSIX system/],
    [["--backend", "keychain", "list"], /keychain .*macOS/],
    [["proxy"], /proxy needs a POSIX system/],
    [["exec", "--ec2-server", "work", "--", "cmd"], /--ec2-server.*needs a POSIX system/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await vault.run(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
  }
});

test("the network is open to AWS and the hosts of the environment alone", async (vault) => {
  await vault.add("work");
  const env = { AWS_ENDPOINT_URL: undefined, AWS_ENDPOINT_URL_STS: "" };
  vault.guest.write(
    ".aws/config",
    `[profile work]\nregion = eu-west-1\nendpoint_url = http://127.0.0.2:4433\n`,
  );
  const { code, stderr } = await vault.run(["export", "work"], { env });
  assert.equal(code, 1);
  assert.match(stderr, /127\.0\.0\.2:4433/);
  assert.match(stderr, /AWS_VAULT_ALLOW_NET/);
});

test("without Deno the launcher says what to do", async (vault) => {
  const none = await collect(vault.startCmd([BARE_LAUNCHER, "list"]));
  assert.equal(none.code, 1);
  assert.match(none.stderr, /there is no Deno in PATH/);
  const wrong = await vault.run(["list"], { env: { DENO: "C:\\nowhere (x86)\\deno.exe" } });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /there is no Deno at C:\\nowhere \(x86\)\\deno\.exe/);
});

test("--file-dir is taken with blanks, backslashes and ~", async (vault) => {
  for (const directory of ["~\\my keys", "D\\e", `${vault.guest.profile}\\k e y s\\`]) {
    const args = ["--file-dir", directory];
    const env = { ...FILE, AWS_ACCESS_KEY_ID: "AKIAX", AWS_SECRET_ACCESS_KEY: "s" };
    const { code, stderr } = await vault.run([...args, "add", "work", "--env"], { env });
    assert.equal(code, 0, stderr);
  }
  for (const directory of ["my keys", "D/e", "k e y s"]) {
    assert.deepEqual(listNames(`${vault.guest.home}/${directory}`), ["work"]);
  }
});

/** Has a program read a file below the user's directory, so that it cannot be replaced; gives what ends that. */
async function hold({ guest, tool }: WindowsVault, path: string): Promise<() => Promise<void>> {
  const holder = guest.start(tool, ["hold", `${guest.profile}\\${path}`, "30000"]);
  await waitFor(holder.stdout, /held/);
  return async () => {
    holder.kill("SIGKILL");
    await holder.stderr.cancel();
    await holder.status;
  };
}

/** Waits until a program has written a file that is still to get its name, and waits with it. */
async function madeTemporary(directory: string, child: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  for (let looks = 0; looks < 50;) {
    looks = listNames(directory).some((name) => name.includes(".tmp-")) ? looks + 1 : 0;
    assert.ok(!hasEnded, "it ended without one");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
