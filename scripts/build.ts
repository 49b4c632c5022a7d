import * as esbuild from "esbuild";
import { resolve } from "node:path";
import { writeLauncher } from "./launcher.ts";
import { writeWindowsLauncher } from "./launcher_windows.ts";
import { placeOwnModules } from "./chunks.ts";
import { OTHER_ENTRIES } from "./start_rule.ts";
import { ROOT } from "./task.ts";

/**
 * `deno task build`: dist/lib/, the bundle in its chunks, and the launchers: dist/aws-vault and .cmd.
 * They take their places when all of it is there: a build that fails leaves the one before, and who
 * is at work with that goes on.
 */
export async function build(root: string): Promise<void> {
  const [dist, staged] = [`${root}/dist`, `${root}/dist/new`];
  await remove(staged);
  await bundle(root, `${staged}/lib`);
  await writeLauncher(`${staged}/aws-vault`, `${dist}/lib`);
  await writeWindowsLauncher(`${staged}/aws-vault.cmd`);
  if (exists(`${dist}/lib`)) await Deno.rename(`${dist}/lib`, `${staged}/old`);
  for (const name of ["lib", "aws-vault", "aws-vault.cmd"]) {
    await Deno.rename(`${staged}/${name}`, `${dist}/${name}`);
  }
  await remove(staged);
}

const NODE_MODULES = ["events", "child_process", "path", "fs", "process", "util"];

/**
 * Puts together what starts in `entry`; beside `main.ts` lie the others, which share no file that a
 * start loads, so that none is cut up for another. Returns what esbuild knows of the entry's files.
 */
export async function bundle(
  root: string,
  outdir: string,
  entry = "main.ts",
): Promise<esbuild.Metafile> {
  if (entry === "main.ts") {
    for (const other of OTHER_ENTRIES) await bundle(root, outdir, other);
  }
  return await bundleEntry(root, outdir, entry);
}

/** The AWS SDK's browser build, with the XML parser that needs no DOM; commander without node. */
async function bundleEntry(
  root: string,
  outdir: string,
  entry: string,
): Promise<esbuild.Metafile> {
  const options = {
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "esnext",
    alias: Object.fromEntries(
      NODE_MODULES.map((name) => [`node:${name}`, `${root}/scripts/shims/node.ts`]),
    ),
    logLevel: "warning",
  } satisfies esbuild.BuildOptions;
  try {
    const { metafile } = await esbuild.build({
      ...options,
      chunkNames: "chunks/[name]-[hash]",
      splitting: true,
      minify: true,
      legalComments: "none",
      metafile: true,
      plugins: [
        plainXmlParser,
        leanCommander,
        ...entry === "quick.ts" ? [withoutCipher(root)] : [],
        await placeOwnModules(options),
      ],
    });
    return await putIntoEntry(metafile, root);
  } finally {
    await esbuild.stop();
  }
}

/**
 * esbuild leaves of an entry that others share no more than the import of a chunk: the chunk takes
 * its place and its name, for each file that a start loads costs it half a millisecond.
 */
async function putIntoEntry(metafile: esbuild.Metafile, root: string): Promise<esbuild.Metafile> {
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => !path.includes("/chunks/"))!;
  const { imports, inputs } = outputs[entry]!;
  const chunk = imports[0]?.path;
  if (chunk === undefined || imports.length > 1 || Object.keys(inputs).length > 1) return metafile;
  const [entryName, chunkName] = [entry, chunk].map((path) => path.split("/").at(-1)!);
  for (const path of Object.keys(outputs).filter((path) => path !== entry)) {
    const text = await Deno.readTextFile(`${root}/${path}`);
    const placed = path === chunk
      ? text.replaceAll(/(?<=(?:import|from|import\()")\.\/(?=[^"/]+\.js")/g, "./chunks/")
      : text.replaceAll(`"./${chunkName}"`, `"../${entryName}"`);
    await Deno.writeTextFile(`${root}/${path === chunk ? entry : path}`, placed);
  }
  await Deno.remove(`${root}/${chunk}`);
  const { [entry]: _stub, [chunk]: start, ...others } = outputs;
  for (const output of Object.values(others)) {
    for (const each of output.imports) if (each.path === chunk) each.path = entry;
  }
  return { ...metafile, outputs: { ...others, [entry]: start! } };
}

/** `@aws-sdk/xml-builder` parses with the browser's DOM there; Deno has none. */
const plainXmlParser: esbuild.Plugin = {
  name: "plain-xml-parser",
  setup(builder) {
    builder.onLoad({ filter: /xml-builder[/\\]dist-es[/\\]xml-parser\.browser\.js$/ }, (args) => ({
      contents: 'export { parseXML } from "./xml-parser.js";',
      resolveDir: args.path.replace(/[/\\][^/\\]+$/, ""),
    }));
  },
};

/**
 * commander without what costs each start half a millisecond and is used by nobody: the program it
 * makes for those who make none, and a look into ICU's tables for letters before `...`, which no
 * option of ours has. Fails where commander has changed there.
 */
const leanCommander: esbuild.Plugin = {
  name: "lean-commander",
  setup(builder) {
    const replace = (filter: RegExp, part: string, by: string) =>
      builder.onLoad({ filter }, async ({ path }) => {
        const text = await Deno.readTextFile(path);
        if (!text.includes(part)) throw new Error(`${path} has no ${part}`);
        return { contents: text.replace(part, by) };
      });
    replace(/commander[/\\]index\.js$/, "export const program = new Command();", "");
    replace(/commander[/\\]lib[/\\]option\.js$/, "/\\p{ID_Continue}\\.", "/\\w\\.");
  },
};

/** What is asked at every TAB is answered from names: it holds nothing that could open an item. */
const withoutCipher = (root: string): esbuild.Plugin => ({
  name: "without-cipher",
  setup(builder) {
    builder.onLoad({ filter: /backends[/\\]file[/\\](jwe|seal)\.ts$/ }, async ({ path }) => {
      const text = await Deno.readTextFile(resolve(root, path));
      const names = text.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm);
      return { contents: Array.from(names, ([, name]) => `export const ${name} = 0;`).join("\n") };
    });
  },
});

/** Takes a file, a link or a directory with all in it away, if it is there. */
export async function remove(path: string): Promise<void> {
  if (exists(path)) await Deno.remove(path, { recursive: true });
}

/** Whether a name is taken: links are not followed. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) await build(ROOT);
