import { dirname } from "node:path";
import { VERSION } from "../src/cli/version.ts";
import { formatBom, formatLicenses } from "./bom.ts";
import { bundle } from "./build.ts";
import { MAN_PAGE, readDocuments } from "./documents.ts";
import { findComponents } from "./components.ts";
import { writeLauncher } from "./launcher.ts";
import { writeWindowsLauncher } from "./launcher_windows.ts";
import { ROOT, runTask } from "./task.ts";

/**
 * `deno task pack`: dist/npm/aws-vault-VERSION.tgz for Linux and macOS, and -windows.tgz. They are
 * npm packages with Deno as their dependency, so that `npm install -g FILE` is all there is to do.
 * Both hold both launchers. They are two because npm makes on Windows, of what `bin` names, a file
 * that starts it by the interpreter of its first line: there is no sh there, and Node in between
 * would slow every start elsewhere.
 * npm's own `npm pack` makes the archives: the same bytes from the same files.
 */
export async function pack(): Promise<string[]> {
  const directory = `${ROOT}/dist/npm`;
  await Deno.mkdir(directory, { recursive: true });
  const made: string[] = [];
  for (const platform of ["unix", "windows"] as const) {
    const stage = await Deno.makeTempDir({ prefix: "aws-vault-pack-" });
    try {
      await stagePackage(stage, platform);
      if (Deno.build.os !== "windows") setModes(stage);
      const packed = await runNpmPack(stage);
      const suffix = platform === "windows" ? "-windows" : "";
      const path = `${directory}/aws-vault-${VERSION}${suffix}.tgz`;
      await Deno.copyFile(packed, path);
      made.push(path);
    } finally {
      await Deno.remove(stage, { recursive: true });
    }
  }
  return made;
}

async function stagePackage(
  stage: string,
  platform: "unix" | "windows",
): Promise<void> {
  const windows = platform === "windows";
  const metafile = await bundle(ROOT, `${stage}/lib`);
  const components = await findComponents(metafile);
  const bin = windows ? "aws-vault.cmd" : "aws-vault";
  await writeLauncher(`${stage}/aws-vault`, "");
  await writeWindowsLauncher(`${stage}/aws-vault.cmd`);
  await copyTexts(stage);
  for (const { path, text } of await readDocuments()) {
    await Deno.mkdir(dirname(`${stage}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${stage}/${path}`, text);
  }
  await Deno.writeTextFile(`${stage}/bom.json`, formatBom(components));
  await Deno.writeTextFile(`${stage}/LICENSES.txt`, formatLicenses(components));
  await Deno.writeTextFile(
    `${stage}/package.json`,
    JSON.stringify(
      {
        name: "aws-vault",
        version: VERSION,
        description: "Keeps AWS keys in an encrypted store, and gives programs temporary ones",
        bin: { "aws-vault": bin },
        ...(windows ? {} : { man: [MAN_PAGE] }),
        os: windows ? ["win32"] : ["linux", "darwin"],
        dependencies: { deno: Deno.version.deno },
      },
      undefined,
      2,
    ) + "\n",
  );
}

/** What the handbook tells owners of a YubiKey to run. */
const YUBIKEY_SCRIPTS = ["aws-iam-create-yubikey-mfa", "aws-iam-resync-yubikey-mfa"];
const PROGRAMS = ["aws-vault", ...YUBIKEY_SCRIPTS];

/** At any umask, and whatever those of the sources are: archives keep them. */
function setModes(directory: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) setModes(path);
    else Deno.chmodSync(path, PROGRAMS.includes(name) ? 0o755 : 0o644);
  }
}

/** The README and what it leads to: who has the package alone has the handbook too, and its scripts. */
async function copyTexts(stage: string): Promise<void> {
  await Deno.copyFile(`${ROOT}/README.md`, `${stage}/README.md`);
  for (const directory of ["docs", "docs/decisions"]) {
    await Deno.mkdir(`${stage}/${directory}`);
    for await (const { name, isFile } of Deno.readDir(`${ROOT}/${directory}`)) {
      if (isFile) {
        await Deno.copyFile(`${ROOT}/${directory}/${name}`, `${stage}/${directory}/${name}`);
      }
    }
  }
  await Deno.mkdir(`${stage}/scripts`);
  for (const name of YUBIKEY_SCRIPTS) {
    await Deno.copyFile(`${ROOT}/scripts/${name}`, `${stage}/scripts/${name}`);
  }
}

async function runNpmPack(stage: string): Promise<string> {
  const { success, stdout, stderr } = await startNpmPack(stage);
  if (!success) throw new Error(`npm pack failed: ${new TextDecoder().decode(stderr)}`);
  return `${stage}/${new TextDecoder().decode(stdout).trim()}`;
}

async function startNpmPack(stage: string): Promise<Deno.CommandOutput> {
  const args = ["pack", "--ignore-scripts", "--silent"];
  try {
    return await new Deno.Command("npm", { args, cwd: stage }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("npm is not in PATH, and it is what makes the archives: install Node with it");
  }
}

if (import.meta.main) {
  await runTask(() => {
    if (Deno.args.length > 0) throw new Error(`${Deno.args.join(" ")}: it takes no arguments`);
    return pack();
  });
}
