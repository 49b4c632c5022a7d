import { dirname } from "node:path";
import { VERSION } from "../src/cli/version.ts";
import { bundle, exists, remove } from "./build.ts";
import { readDocuments } from "./documents.ts";
import { writeLauncher } from "./launcher.ts";
import { ROOT, runTask } from "./task.ts";

/**
 * `deno task install [--prefix DIR]`: the program in DIR/lib/aws-vault, a link to it in DIR/bin, and
 * completions and man page where shells and `man` look below DIR; DIR is ~/.local. `deno task
 * uninstall [--prefix DIR]` takes exactly that away again, with the directories made for it.
 */
const LIB = "lib/aws-vault";
const LINK = "bin/aws-vault";
/** Where it is put together, and where an older one is while the new one takes its place. */
const STAGED = `${LIB}.new`;
const REPLACED = `${LIB}.old`;
/** The directories that were made for it, as JSON: `uninstall` takes those away that are empty. */
const MADE = "directories.json";

/**
 * Builds and installs below `prefix`; says what it did. Throws when a file there is not ours. Killed
 * at any moment, it is finished by the next `install`, or taken away by `uninstall`.
 */
async function install(prefix: string): Promise<string[]> {
  await checkLink(prefix);
  const documents = (await readDocuments()).filter(({ target }) => target !== undefined);
  const targets = documents.map(({ target }) => `${prefix}/${target}`);
  // Once anything of the program is there they are its own.
  const foreign = isBegun(prefix) ? undefined : targets.find(exists);
  if (foreign !== undefined) throw isNotOurs(foreign);
  const paths = [`${prefix}/${LINK}`, `${prefix}/${LIB}`, ...targets];
  const made = await readMade(prefix, paths);
  await Deno.mkdir(`${prefix}/${dirname(LIB)}`, { recursive: true });
  using _turn = takeTurn(prefix);
  await Deno.mkdir(`${prefix}/${STAGED}`, { recursive: true });
  await Deno.writeTextFile(`${prefix}/${STAGED}/${MADE}`, JSON.stringify(made));
  await stage(prefix);
  await replaceProgram(prefix);
  for (const path of paths) await Deno.mkdir(dirname(path), { recursive: true });
  if (!exists(`${prefix}/${LINK}`)) {
    await Deno.symlink(`../${LIB}/aws-vault`, `${prefix}/${LINK}`);
  }
  for (const { target, text } of documents) await Deno.writeTextFile(`${prefix}/${target}`, text);
  return paths;
}

async function stage(prefix: string): Promise<void> {
  const staged = `${prefix}/${STAGED}`;
  await remove(`${staged}/lib`);
  await bundle(ROOT, `${staged}/lib`);
  await writeLauncher(`${staged}/aws-vault`, `${prefix}/${LIB}/lib`);
}

async function replaceProgram(prefix: string): Promise<void> {
  const [lib, replaced] = [`${prefix}/${LIB}`, `${prefix}/${REPLACED}`];
  if (exists(lib)) {
    await remove(replaced);
    await Deno.rename(lib, replaced);
  }
  await Deno.rename(`${prefix}/${STAGED}`, lib);
  await remove(replaced);
}

/** Takes away what `install` put below `prefix`; throws when there is nothing of it. */
async function uninstall(prefix: string): Promise<string[]> {
  if (!isBegun(prefix)) {
    throw new Error(`there is no aws-vault in ${prefix}: name where it is with --prefix DIR`);
  }
  await checkLink(prefix);
  using _turn = takeTurn(prefix);
  const targets = (await readDocuments()).flatMap(({ target }) => target ?? []);
  const made = await readMade(prefix);
  const own = [LINK, ...targets, STAGED, REPLACED, LIB].map((path) => `${prefix}/${path}`);
  const there = own.filter(exists);
  // The record of what was made goes last: by it the next one does what a kill has left.
  const program = ["lib", "aws-vault"].map((name) => `${prefix}/${LIB}/${name}`);
  for (const path of [...own.slice(0, -1), ...program]) await remove(path);
  await removeEmpty(made);
  await remove(`${prefix}/${LIB}`);
  await removeEmpty(made);
  return there;
}

/** One that has something of others in it by now stays. */
async function removeEmpty(made: readonly string[]): Promise<void> {
  for (const path of made.toReversed()) await Deno.remove(path).catch(() => {});
}

/** Whether there is a program of ours, or what an `install` that was killed has left of one. */
function isBegun(prefix: string): boolean {
  return [LIB, STAGED, REPLACED].some((path) => exists(`${prefix}/${path}`));
}

/** Two at once would take each other's files away; the lock goes with its holder. */
function takeTurn(prefix: string): Disposable {
  const directory = Deno.openSync(`${prefix}/${dirname(LIB)}`);
  if (directory.tryLockSync(true)) return directory;
  directory.close();
  throw new Error(`another install or uninstall is at work in ${prefix}: run this when it is done`);
}

/** The directories that were made before, and those that `paths` need; outermost first. */
async function readMade(prefix: string, paths: readonly string[] = []): Promise<string[]> {
  const made = new Set<string>();
  for (const place of [LIB, REPLACED, STAGED]) {
    for (const path of await readRecord(`${prefix}/${place}/${MADE}`)) made.add(path);
  }
  for (const path of paths) for (const missing of listMissing(dirname(path))) made.add(missing);
  return [...made];
}

/** None where there is no record, or it was being written when we were killed: nothing was made then. */
async function readRecord(path: string): Promise<string[]> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return [];
  }
}

/** A directory and those above it, as far as they are not there; outermost first. */
function listMissing(path: string): string[] {
  return exists(path) ? [] : [...listMissing(dirname(path)), path];
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

/** What is still to be done for the installed command to be found, and to stay. */
function advise(prefix: string, path: string, deno: string): string[] {
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
  if (name === undefined) return `${readHome()}/.local`;
  if (name === "--prefix" && value && more.length === 0) return absolute(value);
  throw new Error(`${args.join(" ")}: it takes --prefix DIR and nothing else`);
}

/** As seen from where `deno task` was called, which is not where it runs. */
function absolute(path: string): string {
  const from = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  // No shell has put the home in place of the ~ in --prefix=~/.local.
  const whole = path.replace(/^~(?=\/|$)/, readHome);
  return (whole.startsWith("/") ? whole : `${from}/${whole}`).replace(/(?<=.)\/+$/, "");
}

function readHome(): string {
  const home = Deno.env.get("HOME") ?? "";
  if (home.startsWith("/")) return home;
  throw new Error("HOME names no directory in full: say with --prefix DIR where it is to be");
}

function needsSh(): Error {
  const archive = `dist\\npm\\aws-vault-${VERSION}-windows.tgz`;
  return new Error(
    `it is for Linux and macOS. On Windows: deno task pack, then npm install -g ${archive}`,
  );
}

async function run([verb, ...args]: readonly string[]): Promise<string[]> {
  if (Deno.build.os === "windows") throw needsSh();
  const prefix = readPrefix(args);
  if (verb === "uninstall") {
    return (await uninstall(prefix)).map((path) => `removed ${path}`);
  }
  if (Deno.uid() === 0) Deno.umask(0o022); // it is for all users, whatever root keeps to itself
  return [
    ...(await install(prefix)).map((path) => `installed ${path}`),
    `aws-vault ${VERSION} runs on ${Deno.execPath()}`,
    ...advise(prefix, Deno.env.get("PATH") ?? "", Deno.execPath()),
  ];
}

if (import.meta.main) await runTask(() => run(Deno.args));
