import { dirname } from "node:path";
import { VERSION } from "../src/cli/version.ts";
import { bundle } from "./build.ts";
import { readDocuments } from "./documents.ts";
import { writeLauncher } from "./launcher.ts";

/**
 * `deno task install [--prefix DIR]`: the program in DIR/lib/aws-vault, a link to it in DIR/bin, and
 * completions and man page where shells and `man` look below DIR; DIR is ~/.local. `deno task
 * uninstall [--prefix DIR]` takes exactly that away again, with the directories made for it.
 */
const LIB = "lib/aws-vault";
const LINK = "bin/aws-vault";
/** The directories that were made for it, as JSON: `uninstall` takes those away that are empty. */
const MADE = `${LIB}/directories.json`;

/** Builds and installs below `prefix`; says what it did. Throws when a file there is not ours. */
export async function install(root: string, prefix: string): Promise<string[]> {
  await checkLink(prefix);
  const documents = (await readDocuments(root)).filter(({ target }) => target !== undefined);
  // Once the program is there they are its own.
  const foreign = exists(`${prefix}/${LIB}`)
    ? undefined
    : documents.map(({ target }) => `${prefix}/${target}`).find(exists);
  if (foreign !== undefined) throw isNotOurs(foreign);
  const staged = `${prefix}/${LIB}.new`;
  const made = await readMade(prefix);
  for (const name of ["bin", "lib"]) made.push(...await makeDirectory(`${prefix}/${name}`));
  await remove(staged);
  await bundle(root, `${staged}/lib`);
  const lib = `${prefix}/${LIB}/lib`;
  await writeLauncher(root, `${staged}/aws-vault`, { lib, deno: Deno.execPath() });
  await remove(`${prefix}/${LIB}`);
  await Deno.rename(staged, `${prefix}/${LIB}`);
  await remove(`${prefix}/${LINK}`);
  await Deno.symlink(`../${LIB}/aws-vault`, `${prefix}/${LINK}`);
  for (const { target, text } of documents) {
    made.push(...await makeDirectory(dirname(`${prefix}/${target}`)));
    await Deno.writeTextFile(`${prefix}/${target}`, text);
  }
  await Deno.writeTextFile(`${prefix}/${MADE}`, JSON.stringify(made));
  return [LINK, LIB, ...documents.map(({ target }) => target)].map((path) => `${prefix}/${path}`);
}

/** Takes away what `install` put below `prefix`; throws when there is nothing of it. */
export async function uninstall(root: string, prefix: string): Promise<string[]> {
  if (!exists(`${prefix}/${LIB}/lib/main.js`)) {
    throw new Error(`there is no aws-vault in ${prefix}: name where it is with --prefix DIR`);
  }
  await checkLink(prefix);
  const targets = (await readDocuments(root)).flatMap(({ target }) => target ?? []);
  const there = [LINK, ...targets, LIB].map((path) => `${prefix}/${path}`).filter(exists);
  const made = await readMade(prefix);
  for (const path of there) await remove(path);
  // One that has something of others in it by now stays.
  for (const path of made.reverse()) await Deno.remove(path).catch(() => {});
  return there;
}

/** Makes a directory and those above it; returns the ones that were not there, outermost first. */
async function makeDirectory(path: string): Promise<string[]> {
  if (exists(path)) return [];
  const above = await makeDirectory(dirname(path));
  await Deno.mkdir(path);
  return [...above, path];
}

async function readMade(prefix: string): Promise<string[]> {
  return exists(`${prefix}/${MADE}`)
    ? JSON.parse(await Deno.readTextFile(`${prefix}/${MADE}`))
    : [];
}

/** A program that somebody else put there is neither replaced nor removed. */
async function checkLink(prefix: string): Promise<void> {
  const path = `${prefix}/${LINK}`;
  if (!exists(path)) return;
  const target = await Deno.readLink(path).catch(() => "no link");
  if (target === `../${LIB}/aws-vault`) return;
  throw isNotOurs(path);
}

function isNotOurs(path: string): Error {
  return new Error(`${path} is not ours: move it away, or choose another --prefix DIR`);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  if (exists(path)) await Deno.remove(path, { recursive: true });
}

/** What is still to be done for the installed command to be found, and to stay. */
export function advise(prefix: string, path: string, deno: string): string[] {
  const advice: string[] = [];
  if (!path.split(":").includes(`${prefix}/bin`)) {
    advice.push(`${prefix}/bin is not in PATH: add to your shell's startup file`);
    advice.push(`  export PATH="${prefix}/bin:$PATH"`);
  }
  if (!/^\/usr(\/local)?$/.test(prefix)) { // those zsh looks into by itself
    advice.push("for the TAB key in zsh: add to ~/.zshrc, before compinit");
    advice.push(`  fpath=("${prefix}/share/zsh/site-functions" $fpath)`);
  }
  if (deno.includes("/_npx/")) {
    advice.push(
      "the Deno it will run on lies in npx's cache, which npm clears: have one that stays",
    );
    advice.push("  npm install -g deno");
  }
  return advice;
}

function readPrefix(args: readonly string[]): string {
  const [name, value, ...more] = args[0]?.startsWith("--prefix=")
    ? ["--prefix", args[0].slice("--prefix=".length), ...args.slice(1)]
    : args;
  if (name === undefined) return `${Deno.env.get("HOME")}/.local`;
  if (name === "--prefix" && value && more.length === 0) return absolute(value);
  throw new Error(`${args.join(" ")}: it takes --prefix DIR and nothing else`);
}

/** As seen from where `deno task` was called, which is not where it runs. */
function absolute(path: string): string {
  const from = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  // No shell has put the home in place of the ~ in --prefix=~/.local.
  const whole = path.replace(/^~(?=\/|$)/, Deno.env.get("HOME") ?? "~");
  return (whole.startsWith("/") ? whole : `${from}/${whole}`).replace(/(?<=.)\/+$/, "");
}

async function main(): Promise<void> {
  const [verb, ...args] = Deno.args;
  const prefix = readPrefix(args);
  const root = import.meta.dirname!.replace(/[/\\]scripts$/, "");
  if (verb === "uninstall") {
    for (const path of await uninstall(root, prefix)) console.log(`removed ${path}`);
    return;
  }
  for (const path of await install(root, prefix)) console.log(`installed ${path}`);
  console.log(`aws-vault ${VERSION} runs on ${Deno.execPath()}`);
  for (const line of advise(prefix, Deno.env.get("PATH") ?? "", Deno.execPath())) console.log(line);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
