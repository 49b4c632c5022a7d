import assert from "node:assert/strict";
import { writeManPage } from "../../scripts/man.ts";
import { describeSurface, eachCommand, visible } from "../../scripts/surface.ts";
import { CHAPTERS } from "../../src/cli/manual.ts";
import { requireProgram } from "../require.ts";
import { Home, run } from "./harness.ts";

const SURFACE = await describeSurface();
const COMMANDS = [...eachCommand(SURFACE.commands)];

/** All that help and the man page have to say. */
const SAID = [
  ...[SURFACE, ...COMMANDS].flatMap(({ description, options }) => [
    description,
    ...visible(options).flatMap(({ flags, help }) => [flags, help]),
  ]),
  ...COMMANDS.flatMap(({ path, examples }) => [path, ...examples.flat()]),
  ...CHAPTERS.flatMap(({ entries }) => entries.flat()),
];

/** The texts of these that a page does not have, however it breaks its lines. */
function missing(page: string): string[] {
  const words = page.replace(/\s+/g, " ");
  return SAID.filter((text) => !words.includes(text.replace(/\s+/g, " ")));
}

async function readHelp(...args: string[]): Promise<string> {
  using home = new Home();
  const { code, stdout, stderr } = await run(args, { home });
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test("--help-long says everything of every command, 80 columns wide", async () => {
  const help = await readHelp("--help-long");
  assert.deepEqual(missing(help), []);
  assert.deepEqual(help.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("help of the whole ends with the first things to type", async () => {
  assert.match(
    await readHelp("--help"),
    /\nExamples:\n {2}aws-vault add work\n[^]* {2}aws-vault help exec\n/,
  );
});

Deno.test("the help of every command, and of every group of them, has an example of it", async () => {
  for (const { path, examples } of COMMANDS) {
    assert.ok(examples.length > 0, path);
    const help = await readHelp(...path.split(" "), "--help");
    for (const [line] of examples) {
      assert.match(line, new RegExp(`aws-vault (${path}|rm) ?`));
      assert.ok(help.includes(`\n  ${line}\n`), line);
    }
  }
});

Deno.test({
  name: "man shows the page without a warning, and it says what --help-long says",
  ignore: !requireProgram("man") || !requireProgram("groff"),
}, async () => {
  using home = new Home();
  const path = home.write("aws-vault.1", await writeManPage());
  const env = { MANROFFSEQ: "", MANWIDTH: "80", MAN_KEEP_FORMATTING: undefined };
  const checked = await run(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path], {
    home,
    command: ["man"],
    env,
  });
  assert.equal(checked.stderr, "");
  assert.equal(checked.code, 0);
  const shown = await run(["-l", path], {
    home,
    command: ["man"],
    env: { ...env, MANPAGER: "cat" },
  });
  assert.equal(shown.code, 0, shown.stderr);
  assert.deepEqual(missing(shown.stdout), []);
});
