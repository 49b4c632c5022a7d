import * as esbuild from "esbuild";
import { writeLauncher } from "./launcher.ts";
import { placeOwnModules } from "./chunks.ts";

/** `deno task build`: dist/lib/, the bundle in its chunks, and dist/aws-vault, the launcher. */
export async function build(root: string): Promise<void> {
  const dist = `${root}/dist`;
  await Deno.remove(`${dist}/lib`, { recursive: true }).catch(ignoreMissing);
  await bundle(root, `${dist}/lib`);
  await writeLauncher(root, `${dist}/aws-vault`);
}

const NODE_MODULES = ["events", "child_process", "path", "fs", "process", "util"];

/**
 * Puts together what starts in `entry`: the AWS SDK's browser build, with the XML parser that needs
 * no DOM; commander without node. Returns what esbuild knows of the files it wrote.
 */
export async function bundle(
  root: string,
  outdir: string,
  entry = "main.ts",
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
      outExtension: { ".js": ".js" },
      chunkNames: "chunks/[name]-[hash]",
      splitting: true,
      minify: true,
      legalComments: "none",
      metafile: true,
      plugins: [plainXmlParser, await placeOwnModules(options)],
    });
    return metafile;
  } finally {
    await esbuild.stop();
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

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) await build(import.meta.dirname!.replace(/[/\\]scripts$/, ""));
