import { writeBash } from "./completions/bash.ts";
import { writeFish } from "./completions/fish.ts";
import { writePowershell } from "./completions/powershell.ts";
import { addTopics } from "./completions/topics.ts";
import { writeWords } from "./completions/words.ts";
import { writeZsh } from "./completions/zsh.ts";
import { describeSurface, eachCommand } from "./surface.ts";

/**
 * `deno task completions`: completions/, made from the command table. With `--check` nothing is
 * written; what differs from the table fails, and so does a command without an example.
 */
const surface = await describeSurface();
const completed = { ...surface, commands: addTopics(surface.commands) };
const files: Readonly<Record<string, string>> = {
  "completions/aws-vault.bash": await writeBash(completed),
  "completions/_aws-vault": await writeZsh(completed),
  "completions/aws-vault.fish": await writeFish(completed),
  "completions/aws-vault.ps1": await writePowershell(completed),
  "completions/words.json": writeWords(completed),
};

const check = Deno.args.includes("--check");
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  const path = new URL(`../${name}`, import.meta.url);
  if (!check) {
    await Deno.writeTextFile(path, text);
  } else if (await Deno.readTextFile(path).catch(() => "") !== text) {
    console.error(`${name} differs from the command table: run \`deno task completions\``);
    stale++;
  }
}
for (const { path, commands, examples } of eachCommand(surface.commands)) {
  if (!check || commands.length > 0 || examples.length > 0) continue;
  console.error(`the help of ${path} has no example (addExamples)`);
  stale++;
}
if (stale > 0) Deno.exit(1);
