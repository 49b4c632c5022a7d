import { INHERITANCE } from "../../../src/runtime/inheritance.ts";
import assert from "node:assert/strict";
import { VaultError } from "../../../src/errors.ts";
import { createConfirmation } from "../../../src/prompt/confirm.ts";
import { chooseDriver } from "../../../src/prompt/mod.ts";
import { createRun, type FakeRunOptions } from "../credentials/providers/fake_run.ts";

const SERIAL = "arn:aws:iam::111111111111:mfa/jon";
const MESSAGE = `Enter MFA code for ${SERIAL}: `;
const ASKED = { secret: false, serial: SERIAL };
const TEXT = new TextEncoder();

interface WorldOptions extends FakeRunOptions {
  readonly hasTerminal?: boolean;
  /** Whether standard output is a pipe, though there is a terminal. */
  readonly isPiped?: boolean;
}

function createWorld(options: WorldOptions = {}) {
  const world = createRun(options);
  const asked: string[] = [];
  const terminal = {
    available: () => options.hasTerminal ?? false,
    isOutput: () => options.hasTerminal === true && !options.isPiped,
    ask: (message: string) => Promise.resolve(asked.push(message) ? "123456" : ""),
  };
  return { ...world, ctx: { ...world.ctx, terminal }, asked };
}

async function choose(named: string | undefined, options: Parameters<typeof createWorld>[0]) {
  return (await chooseDriver(named, createWorld(options).ctx)).name;
}

/** What one question comes to, and the program it was put by. */
async function ask(name: string, options: FakeRunOptions, secret = false) {
  const programs = name === "wincredui" ? ["powershell"] : [name];
  const answer = () => ({ stdout: TEXT.encode("123456\n") });
  const world = createWorld({ programs, answer, ...options });
  const driver = await chooseDriver(name, world.ctx);
  const code = await driver.ask(MESSAGE, { ...ASKED, secret });
  return { code, request: world.started[0]! };
}

Deno.test("the terminal asks while standard output is one, whatever else is installed", async () => {
  const env = { DISPLAY: ":0" };
  assert.equal(
    await choose(undefined, { programs: ["zenity"], env, hasTerminal: true }),
    "terminal",
  );
});

Deno.test("without a terminal a window asks, where it can be opened", async () => {
  const programs = ["kdialog", "zenity", "ykman"];
  assert.equal(await choose(undefined, { programs, env: { DISPLAY: ":0" } }), "zenity");
  assert.equal(await choose(undefined, { programs, env: { WAYLAND_DISPLAY: "w" } }), "zenity");
  assert.equal(
    await choose(undefined, { programs: ["kdialog"], env: { DISPLAY: ":0" } }),
    "kdialog",
  );
  assert.equal(
    await choose(undefined, { programs: ["osascript"], platform: "darwin" }),
    "osascript",
  );
  const windows = { programs: ["powershell"], platform: "windows" } as const;
  assert.equal(await choose(undefined, windows), "wincredui");
  const piped = { ...windows, hasTerminal: true, isPiped: true };
  assert.equal(await choose(undefined, piped), "wincredui");
});

Deno.test("without a display the terminal asks where there is one, and a window's program is the last try", async () => {
  const programs = ["kdialog", "zenity"];
  const piped = { programs, hasTerminal: true, isPiped: true };
  assert.equal(await choose(undefined, piped), "terminal");
  assert.equal(await choose(undefined, { ...piped, env: { DISPLAY: ":0" } }), "zenity");
  assert.equal(await choose(undefined, { programs }), "zenity");
  assert.equal(await choose(undefined, {}), "terminal");
});

Deno.test("--prompt stands before AWS_VAULT_PROMPT, and both before the choice", async () => {
  const programs = ["ykman", "zenity"];
  const env = { AWS_VAULT_PROMPT: "ykman", DISPLAY: ":0" };
  assert.equal(await choose(undefined, { programs, env }), "ykman");
  assert.equal(await choose("terminal", { programs, env }), "terminal");
});

for (
  const [name, pattern] of [
    ["zenity", /^--prompt: the driver zenity cannot be used here: the program zenity is not inst/],
    ["wincredui", /the driver wincredui cannot be used here: it is for windows alone/],
    ["nonsense", /there is no driver `nonsense`/],
    ["toString", /there is no driver `toString`/],
  ] as const
) {
  Deno.test(`the driver ${name} is refused with those that are offered here`, async () => {
    const choice = choose(name, { programs: ["kdialog", "powershell"] });
    await assert.rejects(choice, (error: VaultError) => {
      assert.match(error.message, pattern);
      assert.deepEqual(error.hints, ["offered here: terminal, kdialog"]);
      return true;
    });
  });
}

Deno.test("pass is refused with the reason, and what to do instead", async () => {
  const choice = choose(undefined, { programs: ["pass"], env: { AWS_VAULT_PROMPT: "pass" } });
  await assert.rejects(choice, (error: VaultError) => {
    assert.match(error.message, /^AWS_VAULT_PROMPT: there is no driver `pass`/);
    assert.match(error.hints.join("\n"), /mfa_process/);
    return true;
  });
});

Deno.test("with no way to ask, asking fails at once and says what to set", async () => {
  const driver = await chooseDriver(undefined, createWorld().ctx);
  await assert.rejects(async () => await driver.ask(MESSAGE, ASKED), (error: VaultError) => {
    assert.equal(error.code, "prompt");
    assert.match(
      error.hints.join("\n"),
      /^its device is arn:.*--mfa-token[^]*mfa_process[^]*--prompt/s,
    );
    return true;
  });
  const unnamed = async () => await driver.ask("Passphrase: ", { secret: true });
  await assert.rejects(unnamed, ({ hints }: VaultError) => !hints.join().includes("device"));
});

Deno.test("zenity and kdialog take the message as one argument, and hide a secret", async () => {
  const zenity = await ask("zenity", {});
  assert.equal(zenity.code, "123456");
  assert.deepEqual(zenity.request.args, ["--entry", "--title=aws-vault", `--text=${MESSAGE}`]);
  assert.ok((await ask("zenity", {}, true)).request.args.includes("--hide-text"));
  const kdialog = await ask("kdialog", {});
  assert.equal(kdialog.code, "123456");
  assert.deepEqual(kdialog.request.args, ["--title", "aws-vault", "--inputbox", MESSAGE]);
  assert.ok((await ask("kdialog", {}, true)).request.args.includes("--password"));
});

for (
  const [name, shown] of [
    ["zenity", "--text=mfa/my__phone\\\\n <b>&amp;"],
    ["kdialog", "mfa/my_phone\\\\n <b>&amp;"],
  ] as const
) {
  Deno.test(`${name} shows a device's name as it is, which has letters of its own meaning to it`, async () => {
    const world = createWorld({
      programs: [name],
      answer: () => ({ stdout: TEXT.encode("1\n") }),
    });
    await (await chooseDriver(name, world.ctx)).ask("mfa/my_phone\\n <b>&amp;", ASKED);
    assert.equal(world.started[0]!.args.at(-1), shown);
  });
}

Deno.test("the agent's question is answered by a yes alone, be it that no window opens", async () => {
  const questions = {
    zenity: ["--question", "--no-markup", "--title=aws-vault", "--text=Go on?"],
    kdialog: ["--title", "aws-vault", "--yesno", "Go on?"],
    osascript: [
      ...["-e", "on run argv", "-e", 'display dialog (item 1 of argv) with title "aws-vault"'],
      ...["-e", "end run", "Go on?"],
    ],
  };
  for (const [name, args] of Object.entries(questions)) {
    for (const [code, expected] of [[0, true], [1, false], [5, false]] as const) {
      const world = createWorld({ programs: [name], answer: () => ({ code }) });
      assert.equal(await createConfirmation(world.ctx)("Go on?"), expected);
      assert.deepEqual([world.started[0]!.command, world.started[0]!.args], [name, args]);
    }
  }
  const fails = () => {
    throw new Error("no window");
  };
  const world = createWorld({ programs: ["zenity"], answer: fails });
  assert.equal(await createConfirmation(world.ctx)("Go on?"), false);
  assert.throws(() => createConfirmation(createWorld().ctx), {
    message: "--confirm: there is no program to ask with in a window",
    hints: ["install one of: zenity, kdialog, osascript"],
  });
});

Deno.test("the agent's question in kdialog stays in its line, as it does in zenity", async () => {
  for (const [name, end] of [["zenity", '"a\\nb"'], ["kdialog", '"a\\\\nb"']] as const) {
    const world = createWorld({ programs: [name] });
    await createConfirmation(world.ctx)('for: exec "a\\nb"');
    assert.ok(world.started[0]!.args.at(-1)!.endsWith(end));
  }
});

Deno.test("nothing of the message is part of a script, and no AWS secret reaches a window", async () => {
  const evil = 'x" & (do shell script "id") & "';
  const options = { programs: ["osascript"], answer: () => ({ stdout: TEXT.encode("1\n") }) };
  const world = createWorld({ ...options, platform: "darwin" });
  await (await chooseDriver("osascript", world.ctx)).ask(evil, ASKED);
  const { args, kind } = world.started[0]!;
  assert.equal(args.at(-1), evil);
  const shown = (end: string) => [
    ...["-e", "on run argv", "-e"],
    'return text returned of (display dialog (item 1 of argv) with title "aws-vault" default ' +
    `answer "" buttons {"Cancel", "OK"} default button "OK" cancel button "Cancel"${end})`,
    ...["-e", "end run"],
  ];
  assert.deepEqual(args.slice(0, -1), shown(""));
  const secret = await ask("osascript", { platform: "darwin" }, true);
  assert.deepEqual(secret.request.args.slice(0, -1), shown(" with hidden answer"));
  const { variables } = INHERITANCE[kind];
  assert.ok(variables !== "all" && !variables.some((name) => name.startsWith("AWS_")));
  const windows = await ask("wincredui", { platform: "windows" });
  assert.equal(windows.code, "123456");
  assert.ok(windows.request.args.every((arg) => !arg.includes(SERIAL)));
  assert.deepEqual(windows.request.extraEnvironment, { AWS_VAULT_PROMPT_MESSAGE: MESSAGE });
  assert.equal(windows.request.args[0], "-NoProfile", "what a profile prints would be the code");
});

for (
  const [name, platform, code, stderr] of [
    ["zenity", "linux", 1, "Gtk-WARNING: a theme is missing"],
    ["kdialog", "linux", 1, ""],
    ["osascript", "darwin", 1, "0:76: execution error: User canceled. (-128)"],
    ["wincredui", "windows", 2, ""],
  ] as const
) {
  Deno.test(`a window of ${name} closed without an answer ends the run`, async () => {
    const asking = ask(name, { platform, answer: () => ({ code, stderr }) });
    await assert.rejects(asking, { code: "prompt", message: /closed without an answer/ });
  });
}

Deno.test("a window that cannot be opened is told with the program's last line", async () => {
  const stderr = "Unable to init server\ncannot open display: :9\n";
  const asking = ask("zenity", { answer: () => ({ code: 1, stderr }) });
  const error = await asking.catch((error) => error);
  assert.equal(error.code, "prompt");
  assert.match(error.message, /^an MFA code is needed, and zenity failed .*open display: :9$/);
  assert.equal(error.hints[0], `its device is ${SERIAL}`);
  assert.match(error.hints[1], /^ask another way: --prompt terminal, --mfa-token, or mfa_process/);
  const elsewhere = "0:76: execution error: No user interaction allowed. (-1713)";
  const refused = ask("osascript", {
    platform: "darwin",
    answer: () => ({ code: 1, stderr: elsewhere }),
  });
  await assert.rejects(refused, { message: /osascript failed .*: 0:76: .* allowed\. \(-1713\)$/ });
});

for (
  const [version, words] of [
    [undefined, "oath accounts code --single"],
    ["3", "oath code --single"],
    ["3.1.2", "oath code --single"],
    ["5", "oath accounts code --single"],
    ["10.0", "oath accounts code --single"],
  ] as const
) {
  Deno.test(`ykman ${version ?? "of today"} is asked for the serial's code by ${words}`, async () => {
    const { code, request } = await ask("ykman", {
      env: version === undefined ? {} : { AWS_VAULT_YKMAN_VERSION: version },
    });
    assert.equal(code, "123456");
    assert.deepEqual(request.args, [...words.split(" "), SERIAL]);
    assert.equal(INHERITANCE[request.kind].errors, "terminal", "it says when to touch the key");
  });
}

Deno.test("a version of ykman that is none is told by its variable", async () => {
  for (const version of ["old", "v3", "3x"]) {
    const env = { AWS_VAULT_YKMAN_VERSION: version };
    await assert.rejects(ask("ykman", { env }), {
      code: "config",
      message: `AWS_VAULT_YKMAN_VERSION is \`${version}\`, and no version of ykman`,
    });
  }
});

Deno.test("ykman is asked for nothing but codes", async () => {
  const { ctx, started } = createWorld({ programs: ["ykman"] });
  const driver = await chooseDriver("ykman", ctx);
  await assert.rejects(driver.ask("Passphrase: ", { secret: true }), {
    message: "ykman gives MFA codes alone, and this is asked: Passphrase: ",
  });
  assert.deepEqual(started, []);
});

Deno.test("ykman takes another key and another account where they are named", async () => {
  const env = { YKMAN_OATH_CREDENTIAL_NAME: "aws-jon", YKMAN_OATH_DEVICE_SERIAL: "42" };
  const { request } = await ask("ykman", { env });
  const shown = "--device 42 oath accounts code --single aws-jon";
  assert.equal(request.args.join(" "), shown);
});

Deno.test("ykman's failure is told with the account it was asked for", async () => {
  const asking = ask("ykman", { answer: () => ({ code: 2 }) });
  await assert.rejects(asking, { code: "prompt", message: /no code for arn:.*\(exit code 2\)/ });
});
