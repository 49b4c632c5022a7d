import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/mod.ts";
import { Home, run } from "./harness.ts";

const HANDBOOK = Deno.readTextFileSync(new URL("../../docs/handbook.md", import.meta.url));

/** The long options that help shows. */
async function readOptions(...args: string[]): Promise<string[]> {
  using home = new Home();
  const { code, stdout, stderr } = await run([...args, "--help"], { home });
  assert.equal(code, 0, stderr);
  return [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z][a-z\d-]*)/gm)].map(([, option]) => option!);
}

/** The long options in the first cells of the tables between two headings. */
function writtenOptions(from: string, to: RegExp): string[] {
  const start = HANDBOOK.indexOf(`\n${from}`);
  assert.notEqual(start, -1, `the handbook has no ${from}`);
  const rest = HANDBOOK.slice(start + from.length + 1);
  const text = rest.slice(0, rest.search(to));
  const cells = [...text.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => cell.match(/--[a-z][a-z\d-]*/g) ?? []);
}

/** Those of `## Commands` itself: global ones, and what several commands share. */
const COMMON = writtenOptions("## Commands", /\n### /);

Deno.test("the handbook has every global option", async () => {
  const options = await readOptions();
  assert.deepEqual(options.filter((option) => !COMMON.includes(option)), []);
});

const NAMES = Object.entries(COMMANDS).flatMap(([name, entry]) =>
  "commands" in entry ? Object.keys(entry.commands).map((sub) => `${name} ${sub}`) : [name]
);

for (const name of NAMES) {
  Deno.test(`the handbook has every option of ${name}, and no other`, async () => {
    const options = await readOptions(...name.split(" "));
    const own = writtenOptions(`### ${name}`, /\n##/);
    const explained = HANDBOOK.slice(HANDBOOK.indexOf(`\n### ${name}`)).split(/\n##/)[1]!;
    const missing = options.filter((option) =>
      !own.includes(option) && !COMMON.includes(option) && !explained.includes(option)
    );
    assert.deepEqual(missing, []);
    assert.deepEqual(own.filter((option) => !options.includes(option)), []);
  });
}

Deno.test("--help-long names every variable of this tool, and every exit code, that the handbook has", async () => {
  using home = new Home();
  const { stdout } = await run(["--help-long"], { home });
  const cellsBelow = (heading: string) => {
    const [text] = HANDBOOK.slice(HANDBOOK.indexOf(`\n${heading}\n`) + 1).split(/\n(?=##)/);
    return [...text!.matchAll(/^\| `?(\w+)`? +\|/gm)].map(([, cell]) => cell!);
  };
  const variables = cellsBelow("### Of this tool").filter((cell) => /^[A-Z]/.test(cell));
  const codes = cellsBelow("### Exit codes").filter((cell) => /^\d/.test(cell));
  assert.ok(variables.length > 20 && codes.length > 4);
  const words = stdout.match(/\w+/g)!;
  assert.deepEqual([...variables, ...codes].filter((word) => !words.includes(word)), []);
});
