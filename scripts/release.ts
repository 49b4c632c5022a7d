import { VERSION } from "../src/cli/version.ts";
import { denoItself, formatBom, formatLicenses } from "./bom.ts";
import { bundle } from "./build.ts";
import { writeChecksums } from "./checksums.ts";
import { compile } from "./compile.ts";
import { findComponents } from "./components.ts";
import { pack } from "./pack.ts";
import { TARGETS } from "./targets.ts";
import { ROOT, runTask } from "./task.ts";

/**
 * `deno task release [--without-programs]`: dist/release/, all that a release is made of: the npm
 * packages, a program for each platform, the list of what is in them (CycloneDX) with its licences,
 * and the SHA-256 of everything. The same sources make the same bytes, wherever they lie.
 */
async function release(withPrograms: boolean): Promise<string[]> {
  const directory = `${ROOT}/dist/release`;
  const made = [...await pack(), ...withPrograms ? await compile(TARGETS) : []];
  await Deno.remove(directory, { recursive: true }).catch(() => {}); // the first has none before it
  await Deno.mkdir(directory, { recursive: true });
  for (const path of made) await Deno.copyFile(path, path.replace(/^.*\//, `${directory}/`));
  await describe(`${directory}/aws-vault-${VERSION}`);
  await writeChecksums(directory);
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

async function describe(start: string): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "aws-vault-release-" });
  try {
    const components = await findComponents(await bundle(ROOT, scratch));
    await Deno.writeTextFile(`${start}.cdx.json`, formatBom([...components, denoItself()]));
    await Deno.writeTextFile(`${start}-LICENSES.txt`, formatLicenses(components));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Whether programs are to be made too. */
function readArguments(args: readonly string[]): boolean {
  if (args.length === 0) return true;
  if (args.length === 1 && args[0] === "--without-programs") return false;
  throw new Error(`${args.join(" ")}: it takes --without-programs and nothing else`);
}

if (import.meta.main) {
  await runTask(async () => {
    const names = await release(readArguments(Deno.args));
    return names.map((name) => `dist/release/${name}`);
  });
}
