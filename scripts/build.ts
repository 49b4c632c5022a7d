import * as esbuild from "esbuild";
import { writeLauncher } from "./launcher.ts";

/**
 * `deno task build`: dist/lib/, the bundle with a chunk for every `import()`, and dist/aws-vault,
 * the launcher.
 */
export async function build(root: string): Promise<void> {
  const dist = `${root}/dist`;
  await Deno.remove(dist, { recursive: true }).catch(ignoreMissing);
  await bundle(root, `${dist}/lib`);
  await writeLauncher(root, `${dist}/aws-vault`);
}

const NODE_MODULES = ["events", "child_process", "path", "fs", "process", "util"];

/** The AWS SDK's browser build, with the XML parser that needs no DOM; commander without node. */
export async function bundle(root: string, outdir: string): Promise<esbuild.Metafile> {
  try {
    const result = await esbuild.build({
      absWorkingDir: root,
      entryPoints: ["main.ts"],
      outdir,
      outExtension: { ".js": ".js" },
      chunkNames: "chunks/[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      target: "esnext",
      minify: true,
      legalComments: "none",
      metafile: true,
      alias: Object.fromEntries(
        NODE_MODULES.map((name) => [`node:${name}`, `${root}/scripts/shims/node.ts`]),
      ),
      plugins: [plainXmlParser, twoFiles(root)],
      logLevel: "warning",
    });
    await hideLazyImports(result.metafile, root);
    return result.metafile;
  } finally {
    await esbuild.stop();
  }
}

/**
 * Deno reads and parses at the start whatever an `import("…")` names, AWS's client included; what
 * it cannot see it loads when it is called for.
 */
async function hideLazyImports(metafile: esbuild.Metafile, root: string): Promise<void> {
  for (const output of Object.keys(metafile.outputs)) {
    const path = `${root}/${output}`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(/\bimport\(("\.[^"]+")\)/g, "import(String($1))"));
  }
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

/** What stays in chunks of its own: AWS's client and the servers. */
const HEAVY = /[/\\](aws|server)[/\\]/;
/** What a cached `exec --json` and a `list` load lazily, and so nearly every run. */
const HOT = /[/\\](cli[/\\]commands[/\\](exec|list)|backends[/\\](mod|file|passphrase))\.ts$/;
const LAZY = /\bimport\("(\.[^"]+)"\)/g;

/**
 * Our own modules, lazy in the sources, go into two files: what is hot (see above), and
 * all the rest. Every file that Deno loads costs most of a millisecond, and so does every 40 kB.
 */
function twoFiles(root: string): esbuild.Plugin {
  return {
    name: "two-files",
    async setup(builder) {
      const cold = await findColdModules(root);
      builder.onLoad({ filter: /[/\\](src|backends)[/\\].*\.ts$/ }, async (args) => {
        const imports: string[] = [];
        const source = await Deno.readTextFile(args.path);
        const text = source.replace(LAZY, (lazy, path) => {
          const target = resolve(args.path, path);
          if (HEAVY.test(target)) return lazy;
          if (!HOT.test(target)) {
            return `import("cold:modules").then((all) => all.m${cold.indexOf(target)})`;
          }
          imports.push(`import * as hot${imports.length} from "${path}";`);
          return `Promise.resolve(hot${imports.length - 1})`;
        });
        return { contents: imports.join("") + text, loader: "ts" };
      });
      builder.onResolve(
        { filter: /^cold:modules$/ },
        (args) => ({ path: args.path, namespace: "cold" }),
      );
      builder.onLoad({ filter: /.*/, namespace: "cold" }, () => ({
        contents: cold.map((path, i) => `export * as m${i} from "${path}";`).join("\n"),
        resolveDir: root,
      }));
    },
  };
}

/** Everything of ours that is reached by `import()` and is neither hot nor heavy. */
async function findColdModules(root: string): Promise<string[]> {
  const found = new Set<string>();
  for (const directory of ["src", "backends"]) {
    for await (const path of walk(`${root}/${directory}`)) {
      for (const [, target] of (await Deno.readTextFile(path)).matchAll(LAZY)) {
        found.add(resolve(path, target!));
      }
    }
  }
  return [...found].filter((path) => !HOT.test(path) && !HEAVY.test(path)).sort();
}

async function* walk(directory: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

function resolve(importer: string, path: string): string {
  return new URL(path, `file://${importer}`).pathname;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) await build(import.meta.dirname!.replace(/[/\\]scripts$/, ""));
