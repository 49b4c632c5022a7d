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
      target: "es2024",
      minify: true,
      legalComments: "none",
      metafile: true,
      alias: Object.fromEntries(
        NODE_MODULES.map((name) => [`node:${name}`, `${root}/scripts/shims/node.ts`]),
      ),
      plugins: [plainXmlParser, ownModulesInOne],
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

/** What stays in chunks of its own: AWS's client, the servers, the picker's library. */
const COLD = /\/aws\/|\/server\/|\/picker\.ts$/;

/**
 * Our own modules, lazy in the sources, are put into one file: together they are small, and every
 * file that Deno loads at the start costs most of a millisecond.
 */
const ownModulesInOne: esbuild.Plugin = {
  name: "own-modules-in-one",
  setup(builder) {
    builder.onLoad({ filter: /[/\\](src|backends)[/\\].*\.ts$/ }, async (args) => {
      const imports: string[] = [];
      const source = await Deno.readTextFile(args.path);
      const text = source.replace(/\bimport\("(\.[^"]+)"\)/g, (lazy, path) => {
        if (COLD.test(path)) return lazy;
        imports.push(`import * as lazy${imports.length} from "${path}";`);
        return `Promise.resolve(lazy${imports.length - 1})`;
      });
      return { contents: imports.join("") + text, loader: "ts" };
    });
  },
};

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) await build(import.meta.dirname!.replace(/[/\\]scripts$/, ""));
