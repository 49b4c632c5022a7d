import { VERSION } from "../src/cli/version.ts";
import { OTHER_ENTRIES } from "./start_rule.ts";

/** `deno task check`: everything that has to hold before a commit, all faults in one run. */
const root = new URL("..", import.meta.url);
const DOCUMENTS = ["README.md", ...markdown("docs")];

const STEPS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["format", ["fmt", "--check", "--quiet"]],
  ["lint", ["lint", "--quiet"]],
  ["types", ["check", "--quiet", "compiled.ts", ...OTHER_ENTRIES, "scripts", "tests"]],
  ["types of examples", ["check", "--quiet", "--doc-only", ...DOCUMENTS, "src", "backends"]],
  ["import table", ["run", "-A", "scripts/check_imports.ts"]],
  ["completions", ["run", "-A", "scripts/completions.ts", "--check"]],
  ["lock file", ["install", "--frozen", "--quiet"]],
];

/** Where our own version stands beside src/cli/version.ts: what does not follow would not be found. */
const VERSION_PLACES: Readonly<Record<string, RegExp>> = {
  "deno.json": /^ {2}"version": "(.*)"/gm,
  "Dockerfile": /^ARG VERSION=(.*)$/gm,
  "README.md": /aws-vault-(\d.*?)(?:-windows)?\.tgz/g,
  "docs/ci.md": /aws-vault:(\d\S*)/g,
};

const failed: string[] = [];
for (const [name, args] of STEPS) {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  console.log(`${success ? "ok    " : "FAILED"} ${name}`);
  if (!success) failed.push(name);
}
for (const [path, pattern] of Object.entries(VERSION_PLACES)) {
  const found = [...(await Deno.readTextFile(new URL(path, root))).matchAll(pattern)];
  const others = found.map(([, version]) => version).filter((version) => version !== VERSION);
  if (found.length > 0 && others.length === 0) continue;
  console.log(`FAILED version: ${path} has ${others[0] ?? "none"}, src/cli/version.ts ${VERSION}`);
  failed.push("version");
}
if (failed.length > 0) Deno.exit(1);

function* markdown(directory: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(directory, root))) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* markdown(path);
    else if (path.endsWith(".md")) yield path;
  }
}
