import assert from "node:assert/strict";
import { openBrowser, startBrowser } from "../../../src/prompt/browser.ts";
import { formatPage } from "../../../src/prompt/secret_page.ts";
import { createRun, type FakeRunOptions } from "../credentials/providers/fake_run.ts";

const URL = "https://device.example/?user_code=ABCD-EFGH&x=%25";

async function open(options: FakeRunOptions, url = URL) {
  const world = createRun(options);
  await openBrowser(url, world.ctx);
  const { command: program, args = [] } = world.started[0] ?? {};
  // What follows the shell's script and its name is the browser's own command.
  return { ...world, program, command: args[0] === "-c" ? args.slice(3) : args };
}

Deno.test("BROWSER is used, with the link as its last argument", async () => {
  const { command, notes } = await open({ env: { BROWSER: "firefox" }, programs: ["firefox"] });
  assert.deepEqual(command, ["firefox", URL]);
  assert.deepEqual(notes, []);
});

Deno.test("the link takes the place of %s in BROWSER", async () => {
  const env = { BROWSER: "firefox -P work --new-tab=%s" };
  const { command } = await open({ env, programs: ["firefox"] });
  assert.deepEqual(command, ["firefox", "-P", "work", `--new-tab=${URL}`]);
});

Deno.test("of several in BROWSER the first that is there is used", async () => {
  const env = { BROWSER: "chrome:/usr/bin/vivaldi %s:firefox" };
  const { command } = await open({ env, programs: ["firefox"] });
  assert.deepEqual(command, ["firefox", URL]);
});

const SPACED = "/mnt/c/Program Files (x86)/b/b.exe";
for (
  const [BROWSER, ...expected] of [
    [SPACED, SPACED, URL],
    [`${SPACED} --guest`, SPACED, "--guest", URL],
    [`"${SPACED}" --tab='%s'`, SPACED, `--tab=${URL}`],
    ["/mnt/c/Program\\ Files\\ \\(x86\\)/b/b.exe %s", SPACED, URL],
    ["open -a 'Google Chrome'", "open", "-a", "Google Chrome", URL],
    ['open -a "the \\"best\\" one" it\'s', "open", "-a", 'the "best" one', "it's", URL],
  ] as const
) {
  Deno.test(`blanks in BROWSER may be quoted, and in its path need not be: ${BROWSER}`, async () => {
    const { command } = await open({ env: { BROWSER }, programs: [SPACED, "open"] });
    assert.deepEqual(command, expected);
  });
}

Deno.test("a & at the end of BROWSER, which Python takes, is no argument", async () => {
  const { command } = await open({ env: { BROWSER: "firefox %s &" }, programs: ["firefox"] });
  assert.deepEqual(command, ["firefox", URL]);
});

for (const BROWSER of ["&", '""', " : "]) {
  Deno.test(`a BROWSER that has no program in it is told as that: ${BROWSER}`, async () => {
    const { started, notes } = await open({ env: { BROWSER }, programs: ["xdg-open"] });
    assert.deepEqual(started, []);
    assert.match(notes[0]!, /\(BROWSER names no program\): open the link by hand/);
  });
}

Deno.test("a BROWSER that is not there is named, and nothing is started", async () => {
  const { started, notes } = await open({ env: { BROWSER: "chrome:opera" }, programs: [] });
  assert.deepEqual(started, []);
  assert.match(notes[0]!, /BROWSER names chrome, opera: not found/);
});

Deno.test("macOS opens links by open", async () => {
  const { command } = await open({ platform: "darwin", programs: ["open", "xdg-open"] });
  assert.deepEqual(command, ["open", URL]);
});

Deno.test("Windows opens links by rundll32, without a shell that would cut them at &", async () => {
  const { program, command } = await open({ platform: "windows", programs: ["rundll32"] });
  assert.equal(program, "rundll32");
  assert.deepEqual(command, ["url.dll,FileProtocolHandler", URL]);
});

Deno.test("on Windows paths in BROWSER may hold blanks and colons", async () => {
  const program = "C:\\Program Files\\b\\b.exe";
  for (const name of [`"${program}"`, program]) {
    const env = { BROWSER: `none;; ${name} --new-tab="a %s" ` };
    const world = await open({ platform: "windows", env, programs: [program] });
    assert.equal(world.program, program);
    assert.deepEqual(world.command, [`--new-tab=a ${URL}`]);
  }
});

Deno.test("on Windows a browser that is still there is left to itself", async () => {
  const { started } = await open({ platform: "windows", programs: ["rundll32"] });
  assert.equal(started[0]!.mayStay, true);
});

Deno.test("a desktop opens links by xdg-open", async () => {
  for (const name of ["DISPLAY", "WAYLAND_DISPLAY"]) {
    const env = { [name]: ":0", BROWSER: " " }; // which names none
    const { command } = await open({ env, programs: ["xdg-open"] });
    assert.deepEqual(command, ["xdg-open", URL]);
  }
});

Deno.test("without a display no browser of the terminal is started in its stead", async () => {
  const { started, notes } = await open({ env: { DISPLAY: "" }, programs: ["xdg-open"] });
  assert.deepEqual(started, []);
  assert.match(notes[0]!, /No browser was opened \(none was found here\): open the link by hand/);
});

Deno.test("WSL opens links by the browser of Windows", async () => {
  const env = { DISPLAY: ":0" };
  const { command } = await open({ env, programs: ["wslview", "xdg-open"] });
  assert.deepEqual(command, ["wslview", URL]);
  const bare = await open({ env, programs: ["rundll32.exe"] });
  assert.deepEqual(bare.command, ["rundll32.exe", "url.dll,FileProtocolHandler", URL]);
});

Deno.test("only http and https links are opened", async () => {
  for (
    const url of ["file:///etc/passwd", "--app=https://a", "javascript:alert(1)", "https://a b"]
  ) {
    const { started, notes } = await open(
      { env: { BROWSER: "firefox" }, programs: ["firefox"] },
      url,
    );
    assert.deepEqual(started, [], url);
    assert.match(notes[0]!, /no http or https link/);
  }
});

Deno.test("an opener that fails is noted and nothing more", async () => {
  const stdout = new TextEncoder().encode("3\n"); // from the shell that has started it
  for (
    const [platform, program, answer, code] of [
      ["windows", "rundll32", { code: 1 }, 1],
      ["darwin", "open", { code: 0, stdout }, 3],
    ] as const
  ) {
    const { notes } = await open({ platform, programs: [program], answer: () => answer });
    assert.deepEqual(notes, [
      `No browser was opened (${program} ended with exit code ${code}): open the link by hand.`,
    ]);
  }
});

Deno.test("Windows' Explorer, which ends with 1 whatever came of it, has opened the link", async () => {
  const stdout = new TextEncoder().encode("1\n");
  for (
    const [platform, BROWSER, answer] of [
      ["windows", "explorer", { code: 1 }],
      ["linux", "/mnt/c/Windows/explorer.exe", { code: 0, stdout }],
    ] as const
  ) {
    const options = { platform, env: { BROWSER }, programs: [BROWSER], answer: () => answer };
    assert.deepEqual((await open(options)).notes, []);
  }
});

Deno.test("a secret link is in no argument, whatever stands for it there", async () => {
  for (const BROWSER of ["firefox", "firefox --new-tab=%s"]) {
    const { ctx, started } = createRun({ env: { BROWSER }, programs: ["firefox"] });
    assert.equal(await startBrowser(URL, ctx, { secret: true }), undefined);
    assertInPageAlone(started[0]!);
  }
});

Deno.test("nothing of a link is markup of the page that leads on to it", () => {
  const page = formatPage('https://a/?x="><script>&y');
  const link = "https://a/?x=&quot;>&lt;script>&amp;y";
  assert.ok(page.includes(`url=${link}"`) && page.includes(`href="${link}"`));
});

Deno.test("an editor that opens links on another machine gets no page of this one, but links", async () => {
  const BROWSER = "/home/jo/.vscode-server/bin/1/bin/helpers/browser.sh";
  const { ctx, started } = createRun({ env: { BROWSER }, programs: [BROWSER] });
  assert.match((await startBrowser(URL, ctx, { secret: true }))!, /on another machine/);
  assert.equal(started.length, 0);
  assert.equal(await startBrowser(URL, ctx), undefined);
  assert.equal(started[0]!.args.at(-1), URL);
});

Deno.test("no shell of Windows gets a link, whose & would be its own, but a page", async () => {
  for (
    const BROWSER of [
      "cmd.exe /c start",
      "/mnt/c/x/PowerShell.exe -Command Start-Process",
      "pwsh.exe -c saps",
    ]
  ) {
    const { started } = await open({ env: { BROWSER }, programs: [BROWSER.split(" ")[0]!] });
    assertInPageAlone(started[0]!);
  }
});

function assertInPageAlone({ args, stdin }: { args: readonly string[]; stdin?: Uint8Array }): void {
  assert.ok(!args.join(" ").includes("device.example"));
  const page = new TextDecoder().decode(stdin);
  assert.ok(page.includes(`url=${URL.replaceAll("&", "&amp;")}"`));
}
