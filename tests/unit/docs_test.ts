import assert from "node:assert/strict";
import { BACKEND_NAMES } from "../../backends/mod.ts";
import words from "../../completions/words.json" with { type: "json" };
import { ALL, neededWithKeyring } from "../../src/permissions.ts";

const ROOT = new URL("../../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The paths of the files below a directory whose names end so. */
function list(directory: string, end: string): string[] {
  return [...Deno.readDirSync(new URL(directory, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    return isDirectory ? list(path, end) : name.endsWith(end) ? [path] : [];
  });
}

function readAll(...directories: string[]): string {
  return directories.flatMap((directory) => list(directory, ".ts")).map(read).join("\n");
}

function exists(path: URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What the headings of a Markdown text can be linked to by. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}

/** The part of a text from a heading to the next of its rank. */
function section(text: string, heading: string): string {
  const from = text.indexOf(`\n${heading}\n`);
  assert.notEqual(from, -1, `there is no ${heading}`);
  const rank = heading.split(" ")[0]!;
  const to = text.indexOf(`\n${rank} `, from + heading.length);
  return text.slice(from, to < 0 ? undefined : to);
}

/** What stands in code style in the first cells of a text's tables. */
function firstCells(text: string): string[] {
  const cells = [...text.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!));
}

function unique(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

const HANDBOOK = read("docs/handbook.md");

Deno.test("every relative link of the documents leads to a file, and to a heading of it", () => {
  const broken: string[] = [];
  for (const document of ["README.md", ...list("docs", ".md")]) {
    for (const [, link] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link!)) continue;
      const [path, anchor] = link!.split("#") as [string, string?];
      const target = path === "" ? new URL(document, ROOT) : new URL(path, new URL(document, ROOT));
      const leads = exists(target) &&
        (anchor === undefined || anchors(Deno.readTextFileSync(target)).includes(anchor));
      if (!leads) broken.push(`${document}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

/** Between parts of the tool: nobody else sets or reads these. */
const INTERNAL = [
  "AWS_VAULT_KEPT",
  "AWS_VAULT_LAUNCHER",
  "AWS_VAULT_NOFILE",
  "AWS_VAULT_PROMPT_MESSAGE",
  "AWS_VAULT_UNDER_WAY",
];

Deno.test("the handbook names every variable the code reads or sets, and no other", () => {
  const sources = readAll("src", "backends");
  const launcher = read("scripts/launcher_start.sh");
  const quoted = [...sources.matchAll(/"((?:AWS|YKMAN)_[A-Z\d_]*[A-Z\d])"/g)].map(([, name]) =>
    name!
  );
  const expanded = [...launcher.matchAll(/\$\{(AWS_[A-Z_]+)-/g)].map(([, name]) => name!);
  const variables = unique([...quoted, ...expanded]).filter((name) => !INTERNAL.includes(name));
  assert.ok(variables.length > 50);
  // Services share a beginning, which the handbook writes once.
  const written = HANDBOOK.replaceAll("`_", "`AWS_ENDPOINT_URL_");
  const named = unique(written.match(/\b(?:AWS|YKMAN)_[A-Z\d_]*[A-Z\d]\b/g) ?? []);
  assert.deepEqual(variables.filter((name) => !named.includes(name)), []);
  assert.deepEqual(named.filter((name) => !variables.includes(name)), []);
});

Deno.test("the handbook's table of config keys has those that are looked up, and no other", () => {
  const sources = readAll("src/config");
  const looked = [
    ...sources.matchAll(/lookup\.(?:file|sso)\(\s*"([a-z_]+)"/g),
    ...sources.matchAll(/for(?:Target|Run|Name)\(\s*"[A-Z_]+",\s*"([a-z_]+)"/g),
    ...sources.matchAll(/\.file\("([a-z_]+)"\)/g),
    ...sources.matchAll(/get\("(\w+_profile)"\)/g),
    ...sources.matchAll(/this\.find\(profile, "(\w+)"\)/g),
  ].map(([, key]) => key!);
  const table = section(HANDBOOK, "## The config file");
  const keys = firstCells(table);
  assert.deepEqual(
    unique(keys),
    unique(looked).filter((key) => key !== "parent_profile"),
  );
  assert.match(table, /old name `parent_profile`/);
});

Deno.test("the handbook's table of backends has those that can be opened, and no other", () => {
  const table = section(HANDBOOK, "## Backends");
  const names = [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name!);
  assert.deepEqual(unique(names), unique(BACKEND_NAMES));
});

Deno.test("the handbook's table of prompt drivers has those there are, and no other", () => {
  const drivers = /const DRIVERS[^{]*\{([\s\S]*?)\n\};/.exec(read("src/prompt/mod.ts"))![1]!;
  const names = [...drivers.matchAll(/^ {2}(\w+): \{/gm)].map(([, name]) => name!);
  const table = section(HANDBOOK, "## MFA and prompts");
  const written = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  assert.deepEqual(unique(written), unique(names));
});

Deno.test("the README's table of tasks has those of deno.json", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const table = section(read("README.md"), "## Work on it");
  const written = [...table.matchAll(/^\| `deno task (\w+)`/gm)].map(([, name]) => name!);
  assert.deepEqual(unique(written), unique(Object.keys(tasks)));
});

Deno.test("the handbook has a paragraph for each finding of doctor, and no other", () => {
  const sources = readAll("src/doctor");
  const found = sources.matchAll(
    /"((?:agent|backend|config|credentials|environment|file|keyring|online|prompt)\.[a-z-]+)"/g,
  );
  const ids = [...new Set([...found].map(([, id]) => id!))].sort();
  assert.ok(ids.length > 50, `${ids.length} are too few: they are written otherwise now`);
  const chapter = section(read("docs/handbook.md"), "## What doctor finds");
  const explained = [...chapter.matchAll(/^- \*\*`([^`]+)`\*\*: \S/gm)].map(([, id]) => id!);
  assert.deepEqual(explained, ids);
});

Deno.test("users.md has all forty items, each with a test that there is or why there is none", () => {
  const rows = [...read("docs/users.md").matchAll(/^\| (\d+) +\|(.*)\|(.*)\|(.*)\|$/gm)]
    .map(([, number, , here, shown]) => ({ number, here: here!.trim(), shown: shown!.trim() }));
  assert.deepEqual(
    rows.map(({ number }) => Number(number)),
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
  for (const { number, here, shown } of rows) {
    const [, path, name] = /^`([^`]+)`: (.+)$/.exec(shown) ?? [];
    if (path === undefined) assert.match(here, /^not yet here: /, `${number}: ${shown}`);
    else assert.ok(read(`tests/${path}`).includes(name!), `${number}: ${path} has no \`${name}\``);
  }
});

const PERMISSIONS = {
  net: "the network",
  run: "programs",
  write: "writing",
  ffi: "the C library",
};

Deno.test("sandbox.md's table says of every command what it keeps", () => {
  const rows = [...read("docs/sandbox.md").matchAll(/^\| (`[^|]*`) +\| ([^|(]*[^|( ])/gm)];
  const said = rows.flatMap(([, commands, keeps]) =>
    [...commands!.matchAll(/`([^`]+)`/g)].map(([, command]) => [command!, keeps!] as const)
  );
  const narrow = Object.keys(words).flatMap((command) => {
    const needed = neededWithKeyring(command, { name: "file" });
    if (needed === ALL || command === "" || command === "ls" || command === "rm") return [];
    const keeps = ALL.filter((permission) => needed.includes(permission));
    return [[command, keeps.map((permission) => PERMISSIONS[permission]).join(", ") || "nothing"]];
  });
  assert.ok(narrow.length > 10);
  // What those need that get a profile's credentials depends on its plan.
  const fixed = said.filter(([, keeps]) => !/profile|^that/.test(keeps));
  assert.deepEqual(
    fixed.map((row) => row.join(": ")).sort(),
    narrow.map((row) => row!.join(": ")).sort(),
  );
});
