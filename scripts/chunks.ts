import * as esbuild from "esbuild";
import { relative, resolve } from "node:path";

/**
 * What stays in chunks of its own: AWS's client, the servers, and what a run that makes no request
 * loads without much of the rest: `exec -- CMD` (with `--profile-env` too), `export`, other keyrings,
 * the audit trail.
 */
const APART = new RegExp(
  "^(src/(agent|aws|server)/|src/runtime/(caller|children|processes)\\.ts|" +
    "src/cli/(audit\\.ts|profile_env\\.ts|completion/|commands/(agent_\\w+|export|list)\\.ts)|" +
    "backends/\\w+\\.ts)",
);

/** What nobody needs who was at work before it could be replaced: other commands, and their texts. */
const NOT_OF_THE_REST =
  /^src\/(rest\.ts$|doctor\/|cli\/(completion\/|manual\.ts$|commands\/(?!export\.ts$)))/;

/**
 * Which of our own modules lie together in a file. What the entry imports is one chunk, loaded at
 * every start; all the rest of ours that an `import()` reaches is another, loaded when something of
 * it is called; some stay apart.
 *
 * esbuild gives a chunk to all modules that the same entries reach, and every target of an
 * `import()` is an entry. So each of them is made to reach what it is to lie together with: the
 * start, and, of those that do not stay apart, every other.
 */
export async function placeOwnModules(options: esbuild.BuildOptions): Promise<esbuild.Plugin> {
  const root = options.absWorkingDir!;
  const start = `${root}/${(options.entryPoints as string[])[0]}`;
  const lazy = await findLazyModules(options);
  const cold = lazy.filter((path) => !APART.test(path)).map((path) => `${root}/${path}`);
  return {
    name: "place-own-modules",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, (args) => resolveLazily(args, builder, root));
      builder.onLoad({ filter: /src[/\\]rest\.ts$/, namespace: "file" }, () => ({
        contents: writeRest(lazy),
        resolveDir: root,
      }));
      builder.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => {
        const target = resolve(root, path);
        const together = [start, ...cold.includes(target) ? cold : []];
        const lines = together.map((path) => `import ${JSON.stringify(path)};`);
        lines.push(`export * from ${JSON.stringify(target)};`);
        return { contents: lines.join("\n"), resolveDir: root };
      });
    },
  };
}

/** From the root: what is built must not depend on where that is. */
async function resolveLazily(
  { kind, path, importer, resolveDir }: esbuild.OnResolveArgs,
  builder: esbuild.PluginBuild,
  root: string,
): Promise<esbuild.OnResolveResult | undefined> {
  if (kind !== "dynamic-import") return undefined;
  const target = await builder.resolve(path, { kind: "import-statement", importer, resolveDir });
  return { path: relative(root, target.path), namespace: "lazy", errors: target.errors };
}

/** Who finds something gone already goes on: it may never be called. */
function writeRest(lazy: readonly string[]): string {
  const rest = lazy.filter((path) => !NOT_OF_THE_REST.test(path));
  const loads = rest.map((path) => `import(${JSON.stringify(`./${path}`)})`);
  return `export const loadRest = () => Promise.allSettled([${loads.join()}]);`;
}

/** The modules of ours that an `import()` names, by their paths from the root. */
async function findLazyModules(options: esbuild.BuildOptions): Promise<string[]> {
  const { metafile } = await esbuild.build({
    ...options,
    packages: "external",
    write: false,
    metafile: true,
  });
  const lazy = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external }) => kind === "dynamic-import" && !external);
  return [...new Set(lazy.map(({ path }) => path))].sort();
}
